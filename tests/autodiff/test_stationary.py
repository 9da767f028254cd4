from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glassnet as gn
from glassnet import ops
from glassnet.autodiff.derivatives import Derivatives
from glassnet.autodiff.stationary import stationary_points

Function = Callable[[gn.Tensor], gn.Tensor]


def found(f: Function, low: float, high: float) -> list[tuple[float, str]]:
    return [(point.x, point.kind) for point in stationary_points(f, low, high)]


def test_quartic_to_machine_precision() -> None:
    points = stationary_points(lambda x: x**4 - 3 * x**2 + x, -3, 3)
    roots = np.sort(np.roots([4, 0, -6, 1]))
    np.testing.assert_allclose([p.x for p in points], roots, rtol=4e-16)
    assert [p.kind for p in points] == ["minimum", "maximum", "minimum"]
    for point in points:
        assert point.value == pytest.approx(point.x**4 - 3 * point.x**2 + point.x, rel=1e-15)
        assert point.curvature == pytest.approx(12 * point.x**2 - 6, rel=1e-13)


@pytest.mark.parametrize("low", [-1.0, -1.37])  # with and without 0 on the grid
@pytest.mark.parametrize(
    ("f", "kind", "sides"),
    [
        (lambda x: x**2, "minimum", (-1, 1)),
        (lambda x: -(x**2), "maximum", (1, -1)),
        (lambda x: 1e-20 * x**2, "minimum", (-1, 1)),
        (lambda x: x**3, "saddle", (1, 1)),
        (lambda x: -(x**5), "saddle", (-1, -1)),
        (lambda x: x**4, "undecided", (-1, 1)),
        (lambda x: -(x**6), "undecided", (1, -1)),
    ],
    ids=["x²", "-x²", "flat x²", "x³", "-x⁵", "x⁴", "-x⁶"],
)
def test_kind_at_zero(f: Function, kind: str, sides: tuple[int, int], low: float) -> None:
    (point,) = stationary_points(f, low, 1.0)
    assert point.x == pytest.approx(0, abs=1e-9)
    assert (point.kind, point.sides) == (kind, sides)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: (x - 0.3) ** 3,
        lambda x: x**3 - 0.9 * x**2 + 0.27 * x - 0.027,  # the same, with rounding in f'
    ],
    ids=["factored", "expanded"],
)
def test_a_slope_that_touches_zero(f: Function) -> None:
    (point,) = stationary_points(f, -1, 1)
    assert point.x == pytest.approx(0.3, abs=1e-15)
    assert (point.kind, point.curvature) == ("saddle", 0.0)


def test_a_slope_that_nearly_touches_zero_does_not() -> None:
    assert found(lambda x: x**3 / 3 + 1e-10 * x, -1, 1.1) == []


def test_two_points_within_one_cell() -> None:
    points = found(lambda x: x**3 / 3 - 1e-12 * x, -1, 1.1)
    assert points == [(pytest.approx(-1e-6), "maximum"), (pytest.approx(1e-6), "minimum")]


def test_the_grid_is_fine_enough_for_fast_waves() -> None:
    points = stationary_points(lambda x: ops.sin(100 * x), 0, 100)
    expected = (np.arange(len(points)) + 0.5) * math.pi / 100
    assert len(points) == 3183
    np.testing.assert_allclose([p.x for p in points], expected, rtol=2e-15)


def test_waves_of_growing_frequency() -> None:
    points = stationary_points(lambda x: ops.sin(1 / x), 0.01, 1)
    expected = 1 / ((np.arange(len(points))[::-1] + 0.5) * math.pi)
    assert len(points) == 32
    np.testing.assert_allclose([p.x for p in points], expected, rtol=1e-14)


def test_the_ends_of_the_interval_belong_to_it() -> None:
    assert found(lambda x: x**2, 0, 1) == [(0.0, "minimum")]
    assert found(ops.cos, 0, math.pi) == [(0.0, "maximum"), (math.pi, "minimum")]
    assert found(lambda x: x**2, 0.001, 1) == []


def test_far_from_zero() -> None:
    assert found(lambda x: (x - 1e9) ** 2, 1e9 - 1.1, 1e9 + 2) == [(1e9, "minimum")]


@pytest.mark.parametrize(
    ("f", "low", "high"),
    [
        (ops.abs, -1, 1),
        (ops.abs, -1, 2),
        (lambda x: 1 / x**2, -1, 2.1),
        (ops.exp, -1, 1),
        (lambda x: x, -1, 1),
    ],
    ids=["kink", "kink off the grid", "pole", "exp", "line"],
)
def test_no_stationary_point(f: Function, low: float, high: float) -> None:
    assert found(f, low, high) == []


def test_only_where_the_function_is_defined() -> None:
    (point,) = stationary_points(lambda x: x * ops.log(x), -1, 1)
    assert point.x == pytest.approx(1 / math.e, rel=1e-15)
    with pytest.raises(gn.NonFiniteError, match="slope nowhere from -2 to -1"):
        stationary_points(ops.log, -2, -1)


def test_a_flat_stretch_is_one_point() -> None:
    assert found(ops.relu, -1, 1) == [(-0.5, "undecided")]
    assert found(lambda x: 0 * x + 7, -1, 1) == [(0.0, "undecided")]
    assert found(lambda _: 7.0, -1, 1) == [(0.0, "undecided")]  # type: ignore[arg-type, return-value]


@pytest.mark.no_cover
def test_functions_of_a_single_number() -> None:
    def reduces(x: gn.Tensor) -> gn.Tensor:
        return (x * x).sum() + 3 * x.sum()

    def mixes(x: gn.Tensor) -> gn.Tensor:
        return (x - x.max()) + x**2  # on an array it is another function

    assert not Derivatives(reduces, -3, 3).takes_arrays
    assert not Derivatives(mixes, -3, 3).takes_arrays
    assert found(reduces, -3, 3) == [(-1.5, "minimum")]
    assert found(mixes, -3, 2.5) == [(pytest.approx(0, abs=1e-15), "minimum")]


def test_a_network_with_one_input() -> None:
    def bump(x: gn.Tensor) -> gn.Tensor:
        return ops.sigmoid(8 * (x + 1)) - ops.sigmoid(8 * (x - 1))

    ((x, kind),) = found(bump, -3.3, 3)
    assert x == pytest.approx(0, abs=1e-12)
    assert kind == "maximum"


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (0, math.inf), (math.nan, 1)])
def test_an_interval_is_needed(low: float, high: float) -> None:
    with pytest.raises(gn.ArgumentError, match="interval"):
        stationary_points(ops.sin, low, high)


@pytest.mark.no_cover
@settings(max_examples=30)
@given(st.lists(st.integers(-50, 50), min_size=1, max_size=4, unique=True), st.floats(0.1, 3))
def test_polynomials_with_known_roots(tenths: list[int], scale: float) -> None:
    roots = sorted(x / 10 for x in tenths)
    coefficients = np.polyint(scale * np.poly(roots))

    def f(x: gn.Tensor) -> gn.Tensor:
        total = 0 * x
        for c in coefficients:
            total = total * x + float(c)
        return total

    points = stationary_points(f, -5.5, 5.7)
    assert [p.x for p in points] == pytest.approx(roots, abs=1e-8)  # f is given by coefficients
    signs = [np.sign(np.polyval(np.polyder(coefficients, 2), x)) for x in roots]
    assert [p.kind for p in points] == ["minimum" if s > 0 else "maximum" for s in signs]
