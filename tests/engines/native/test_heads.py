"""Heads split off and put together again: what attention does between its products."""

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
@pytest.mark.parametrize("width", [12, 36, 64])
def test_products_read_heads_where_they_lie(dtype, width):
    native = check(attend(3, 2), *drawn(30, width, dtype), rtol=3e-5 if dtype == F32 else 1e-12)
    assert {k.kind for k in native.passes.fused.kernels} == {"contract"}  # and nothing is copied


@pytest.mark.parametrize("width", [12, 64])
def test_heads_by_themselves(width):
    """As outputs they are copied, in whole vectors where those fit into a head."""
    x, _, _ = drawn(30, width, F32)
    check(lambda xp, x: [heads(xp, x, 3, 2), xp.exp(heads(xp, x, 3, 2))], x, rtol=1e-6)


@pytest.mark.parametrize("outputs", [1, 2, 3])
def test_heads_can_be_outputs_too(outputs):
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
