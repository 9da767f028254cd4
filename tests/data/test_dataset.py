"""What a data set accepts, what it refuses, and with which words."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import data
from glassnet.errors import ArgumentError, DataError, ShapeError

ROWS = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])


def message(*arguments: Any, kind: type[Exception] = DataError, **settings: Any) -> str:
    with pytest.raises(kind) as caught:
        data.Dataset(*arguments, **settings)
    return str(caught.value)


def test_integer_targets_mean_classes_and_floats_mean_numbers() -> None:
    labelled = data.Dataset(ROWS, [0, 2, 1])
    assert (labelled.task, labelled.classes, labelled.outputs) == (
        "classification",
        ("0", "1", "2"),
        3,
    )
    assert labelled.inputs.dtype == np.float32
    assert labelled.targets.dtype == np.int64
    measured = data.Dataset(ROWS, [0.5, 1.5, 2.5])
    assert (measured.task, measured.outputs) == ("regression", 1)
    assert measured.targets.shape == (3, 1)
    assert measured.targets.dtype == np.float32


def test_float64_on_request() -> None:
    dataset = data.Dataset(ROWS, [0.1, 0.2, 0.3], dtype="float64")
    assert dataset.inputs.dtype == dataset.targets.dtype == np.float64
    assert dataset.astype("float32").inputs.dtype == np.float32


def test_tensors_are_data_too() -> None:
    dataset = data.Dataset(gn.tensor(ROWS), gn.tensor([0, 1, 0]))
    np.testing.assert_array_equal(dataset.inputs, ROWS)


def test_it_cannot_be_changed() -> None:
    values = ROWS.astype(np.float32)
    dataset = data.Dataset(values, [0, 1, 0])
    with pytest.raises(ValueError, match="read-only"):
        dataset.inputs[0, 0] = 7.0
    with pytest.raises(FrozenInstanceError):
        dataset.name = "other"  # type: ignore[misc]
    values[0, 0] = 7.0  # the caller's own array stays the caller's


def test_subset_keeps_what_is_known_of_all_rows() -> None:
    dataset = data.Dataset(ROWS, [0, 2, 1], name="three", features=("a", "b"))
    part = dataset.subset([2, 0])
    assert len(part) == 2
    assert part.classes == ("0", "1", "2")
    assert part.features == ("a", "b")
    np.testing.assert_array_equal(part.targets, [1, 0])


def test_nan_is_named_by_row_and_column() -> None:
    rows = ROWS.copy()
    rows[1, 0] = np.nan
    rows[2] = -np.inf
    text = message(rows, [0, 1, 0], name="table", features=("length", "width"))
    assert 'nan in the inputs: row 1, column 0 ("length")' in text
    assert "3 of 6 not finite, in 2 rows" in text
    assert 'data set "table"' in text
    assert "mend:" in text


def test_infinity_in_the_targets_is_named_by_row() -> None:
    assert "inf in the targets: row 2, column 0" in message(ROWS, [0.0, 1.0, np.inf])


def test_nan_in_an_image_is_named_by_every_index() -> None:
    images = np.zeros((3, 4, 5, 1))
    images[2, 1, 3, 0] = np.nan
    assert "row 2, column 1, 3, 0" in message(images, [0, 1, 0])


def test_a_number_beyond_float32_is_told_apart_from_infinity() -> None:
    rows = ROWS.copy()
    rows[0, 1] = 1e300
    text = message(rows, [0, 1, 0])
    assert "1e+300, beyond the range of float32, in the inputs: row 0, column 1" in text
    assert data.Dataset(rows, [0, 1, 0], dtype="float64").inputs[0, 1] == 1e300


def test_float_labels() -> None:
    text = message(ROWS, [0.0, 1.0, 2.0], task="classification")
    assert "labels are class indices, not floats" in text
    assert 'task="regression"' in text


def test_words_as_labels() -> None:
    text = message(ROWS, ["cat", "dog", "cat"])
    assert "labels are class indices, not words" in text
    assert "return_inverse=True" in text


def test_words_as_inputs_and_as_numbers_to_approximate() -> None:
    assert "inputs are stored as floats" in message([["a"], ["b"]], [0, 1])
    assert "targets are stored as floats" in message(ROWS, ["a", "b", "c"], task="regression")


@pytest.mark.parametrize(
    ("labels", "first"), [([0, 3, 1], "label 3 in row 1"), ([0, 1, -1], "label -1 in row 2")]
)
def test_labels_out_of_range(labels: list[int], first: str) -> None:
    text = message(ROWS, labels, classes=("a", "b", "c"))
    assert f"{first} is out of range" in text
    assert "0 to 2, for the 3 classes a, b, c" in text


def test_labels_that_are_no_count_of_classes() -> None:
    assert "label 4000000000 would mean 4000000001 classes" in message(ROWS, [0, 1, 4_000_000_000])


def test_one_hot_labels() -> None:
    text = message(ROWS, np.eye(3, dtype=int), kind=ShapeError)
    assert "labels.argmax(axis=1)" in text


@pytest.mark.parametrize("inputs", [[], np.zeros((0, 4)), np.zeros((3, 0))])
def test_empty(inputs: Any) -> None:
    assert "the data set is empty" in message(inputs, [0] * len(inputs), name="rows left")


def test_shapes_that_are_no_table() -> None:
    assert "inputs.reshape(-1, 1)" in message([1.0, 2.0], [0, 1], kind=ShapeError)
    assert "one target for each row" in message(ROWS, [0, 1], kind=ShapeError)
    assert "rows of unequal length" in message([[1.0], [1.0, 2.0]], [0, 1], kind=ShapeError)
    assert "one name for each feature" in message(ROWS, [0, 1, 0], features="abc", kind=ShapeError)


def test_unknown_task_and_type() -> None:
    assert 'did you mean "regression"' in message(
        ROWS, [0, 1, 0], task="regresion", kind=ArgumentError
    )
    assert "float type" in message(ROWS, [0, 1, 0], dtype="int64")


def test_one_class_only() -> None:
    dataset = data.Dataset(ROWS, [1, 1, 1], name="flowers", classes=("rose", "tulip"))
    with pytest.raises(DataError, match=re.escape('all rows belong to one class, "tulip"')):
        data.check_learnable(dataset)
    data.check_learnable(data.Dataset(ROWS, [1.0, 1.0, 1.0]))  # a constant can be approximated


def test_as_dataset() -> None:
    dataset = data.as_dataset((ROWS, [0, 1, 0]))
    assert data.as_dataset(dataset) is dataset
    with pytest.raises(DataError, match="the data is made for classification"):
        data.as_dataset(dataset, ["regression"])
    with pytest.raises(ArgumentError, match="this is no data set") as caught:
        data.as_dataset(ROWS)
    assert "data.Dataset(inputs, targets)" in str(caught.value)
