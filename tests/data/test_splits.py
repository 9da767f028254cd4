"""Parts share no row, leave none out, and keep the classes' proportions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import data
from glassnet.errors import ArgumentError, DataError


def numbered(rows: int, classes: int = 2, seed: int = 0) -> data.Dataset:
    """Rows that carry their own number, so that parts can be told."""
    labels = np.random.default_rng(seed).integers(0, classes, rows)
    names = [str(i) for i in range(classes)]
    return data.Dataset(np.arange(rows)[:, None], labels, classes=names)


def rows_of(dataset: data.Dataset) -> list[int]:
    return [int(i) for i in dataset.inputs[:, 0]]


@given(
    rows=st.integers(10, 200),
    test=st.floats(0.1, 0.9),
    classes=st.integers(2, 5),
    stratify=st.booleans(),
    seed=st.integers(0, 2**64 - 1),
)
def test_every_row_is_in_exactly_one_part(
    rows: int, test: float, classes: int, stratify: bool, seed: int
) -> None:
    dataset = numbered(rows, classes)
    train, held = data.split(dataset, test, seed=seed, stratify=stratify)
    assert sorted(rows_of(train) + rows_of(held)) == list(range(rows))
    assert len(held) == round(test * rows)
    if stratify:
        for label in range(classes):
            share = test * (dataset.targets == label).sum()
            assert abs((held.targets == label).sum() - share) <= 1.5


def test_the_seed_decides() -> None:
    dataset = numbered(50)
    parts = [rows_of(data.split(dataset, seed=seed)[1]) for seed in (1, 1, 2)]
    assert parts[0] == parts[1] != parts[2]


def test_digits_split_holds_every_class_alike() -> None:
    train, test = data.split(data.digits(), seed=0)
    assert len(test) == 359
    counts = np.bincount(test.targets)
    assert counts.min() >= 34
    assert counts.max() <= 37
    assert train.image_shape == (8, 8, 1)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.2, 20, float("nan")])
def test_a_share_out_of_range(share: float) -> None:
    with pytest.raises(ArgumentError, match="share of the test part is out of range"):
        data.split(numbered(10), share)


def test_too_few_rows() -> None:
    with pytest.raises(DataError, match="cannot be split so that both parts have some"):
        data.split(numbered(2), 0.1)


@given(rows=st.integers(5, 60), count=st.integers(2, 5), stratify=st.booleans())
def test_each_row_is_tested_once(rows: int, count: int, stratify: bool) -> None:
    pairs = list(data.folds(numbered(rows), count, stratify=stratify))
    tested = [row for _, test in pairs for row in rows_of(test)]
    assert sorted(tested) == list(range(rows))
    for train, test in pairs:
        assert sorted(rows_of(train) + rows_of(test)) == list(range(rows))


def test_folds_of_iris_have_ten_of_each_species() -> None:
    for _, test in data.folds(data.iris(), 5):
        assert np.bincount(test.targets).tolist() == [10, 10, 10]


@pytest.mark.parametrize("count", [1, 11, 2.0, True])
def test_a_number_of_folds_out_of_range(count: int) -> None:
    with pytest.raises(ArgumentError, match="count is out of range"):
        data.folds(numbered(10), count)


def test_regression_splits_too() -> None:
    train, test = data.split(data.plane(samples=40), 0.25)
    assert (len(train), len(test)) == (30, 10)
