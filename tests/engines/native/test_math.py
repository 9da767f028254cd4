"""The largest error of each vector function, in ulp, over a sample of all float32 values."""

import math

import numpy as np
import pytest

from glassnet.engines import numpy_engine

from .helpers import F32, F64, run

BOUNDS = {"cos": 2.1, "exp": 1.1, "expm1": 1.5, "log": 0.9, "log1p": 1.5, "logistic": 2.3,
          "sin": 2.1, "tanh": 2.5}  # fmt: skip
SPECIAL = np.array(
    [0, -0.0, np.inf, -np.inf, np.nan, 1, -1, 1e-45, -1e-45, 1.1754942e-38, 88.72283, 88.73,
     -103.97, -104, 3.4028235e38, 1.5707964, 134217728.0, 1e30],
    F32,
)  # fmt: skip


def floats(step: int) -> np.ndarray:
    """Every `step`-th float32 by its bits: all exponents, denormals, both signs, NaNs."""
    bits = np.arange(0, 2**32, step, dtype=np.uint64).astype(np.uint32)
    return np.concatenate([bits.view(F32), SPECIAL])


def reference(name: str, x: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return getattr(numpy_engine, name)(x.astype(F64))


def ulp(mine: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """Distance from the exact result in units of the last place of the rounded one."""
    with np.errstate(all="ignore"):
        rounded = exact.astype(mine.dtype)
        unit = np.spacing(np.abs(rounded)).astype(np.float64)
        distance = np.abs(mine.astype(np.float64) - exact) / unit
    same = (mine == rounded) | (np.isnan(mine) & np.isnan(rounded))
    return np.where(same & ~np.isfinite(rounded), 0.0, distance)


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_float32_stays_within_its_bound(name):
    x = floats(40_009)
    (mine,) = run(lambda xp, a: getattr(xp, name)(a), x)
    expected = reference(name, x)
    error = ulp(mine, expected)
    worst = int(np.argmax(np.where(np.isnan(error), np.inf, error)))
    assert error[worst] <= BOUNDS[name], (x[worst], mine[worst], expected[worst])


@pytest.mark.parametrize("name", ["logistic", "tanh"])
def test_a_sigmoid_stays_between_its_ends(name):
    x = np.linspace(-120, 120, 400_001, dtype=F32)
    (mine,) = run(lambda xp, a: getattr(xp, name)(a), x)
    low = -1.0 if name == "tanh" else 0.0
    assert (mine[0], mine[-1], mine.min(), mine.max()) == (low, 1.0, low, 1.0)


def test_erf_stays_within_its_bound():
    x = np.concatenate([floats(400_009), np.linspace(0, 4, 10_000, dtype=F32)])
    (mine,) = run(lambda xp, a: xp.erf(a), x)
    with np.errstate(all="ignore"):
        exact = np.array([math.erf(value) for value in x.astype(F64)])
    assert np.max(ulp(mine, exact)) <= 6.2


def test_power_of_float32():
    rng = np.random.default_rng(0)
    x = np.concatenate([np.exp(rng.uniform(-80, 80, 20_000)), -np.exp(rng.uniform(-5, 5, 1000))])
    y = np.concatenate([rng.uniform(-1.2, 1.2, 20_000), rng.integers(-9, 9, 1000)])
    x, y = x.astype(F32), y.astype(F32)
    (mine,) = run(lambda xp, a, b: xp.power(a, b), x, y)
    with np.errstate(all="ignore"):
        exact = np.power(x.astype(F64), y.astype(F64))
    assert np.max(ulp(mine, exact)) <= 0.51


def test_power_has_the_special_cases_of_c99():
    special = np.array([0, -0.0, 1, -1, 2, -2, 3, 0.5, -0.5, np.inf, -np.inf, np.nan, 1e-45], F32)
    x, y = (a.ravel() for a in np.meshgrid(special, special))
    (mine,) = run(lambda xp, a, b: xp.power(a, b), x, y)
    with np.errstate(all="ignore"):
        expected = np.power(x.astype(F64), y.astype(F64)).astype(F32)
    np.testing.assert_array_equal(mine, expected)


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_float64_stays_within_two_ulp(name):
    rng = np.random.default_rng(0)
    x = np.concatenate(
        [rng.normal(size=4000) * scale for scale in (1e-300, 1e-9, 1e-3, 1.0, 30.0, 700.0)]
        + [SPECIAL.astype(F64), np.array([5e-324, 709.78, 709.79, -745.1, -745.2, 1e300])]
    )
    (mine,) = run(lambda xp, a: getattr(xp, name)(a), x)
    expected = reference(name, x)
    with np.errstate(all="ignore"):
        apart = np.abs(mine - expected) / np.spacing(np.abs(expected))
    same = (mine == expected) | (np.isnan(mine) & np.isnan(expected))
    assert np.max(np.where(same, 0.0, apart)) <= 2.0


def test_a_scalar_is_computed_like_a_vector():
    x = np.array(0.7, F32)
    for name in BOUNDS:
        (alone,) = run(lambda xp, a, name=name: getattr(xp, name)(a), x)
        (many,) = run(lambda xp, a, name=name: getattr(xp, name)(a), np.full(33, 0.7, F32))
        assert (many == alone).all(), name
