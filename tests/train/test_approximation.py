"""Networks of growing width towards a function: the errors are what they say, and fall."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet.train import Approximation


@pytest.fixture(scope="module")
def wave() -> Approximation:
    formula = "2 * sin(6*x) + 5"
    return gn.approximate(formula, (1, 8), low=-1.0, high=0.5, steps=500, tries=1)


def test_the_error_is_the_networks_largest(wave: Approximation) -> None:
    x = np.linspace(-1.0, 0.5, 10_001)[:, None]
    for one in wave.networks:
        apart = np.abs(one.model.predict(x)[:, 0] - (2 * np.sin(6 * x[:, 0]) + 5))
        assert one.error == pytest.approx(apart.max(), rel=1e-4)
        assert apart[np.argmin(np.abs(x - one.where))] == pytest.approx(one.error, rel=1e-3)
    assert wave.errors[1] < 0.1 * wave.errors[0]
    assert [type(layer).__name__ for layer in wave.networks[1].model] == [
        "Linear",
        "Sigmoid",
        "Linear",
    ]


def test_it_says_what_was_measured(wave: Approximation) -> None:
    first, second, _ = str(wave).split("\n")
    assert first == "2 * sin(6*x) + 5 on [-1, 0.5]"
    assert second.startswith(f"     1 units: sup-error {wave.errors[0]:.3g} at ")
    np.testing.assert_allclose(wave.target(np.array([[0.0]])), [5.0])


def test_on_the_square_and_the_cube() -> None:
    formula = "sin(3*x) * cos(2*y)"
    square = gn.approximate(formula, (2, 16), steps=300, tries=1)
    assert square.dimensions == 2
    assert square.errors[1] < 0.5 * square.errors[0]
    cube = gn.approximate(
        lambda x, y, z: np.sin(3 * x) + y * z, (8,), dimensions=3, steps=60, tries=1
    )
    assert (cube.name, cube.networks[0].where.shape) == ("f", (3,))
    assert cube.errors[0] < 0.6


def test_a_constant_is_met() -> None:
    assert gn.approximate("3", (1,), steps=8, tries=1).errors[0] < 1e-5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"function": "x", "widths": ()}, "of some widths"),
        ({"function": "x", "widths": (0,)}, "widths"),
        ({"function": "x", "low": 1.0, "high": 1.0}, "on an interval"),
        ({"function": "a+b+c+d"}, "so many numbers"),
        ({"function": "x*y", "dimensions": 1}, "so many numbers"),
    ],
)
def test_what_is_refused(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(gn.ArgumentError, match=words):
        gn.approximate(**arguments)  # type: ignore[arg-type]


def test_functions_that_are_none() -> None:
    with pytest.raises(gn.DataError, match=r"not finite everywhere[\s\S]*-inf at 0"):
        gn.approximate("log(x)")
    with pytest.raises(gn.DataError, match="one number for each point"):
        gn.approximate(lambda x: x[:3])
