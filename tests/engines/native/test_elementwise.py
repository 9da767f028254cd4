"""Arithmetic, comparisons and casts of every type, bit for bit as NumPy does them."""

import itertools

import numpy as np
import pytest

from .helpers import F32, F64, check

FLOATS = ("float32", "float64")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
ODD_VALUES = np.array([0.0, -0.0, 1.5, -2.5, np.inf, -np.inf, np.nan, 1e-45, 7.0, -7.0])


def pairs(dtype):
    values = ODD_VALUES if np.dtype(dtype).kind == "f" else np.array([0, 1, 2, 7, 100, 5])
    if np.dtype(dtype).kind == "i":
        values = np.append(values, [-1, -7, np.iinfo(dtype).min, np.iinfo(dtype).max])
    x, y = zip(*itertools.product(values, values), strict=True)
    return np.array(x).astype(dtype), np.array(y).astype(dtype)


@pytest.mark.parametrize("dtype", FLOATS + INTEGERS)
@pytest.mark.parametrize(
    "name", ["add", "subtract", "multiply", "maximum", "minimum", "equal", "less", "less_equal"]
)
def test_two_arrays(name, dtype):
    check(lambda xp, a, b: getattr(xp, name)(a, b), *pairs(dtype))


@pytest.mark.parametrize(
    "name", ["logical_and", "logical_or", "equal", "less", "maximum", "add", "multiply"]
)
def test_truth_values(name):
    a = np.array([False, False, True, True])
    check(lambda xp, x, y: getattr(xp, name)(x, y), a, np.array([False, True] * 2))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", ["negative", "absolute", "sign", "floor", "sqrt", "logical_not"])
def test_one_array_of_floats(name, dtype):
    check(lambda xp, a: getattr(xp, name)(a), ODD_VALUES.astype(dtype))


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("name", ["negative", "absolute", "sign", "logical_not"])
def test_one_array_of_integers(name, dtype):
    values = np.array([0, 1, 5, np.iinfo(dtype).max, np.iinfo(dtype).min], dtype)
    check(lambda xp, a: getattr(xp, name)(a), values)


@pytest.mark.parametrize("dtype", FLOATS)
def test_division(dtype):
    check(lambda xp, a, b: xp.divide(a, b), *pairs(dtype))


@pytest.mark.parametrize("other", [0.0, -1.5, float("inf"), float("nan")])
def test_extremes_beside_a_number_keep_nan(other):
    a = ODD_VALUES.astype(F32)
    check(lambda xp, x: [xp.maximum(x, other), xp.minimum(other, x), xp.maximum(other, x)], a)


@pytest.mark.parametrize("source", ["bool", *FLOATS, *INTEGERS])
@pytest.mark.parametrize("target", ["bool", *FLOATS, *INTEGERS])
def test_casts(source, target):
    values = np.array([0, 1, 2, 100, 3] * 7).astype(source)
    check(lambda xp, a: xp.cast(a, dtype=np.dtype(target)), values)


def test_casts_truncate():
    a = np.array([1.9, -1.9, 0.5, -0.5, 100.99], F64)
    check(lambda xp, x: [xp.cast(x, dtype=np.dtype(t)) for t in ("int64", "int8", "bool")], a)


def test_integer_powers():
    base = np.array([-3, -1, 0, 1, 2, 5, 7] * 5)
    exponent = np.arange(35) % 9
    check(lambda xp, a, b: xp.power(a, b), base, exponent)


def test_where_takes_numbers_on_either_side():
    a = ODD_VALUES.astype(F32)
    check(
        lambda xp, x: [
            xp.where(xp.less(x, 1.0), x, 0.0),
            xp.where(xp.less(x, 1.0), 2, x),
        ],
        a,
    )


@pytest.mark.parametrize("n", [1, 7, 15, 16, 17, 31, 33, 64, 65])
def test_broadcasting(n):
    rng = np.random.default_rng(n)
    a, b, c = (rng.normal(size=shape).astype(F32) for shape in ((3, n), (n,), (3, 1)))
    check(lambda xp, x, y, z: [xp.add(x, y), xp.multiply(xp.subtract(y, z), x)], a, b, c)
