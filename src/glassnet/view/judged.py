"""A data set with what a network says about each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..data import Dataset
from ..train import Predictor

Array = np.ndarray[Any, Any]

MOST_WRONG = 24
SOME_RIGHT = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """A data set with what the network says about each row.

    Attributes:
        dataset: the rows.
        predictor: the network.
        labels: the predicted classes (N,).
        certainty: the probability of the predicted class (N,), or None where there is none.
    """

    dataset: Dataset
    predictor: Predictor
    labels: Array
    certainty: Array | None

    @staticmethod
    def of(predictor: Predictor, dataset: Dataset) -> Judged:
        """The data set, judged."""
        certainty = None
        if predictor.reading.probabilities is not None:
            certainty = predictor.probabilities(dataset).max(axis=1)
        return Judged(dataset, predictor, predictor.predict(dataset), certainty)

    @property
    def right(self) -> Array:
        """Which rows are right (N,)."""
        return np.asarray(np.equal(self.labels, self.dataset.targets))

    def worst(self) -> Array:
        """Wrong rows, the most certain of them first."""
        rows = np.flatnonzero(~self.right)
        if self.certainty is not None:
            rows = rows[np.argsort(-self.certainty[rows], kind="stable")]
        return np.asarray(rows)

    def typical(self) -> Array:
        """Right rows, spread evenly over the data."""
        rows = np.flatnonzero(self.right)
        places = np.linspace(0, len(rows) - 1, min(SOME_RIGHT, len(rows)))
        return np.asarray(rows[places.astype(int)])
