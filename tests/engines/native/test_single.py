"""argmax, scatter_add, pad, concat, gather, and what stands at their edges."""

import numpy as np
import pytest

from glassnet.errors import ArgumentError

from .helpers import F32, check, run

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_argmax_takes_the_first(axis):
    a = RNG.integers(0, 4, (7, 9, 5)).astype(F32)
    check(lambda xp, x: xp.argmax(x, axis=axis), a)


@pytest.mark.parametrize("length", [1, 16, 65, 300])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "bool"])
def test_argmax_of_rows_of_any_length(length, dtype):
    a = RNG.integers(-3, 4, (11, length)).astype(dtype)
    check(lambda xp, x: [xp.argmax(x, axis=1), xp.argmax(x, axis=0)], a)
    if a.dtype.kind == "f":
        a[3, length // 2 :], a[5], a[7] = np.nan, -np.inf, np.inf
        check(lambda xp, x: [xp.argmax(x, axis=1), xp.argmax(x, axis=0)], a)


def test_argmax_of_nan_and_integers():
    a = np.array([[1, np.nan, 3, np.nan], [3, 3, 1, 0], [-np.inf] * 4], F32)
    check(lambda xp, x: xp.argmax(x, axis=1), a)
    check(lambda xp, x: xp.argmax(x, axis=0), RNG.integers(0, 255, (9, 4)).astype(np.uint8))


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("shape", [(), (6,), (2, 3)])
def test_gather_and_scatter(axis, shape):
    a = RNG.normal(size=(5, 33, 4)).astype(F32)
    indices = np.asarray(RNG.integers(0, a.shape[axis], shape))

    def both(xp, x, i):
        taken = xp.gather(x, i, axis=axis)
        return [taken, xp.scatter_add(i, taken, axis=axis, length=x.shape[axis])]

    check(both, a, indices, rtol=1e-6)


def test_repeated_indices_add_up_in_order():
    updates = RNG.normal(size=(100, 17)).astype(F32)
    indices = RNG.integers(0, 3, 100).astype(np.int32)
    check(lambda xp, i, u: xp.scatter_add(i, u, axis=0, length=5), indices, updates)


@pytest.mark.parametrize("bad", [-1, 5, 2**40])
def test_an_index_outside_its_axis_is_an_error(bad):
    a = RNG.normal(size=(5, 3)).astype(F32)
    indices = np.array([0, bad, 1])
    with pytest.raises(ArgumentError, match="outside its axis"):
        run(lambda xp, x, i: xp.gather(x, i, axis=0), a, indices)
    with pytest.raises(ArgumentError, match="outside its axis"):
        run(lambda xp, x, i: xp.scatter_add(i, x, axis=0, length=5), a[:3], indices)


@pytest.mark.parametrize("n", [1, 7, 16, 33, 200])
def test_pad_and_concat(n):
    a = RNG.normal(size=(3, n)).astype(F32)

    def both(xp, x):
        padded = xp.pad(xp.exp(x), widths=((0, 2), (1, 3)), value=-1.0)
        return [padded, xp.concat(x, xp.negative(x), axis=0), xp.concat(x, x, x, axis=1)]

    check(both, a, rtol=1e-6)


def test_random_bits_are_those_of_the_reference():
    key = np.array([7, 11, 2**32 - 1], np.uint32)
    for shape in ((), (1,), (33,), (5, 17), (5, 16), (3, 100)):
        check(lambda xp, k, shape=shape: xp.random_bits(k, shape=shape, stream=3), key)


def test_empty_arrays():
    a = np.zeros((0, 4), F32)
    check(lambda xp, x: [xp.exp(x), xp.sum(x, axes=(0,), keepdims=True)], a)
    check(lambda xp, x, y: xp.contract(x, y, spec="ki,kj->ij"), a, a)
    check(lambda xp, x, y: xp.concat(x, y, axis=0), a, np.ones((2, 4), F32))
