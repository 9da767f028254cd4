"""Long expressions asked for twice: one array is kept of them, the narrowest."""

import numpy as np
import pytest

from .helpers import F32, check

RNG = np.random.default_rng(0)
X, W, V, G = (RNG.normal(size=shape).astype(F32) for shape in ((24, 8), (8, 16), (16, 8), (24, 8)))


def gelu(xp, a):
    return xp.multiply(xp.add(xp.erf(xp.multiply(a, 0.7)), 1.0), 0.5)


def slope(xp, a, phi):
    return xp.add(phi, xp.multiply(a, xp.exp(xp.multiply(xp.multiply(a, a), -0.5))))


def product(xp, a, b):
    return xp.contract(a, b, spec="ij,jk->ik")


def stores(function, *arrays):
    """How many arrays the first product stores, with what follows it."""
    native = check(function, *arrays, rtol=1e-5)
    return len(native.passes.fused.kernels[0].stores)


@pytest.mark.parametrize(
    ("asked_again", "kept"),
    [(False, 2), (True, 3)],  # a·phi and the slope; or a, phi and a·phi
)
def test_of_an_activation_its_value_and_its_slope_are_kept(asked_again, kept):
    def layer(xp, x, w, v, g):
        a = product(xp, x, w)
        phi = gelu(xp, a)
        y = product(xp, xp.multiply(a, phi), v)
        back = xp.contract(xp.multiply(y, g), v, spec="ik,jk->ij")
        d = xp.multiply(back, slope(xp, a, phi))
        d = xp.add(d, phi) if asked_again else d
        return [y, xp.contract(d, w, spec="ik,jk->ij")]

    assert stores(layer, X, W, V, G) == kept


def test_of_other_shapes_nothing_takes_its_place():
    def layer(xp, x, w, v, g):
        a = product(xp, x, w)
        phi = gelu(xp, a)
        y = product(xp, xp.multiply(a, phi), v)
        total = xp.sum(xp.multiply(phi, phi), axes=(1,), keepdims=True)
        return [y, xp.multiply(g, total)]

    check(layer, X, W, V, G, rtol=1e-5)


def test_a_sum_of_residuals_is_not_read_part_by_part_again_and_again():
    def blocks(xp, x, w, v):
        totals = []
        for _ in range(6):  # each block reads the sum of all before it
            mean = xp.sum(x, axes=(1,), keepdims=True)
            x = xp.add(x, product(xp, product(xp, xp.subtract(x, mean), w), v))
            totals.append(xp.sum(xp.multiply(x, x), axes=(1,), keepdims=False))
        return totals

    fused = check(blocks, X, W * 0.1, V * 0.1, rtol=1e-5).passes.fused
    whole = [sum(v.size == X.size for v in fused.reads(k)) for k in fused.kernels]
    assert max(whole) <= 3


def test_updates_by_a_common_norm_are_shared_out_among_the_threads():
    grads = [RNG.normal(size=(128, 128)).astype(F32) for _ in range(5)]

    def clipped(xp, *grads):
        total = xp.sum(xp.multiply(grads[0], grads[0]), axes=(0, 1), keepdims=False)
        for g in grads[1:]:
            total = xp.add(total, xp.sum(xp.multiply(g, g), axes=(0, 1), keepdims=False))
        factor = xp.minimum(xp.divide(1.0, xp.sqrt(total)), 1.0)
        return [xp.multiply(g, factor) for g in grads]

    native = check(clipped, *grads, rtol=1e-5, threads=2)
    large = [t for t in native.passes.schedule.tasks if any(s.size > 1 for s in t.kernel.stores)]
    assert large
    assert not any(task.alone for task in large)
