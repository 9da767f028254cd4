"""Pictures look as they did; and the comparison sees what a reader would see."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import view
from glassnet.train import History

from .visual import DPI, TOLERANCE, Looks, difference, pixels


def worked(*, t: float = 4.0, backward: bool = True) -> view.Picture:
    a, b, w, goal = (
        gn.tensor(value, name=name, requires_grad=True)
        for name, value in zip("abwt", (1.0, 2.0, 2.0, t), strict=True)
    )
    loss = ((a + b) * w - goal) ** 2 + w**2
    if backward:
        loss.backward()
    return view.graph(loss)


def curves(last: float = 0.4) -> view.Picture:
    made = History()
    for epoch, loss in enumerate((1.0, 0.6, last), 1):
        made.append({"epoch": epoch, "loss": loss})
    return view.curves(made)


def seen(picture: view.Picture, dark: bool = False) -> np.ndarray:
    return pixels(picture.png(DPI, dark=dark))


@pytest.mark.parametrize("dark", [False, True])
def test_the_worked_example(looks: Looks, dark: bool) -> None:
    looks(worked(), "worked-example-dark" if dark else "worked-example", dark=dark)


@pytest.mark.parametrize("dark", [False, True])
def test_curves(looks: Looks, dark: bool) -> None:
    looks(curves(), "curves-dark" if dark else "curves", dark=dark)


def test_a_changed_number_is_seen() -> None:
    assert difference(seen(worked()), seen(worked(t=5.0))) > 1.5 * TOLERANCE


def test_missing_gradients_other_colours_and_other_sizes_are_seen() -> None:
    assert difference(seen(worked()), seen(worked(backward=False))) == np.inf
    assert difference(seen(worked()), seen(worked(), dark=True)) > TOLERANCE


def test_a_moved_line_is_seen() -> None:
    assert difference(seen(curves()), seen(curves(0.45))) > 1.5 * TOLERANCE


def test_edges_a_little_softer_are_not() -> None:
    exact = seen(worked())
    softer = 0.9 * exact + 0.1 * np.roll(exact, 1, axis=1)
    assert 0 < difference(exact, softer) < TOLERANCE


def test_a_picture_that_changed_fails(looks: Looks, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("update_snapshots"):
        return  # it would be written
    with pytest.raises(pytest.fail.Exception, match="differs from references/worked-example"):
        looks(worked(t=5.0), "worked-example")
    with pytest.raises(pytest.fail.Exception, match="differs"):
        looks(worked(), "no-such-reference")
