"""Mini-batches are drawn without replacement, from the seed and the epoch alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import data
from glassnet.errors import ArgumentError


@given(
    count=st.integers(1, 300),
    batch_size=st.none() | st.integers(1, 400),
    seed=st.integers(0, 2**64 - 1),
    epoch=st.integers(0, 10_000),
)
def test_an_epoch_uses_each_row_once(
    count: int, batch_size: int | None, seed: int, epoch: int
) -> None:
    dealt = list(data.batches(count, batch_size, seed=seed, epoch=epoch))
    assert np.sort(np.concatenate(dealt)).tolist() == list(range(count))
    size = min(batch_size or count, count)
    assert [len(rows) for rows in dealt[:-1]] == [size] * (len(dealt) - 1)
    assert 1 <= len(dealt[-1]) <= size


def test_all_rows_at_once_is_one_batch() -> None:
    assert len(list(data.batches(100, None))) == len(list(data.batches(100, 100))) == 1


def test_epochs_and_seeds_differ_and_repeat() -> None:
    def order(seed: int, epoch: int) -> list[int]:
        return np.concatenate(list(data.batches(50, 7, seed=seed, epoch=epoch))).tolist()

    orders = [order(0, 0), order(0, 1), order(1, 0), order(1, 1)]
    assert len(set(map(tuple, orders))) == 4
    assert order(1, 1) == orders[3]


def test_every_row_comes_first_about_as_often() -> None:
    first = [int(next(data.batches(4, 1, seed=0, epoch=epoch))[0]) for epoch in range(2000)]
    counts = np.bincount(first)
    # Binomial(2000, 1/4): deviation 19; five of them.
    assert np.abs(counts - 500).max() < 97


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, True, "32"])
def test_a_batch_size_out_of_range(batch_size: Any) -> None:
    with pytest.raises(ArgumentError, match="batch_size is out of range"):
        data.batches(10, batch_size)


def test_no_rows() -> None:
    with pytest.raises(ArgumentError, match="count is out of range"):
        data.batches(0, 4)
