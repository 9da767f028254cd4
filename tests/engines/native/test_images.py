"""Whole convolutions with both gradients, on the vectors of AVX2."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import ops
from glassnet.compilation import trace_call
from glassnet.engines import Program, numpy_engine, replay
from glassnet.engines.native import compile_program
from glassnet.engines.native.product import Product
from glassnet.engines.native.schedule import Task
from glassnet.engines.native.target import find

RNG = np.random.default_rng(0)
CASES: dict[str, tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = {
    "winograd": ((8, 12, 12, 8), (8, 3, 3, 8), {"padding": 1}),
    "strided windows": ((2, 11, 13, 5), (9, 5, 5, 5), {"stride": 2, "padding": 2}),
    "apart": ((1, 12, 9, 8), (17, 3, 3, 8), {"dilation": 2}),
    "by channel": ((2, 7, 9, 32), (32, 3, 3, 1), {"padding": 1, "groups": 32}),
    "odd channels": ((2, 7, 6, 20), (20, 3, 3, 1), {"stride": 2, "groups": 20}),
}


def traced(name: str) -> tuple[Program, list[np.ndarray]]:
    shape, kernel, settings = CASES[name]

    def step(x: gn.Tensor, w: gn.Tensor) -> list[gn.Tensor]:
        x.requires_grad = w.requires_grad = True
        y = ops.conv2d(x, w, **settings)
        return [y, *gn.gradients((y * y).sum(), [x, w])]

    arrays = [RNG.normal(size=size).astype(np.float32) for size in (shape, kernel)]
    return trace_call(step, tuple(map(gn.Tensor, arrays)), {}).program, arrays


@pytest.mark.skipif(not find("avx2").runs_here, reason="this processor has no AVX2")
@pytest.mark.parametrize("name", CASES)
def test_a_convolution_on_narrower_vectors(name: str) -> None:
    program, arrays = traced(name)
    native = compile_program(program, target="avx2")
    expected = replay(program, numpy_engine, arrays)
    for found, wanted in zip(native(*arrays), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=2e-5 * np.abs(wanted).max())
    assert "zmm" not in native.assembly()


def test_one_of_them_is_computed_by_tiles() -> None:
    native = compile_program(traced("winograd")[0], target="avx2")
    products = [p for task in native.passes.schedule.tasks for p in _products(task)]
    assert 36 in [product.batch for product in products]  # a tile has 6 × 6 numbers


def _products(task: Task) -> list[Product]:
    inner = [] if task.kernel.loop is None else task.kernel.loop.schedule.tasks
    return [each.product for each in (task, *inner) if each.product is not None]


def test_channels_that_see_themselves_alone_need_no_product() -> None:
    """One multiplication a weight: sums down columns, whose lanes run along the channels."""
    program, arrays = traced("by channel")
    native = compile_program(program, threads=1)
    kernels = [kernel for kernel in native.passes.fused.kernels if kernel.anchors]
    assert {kernel.kind for kernel in kernels} == {"columns"}
    assert [kernel.period for kernel in kernels] == [32, 32, 32]
    bits = [array.tobytes() for array in native(*arrays)]
    shared = compile_program(program, threads=3)
    assert [array.tobytes() for array in shared(*arrays)] == bits
