from __future__ import annotations

import numpy as np
import pytest

import glassnet as gn
from glassnet import optim
from glassnet.expression import parse
from glassnet.optim.descent import descend, name_of


def test_a_path_worked_by_hand() -> None:
    # f = (x − 3)², f' = 2(x − 3), lr = 0.1: the distance to 3 shrinks by 0.8 a step.
    path = descend(lambda x: (x - 3) ** 2, 0.0, optim.SGD(lr=0.1), steps=10)
    np.testing.assert_allclose(path.points, 3 - 3 * 0.8 ** np.arange(11), rtol=1e-14)
    np.testing.assert_allclose(path.values, (path.points - 3) ** 2, rtol=1e-14)
    np.testing.assert_allclose(path.slopes, 2 * (3 - path.points), rtol=1e-14)
    assert len(path) == 10


def test_a_quadratic_in_three_dimensions() -> None:
    curvature = np.array([1.0, 3.0, 9.0])
    scale = gn.tensor(curvature)
    start = np.array([1.0, -2.0, 0.5])
    path = descend(lambda x: 0.5 * (scale * x**2).sum(), start, optim.SGD(lr=0.1), steps=20)
    expected = start * (1 - 0.1 * curvature) ** np.arange(21)[:, None]
    np.testing.assert_allclose(path.points, expected, rtol=1e-13)
    np.testing.assert_allclose(path.slopes, np.linalg.norm(curvature * expected, axis=1))


def test_any_shape_and_the_start_is_not_touched() -> None:
    start = np.full((2, 3), 2.0, np.float32)
    path = descend(lambda x: (x * x).sum(), start, steps=3)
    assert path.points.shape == (4, 2, 3)
    assert path.points.dtype == np.float32
    assert (start == 2).all()


def test_numbers_are_computed_in_double_precision() -> None:
    assert descend(lambda x: x * x, 1, steps=1).points.dtype == np.float64
    assert descend(lambda x: (x * x).sum(), [1, 2], steps=1).points.dtype == np.float64


@pytest.mark.no_cover
def test_rosenbrock_with_adam_reaches_the_minimum() -> None:
    rosenbrock = parse("(1 - x)**2 + 100*(y - x**2)**2").at
    path = descend(rosenbrock, [-1.2, 1.0], optim.Adam(lr=0.05), steps=3000)
    np.testing.assert_allclose(path.points[-1], [1, 1], atol=1e-4)


def test_an_optimizer_can_be_used_again() -> None:
    method = optim.SGD(lr=0.1, momentum=0.9)
    first, second = (descend(lambda x: x**2, 1.0, method, steps=5) for _ in range(2))
    np.testing.assert_array_equal(first.points, second.points)
    assert method.steps == 0


def test_divergence_says_where_and_what_to_try() -> None:
    with pytest.raises(gn.DivergenceError) as caught:
        descend(lambda x: 50 * x**2, 1.0, optim.SGD(lr=0.1), steps=100)
    error = caught.value
    # x grows by the factor 1 − 0.1·100 = −9 a step, f by 81: past 10¹⁰·50 after 6 steps.
    assert error.what == "the descent ran away at step 6"
    assert "step 6, x = 531441" in error.where
    assert "1.412e+13" in error.received
    assert "curvature is 100" in error.mend
    assert "lr < 0.02" in error.mend


def test_the_advised_rate_is_stable() -> None:
    below = descend(lambda x: 50 * x**2, 1.0, optim.SGD(lr=0.0199), steps=200)
    assert (np.diff(below.values) < 0).all()


def test_a_function_without_a_floor() -> None:
    with pytest.raises(gn.DivergenceError, match="falls without end"):
        descend(lambda x: x**3, -1.0, steps=100)


@pytest.mark.parametrize("f", [gn.ops.log, lambda x: 1 / (x + 1)], ids=["log", "pole"])
def test_a_start_outside_the_domain(f: object) -> None:
    with pytest.raises(gn.DivergenceError, match="at the start"):
        descend(f, -1.0)  # type: ignore[arg-type]


def test_what_is_refused() -> None:
    with pytest.raises(gn.ShapeError, match="single number"):
        descend(lambda x: x * 2, [1.0, 2.0])
    with pytest.raises(gn.ArgumentError, match="whole number of steps"):
        descend(lambda x: x * 2, 1.0, steps=-1)


def test_no_steps_is_the_start_alone() -> None:
    path = descend(lambda x: x**2, 3.0, steps=0)
    assert path.points.tolist() == [3.0]


def test_text() -> None:
    path = descend(lambda x: (x - 3) ** 2, 0.0, optim.SGD(lr=0.5), steps=1)
    assert str(path) == "1 steps of SGD(lr=0.5): f from 9 to 0 at x = 3., slope 0"
    assert name_of(optim.Adam(lr=0.1, betas=(0.8, 0.9))) == "Adam(lr=0.1, betas=(0.8, 0.9))"
