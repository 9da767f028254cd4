"""Where the reference engine adds to NumPy, it is held against NumPy's own formulas."""

import math

import numpy as np
import pytest

from glassnet.engines import numpy_engine as xp
from glassnet.engines import philox
from glassnet.engines.contraction import Contraction
from glassnet.engines.erf import erf
from glassnet.errors import ArgumentError, ProgramError, ShapeError


@pytest.mark.parametrize(
    ("spec", "a", "b"),
    [
        ("ij,jk->ik", (2, 3), (3, 4)),
        ("ij,kj->ik", (2, 3), (4, 3)),
        ("ji,jk->ki", (3, 2), (3, 4)),
        ("bij,bjk->bik", (5, 2, 3), (5, 3, 4)),
        ("bij,jk->kbi", (5, 2, 3), (3, 4)),
        ("bhid,bhjd->bhij", (2, 3, 4, 5), (2, 3, 6, 5)),
        ("i,i->", (4,), (4,)),
        ("i,j->ij", (2,), (3,)),
        ("ij,ij->ij", (2, 3), (2, 3)),
        ("iab,abj->ij", (2, 3, 4), (3, 4, 5)),
        ("ij,jk->ik", (2, 0), (0, 4)),
    ],
)
def test_contract_is_einsum(spec, a, b):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=a), rng.normal(size=b)
    np.testing.assert_allclose(xp.contract(a, b, spec=spec), np.einsum(spec, a, b), atol=1e-13)


@pytest.mark.parametrize("spec", ["ij,jk", "ijjk->ik", "ii,ij->j", "ij,jk->i", "ij,jk->ikl"])
def test_a_spec_outside_the_four_roles_is_refused(spec):
    with pytest.raises(ProgramError, match="not a contraction"):
        Contraction.parse(spec)


def test_contract_names_the_axis_that_differs():
    with pytest.raises(ShapeError, match="axis j differs"):
        xp.contract(np.ones((2, 3)), np.ones((4, 2)), spec="ij,jk->ik")
    with pytest.raises(ShapeError, match="does not fit"):
        xp.contract(np.ones(2), np.ones((4, 2)), spec="ij,jk->ik")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_erf_is_within_a_few_ulp_over_the_whole_range(dtype):
    x = np.concatenate([np.linspace(-7, 7, 4001), [0.0, 1e-300, 0.46875, 4.0, 30.0]]).astype(dtype)
    exact = np.array([math.erf(v) for v in x.astype(float)])
    error = np.abs(erf(x) - exact) / np.spacing(np.abs(exact).astype(dtype) + np.finfo(dtype).tiny)
    assert error.max() <= 3  # ulp
    assert np.isnan(erf(np.array([np.nan])))
    assert erf(np.array([np.inf, -np.inf])).tolist() == [1.0, -1.0]


def test_philox_gives_the_published_words():
    """Known answers of the authors' Random123 library, file kat_vectors."""
    zero, ones = np.zeros(1, np.uint32), np.full(1, 0xFFFFFFFF, np.uint32)
    low = philox.block((zero,) * 4, (0, 0))
    high = philox.block((ones,) * 4, (0xFFFFFFFF, 0xFFFFFFFF))
    assert low.tolist() == [[0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]]
    assert high.tolist() == [[0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]]


def test_a_draws_words_do_not_depend_on_its_length():
    long = philox.bits((10,), (1, 2), 3, 4)
    assert np.array_equal(philox.bits((7,), (1, 2), 3, 4), long[:7])
    assert not np.array_equal(philox.bits((10,), (1, 2), 3, 5), long)
    assert not np.array_equal(philox.bits((10,), (1, 2), 4, 4), long)


def test_scatter_add_is_the_transpose_of_gather():
    rng = np.random.default_rng(0)
    a, indices = rng.normal(size=(3, 5, 2)), rng.integers(0, 5, (4, 2))
    picked = xp.gather(a, indices, axis=1)
    weights = rng.normal(size=picked.shape)
    back = xp.scatter_add(indices, weights, axis=1, length=5)
    np.testing.assert_allclose((picked * weights).sum(), (a * back).sum())


def test_windows_slide_without_a_copy():
    a = np.arange(5 * 9 * 2).reshape(5, 9, 2)
    windows = xp.window(a, axes=(0, 1), sizes=(2, 3), strides=(1, 2), dilations=(3, 2))
    assert windows.shape == (2, 3, 2, 2, 3)
    for y, x, c, i, j in np.ndindex(windows.shape):
        assert windows[y, x, c, i, j] == a[y + 3 * i, 2 * x + 2 * j, c]
    assert np.shares_memory(a, windows)


@pytest.mark.parametrize("index", [-1, 5])
def test_an_index_outside_is_an_error(index):
    with pytest.raises(ArgumentError, match=f"0 to 4(?s:.*){index}"):
        xp.gather(np.ones(5), np.array([0, index]), axis=0)
    with pytest.raises(ArgumentError, match="0 to 4"):
        xp.scatter_add(np.array([index]), np.ones(1), axis=0, length=5)


def test_overflow_is_a_value_and_no_warning():
    big = np.array([1e4], np.float32)
    assert np.isinf(xp.exp(big))
    assert np.isnan(xp.log(-big))
    assert np.isnan(xp.divide(xp.multiply(big, 0.0), 0.0))
