"""Sums over a batch in shares: which are, that they stay the sum, and who touches what."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from glassnet.engines import numpy_engine, replay
from glassnet.engines.native import NativeProgram, compile_program
from glassnet.engines.native.shares import with_shares
from glassnet.engines.recorder import Recorder

from .helpers import F32, check, record

RNG = np.random.default_rng(0)
THREADS = (1, 2, 3, 5, 8)


def draw(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(F32)


def form(function: Any, *arrays: np.ndarray) -> list[tuple[str, tuple[int, ...]]]:
    """What the pass makes of a function: its products and sums, and their shapes."""
    program = record(function, *arrays)
    made = with_shares(program)
    made.check()
    for a, b in zip(*(replay(p, numpy_engine, arrays) for p in (program, made)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-3)
    found = [s for s in made.statements if s.function in ("contract", "sum")]
    return [(s.function, s.out.shape) for s in found]


def same_on_all_threads(function: Any, *arrays: np.ndarray) -> NativeProgram:
    natives = [check(function, *arrays, rtol=1e-4, threads=n) for n in THREADS]
    first, *others = ([a.copy() for a in native(*arrays)] for native in natives)
    for other in others:
        assert all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    return natives[1]


def product(spec: str) -> Any:
    return lambda xp, a, b: xp.contract(a, b, spec=spec)


@pytest.mark.parametrize(
    ("spec", "a", "b", "out"),
    [
        ("ay,ax->yx", (768, 128), (768, 96), (2, 128, 96)),
        ("ay,ax->xy", (768, 128), (768, 96), (2, 96, 128)),
        ("aby,abx->yx", (12, 64, 128), (12, 64, 96), (2, 128, 96)),
        ("nxyo,nxyijc->oijc", (8, 14, 14, 32), (8, 14, 14, 3, 3, 16), (2, 32, 3, 3, 16)),
    ],
)
def test_a_product_that_sums_over_a_batch_is_cut_between_its_rows(spec, a, b, out):
    arrays = draw(*a), draw(*b)
    assert form(product(spec), *arrays) == [("contract", out)]
    same_on_all_threads(product(spec), *arrays)
    for threads, split in ((2, "batch"), (8, "panels")):  # each share one thread's, or several's
        native = compile_program(record(product(spec), *arrays), threads=threads)
        assert split in [t.product.split for t in native.passes.schedule.tasks if t.product]


@pytest.mark.parametrize(
    ("spec", "a", "b"),
    [
        ("ay,ax->yx", (767, 128), (767, 96)),  # no two halves
        ("ay,ax->yx", (64, 512), (64, 784)),  # its results are more than its operands
        ("ay,ax->yx", (64, 16), (64, 16)),  # small
        ("ay,yx->ax", (768, 512), (512, 128)),  # rows by rows
        ("ya,ax->yx", (128, 768), (768, 128)),  # not the first axis of both
        ("bay,bax->byx", (2, 768, 128), (2, 768, 128)),  # a batch already
    ],
)
def test_other_products_are_computed_at_once(spec, a, b):
    arrays = draw(*a), draw(*b)
    ((_, shape),) = form(product(spec), *arrays)
    assert shape == record(product(spec), *arrays).outputs[0].shape


def stacked(steps: int, rows: int, body: Any) -> Any:
    """A loop that stacks `h` and what `body(xp, h stacked)` makes of it."""

    def cell(xp: Any, h: Any, x: Any) -> tuple[Any, Any]:
        new = xp.tanh(xp.add(h, x))
        return new, new

    def function(xp: Any, h: Any, x: Any) -> Any:
        inner = Recorder()
        given = [inner.input((rows, h.shape[1]), F32), inner.input((rows, h.shape[1]), F32)]
        settings = {"length": steps, "carried": 1, "sequences": 1, "reverse": False}
        _, path = xp.scan(h, x, body=inner.finish(cell(inner, *given)), **settings)
        return body(xp, path)

    return function


@pytest.mark.parametrize("flat", [False, True])
def test_rows_that_a_loop_has_stacked_are_cut_between_sequences_and_not_steps(flat):
    steps, rows, width = 45, 32, 128
    arrays = draw(rows, width), draw(steps, rows, width)
    function = stacked(steps, rows, lambda xp, path: _slopes(xp, path, flat))
    program = with_shares(record(function, *arrays))
    apart = [s.out.shape for s in program.statements if s.function == "reshape"]
    assert apart.count((steps, 2, rows // 2, width)) == 3
    same_on_all_threads(function, *arrays)


def _slopes(xp: Any, path: Any, flat: bool) -> Any:
    if flat:
        steps, rows, width = path.shape
        path = xp.reshape(path, shape=(steps * rows, width))
    spec, axes = ("ay,ax->yx", (0,)) if flat else ("aby,abx->yx", (0, 1))
    return xp.contract(path, path, spec=spec), xp.sum(path, axes=axes, keepdims=False)


@pytest.mark.parametrize("images", [32, 64, 48])
def test_a_sum_of_images_to_few_channels_is_taken_in_equal_lots(images):
    """Bias gradients and statistics: a lot each, whatever the threads, then the lots' sums."""
    a = draw(images, 24, 24, 16)

    def sums(xp, x):
        return xp.sum(x, axes=(0, 1, 2), keepdims=False)

    lots = int(np.gcd(images, 32))
    assert form(sums, a) == [("sum", (lots, 16)), ("sum", (16,))]
    same_on_all_threads(sums, a)


@pytest.mark.parametrize(
    ("shape", "axes", "cut"),
    [
        ((32, 24, 24, 65), (0, 1, 2), True),  # more channels: two shares
        ((12, 64, 128), (0, 1), True),
        ((64, 32, 64), (0,), True),
        ((27, 24, 24, 16), (0, 1, 2), False),  # an odd batch
        ((12, 64, 128), (1,), False),  # each row for itself
        ((4, 64, 128), (0,), False),  # as many results as numbers
        ((65536,), (0,), False),  # to one number: a matter of `canonical`
        ((4, 5, 0), (0, 1), False),  # nothing
    ],
)
@pytest.mark.parametrize("keepdims", [False, True])
def test_other_sums_over_a_batch_are_taken_in_two_shares(shape, axes, cut, keepdims):
    a = draw(*shape)

    def sums(xp, x):
        return xp.sum(x, axes=axes, keepdims=keepdims)

    kept = tuple(n for i, n in enumerate(shape) if i not in axes)
    whole = record(sums, a).outputs[0].shape
    assert form(sums, a) == [("sum", (2, *kept) if cut else whole)]
    same_on_all_threads(sums, a)


def test_two_threads_meet_once_between_a_layer_and_its_update():
    """Forward, its gradients by weights and bias, and the update of both: only sums are shared."""
    x, y, w, b = draw(2048, 96), draw(2048, 64), draw(64, 96), draw(64)

    def step(xp, x, y, w, b):
        error = xp.subtract(xp.add(xp.contract(x, w, spec="ij,kj->ik"), b), y)
        slope = xp.contract(error, x, spec="ik,ij->kj")
        bias = xp.sum(error, axes=(0,), keepdims=False)
        return xp.subtract(w, slope), xp.subtract(b, bias)

    native = compile_program(record(step, x, y, w, b), threads=2)
    tasks = native.passes.schedule.tasks
    assert [t.kernel.kind for t in tasks if t.barrier] == ["rows"]
    assert sum(t.kernel.kind == "contract" and not t.alone for t in tasks) == 2
    same_on_all_threads(step, x, y, w, b)
