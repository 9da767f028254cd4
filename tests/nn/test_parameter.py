"""Parameters: numbers drawn when they are needed."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn
from glassnet.engines import Recorder


def test_shape_and_type_are_known_before_the_numbers() -> None:
    parameter = nn.Parameter((100_000, 100_000), "normal", dtype=gn.float64)
    assert (parameter.shape, parameter.dtype) == ((100_000, 100_000), gn.float64)
    assert parameter.size == 10**10
    assert not parameter.drawn
    assert repr(parameter) == "Parameter(not drawn yet, float64 (100000, 100000))"


def test_first_use_draws() -> None:
    parameter = nn.Parameter((2, 3), "ones")
    assert (parameter * 2.0).numpy().tolist() == [[2.0] * 3] * 2
    assert parameter.drawn
    assert "1." in repr(parameter)


def test_an_initialiser_of_another_shape_is_refused() -> None:
    parameter = nn.Parameter((2, 3), lambda shape, _rng: np.zeros(shape[::-1]))
    with pytest.raises(gn.ShapeError, match="the initialiser of a parameter made another shape"):
        parameter.numpy()


def test_of_values() -> None:
    parameter = nn.Parameter.of([[1.0, 2.0]])
    assert parameter.numpy().tolist() == [[1.0, 2.0]]
    assert parameter.requires_grad
    assert nn.Parameter.of([1, 2], trainable=False).dtype == gn.int64
    with pytest.raises(gn.DTypeError):
        nn.Parameter.of([1, 2])


def test_standing_in_ends_as_it_began() -> None:
    parameter = nn.Parameter((2,), "ones")
    symbol = Recorder().input((2,), gn.float32)
    with parameter.standing_in(symbol):
        assert parameter.is_symbolic
    assert not parameter.drawn
    assert parameter.numpy().tolist() == [1.0, 1.0]
