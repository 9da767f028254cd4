"""Parts of a data set that share no row: training and test, or k folds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError
from ..tensor import Generator, Seed, generator
from .checks import check_count
from .dataset import Dataset
from .storage import is_borrowed

Array = np.ndarray[Any, Any]


def split(
    dataset: Dataset, test: float = 0.2, *, seed: Seed = 0, stratify: bool = True
) -> tuple[Dataset, Dataset]:
    """A training part and a test part, at random; every row is in exactly one.

    What lies in a memory map, and windows of a text, are cut in two instead, at one place: the
    first rows to train, the last to test. Nothing is copied then, and rows that reach over the
    cut are in neither part.

    Args:
        dataset: what to split.
        test: the share of the test part, between 0 and 1.
        seed: same seed, same parts.
        stratify: whether both parts have each class in the same proportion, to within a row;
            without meaning for regression.

    Returns:
        (train, test), the test part with round(test · rows) rows.

    Raises:
        ArgumentError: the share is not between 0 and 1.
        DataError: a part would be empty.

    >>> from glassnet import data
    >>> train, test = data.split(data.iris(), test=0.2, seed=0)
    >>> len(train), len(test)
    (120, 30)
    """
    if not 0.0 < test < 1.0:
        raise ArgumentError(
            "the share of the test part is out of range",
            expected="0 < test < 1",
            received=f"test={test}",
        )
    rows = len(dataset)
    held = round(test * rows)
    if not 0 < held < rows:
        raise DataError(
            f"{rows} rows cannot be split so that both parts have some",
            expected=f"at least {int(np.ceil(1 / min(test, 1 - test)))} rows for test={test}",
            received=repr(dataset),
        )
    windows = dataset.vocabulary is not None and dataset.lengths is None
    if is_borrowed(dataset.inputs) or windows:
        return _cut(dataset, rows - held)
    order = _order(dataset, generator(seed), stratify)
    # Every 1/test-th row of the order: with the classes in a row, each gives its share.
    turns = np.floor((np.arange(rows) + 1) * held / rows + 1e-9)
    chosen = np.diff(turns, prepend=0.0) > 0
    return dataset.subset(np.sort(order[~chosen])), dataset.subset(np.sort(order[chosen]))


def folds(
    dataset: Dataset, count: int = 5, *, seed: Seed = 0, stratify: bool = True
) -> Iterator[tuple[Dataset, Dataset]]:
    """`count` pairs (train, test): each row is in the test part of exactly one of them.

    Raises:
        ArgumentError: fewer than two folds, or more than rows.

    >>> from glassnet import data
    >>> [len(test) for train, test in data.folds(data.iris(), 5)]
    [30, 30, 30, 30, 30]
    """
    rows = len(dataset)
    check_count(count, "count", least=2, most=rows)
    fold = np.empty(rows, np.int64)
    fold[_order(dataset, generator(seed), stratify)] = np.arange(rows) % count
    return ((dataset.subset(fold != i), dataset.subset(fold == i)) for i in range(count))


def _cut(dataset: Dataset, at: int) -> tuple[Dataset, Dataset]:
    """The rows before a place and those from it on, without those of the first that reach over."""
    reach = 0  # rows that a row shares tokens with, its targets' last one among them
    if dataset.vocabulary is not None and dataset.inputs.strides[0]:
        reach = dataset.inputs[0].nbytes // abs(dataset.inputs.strides[0])
    if at <= reach:
        raise DataError(
            "the training part has no room before the cut",
            expected=f"more than {reach} rows of {dataset.inputs.shape[1]} tokens",
            received=f"{at} rows",
            where=repr(dataset),
            mend="take a longer text, shorter windows or a smaller test part",
        )
    return dataset.subset(slice(0, at - reach)), dataset.subset(slice(at, None))


def _order(dataset: Dataset, rng: Generator, stratify: bool) -> Array:
    """Row indices in random order; stratified, the rows of each class stand together."""
    order = rng.permutation(len(dataset))
    if stratify and dataset.task == "classification" and dataset.targets.ndim == 1:
        order = order[np.argsort(dataset.targets[order], kind="stable")]
    return order
