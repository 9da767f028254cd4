"""Products that leave out what a mask makes 0: the same numbers, bit for bit, in less time."""

import math

import numpy as np
import pytest

from glassnet.engines import numpy_engine, replay
from glassnet.engines.native import compile_program
from glassnet.engines.native.staircase import Stair, stairs

from .helpers import F32, compare, record, run

RNG = np.random.default_rng(0)
I32 = np.dtype("int32")


def arrays(queries, keys, batch=3, features=19):
    shapes = ((batch, queries, features), (batch, keys, features), (batch, keys, features))
    return [RNG.normal(size=shape).astype(F32) for shape in shapes]


def seen(xp, queries, keys):
    """Each query sees the keys up to its own; the last query's own is the last key."""
    row = xp.reshape(xp.arange(length=queries, dtype=I32), shape=(queries, 1))
    return xp.less_equal(xp.arange(length=keys, dtype=I32), xp.add(row, keys - queries))


def attend(xp, q, k, v, mask):
    """Attention, with every product that its gradient has as well."""
    scores = xp.where(mask, xp.contract(q, k, spec="bqx,bkx->bqk"), -math.inf)
    powers = xp.exp(xp.subtract(scores, xp.max(scores, axes=(2,), keepdims=True)))
    total = xp.maximum(xp.sum(powers, axes=(2,), keepdims=True), 1e-30)
    weights = xp.divide(powers, total)
    out = xp.contract(weights, v, spec="bqk,bkx->bqx")
    by_v = xp.contract(weights, out, spec="bqk,bqx->bkx")
    slopes = xp.multiply(weights, xp.contract(out, v, spec="bqx,bkx->bqk"))
    by_q = xp.contract(slopes, k, spec="bqk,bkx->bqx")
    by_k = xp.contract(slopes, q, spec="bqk,bqx->bkx")
    return [out, by_v, by_q, by_k]


def products(native):
    return [task.product for task in native.passes.schedule.tasks if task.product]


@pytest.mark.parametrize(("queries", "keys"), [(64, 64), (50, 71), (5, 9), (130, 130)])
@pytest.mark.parametrize("threads", [1, 2])
def test_numbers_stay_the_same_bit_for_bit(queries, keys, threads):
    given = arrays(queries, keys)
    program = record(lambda xp, q, k, v: attend(xp, q, k, v, seen(xp, queries, keys)), *given)
    native = compile_program(program, threads=threads)
    compare(native(*given), replay(program, numpy_engine, given), 2e-5)
    mask = np.arange(keys) <= np.arange(queries)[:, None] + keys - queries
    unknown = run(attend, *given, mask, threads=threads)  # a mask of which nothing is known
    for mine, wanted in zip(native(*given), unknown, strict=True):
        np.testing.assert_array_equal(mine, wanted)
    ahead = keys - queries
    zero, turned = Stair(ahead), Stair(ahead, turned=True)
    found = products(native)
    assert [p.zero for p in found if p.zero] == [zero, turned, zero, turned]
    assert [p.wanted for p in found if p.wanted] == [zero, zero]
    assert not any(
        p.zero or p.wanted for p in products(compile_program(record(attend, *given, mask)))
    )


def test_rows_that_see_nothing():
    q, k, v = arrays(9, 5)

    def masked(xp, q, k, v):
        scores = xp.contract(q, k, spec="bqx,bkx->bqk")
        weights = xp.where(seen(xp, 9, 5), scores, 0.0)
        return xp.contract(weights, v, spec="bqk,bkx->bqx")

    program = record(masked, q, k, v)
    native = compile_program(program)
    assert [p.zero for p in products(native) if p.zero] == [Stair(-4)]
    compare(native(q, k, v), replay(program, numpy_engine, [q, k, v]), 1e-5)


def test_scores_that_are_looked_at_are_computed_everywhere():
    q, k, v = arrays(40, 40)

    def masked(xp, q, k, v):
        scores = xp.contract(q, k, spec="bqx,bkx->bqk")
        weights = xp.exp(xp.where(seen(xp, 40, 40), scores, -math.inf))
        return xp.contract(weights, v, spec="bqk,bkx->bqx"), scores

    program = record(masked, q, k, v)
    native = compile_program(program)
    assert not any(p.wanted for p in products(native))
    assert [p.zero for p in products(native)] == [None, Stair(0)]
    compare(native(q, k, v), replay(program, numpy_engine, [q, k, v]), 1e-5)


NOT_ZERO = {
    "another filling": lambda xp, m, x: xp.where(m, x, 1.0),
    "infinity": lambda xp, m, x: xp.subtract(0.0, xp.where(m, x, -math.inf)),
    "below the line": lambda xp, m, x: xp.divide(x, xp.where(m, x, 0.0)),
    "other rows": lambda xp, m, x: xp.reshape(xp.where(m, x, 0.0), shape=(2, 8, 3)),
    "its exponential": lambda xp, m, x: xp.exp(xp.where(m, x, 0.0)),
    "a sum": lambda xp, m, x: xp.add(xp.where(m, x, 0.0), 1.0),
}


@pytest.mark.parametrize("name", NOT_ZERO)
def test_what_is_not_zero_is_not_taken_for_it(name):
    x = RNG.normal(size=(2, 6, 4)).astype(F32)
    program = record(lambda xp, x: NOT_ZERO[name](xp, seen(xp, 6, 4), x), x)
    assert program.outputs[0] not in stairs(program).zero


def test_a_mask_of_one_row_is_no_staircase():
    x = RNG.normal(size=(2, 6, 6)).astype(F32)

    def one_row(xp, x):
        mask = xp.less_equal(xp.reshape(xp.arange(length=6, dtype=I32), shape=(1, 6)), 3)
        return xp.where(mask, x, 0.0)

    assert not stairs(record(one_row, x)).zero


def test_a_mask_that_hides_nothing():
    x = RNG.normal(size=(2, 6, 6)).astype(F32)

    def all_of_it(xp, x):
        column = xp.arange(length=6, dtype=I32)
        row = xp.reshape(xp.add(column, 6), shape=(6, 1))
        return xp.where(xp.less_equal(column, row), x, 0.0)

    assert not stairs(record(all_of_it, x)).zero


def test_a_mask_given_as_a_constant():
    x = RNG.normal(size=(6, 6)).astype(F32)
    program = record(lambda xp, x: xp.where(xp.constant(np.tri(6, 6, 1, dtype=bool)), x, 0.0), x)
    assert stairs(program).zero[program.outputs[0]] == Stair(1)
