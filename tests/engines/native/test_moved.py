"""Results of a product that are stored in another order of axes: heads apart and together."""

import numpy as np
import pytest

from .helpers import F32, F64, check

RNG = np.random.default_rng(0)


def heads(xp, x, batch, count):
    """(batch·time, width) → (batch, count, time, width / count)"""
    time, width = x.shape[0] // batch, x.shape[1]
    apart = xp.reshape(x, shape=(batch, time, count, width // count))
    return xp.transpose(apart, axes=(0, 2, 1, 3))


def attend(batch, count, outputs=0):
    def program(xp, x, w, b):
        q, k, v = (
            heads(xp, xp.add(xp.contract(x, w, spec="mk,kn->mn"), xp.multiply(b, s)), batch, count)
            for s in (1.0, 2.0, 3.0)
        )
        scores = xp.contract(q, k, spec="bhtd,bhsd->bhts")
        out = xp.contract(scores, v, spec="bhts,bhsd->bhtd")
        together = xp.reshape(xp.transpose(out, axes=(0, 2, 1, 3)), shape=x.shape)
        last = xp.contract(together, w, spec="mk,kn->mn")
        slope = xp.contract(together, last, spec="mk,mn->kn")
        return [last, slope, *(q, out, together)[:outputs]]

    return program


def drawn(rows, width, dtype):
    shapes = (rows, width), (width, width), (width,)
    return [RNG.normal(size=shape, scale=width**-0.5).astype(dtype) for shape in shapes]


@pytest.mark.parametrize("dtype", [F32, F64], ids=str)
def test_whole_vectors_are_stored_where_they_belong(dtype):
    arrays = drawn(3 * 10, 64, dtype)
    native = check(attend(3, 2), *arrays, rtol=2e-5 if dtype == F32 else 1e-12)
    # Queries, keys and values of one product, and what attention gives.
    assert sorted(len(k.moved) for k in native.fused.kernels) == [0, 0, 0, 1, 3]
    assert not any(k.kind == "rows" for k in native.fused.kernels)


@pytest.mark.parametrize("width", [12, 36, 40])
def test_heads_that_cut_vectors_apart_are_copied(width):
    native = check(attend(3, 2), *drawn(3 * 10, width, F32), rtol=2e-5)
    assert max(len(k.moved) for k in native.fused.kernels) == 1  # only putting together is whole


@pytest.mark.parametrize("outputs", [1, 2, 3])
def test_what_moved_can_be_an_output_in_either_order(outputs):
    check(attend(2, 4, outputs), *drawn(2 * 7, 64, F32), rtol=2e-5)


@pytest.mark.parametrize("threads", [1, 2])
def test_one_product_read_in_both_orders(threads):
    def program(xp, x, w):
        y = xp.contract(x, w, spec="mk,kn->mn")
        apart = heads(xp, y, 4, 2)
        gram = xp.contract(apart, apart, spec="bhtd,bhsd->bhts")
        return [xp.sum(y, axes=(0,), keepdims=False), gram, xp.exp(y)]

    x, w, _ = drawn(4 * 90, 96, F32)
    check(program, x, w, rtol=2e-5, threads=threads)
