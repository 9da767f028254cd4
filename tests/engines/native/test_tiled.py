"""3×3 convolutions by tiles: as near to the sum as stated, of any size, the same on any threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from glassnet.engines import numpy_engine, replay
from glassnet.engines.native import NativeProgram, compile_program

from .helpers import record

BOUND = 2e-5  # of the largest result; see winograd.py
RNG = np.random.default_rng(0)


def draw(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype("f4")


def windows(xp: Any, x: Any, padding: int) -> Any:
    if padding:
        x = xp.pad(x, widths=((0, 0), *[(padding, padding)] * 2, (0, 0)), value=0)
    found = xp.window(x, axes=(1, 2), sizes=(3, 3), strides=(1, 1), dilations=(1, 1))
    return xp.transpose(found, axes=(0, 1, 2, 4, 5, 3))


def layer(padding: int) -> Any:
    """ReLU(x ∗ w + b)"""

    def function(xp: Any, x: Any, w: Any, b: Any) -> Any:
        out = xp.contract(windows(xp, x, padding), w, spec="nyxijc,oijc->nyxo")
        return xp.maximum(xp.add(out, b), 0.0)

    return function


def by_input(xp: Any, y: Any, w: Any, kept: Any) -> Any:
    """The gradient by what a ReLU has made, which is `kept`."""
    turned = xp.flip(w, axes=(1, 2))
    out = xp.contract(windows(xp, y, 2), turned, spec="nyxijo,oijc->nyxc")
    return xp.where(xp.less(0.0, kept), out, 0.0)


def by_weights(xp: Any, x: Any, y: Any) -> Any:
    return xp.contract(y, windows(xp, x, 1), spec="nyxo,nyxijc->oijc")


def near(function: Any, *arrays: np.ndarray, loops: int = 1) -> NativeProgram:
    """Compiled, replayed, compared; and the same bits on 1, 2, 3 and 8 threads."""
    program = record(function, *arrays)
    natives = [compile_program(program, threads=n) for n in (1, 2, 3, 8)]
    first, *others = ([np.array(a) for a in native(*arrays)] for native in natives)
    for other in others:
        for a, b in zip(first, other, strict=True):
            assert np.array_equal(a, b)
    for got, wanted in zip(first, replay(program, numpy_engine, arrays), strict=True):
        assert (got.shape, got.dtype) == (wanted.shape, wanted.dtype)
        assert np.abs(got - wanted).max() <= BOUND * np.abs(wanted).max()
    assert sum(task.kernel.kind == "scan" for task in natives[0].passes.schedule.tasks) == loops
    return natives[1]


@pytest.mark.parametrize(
    ("shape", "outer", "padding"),
    [((8, 10, 18, 16), 32, 0), ((9, 11, 13, 32), 16, 1), ((24, 7, 8, 16), 16, 1)],
)
def test_a_layer_of_any_size(shape: tuple[int, ...], outer: int, padding: int) -> None:
    native = near(layer(padding), draw(*shape), draw(outer, 3, 3, shape[3]), draw(outer))
    assert native.threads == 2
    assert [task.kernel.kind for task in native.passes.schedule.tasks] == ["rows", "scan", "rows"]


def test_the_gradient_by_the_input_and_what_follows_it() -> None:
    near(by_input, draw(8, 9, 9, 16), draw(16, 3, 3, 32), draw(8, 11, 11, 32))


def test_the_gradient_by_the_weights() -> None:
    near(by_weights, draw(16, 13, 12, 16), draw(16, 13, 12, 32))


def test_many_channels_lose_no_more() -> None:
    near(layer(1), draw(8, 12, 12, 256), draw(16, 3, 3, 256), draw(16))


@pytest.mark.parametrize(
    ("shape", "outer"),
    [((8, 12, 12, 24), 32), ((8, 12, 12, 16), 10), ((4, 12, 12, 16), 16), ((8, 7, 7, 16), 16)],
)
def test_other_sizes_stay_products_over_windows(shape: tuple[int, ...], outer: int) -> None:
    near(layer(0), draw(*shape), draw(outer, 3, 3, shape[3]), draw(outer), loops=0)


def test_float64_stays_exact() -> None:
    arrays = [a.astype("f8") for a in (draw(8, 12, 12, 16), draw(16, 3, 3, 16), draw(16))]
    native = compile_program(record(layer(1), *arrays))
    assert not any(task.kernel.kind == "scan" for task in native.passes.schedule.tasks)


def test_a_result_that_others_want_is_given_as_it_is() -> None:
    """Only what nobody else wants moves into the loop."""

    def function(xp: Any, x: Any, w: Any, b: Any) -> Any:
        out = xp.contract(windows(xp, x, 1), w, spec="nyxijc,oijc->nyxo")
        more = xp.add(out, b)
        return [xp.multiply(more, 2.0), xp.maximum(more, 0.0), out]

    near(function, draw(8, 12, 12, 16), draw(16, 3, 3, 16), draw(16))


def test_layers_of_one_shape_share_their_code() -> None:
    def deep(count: int) -> NativeProgram:
        def function(xp: Any, x: Any, *weights: Any) -> Any:
            for w in weights:
                x = xp.contract(windows(xp, x, 1), w, spec="nyxijc,oijc->nyxo")
            return x

        kernels = [draw(16, 3, 3, 16) for _ in range(count)]
        return compile_program(record(function, draw(8, 12, 12, 16), *kernels))

    few, many = ({*deep(n).passes.module.kernels.values()} for n in (2, 4))
    assert len([k for k in many if "scan" not in k]) == len([k for k in few if "scan" not in k])
