"""Draws are reproducible, independent where they should be, and have the right distribution."""

import numpy as np
import pytest

import glassnet as gn


def test_the_same_seed_gives_the_same_bits():
    a, b = gn.Generator(7), gn.Generator(7)
    for _ in range(3):
        assert np.array_equal(a.bits((5,)), b.bits((5,)))
    assert not np.array_equal(gn.Generator(8).bits((5,)), gn.Generator(7).bits((5,)))
    assert gn.generator(a) is a
    assert gn.generator(7).seed == 7


def test_a_fork_does_not_depend_on_what_was_drawn():
    a, b = gn.Generator(7), gn.Generator(7)
    a.bits((100,))
    assert np.array_equal(a.fork("weights").bits((5,)), b.fork("weights").bits((5,)))
    assert not np.array_equal(a.fork("weights").bits((5,)), a.fork("data").bits((5,)))
    assert not np.array_equal(a.fork(0).fork(1).bits((5,)), a.fork(1).fork(0).bits((5,)))


@pytest.mark.parametrize("dtype", [gn.float32, gn.float64])
def test_uniform_fills_its_interval_evenly(dtype):
    x = gn.Generator(0).uniform((100_000,), -2.0, 3.0, dtype)
    assert x.dtype == dtype
    assert x.min() >= -2.0
    assert x.max() < 3.0
    counts, _ = np.histogram(x, bins=50, range=(-2, 3))
    # χ² with 49 degrees of freedom: mean 49, deviation 9.9; five deviations
    assert ((counts - 2000.0) ** 2 / 2000.0).sum() < 49 + 5 * 9.9


def test_uniform_never_reaches_its_upper_end():
    tiny = np.nextafter(np.float32(1), np.float32(2))
    assert (gn.Generator(0).uniform((1000,), 1.0, float(tiny)) < tiny).all()


@pytest.mark.parametrize("dtype", [gn.float32, gn.float64])
def test_normal_has_its_moments(dtype):
    x = gn.Generator(0).normal((200_000,), 1.0, 2.0, dtype).astype(float)
    z = (x - 1.0) / 2.0
    assert np.allclose([z.mean(), z.var(), (z**3).mean(), (z**4).mean()], [0, 1, 0, 3], atol=0.05)


def test_integers_cover_their_range():
    x = gn.Generator(0).integers(-2, 4, (6000,))
    values, counts = np.unique(x, return_counts=True)
    assert values.tolist() == [-2, -1, 0, 1, 2, 3]
    assert counts.min() > 850
    with pytest.raises(gn.ArgumentError, match="low < high"):
        gn.Generator(0).integers(3, 3)


def test_a_permutation_holds_every_number_once():
    rng = gn.Generator(0)
    first, second = rng.permutation(1000), rng.permutation(1000)
    assert sorted(first) == list(range(1000))
    assert not np.array_equal(first, second)
    assert abs(np.corrcoef(first, np.arange(1000))[0, 1]) < 0.15


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, "a", True, None])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(gn.ArgumentError, match="a seed is a whole number"):
        gn.Generator(seed)
