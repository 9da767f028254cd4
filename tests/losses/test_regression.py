"""Losses of numbers: what the references do not show."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses

ALL = [losses.mean_absolute_error, losses.mean_squared_error, losses.huber]
every_loss = pytest.mark.parametrize("loss", ALL, ids=lambda loss: loss.__name__)


@every_loss
def test_shapes_are_never_broadcast(loss: Callable[..., gn.Tensor]) -> None:
    with pytest.raises(gn.ShapeError, match="different shapes") as caught:
        loss(gn.tensor(np.zeros((4, 1), np.float32)), np.zeros(4))
    assert "reshape" in caught.value.mend


@every_loss
def test_gradients(loss: Callable[..., gn.Tensor]) -> None:
    target = np.array([0.3, -0.2, 4.0])
    gn.check_grads(lambda x: loss(x, target), np.array([0.5, 0.6, -1.0]), order=2)


@every_loss
def test_targets_take_the_type_of_the_predictions(loss: Callable[..., gn.Tensor]) -> None:
    prediction = gn.tensor([1.0, 2.0])
    assert loss(prediction, np.array([0.0, 1.0])).dtype == gn.float32
    assert loss(prediction, [0, 1]).dtype == gn.float32
    assert loss(prediction.astype(gn.float64), [0.0, 1.0]).dtype == gn.float64


@every_loss
def test_far_numbers_stay_finite(loss: Callable[..., gn.Tensor]) -> None:
    x = gn.tensor([1e4, -1e4], requires_grad=True)
    value = loss(x, [-1e4, 1e4])
    value.backward()
    assert x.grad is not None
    assert np.isfinite(value.item())
    assert np.isfinite(x.grad.numpy()).all()


def test_the_width_of_huber() -> None:
    with pytest.raises(gn.ArgumentError, match="positive delta"):
        losses.huber(gn.tensor([1.0]), [0.0], delta=0.0)


def test_unknown_names() -> None:
    with pytest.raises(gn.ArgumentError, match='no loss "cross_entrpy"') as caught:
        losses.get("cross_entrpy")
    assert 'did you mean "cross_entropy"?' in caught.value.mend
    with pytest.raises(gn.ArgumentError, match='no reduction "average"'):
        losses.mean_squared_error(gn.tensor([1.0]), [0.0], reduction="average")
