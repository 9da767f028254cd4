"""Generated sets: shape, balance, reproducibility, and the geometry that the formulas promise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet import data, ops
from glassnet.errors import ArgumentError, DataError

POINTS = [data.circles, data.gaussians, data.moons, data.spiral, data.xor]
SURFACES = [data.hills, data.plane]


@pytest.mark.parametrize("make", POINTS)
def test_points_are_balanced_and_reproducible(make: Callable[..., data.Dataset]) -> None:
    dataset = make(samples=101, seed=3)
    assert len(dataset) == 101
    assert dataset.inputs.shape == (101, 2)
    counts = np.bincount(dataset.targets)
    assert counts.max() - counts.min() <= 1
    np.testing.assert_array_equal(dataset.inputs, make(samples=101, seed=3).inputs)
    assert not np.array_equal(dataset.inputs, make(samples=101, seed=4).inputs)


@pytest.mark.parametrize("make", SURFACES)
def test_surfaces_are_reproducible(make: Callable[..., data.Dataset]) -> None:
    dataset = make(samples=50, seed=3)
    assert dataset.task == "regression"
    assert dataset.targets.shape == (50, 1)
    np.testing.assert_array_equal(dataset.targets, make(samples=50, seed=3).targets)


def test_circles_without_noise_lie_on_their_circles() -> None:
    dataset = data.circles(200, factor=0.4, noise=0.0)
    radius = np.linalg.norm(dataset.inputs, axis=1)
    np.testing.assert_allclose(radius, np.where(dataset.targets == 0, 1.0, 0.4), rtol=1e-5)


def test_moons_without_noise_lie_on_their_half_circles() -> None:
    x, y = data.moons(200, noise=0.0).inputs.T
    upper = data.moons(200, noise=0.0).targets == 0
    np.testing.assert_allclose(x[upper] ** 2 + y[upper] ** 2, 1.0, rtol=1e-5)
    np.testing.assert_allclose((x[~upper] - 1) ** 2 + (y[~upper] - 0.5) ** 2, 1.0, rtol=1e-5)
    assert (y[upper] >= -1e-6).all()
    assert (y[~upper] <= 0.5 + 1e-6).all()


def test_xor_without_noise_is_the_sign_of_the_product() -> None:
    dataset = data.xor(400, noise=0.0)
    product = dataset.inputs.prod(axis=1)
    np.testing.assert_array_equal(product < 0, dataset.targets == 1)
    quadrants = np.unique(np.sign(dataset.inputs), axis=0, return_counts=True)[1]
    assert quadrants.min() > 60


@pytest.mark.parametrize("arms", [2, 3])
def test_spiral_arms_are_one_apart_and_wind_as_told(arms: int) -> None:
    turns = 1.5
    dataset = data.spiral(4000, arms=arms, turns=turns, noise=0.0)
    radius = np.linalg.norm(dataset.inputs, axis=1)
    assert radius.min() >= 0.5 - 1e-6
    assert radius.max() == pytest.approx(0.5 + arms * turns, abs=0.01)
    angle = np.arctan2(dataset.inputs[:, 1], dataset.inputs[:, 0])
    expected = 2 * math.pi * ((radius - 0.5) / arms + dataset.targets / arms)
    np.testing.assert_allclose(np.cos(angle - expected), 1.0, atol=1e-5)


def test_gaussian_clouds_are_ten_deviations_apart() -> None:
    dataset = data.gaussians(2000, seed=1)
    one, other = (dataset.inputs[dataset.targets == k] for k in (0, 1))
    assert np.linalg.norm(one.mean(axis=0) - other.mean(axis=0)) == pytest.approx(4.0, abs=0.1)
    assert one.std(axis=0) == pytest.approx([0.4, 0.4], abs=0.03)
    assert (one[:, 0] > 0).all()  # the line x = 0 parts them
    assert (other[:, 0] < 0).all()


def test_plane_is_a_plane() -> None:
    dataset = data.plane(100, noise=0.0)
    x, y = dataset.inputs.T
    np.testing.assert_allclose(dataset.targets[:, 0], x / 2 - y / 3 + 0.25, atol=1e-6)


def test_hills_rise_where_they_are_said_to() -> None:
    dataset = data.hills(5000, noise=0.0)
    top = dataset.inputs[dataset.targets[:, 0].argmax()]
    bottom = dataset.inputs[dataset.targets[:, 0].argmin()]
    np.testing.assert_allclose(top, [-0.5, -0.4], atol=0.1)
    np.testing.assert_allclose(bottom, [0.4, -0.5], atol=0.1)


def test_a_curve_takes_numpys_functions_and_glassnets() -> None:
    with_numpy = data.curve(lambda x: np.sin(6 * x) * np.exp(-x))
    with_tensors = data.curve(lambda x: ops.sin(6.0 * x) * ops.exp(-x))
    np.testing.assert_allclose(with_numpy.targets, with_tensors.targets, atol=1e-6)
    assert with_numpy.inputs[[0, -1], 0].tolist() == [0.0, 1.0]


def test_a_curve_must_have_values() -> None:
    with pytest.raises(DataError, match="-inf in the targets: row 0"):
        data.curve(np.log)
    with pytest.raises(DataError, match="one number for each point"):
        data.curve(lambda x: 1.0 if x.any() else 0.0)
    with pytest.raises(ArgumentError, match="this is no interval"):
        data.curve(np.sin, 1.0, 0.0)


@pytest.mark.parametrize(
    ("make", "settings", "words"),
    [
        (data.spiral, {"samples": 1}, "samples is out of range"),
        (data.spiral, {"arms": 1}, "arms is out of range"),
        (data.spiral, {"turns": 0.0}, "an arm winds"),
        (data.moons, {"noise": -0.1}, "noise is a standard deviation"),
        (data.circles, {"factor": 1.0}, "inner radius is out of range"),
        (data.gaussians, {"classes": 1}, "classes is out of range"),
        (data.gaussians, {"seed": -1}, "a seed is a whole number"),
        (data.plane, {"samples": 2.5}, "samples is out of range"),
        (data.hills, {"noise": math.inf}, "noise is a standard deviation"),
    ],
)
def test_settings_out_of_range(
    make: Callable[..., data.Dataset], settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(ArgumentError, match=words):
        make(**settings)
