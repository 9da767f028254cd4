"""Loops taken apart between sequences: which are, who computes what, and that no bit changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from glassnet.engines import Recorder, numpy_engine, replay
from glassnet.engines.native import compile_program
from glassnet.engines.native.crews import with_crews
from glassnet.engines.native.target import find

from .helpers import F32, check, record

RNG = np.random.default_rng(0)
STEPS, ROWS, WIDTH = 20, 32, 128


def draw(*shape: int, scale: float = 1.0) -> np.ndarray:
    return (RNG.normal(size=shape) * scale).astype(F32)


def cell(xp: Any, h: Any, x: Any, w: Any) -> list[Any]:
    """h' = tanh(x + h·W), which is stacked, with a piece of it, turned and joined again."""
    rows, width = h.shape
    new = xp.tanh(xp.add(x, xp.contract(h, w, spec="bh,hg->bg")))
    half = xp.slice(new, starts=(0, 0), stops=(rows, width // 2), steps=(1, 1))
    wide = xp.pad(half, widths=((0, 0), (width // 2, 0)), value=0.5)
    parts = xp.transpose(xp.reshape(wide, shape=(rows, 2, width // 2)), axes=(0, 2, 1))
    norm = xp.sum(xp.multiply(new, new), axes=(1,), keepdims=True)
    spread = xp.broadcast_to(norm, shape=(rows, width))
    return [new, new, xp.flip(parts, axes=(1,)), xp.concat(new, spread, axis=1)]


def scanned(body: Any, *, steps: int = STEPS, reverse: bool = False) -> Any:
    """A loop with one state, one sequence and one weight."""

    def function(xp: Any, h: Any, x: Any, w: Any) -> Any:
        inner = Recorder()
        given = [inner.input(a, F32) for a in (h.shape, x.shape[1:], w.shape)]
        settings = {"length": steps, "carried": 1, "sequences": 1, "reverse": reverse}
        return xp.scan(h, x, w, body=inner.finish(body(inner, *given)), **settings)

    return function


def inputs(rows: int = ROWS, steps: int = STEPS, width: int = WIDTH) -> list[np.ndarray]:
    return [draw(rows, width), draw(steps, rows, width), draw(width, width, scale=0.1)]


def loops(function: Any, *arrays: np.ndarray, threads: int = 2) -> list[int]:
    """The steps of the loops outside, after the pass; the program is checked and replayed."""
    program = record(function, *arrays)
    made = with_crews(program, find(None), threads)
    made.check()
    for a, b in zip(*(replay(p, numpy_engine, arrays) for p in (program, made)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)
    return [dict(s.settings)["length"] for s in made.statements if s.function == "scan"]


@pytest.mark.parametrize("threads", [2, 4])
@pytest.mark.parametrize("reverse", [False, True])
def test_each_thread_has_a_loop_over_its_sequences_and_the_bits_stay(threads, reverse):
    function, arrays = scanned(cell, reverse=reverse), inputs()
    assert loops(function, *arrays, threads=threads) == [threads]
    one, several = (check(function, *arrays, rtol=1e-4, threads=n) for n in (1, threads))
    several.pace.choices = [threads]
    for a, b in zip(one(*arrays), several(*arrays), strict=True):
        assert np.array_equal(a, b)


def mixed(xp: Any, h: Any, x: Any, w: Any) -> list[Any]:
    return [xp.subtract(cell(xp, h, x, w)[0], xp.sum(h, axes=(0,), keepdims=True))]


def turned(xp: Any, h: Any, x: Any, w: Any) -> list[Any]:
    return [xp.add(cell(xp, h, x, w)[0], xp.flip(h, axes=(0,)))]


def shared(xp: Any, h: Any, x: Any, w: Any) -> list[Any]:
    """What is stacked is the same for all rows."""
    return [cell(xp, h, x, w)[0], xp.sum(w, axes=(0,), keepdims=False)]


def between(xp: Any, h: Any, x: Any, w: Any) -> list[Any]:
    """Every row with every other."""
    scores = xp.contract(h, x, spec="bh,ch->bc")
    return [xp.contract(scores, x, spec="bc,ch->bh"), cell(xp, h, x, w)[0]]


@pytest.mark.parametrize("body", [mixed, turned, shared, between])
def test_a_step_that_needs_other_rows_stays_one_loop(body):
    arrays = inputs()
    arrays[1] *= F32.type(0.01)
    assert loops(scanned(body), *arrays) == [STEPS]


def test_sizes_that_are_equal_by_chance_mix_up_nothing():
    """As many rows as columns: a weight is not taken for rows."""
    function, arrays = scanned(cell), inputs(rows=WIDTH)
    assert loops(scanned(cell), *arrays) == [2]
    check(function, *arrays, rtol=1e-4, threads=2)

    def weighed(xp: Any, h: Any, x: Any, w: Any) -> list[Any]:
        return [xp.tanh(xp.add(xp.contract(h, x, spec="bh,hg->bg"), w))]

    arrays[1] *= F32.type(0.1)
    assert loops(scanned(weighed), *arrays) == [STEPS]


@pytest.mark.parametrize(
    ("rows", "steps", "width"),
    [(33, 20, 128), (12, 60, 128), (32, 2, 64), (32, 4, 640)],
    ids=["odd", "few rows", "little work", "weights beyond the cache"],
)
def test_other_loops_stay_one(rows, steps, width):
    arrays = inputs(rows, steps, width)
    assert loops(scanned(cell, steps=steps), *arrays) == [steps]


def test_what_feeds_the_loop_is_computed_in_its_order_and_what_it_stacks_is_not_copied():
    """Like a layer with weights for what comes in, and a second one on its states."""
    x, u = draw(STEPS, ROWS, 64), draw(64, WIDTH, scale=0.1)
    h, b, w = draw(ROWS, WIDTH), draw(WIDTH), draw(WIDTH, WIDTH, scale=0.1)

    def layers(xp: Any, x: Any, u: Any, h: Any, b: Any, w: Any) -> Any:
        given = xp.add(xp.contract(x, u, spec="tbi,ih->tbh"), b)
        _, path, _, _ = scanned(cell)(xp, h, given, w)
        _, path, _, _ = scanned(cell)(xp, h, path, w)
        return xp.contract(path, path, spec="tbh,tbg->hg")

    arrays = x, u, h, b, w
    one, two = (check(layers, *arrays, rtol=1e-4, threads=n) for n in (1, 2))
    kinds = [k.kind for k in two.passes.fused.kernels]
    assert kinds == ["contract", "scan", "scan", "contract", "rows"]
    assert [t.barrier for t in two.passes.schedule.tasks] == [False, False, False, False, True]
    two.pace.choices = [2]
    for first, second in zip(one(*arrays), two(*arrays), strict=True):
        assert np.array_equal(first, second)


@pytest.mark.parametrize("shape", [(ROWS, WIDTH), (1, ROWS, WIDTH), (STEPS, 1, WIDTH)])
def test_what_sequences_have_of_their_own_goes_with_them(shape):
    """Such as a context for each, added to all its steps before the loop."""

    def layer(xp: Any, x: Any, u: Any, c: Any, h: Any, w: Any) -> Any:
        given = xp.add(xp.contract(x, u, spec="tbi,ih->tbh"), c)
        return scanned(cell)(xp, h, given, w)[1]

    arrays = [draw(STEPS, ROWS, 64), draw(64, WIDTH, scale=0.1), draw(*shape)]
    arrays += [draw(ROWS, WIDTH), draw(WIDTH, WIDTH, scale=0.1)]
    assert loops(layer, *arrays) == [2]
    check(layer, *arrays, rtol=1e-4, threads=2)


def test_a_loop_over_more_sequences_reads_the_rows_of_another_whole():
    """What one loop stacks for its 32 rows is a matrix of weights for the 64 of the next."""

    def step(xp: Any, h: Any, x: Any, w: Any) -> list[Any]:
        new = xp.tanh(xp.contract(xp.contract(h, x, spec="bh,hg->bg"), w, spec="bg,gh->bh"))
        return [new, new]

    def both(xp: Any, h: Any, x: Any, w: Any, g: Any, v: Any) -> Any:
        _, path, _, _ = scanned(cell)(xp, h, x, w)
        return scanned(step)(xp, g, path, v)[1]

    arrays = [*inputs(), draw(2 * ROWS, ROWS), draw(WIDTH, ROWS, scale=0.01)]
    assert loops(both, *arrays) == [2, 2]
    check(both, *arrays, rtol=1e-4, threads=2)


def test_a_sequence_without_rows_is_given_to_all():
    """Such as a number for each step, which all sequences share."""

    def step(xp: Any, h: Any, x: Any, w: Any) -> list[Any]:
        new = xp.contract(xp.multiply(h, x), w, spec="bh,hg->bg")
        return [new, new]

    arrays = [draw(ROWS, WIDTH), draw(STEPS, 1, WIDTH), draw(WIDTH, WIDTH, scale=0.1)]
    assert loops(scanned(step), *arrays) == [2]
    for threads in (1, 2):
        check(scanned(step), *arrays, rtol=1e-4, threads=threads)


def test_one_thread_has_all_sequences():
    program = record(scanned(cell), *inputs())
    assert with_crews(program, find(None), 1) is program
    native = compile_program(program, threads=1)
    (loop,) = (k.loop for k in native.passes.fused.kernels if k.loop)
    assert loop.steps == STEPS
