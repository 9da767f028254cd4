"""What an epoch adds up to, batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .metrics import Metric
from .reading import Reading

Array = np.ndarray[Any, Any]


class Totals:
    """Sums over batches: rows, loss, and those of each metric.

    Attributes:
        rows: how many rows were seen.
        steps: in how many batches.
    """

    def __init__(self, metrics: Sequence[Metric], reading: Reading) -> None:
        self.metrics = metrics
        self.reading = reading
        self.rows = 0
        self.steps = 0
        self._loss = 0.0
        self._sums: list[Array | float] = [0.0] * len(metrics)

    def add(self, loss: float, outputs: Array, targets: Array, *, steps: int = 1) -> None:
        """One batch, or several of one size: the mean loss, the outputs, the data's targets."""
        self.rows += len(targets)
        self.steps += steps
        self._loss += loss * len(targets)
        if self.metrics:
            predictions = self.reading.decide(outputs)
            for i, metric in enumerate(self.metrics):
                self._sums[i] = self._sums[i] + metric.sums(predictions, targets)

    @property
    def loss(self) -> float:
        """Mean over all rows."""
        return self._loss / self.rows

    def values(self) -> dict[str, float]:
        """The loss and every metric, by name."""
        pairs = zip(self.metrics, self._sums, strict=True)
        return {"loss": self.loss, **{m.name: m.value(np.asarray(s)) for m, s in pairs}}

    def first_metric(self) -> tuple[str, float] | None:
        """Name and value of the first metric, if there is one."""
        if not self.metrics:
            return None
        return self.metrics[0].name, self.metrics[0].value(np.asarray(self._sums[0]))
