"""Convolutions are recognised in the programs that the operations write."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import ops
from glassnet.compilation import trace_call
from glassnet.engines.native.convolution import Convolution, recognise

PLAIN: dict[str, Any] = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1)}


def zeros(*shape: int) -> gn.Tensor:
    return gn.tensor(np.zeros(shape, np.float32))


def found(operation: Any, *tensors: gn.Tensor, **settings: Any) -> list[Convolution]:
    program = trace_call(lambda *given: operation(*given, **settings), tensors, {}).program
    makers = {v: s for s in program.statements for v in s.outs}
    return [c for s in program.statements if (c := recognise(s, makers)) is not None]


def test_a_convolution() -> None:
    (one,) = found(ops.convolve, zeros(2, 8, 9, 4), zeros(6, 3, 3, 4), groups=1, **PLAIN)
    assert (one.size, one.channels, one.padding) == ((8, 9), (4, 6), ((1, 1), (1, 1)))
    assert (one.order, one.slope) == ((1, 2, 3, 0), False)


def test_the_gradient_by_its_input() -> None:
    settings = {"size": (8, 9), "groups": 1, **PLAIN}
    (one,) = found(ops.convolve_transposed, zeros(2, 8, 9, 6), zeros(6, 3, 3, 4), **settings)
    assert (one.size, one.channels, one.padding) == ((8, 9), (6, 4), ((1, 1), (1, 1)))
    assert (one.order, one.slope) == ((1, 2, 0, 3), False)


def test_the_gradient_by_its_weights() -> None:
    settings = {"kernel": (3, 3), "groups": 1, **PLAIN}
    (one,) = found(ops.convolve_weight, zeros(2, 8, 9, 4), zeros(2, 8, 9, 6), **settings)
    assert (one.size, one.channels, one.batch) == ((8, 9), (4, 6), 2)
    assert (one.back, one.slope) == ((3, 0, 1, 2), True)


@pytest.mark.parametrize(
    ("kernel", "changed"),
    [
        ((6, 3, 3, 4), {"stride": (2, 2)}),
        ((6, 3, 3, 4), {"dilation": (2, 2)}),
        ((6, 5, 5, 4), {}),
        ((6, 3, 3, 2), {"groups": 2}),
    ],
)
def test_others_are_left_alone(kernel: tuple[int, ...], changed: dict[str, Any]) -> None:
    settings = {"groups": 1, **PLAIN, **changed}
    assert not found(ops.convolve, zeros(2, 11, 11, 4), zeros(*kernel), **settings)
