"""Scaling is learned on one part, applied to all, and can be undone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from glassnet import data
from glassnet.errors import DataError, ShapeError


def test_numbers_worked_by_hand() -> None:
    train = data.Dataset([[1.0, 5.0], [3.0, 5.0]], [0, 1])
    standardiser = data.Standardiser.learn(train)
    assert standardiser == data.Standardiser((2.0, 5.0), (1.0, 1.0))  # the second never changes
    np.testing.assert_array_equal(standardiser.apply(train).inputs, [[-1, 0], [1, 0]])


def test_the_test_part_is_scaled_by_the_training_part() -> None:
    train = data.Dataset([[0.0], [2.0]], [0, 1])
    test = data.Dataset([[5.0], [7.0]], [0, 1])
    train, test = data.standardise(train, test)
    np.testing.assert_array_equal(test.inputs, [[4.0], [6.0]])
    assert train.standardiser is test.standardiser
    np.testing.assert_array_equal(test.raw_inputs(), [[5.0], [7.0]])


def test_images_keep_their_shape() -> None:
    images = np.random.default_rng(0).normal(3.0, 2.0, (20, 4, 4, 3))
    (scaled,) = data.standardise(data.Dataset(images, [0, 1] * 10))
    assert scaled.inputs.shape == images.shape
    np.testing.assert_allclose(scaled.inputs.mean(axis=0), 0.0, atol=1e-6)
    np.testing.assert_allclose(scaled.inputs.std(axis=0), 1.0, atol=1e-6)
    np.testing.assert_allclose(scaled.raw_inputs(), images, atol=1e-5)


def test_a_large_offset_costs_no_digits() -> None:
    values = np.array([[1e7], [1e7 + 2]])
    (scaled,) = data.standardise(data.Dataset(values, [0, 1], dtype="float64"))
    np.testing.assert_allclose(scaled.inputs, [[0.0], [2.0]] - np.ones(1), atol=1e-6)


def test_twice_is_a_mistake() -> None:
    (once,) = data.standardise(data.iris())
    with pytest.raises(DataError, match="standardised already"):
        data.standardise(once)
    with pytest.raises(DataError, match="standardised already"):
        data.Standardiser((0.0,) * 4, (1.0,) * 4).apply(once)


def test_other_features_are_refused() -> None:
    standardiser = data.Standardiser((0.0, 0.0), (1.0, 1.0))
    with pytest.raises(ShapeError, match="features that the standardiser learned"):
        standardiser.forward(np.zeros((5, 3)))


def test_plain_numbers_and_back() -> None:
    standardiser = data.Standardiser.learn(data.iris())
    assert data.Standardiser.from_plain(standardiser.plain()) == standardiser


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"mean": [0.0], "deviation": [0.0]},
        {"mean": [0.0], "deviation": [1.0, 1.0]},
        {"mean": ["x"], "deviation": [1.0]},
        {"mean": [float("nan")], "deviation": [1.0]},
        {"mean": 3, "deviation": 4},
        {"mean": [0.0], "deviation": [float("inf")]},
    ],
)
def test_what_is_no_standardiser(plain: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="this is no standardiser"):
        data.Standardiser.from_plain(plain)
