"""ROC curves and the area under them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import view
from glassnet.view.roc import curve

from .visual import Looks

Texts = Callable[[view.Picture], list[str]]
LOW, HIGH = gn.Generator(0).normal((60,)), gn.Generator(1).normal((40,)) + 1.5


def test_the_area_counts_pairs() -> None:
    pairs = (HIGH[:, None] > LOW[None]).mean() + 0.5 * (HIGH[:, None] == LOW[None]).mean()
    assert view.auc(LOW, HIGH) == pytest.approx(pairs)
    assert view.auc([1, 2], [3, 4]) == 1.0
    assert view.auc([1, 1], [1]) == 0.5


def test_it_is_the_area_under_the_curve() -> None:
    alarms, found = curve(LOW, HIGH)
    assert (alarms[0], found[0], alarms[-1], found[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(found, alarms) == pytest.approx(view.auc(LOW, HIGH))


def test_what_is_drawn(texts: Texts, looks: Looks) -> None:
    picture = view.roc(LOW, HIGH, names=("clean", "corrupted"), measure="error")
    area = f"{view.auc(LOW, HIGH):.4g}"
    words = texts(picture)
    assert {"clean (60)", "corrupted (40)", "error", f"area {area}", "guessing"} <= set(words)
    assert f"Area under the ROC curve {area}; at 5 % false alarms" in picture.alt
    looks(picture, "roc")


def test_what_cannot_be_compared() -> None:
    with pytest.raises(gn.DataError, match="no scores of unusual rows"):
        view.roc([1.0], [])
    with pytest.raises(gn.DataError, match="1 not finite"):
        view.roc([np.nan], [1.0])
