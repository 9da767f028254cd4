"""Standardising: every feature to mean 0 and deviation 1, as learned from the training part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DataError, ShapeError

if TYPE_CHECKING:
    from .dataset import Dataset

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Standardiser:
    """x ↦ (x − mean) / deviation, feature by feature.

    Learned from one data set, the training part, and applied to all: what the test part looks
    like stays unknown to the network. Plain numbers, so that it is saved with the model.

    Attributes:
        mean: of each feature; images and sequences are flattened, C order.
        deviation: of each feature, in its unit; 1 for a feature that never changes.

    >>> from glassnet import data
    >>> train, test = data.split(data.iris(), seed=0)
    >>> standardiser = data.Standardiser.learn(train)
    >>> abs(standardiser.apply(train).inputs.mean()) < 1e-6
    np.True_
    """

    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    @staticmethod
    def learn(dataset: Dataset) -> Standardiser:
        """Mean and deviation of each feature over the rows of this data set."""
        if dataset.standardiser is not None:
            raise DataError(
                "this data set is standardised already",
                received=f'data set "{dataset.name}"',
                mend="learn from the raw data, or leave this step out",
            )
        rows = dataset.inputs.reshape(len(dataset), -1).astype(np.float64)
        deviation = rows.std(axis=0)
        # A constant feature keeps its unit: dividing by its rounding error would make it huge.
        constant = deviation <= 1e-6 * np.abs(rows).max(axis=0)
        deviation[constant] = 1.0
        return Standardiser(tuple(rows.mean(axis=0).tolist()), tuple(deviation.tolist()))

    def apply(self, dataset: Dataset) -> Dataset:
        """The data set with standardised inputs; it remembers by what."""
        if dataset.standardiser is not None:
            raise DataError(
                "this data set is standardised already",
                received=f'data set "{dataset.name}"',
                mend="apply the standardiser to the raw data",
            )
        return replace(dataset, inputs=self.forward(dataset.inputs), standardiser=self)

    def forward(self, inputs: Array) -> Array:
        """(x − mean) / deviation for inputs of shape (rows, …), in their type."""
        return (
            (inputs - self._like(self.mean, inputs)) / self._like(self.deviation, inputs)
        ).astype(inputs.dtype, copy=False)

    def inverse(self, inputs: Array) -> Array:
        """x · deviation + mean: back to the features' own units."""
        return (inputs * self._like(self.deviation, inputs) + self._like(self.mean, inputs)).astype(
            inputs.dtype, copy=False
        )

    def _like(self, numbers: tuple[float, ...], inputs: Array) -> Array:
        if inputs[:1].size != len(numbers):
            raise ShapeError(
                "the inputs do not have the features that the standardiser learned",
                expected=f"{len(numbers)} numbers a row",
                received=f"shape {inputs.shape}",
                mend="give all features of the training data, in the same order",
            )
        return np.array(numbers, np.float64).reshape(inputs.shape[1:])

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


def standardise(train: Dataset, *others: Dataset) -> tuple[Dataset, ...]:
    """The data sets standardised by what the first of them, the training part, has taught.

    >>> from glassnet import data
    >>> train, test = data.standardise(*data.split(data.iris(), seed=0))
    >>> train.standardiser == test.standardiser
    True
    """
    standardiser = Standardiser.learn(train)
    return tuple(standardiser.apply(dataset) for dataset in (train, *others))
