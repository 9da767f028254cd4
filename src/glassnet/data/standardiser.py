"""Standardising: every feature to mean 0 and deviation 1, as learned from the training part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..errors import DataError, ShapeError
from ..tensor import Tensor
from .padding import within

if TYPE_CHECKING:
    from .dataset import Dataset

Array = np.ndarray[Any, Any]
A = TypeVar("A", Array, Tensor)
CHUNK = 1 << 22  # numbers looked at together; a memory map is never read as a whole


@dataclass(frozen=True, slots=True)
class Standardiser:
    """x ↦ (x − mean) / deviation, feature by feature; of images, channel by channel.

    Of padded sequences it is feature by feature of a step, whichever step, and padding is left out.

    Learned from one data set, the training part, and applied to all: what the test part looks
    like stays unknown to the network. A data set keeps its numbers as they are, and its batches
    are scaled as they reach the network. Plain numbers, so that it is saved with the model.

    Attributes:
        mean: of each feature, sequences flattened, C order; of each number of a step for padded
            sequences; of each channel for images (rows, height, width, channels); or one for all.
        deviation: likewise, in the unit of the feature; 1 for a feature that never changes.

    >>> from glassnet import data
    >>> train, test = data.split(data.iris(), seed=0)
    >>> standardiser = data.Standardiser.learn(train)
    >>> abs(standardiser.apply(train).prepared().mean()) < 1e-6
    np.True_
    """

    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    @staticmethod
    def learn(dataset: Dataset) -> Standardiser:
        """Mean and deviation of each feature over the rows of this data set."""
        if dataset.vocabulary is not None:
            raise DataError(
                "tokens of a text have no mean",
                received=repr(dataset),
                mend="leave this step out",
            )
        count, total, largest = 0, 0.0 * _columns(dataset, 1)[0], 0.0
        for rows in _portions(dataset):
            count += len(rows)
            total = total + rows.sum(axis=0)
            largest = np.maximum(largest, np.abs(rows).max(axis=0))
        mean = total / count
        squares = sum(((rows - mean) ** 2).sum(axis=0) for rows in _portions(dataset))
        deviation = np.sqrt(squares / count)
        # A constant feature keeps its unit: dividing by its rounding error would make it huge.
        deviation[deviation <= 1e-6 * largest] = 1.0
        return Standardiser(tuple(mean.tolist()), tuple(deviation.tolist()))

    def apply(self, dataset: Dataset) -> Dataset:
        """The data set whose rows reach the network standardised; it remembers by what."""
        self._like(self.mean, dataset.inputs.shape)
        return replace(dataset, standardiser=self)

    def forward(self, inputs: A) -> A:
        """(x − mean) / deviation for floats of shape (rows, …): a tensor, or an array."""
        mean, scale = (
            self._like(numbers, inputs.shape).astype(inputs.dtype)
            for numbers in (self.mean, tuple(1.0 / d for d in self.deviation))
        )
        scaled: A = (inputs - mean) * scale
        return scaled

    def _like(self, numbers: tuple[float, ...], shape: tuple[int, ...]) -> Array:
        """The numbers in a shape that broadcasts against the rows."""
        size, channels = int(np.prod(shape[1:])), shape[-1] if len(shape) > 2 else 1
        if len(numbers) not in (1, channels, size):
            raise ShapeError(
                "the inputs do not have the features that the standardiser learned",
                expected=f"{len(numbers)} {'channels' if len(shape) == 4 else 'numbers a row'}",
                received=f"shape {shape}",
                mend="give all features of the training data, in the same order",
            )
        array = np.array(numbers, np.float64)
        return array.reshape(shape[1:]) if len(numbers) == size else array

    def plain(self) -> dict[str, list[float]]:
        """Lists of numbers, for a file."""
        return {"mean": list(self.mean), "deviation": list(self.deviation)}

    @staticmethod
    def from_plain(plain: Mapping[str, Any]) -> Standardiser:
        """The standardiser that `plain` wrote down; DataError if it cannot be one."""
        try:
            mean = tuple(float(x) for x in plain["mean"])
            deviation = tuple(float(x) for x in plain["deviation"])
            good = len(mean) == len(deviation) and all(d > 0.0 for d in deviation)
        except (KeyError, TypeError, ValueError):
            good = False
        if not good or not np.isfinite([*mean, *deviation]).all():
            raise DataError(
                "this is no standardiser",
                expected="as many means as deviations, each deviation above 0",
                received=f"{plain!r}"[:80],
            )
        return Standardiser(mean, deviation)


UNCHANGED = Standardiser((0.0,), (1.0,))
BYTES = Standardiser((0.0,), (255.0,))  # bytes 0 … 255 as 0 … 1


def standardise(train: Dataset, *others: Dataset) -> tuple[Dataset, ...]:
    """The data sets standardised by what the first of them, the training part, has taught.

    >>> from glassnet import data
    >>> train, test = data.standardise(*data.split(data.iris(), seed=0))
    >>> train.standardiser == test.standardiser
    True
    """
    standardiser = Standardiser.learn(train)
    return tuple(standardiser.apply(dataset) for dataset in (train, *others))


def _columns(dataset: Dataset, count: int, start: int = 0) -> Array:
    """Some rows as float64 (rows, features), of images (pixels, channels), of sequences steps."""
    rows = dataset.inputs[start : start + count]
    if dataset.lengths is not None:
        rows = rows[within(dataset.lengths[start : start + count], rows.shape[1])]
    width = rows.shape[-1] if rows.ndim == 4 else rows[0].size
    columns: Array = rows.reshape(-1, width).astype(np.float64)
    return columns


def _portions(dataset: Dataset) -> Iterator[Array]:
    """All rows, as many at once as fit into a chunk."""
    count = max(1, CHUNK // dataset.inputs[0].size)
    return (_columns(dataset, count, start) for start in range(0, len(dataset), count))
