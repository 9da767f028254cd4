"""Sequences of different lengths as one array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import DataError, ShapeError
from .checks import check_count

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Padded:
    """Sequences filled up to one length.

    Attributes:
        values: (N, T, …), each sequence at the beginning of its row.
        lengths: (N,) how long each is.
    """

    values: Array
    lengths: Array

    @property
    def mask(self) -> Array:
        """(N, T) booleans: True where a sequence is, False where it was filled up."""
        return within(self.lengths, self.values.shape[1])

    def __len__(self) -> int:
        return len(self.values)


def within(lengths: Array, steps: int) -> Array:
    """(N, steps) booleans: True for the first steps of each sequence, as many as it has."""
    return np.less(np.arange(steps), lengths[:, None])


def pad(sequences: Sequence[Any], *, value: float = 0, length: int | None = None) -> Padded:
    """Sequences of different lengths, filled up at their ends.

    Args:
        sequences: N of them, each (Tᵢ, …), alike but for Tᵢ; at least one step long.
        value: what they are filled up with.
        length: T; that of the longest when left out. Longer ones are cut off there.

    Raises:
        DataError: no sequences, an empty one, or words among the numbers.
        ShapeError: steps of different shapes.

    >>> both = pad([[1, 2, 3], [4]])
    >>> both.values.tolist(), both.lengths.tolist()
    ([[1, 2, 3], [4, 0, 0]], [3, 1])
    >>> both.mask.tolist()
    [[True, True, True], [True, False, False]]
    """
    if length is not None:
        check_count(length, "length")
    arrays = [np.asarray(sequence) for sequence in sequences]
    for i, array in enumerate(arrays):
        if array.dtype.kind not in "biuf" or array.ndim < 1 or not len(array):
            raise DataError(
                "a sequence is a row of steps, each a number or an array of numbers",
                expected="at least one step",
                received=f"{array.dtype} {array.shape}",
                where=f"sequence {i}",
            )
        if array.shape[1:] != arrays[0].shape[1:]:
            raise ShapeError(
                "the steps of all sequences have one shape",
                expected=f"{arrays[0].shape[1:]}, as in sequence 0",
                received=f"{array.shape[1:]}",
                where=f"sequence {i}",
            )
    if not arrays:
        raise DataError("there are no sequences")
    lengths = np.array([len(array) for array in arrays])
    steps = int(lengths.max()) if length is None else length
    lengths = np.minimum(lengths, steps)
    shape = (len(arrays), steps, *arrays[0].shape[1:])
    values = np.full(shape, value, np.result_type(*(array.dtype for array in arrays)))
    for row, array, size in zip(values, arrays, lengths, strict=True):
        row[:size] = array[:size]
    return Padded(values, lengths)
