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
    np.testing.assert_array_equal(standardiser.apply(train).prepared(), [[-1, 0], [1, 0]])


def test_the_test_part_is_scaled_by_the_training_part() -> None:
    train = data.Dataset([[0.0], [2.0]], [0, 1])
    test = data.Dataset([[5.0], [7.0]], [0, 1])
    train, test = data.standardise(train, test)
    np.testing.assert_array_equal(test.prepared(), [[4.0], [6.0]])
    assert train.standardiser is test.standardiser
    np.testing.assert_array_equal(test.inputs, [[5.0], [7.0]])  # its own units


def test_images_are_scaled_channel_by_channel() -> None:
    images = np.random.default_rng(0).normal([3.0, 0.0, 1.0], [2.0, 1.0, 5.0], (20, 4, 4, 3))
    (scaled,) = data.standardise(data.Dataset(images, [0, 1] * 10))
    assert len(scaled.standardiser.mean) == 3
    numbers = scaled.prepared()
    assert numbers.shape == images.shape
    np.testing.assert_allclose(numbers.mean(axis=(0, 1, 2)), 0.0, atol=1e-5)
    np.testing.assert_allclose(numbers.std(axis=(0, 1, 2)), 1.0, atol=1e-5)


def test_images_of_bytes_stay_bytes_and_reach_the_network_as_0_to_1() -> None:
    images = np.arange(256, dtype=np.uint8).reshape(4, 8, 8, 1)
    dataset = data.Dataset(images, [0, 1, 0, 1])
    assert np.shares_memory(dataset.inputs, images)
    numbers = dataset.prepared()
    assert numbers.dtype == np.float32
    np.testing.assert_allclose(numbers.ravel(), np.arange(256) / 255, rtol=1e-6)
    (scaled,) = data.standardise(dataset)  # takes its place
    assert np.shares_memory(scaled.inputs, images)
    assert abs(scaled.prepared().mean()) < 1e-6
    counts = data.Dataset(images.reshape(4, 64), [0, 1, 0, 1])  # bytes that are no images
    np.testing.assert_array_equal(counts.prepared().ravel(), np.arange(256))


def test_many_rows_are_looked_at_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).normal(5.0, 3.0, (101, 7))
    whole = data.Standardiser.learn(data.Dataset(values, [0, 1] * 50 + [0], dtype="float64"))
    np.testing.assert_allclose(whole.mean, values.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(whole.deviation, values.std(axis=0), rtol=1e-12)
    monkeypatch.setattr("glassnet.data.standardiser.CHUNK", 40)
    parts = data.Standardiser.learn(data.Dataset(values, [0, 1] * 50 + [0], dtype="float64"))
    np.testing.assert_allclose(parts.mean, whole.mean, rtol=1e-12)
    np.testing.assert_allclose(parts.deviation, whole.deviation, rtol=1e-12)


def test_a_large_offset_costs_no_digits() -> None:
    values = np.array([[1e7], [1e7 + 2]])
    (scaled,) = data.standardise(data.Dataset(values, [0, 1], dtype="float64"))
    np.testing.assert_allclose(scaled.prepared(), [[0.0], [2.0]] - np.ones(1), atol=1e-6)


def test_other_features_are_refused() -> None:
    standardiser = data.Standardiser((0.0, 0.0), (1.0, 1.0))
    with pytest.raises(ShapeError, match="features that the standardiser learned"):
        standardiser.apply(data.Dataset(np.zeros((5, 3)), [0, 1, 0, 1, 0]))


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
