"""What an epoch adds up to, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .metric import Metric

Array = np.ndarray[Any, Any]


class Totals:
    """Sums over batches: rows, loss, and those of each metric.

    They are added step by step, whether one or many steps arrive at once, so that the last bit of
    a mean does not depend on how a compiled loop was cut.

    Attributes:
        rows: how many rows were seen.
        steps: in how many batches.
        losses: of each batch, in pieces as they came.
    """

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self.metrics = metrics
        self.rows = 0
        self.steps = 0
        self.losses: list[Array] = []
        self._loss = np.zeros(())
        self._weight = 0  # that the sum of the losses is divided by
        self._sums = [np.zeros(()) for _ in metrics]

    def add(
        self, rows: int, losses: Array, sums: Sequence[Array], weights: Array | None = None
    ) -> None:
        """Some steps of so many rows each: their mean losses, and for each metric their sums.

        Shapes: losses (steps,), each of the sums (steps, …), and the weights of the losses, which
        are the rows when left out (steps,).
        """
        weights = np.full(len(losses), rows) if weights is None else weights
        self.rows += rows * len(losses)
        self.steps += len(losses)
        self.losses.append(np.asarray(losses, np.float64))
        self._loss = _added(self._loss, np.asarray(losses, np.float64) * weights)
        self._weight += int(weights.sum())
        self._sums = [_added(a, np.asarray(b)) for a, b in zip(self._sums, sums, strict=True)]

    @property
    def loss(self) -> float:
        """Mean over all rows, or over all steps of padded sequences with a target at each."""
        return float(self._loss / self._weight)

    def values(self) -> dict[str, float]:
        """The loss and every metric that is a number, by name."""
        return {"loss": self.loss, **{m.name: m.value(sums) for m, sums in self._pairs(False)}}

    def matrices(self) -> dict[str, Array]:
        """Every metric that is a matrix, by name."""
        return {metric.name: metric.value(sums) for metric, sums in self._pairs(True)}

    def first_metric(self) -> tuple[str, float] | None:
        """Name and value of the first metric that is a number, if there is one."""
        for metric, sums in self._pairs(False):
            return metric.name, metric.value(sums)
        return None

    def _pairs(self, matrices: bool) -> Iterator[tuple[Metric, Array]]:
        pairs = zip(self.metrics, self._sums, strict=True)
        return ((metric, sums) for metric, sums in pairs if metric.is_matrix == matrices)

    # -- saved and resumed -----------------------------------------------------------------------
    def arrays(self) -> dict[str, Array]:
        """All sums by name, enough to go on later."""
        counts, losses = np.array([self.rows, self.steps, self._weight]), joined(self.losses)
        named = dict(zip(*self._named(), strict=True))
        return {"counts": counts, "loss": self._loss, "losses": losses, **named}

    def load(self, arrays: dict[str, Array]) -> None:
        """Goes on where `arrays` was taken."""
        self.rows, self.steps, self._weight = map(int, arrays["counts"])
        self._loss = arrays["loss"]
        self.losses = [arrays["losses"]]
        self._sums = [arrays[name] for name in self._named()[0]]

    def _named(self) -> tuple[list[str], list[Array]]:
        return [f"metric {i}" for i in range(len(self.metrics))], self._sums


def joined(pieces: Sequence[Array]) -> Array:
    """Numbers that came in pieces (steps,)."""
    return np.concatenate([np.zeros(0), *pieces])


def _added(total: Array, steps: Array) -> Array:
    """total + steps[0] + steps[1] + …, from left to right."""
    start = np.broadcast_to(total, steps.shape[1:])[None]
    return np.asarray(np.concatenate([start, steps], dtype=np.float64).cumsum(axis=0)[-1])
