"""Activations and losses drawn with their derivatives."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses, nn, ops, view
from glassnet.nn.activation import ACTIVATIONS
from glassnet.view.activations import _curve as activation_curve
from glassnet.view.losses import _SLICES
from glassnet.view.losses import _curve as loss_curve

from .visual import Looks

Texts = Callable[[view.Picture], list[str]]


def test_an_activation_and_its_slope_are_the_operations_own() -> None:
    found = activation_curve("gelu", -4.0, 4.0).measured()
    np.testing.assert_array_equal(found.values, ops.gelu(gn.Tensor(found.x)).numpy())
    assert found.slopes[np.argmin(np.abs(found.x))] == pytest.approx(0.5)
    assert not len(found.jumps)


def test_kinks_are_found_with_what_the_slope_is_taken_to_be() -> None:
    relu = activation_curve("relu", -4.0, 4.0).measured()
    assert (relu.jumps.tolist(), relu.there.tolist()) == ([0.0], [0.0])
    assert set(relu.slopes[~np.isnan(relu.slopes)]) == {0.0, 1.0}
    hinge = loss_curve("hinge").measured()
    assert (hinge.jumps.tolist(), hinge.there.tolist()) == ([1.0], [-0.5])
    assert not len(loss_curve("huber").measured().jumps)  # a bend of the slope is no jump
    shifted = activation_curve(lambda a: ops.abs(a - 1 / 3), -1.0, 1.0).measured()
    assert shifted.jumps == pytest.approx([1 / 3], abs=1e-8)


def test_softmax_is_shown_by_its_first_element() -> None:
    found = activation_curve(nn.Softmax(), -4.0, 4.0).measured()
    middle = np.argmin(np.abs(found.x))
    assert found.values[middle] == pytest.approx(1 / 3)
    assert found.slopes[middle] == pytest.approx(2 / 9)  # s (1 − s)


@pytest.mark.no_cover
def test_all_activations(texts: Texts, looks: Looks) -> None:
    picture = view.activations()
    assert {"GELU", "ReLU", "Softmax", "derivative", "derivative at the kink"} <= set(
        texts(picture)
    )
    assert picture.alt.startswith(f"{len(ACTIVATIONS) - 1} activations with their derivatives. ")
    looks(view.activations("relu", "sigmoid", "silu", "softmax"), "activations")


def test_one_activation_stands_under_its_formulas(texts: Texts) -> None:
    words = texts(view.activations(ops.silu, low=-2, high=2))
    assert {"SiLU(a) = a · σ(a)", "d/da = σ(a) · (1 + a · (1 − σ(a)))"} <= set(words)
    assert "LeakyReLU(negative_slope=0.2)" in view.activations(nn.LeakyReLU(0.2)).alt


@pytest.mark.no_cover
def test_every_loss_of_the_library_is_drawn(texts: Texts, looks: Looks) -> None:
    known = {one for name, one in vars(losses).items() if name in losses.__all__ and callable(one)}
    assert set(_SLICES) == known - {losses.get}
    picture = view.losses()
    assert {"Huber", "hinge", "KL divergence", "score s, target +1"} <= set(texts(picture))
    few = ("hinge", "huber", "cross_entropy", "mean_absolute_error")
    looks(view.losses(*few), "losses-dark", dark=True)


def test_losses_with_settings_and_of_ones_own(texts: Texts) -> None:
    narrow = functools.partial(losses.huber, delta=0.5)
    picture = view.losses(narrow)
    assert picture.alt == "Huber(delta=0.5) from −3 to 3: values 0 to 1.38, slopes −0.5 to 0.5."

    def fourth(p: gn.Tensor, t: gn.Tensor) -> gn.Tensor:
        return ((p - t) ** 4).mean()

    assert "fourth from −3 to 3: values 0 to 81, slopes −108 to 108" in view.losses(fourth).alt
    assert "½d² where |d| ≤ δ, else δ(|d| − ½δ), with d = p − t" in texts(view.losses("huber"))


def test_what_cannot_be_drawn() -> None:
    with pytest.raises(gn.ArgumentError, match='did you mean "gelu"'):
        view.activations("gellu")
    with pytest.raises(gn.ArgumentError, match="low < high"):
        view.activations("relu", low=1, high=1)
    with pytest.raises(gn.ArgumentError, match="no activation"):
        view.activations(3)  # type: ignore[arg-type]
    with pytest.raises(gn.ShapeError, match="no function of one number"):
        view.activations(lambda a: ops.stack([a, a]))
    with pytest.raises(gn.ArgumentError, match="no loss"):
        view.losses(3)  # type: ignore[arg-type]
