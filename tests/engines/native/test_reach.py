"""What threads touch: never less than each element that a part of a kernel really visits."""

import itertools

import numpy as np
import pytest

from glassnet.engines.native import compile_program
from glassnet.engines.native.index import Loop, constant, divmod_index, of
from glassnet.engines.native.reach import bounds, reach

from .helpers import F32, record

A, B = Loop("a", 30), Loop("b", 7)


def value(index, places):
    """The index where the loops stand at these places."""
    total = index.constant
    for atom, coefficient in index.terms:
        inner = places[atom] if isinstance(atom, Loop) else value(atom.of, places)
        by = getattr(atom, "by", None)
        if by is not None:
            inner = inner // by if type(atom).__name__ == "Quotient" else inner % by
        total += coefficient * inner
    return total


def indices():
    flat = of(A) * 7 + of(B)
    quotient, remainder = divmod_index(flat, 12)
    yield from (flat, quotient, remainder, quotient * 5 + remainder * -2 + 100, constant(4))
    yield divmod_index(remainder, 5)[0] + divmod_index(remainder + 3, 4)[1] * 9


@pytest.mark.parametrize("limits", [(0, 30), (3, 4), (10, 20), (24, 30)])
def test_bounds_hold_every_value(limits):
    for index in indices():
        places = itertools.product(range(*limits), range(7))
        values = [value(index, {A: a, B: b}) for a, b in places]
        low, high = bounds(index, {A: limits})
        assert low <= min(values)
        assert high >= max(values)
    assert bounds(of(A) * 7 + of(B), {A: limits}) == (7 * limits[0], 7 * limits[1] - 1)


def attention(xp, x, w):
    """Heads of one product, multiplied with each other, joined, and multiplied again."""
    h = xp.contract(x, w, spec="ij,jk->ik")
    heads = xp.transpose(xp.reshape(h, shape=(6, 64, 4, 16)), axes=(0, 2, 1, 3))
    scores = xp.contract(heads, heads, spec="bhik,bhjk->bhij")
    mixed = xp.contract(scores, heads, spec="bhij,bhjk->bhik")
    joined = xp.reshape(xp.transpose(mixed, axes=(0, 2, 1, 3)), shape=(384, 64))
    return xp.contract(joined, w, spec="ij,kj->ik")


@pytest.mark.parametrize("threads", [2, 3])
def test_heads_stay_with_the_thread_that_made_them(threads):
    x, w = np.ones((384, 64), F32), np.ones((64, 64), F32)
    native = compile_program(record(attention, x, w), threads=threads)
    first, *others = native.passes.schedule.tasks
    assert not first.barrier
    assert [task.barrier for task in others] == [False] * 3
    touched = reach(others[0], native.passes.fused).reads[first.kernel.stores[0]]
    assert touched[:, 0].tolist() == [384 * 64 * t // threads for t in range(threads)]
    assert touched[:, 1].tolist() == [384 * 64 * (t + 1) // threads for t in range(threads)]


def test_uneven_parts_bring_the_barriers_back():
    x, w = np.ones((384, 64), F32), np.ones((64, 64), F32)
    tasks = compile_program(record(attention, x, w), threads=5).passes.schedule.tasks
    assert any(task.barrier for task in tasks)


def test_the_bits_are_those_of_one_thread():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(384, 64)).astype(F32), rng.normal(size=(64, 64)).astype(F32)
    program = record(attention, x, w)
    [one] = compile_program(program, threads=1)(x, w)
    for threads in (2, 3, 5, 8):
        native = compile_program(program, threads=threads)
        native.pace.choices = [threads]
        for _ in range(3):
            assert np.array_equal(native(x, w)[0], one)
