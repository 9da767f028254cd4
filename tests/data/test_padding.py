"""Sequences of different lengths: nothing of them is lost, and nothing else counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import data
from glassnet.errors import ArgumentError, DataError, ShapeError


@given(st.lists(st.lists(st.integers(-9, 9), min_size=1, max_size=7), min_size=1, max_size=6))
def test_what_the_mask_shows_is_what_was_given(rows: list[list[int]]) -> None:
    padded = data.pad(rows, value=99)
    assert len(padded) == len(rows)
    for values, mask, row in zip(padded.values, padded.mask, rows, strict=True):
        assert values[mask].tolist() == row
        assert (values[~mask] == 99).all()


def test_steps_may_be_arrays_and_a_length_may_be_asked_for() -> None:
    rng = np.random.default_rng(0)
    long, short = rng.normal(size=(6, 3)).astype(np.float32), rng.normal(size=(2, 3))
    padded = data.pad([long, short], length=4)
    assert padded.values.shape == (2, 4, 3)
    assert padded.values.dtype == np.float64
    assert padded.lengths.tolist() == [4, 2]
    np.testing.assert_array_equal(padded.values[0], long[:4])
    np.testing.assert_array_equal(padded.values[1, :2], short)
    assert not padded.values[1, 2:].any()
    assert data.pad([[1]], length=3).values.tolist() == [[1, 0, 0]]


@pytest.mark.parametrize(
    ("rows", "kind", "words"),
    [
        ([], DataError, "no sequences"),
        ([[1], []], DataError, "sequence 1"),
        ([["a"]], DataError, "a row of steps"),
        ([3], DataError, "a row of steps"),
        ([[[1, 2]], [[1]]], ShapeError, "one shape"),
    ],
)
def test_what_are_no_sequences(rows: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        data.pad(rows)
    assert words in str(caught.value)


def test_no_length() -> None:
    with pytest.raises(ArgumentError, match="length=0"):
        data.pad([[1]], length=0)
