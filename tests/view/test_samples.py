"""Samples with prediction and truth, and the worst mistakes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn, view
from glassnet.data import Dataset
from glassnet.train import Run

from .visual import Looks

Texts = Callable[[view.Picture], list[str]]


def test_samples(digits_run: Run, texts: Texts) -> None:
    data = digits_run.held_out
    right = digits_run.predict(data) == data.targets
    picture = view.samples(digits_run, data)
    rows = np.linspace(0, len(data) - 1, 24).astype(int)
    assert picture.alt == (f"24 images: {right[rows].sum()} right, {24 - right[rows].sum()} wrong.")
    words = texts(picture)
    assert sum(word.startswith("says ") for word in words) == 24
    assert sum(word.startswith("is ") for word in words) == 24 - right[rows].sum()


def test_samples_look(eyes: nn.Module, eights: Dataset, looks: Looks) -> None:
    looks(view.samples(eyes, eights, rows=range(4)), "samples")


def test_the_most_certain_mistake_comes_first(digits_run: Run, texts: Texts) -> None:
    data = digits_run.held_out
    wrong = np.flatnonzero(digits_run.predict(data) != data.targets)
    sure = digits_run.predictor.probabilities(data).max(axis=1)
    worst = wrong[sure[wrong].argmax()]
    picture = view.mistakes(digits_run, data, most=3)
    true = data.classes[data.targets[worst]]
    assert picture.alt.startswith(f"The worst of {len(wrong)} mistakes in 449 images: first {true}")
    words = texts(picture)
    assert words[0] == f"{len(wrong)} of 449 wrong, the 3 worst"
    assert sum(word.startswith("says ") for word in words) == 3


def test_what_cannot_be_shown(digits_run: Run, moons_run: Run) -> None:
    right = np.flatnonzero(digits_run.predict(digits_run.train) == digits_run.train.targets)
    with pytest.raises(gn.DataError, match="no mistakes"):
        view.mistakes(digits_run, digits_run.train.subset(right[:5]))
    with pytest.raises(gn.DataError, match="images with a class each"):
        view.samples(moons_run, moons_run.train)
    with pytest.raises(gn.ArgumentError, match="no rows"):
        view.samples(digits_run, digits_run.train, rows=[])
    with pytest.raises(gn.ArgumentError, match="a few images"):
        view.samples(digits_run, digits_run.train, rows=range(30))
