"""What an epoch is made of: the step, the data it is fed, and what is measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..data import Dataset
from ..graph import no_grad
from ..tensor import Tensor
from .goal import Goal
from .metric import Metric
from .probe import Probe
from .step import Step
from .totals import Totals

Array = np.ndarray[Any, Any]
ROWS = 512  # judged at once


@dataclass(slots=True)
class Work:
    """One function to learn from a batch and one to judge it; both run eagerly or compiled.

    What they return is the loss, then the sums of every metric that is computed beside it, and the
    outputs where a metric is computed from numbers.

    Attributes:
        step: the training step; its loss is the goal.
        dataset: what is learned from; its floats are of the model's type.
        goal: how outputs are held against targets.
        metrics: what is measured beside the loss.
        probe: reads the values that are watched, where any are.
    """

    step: Step
    dataset: Dataset
    goal: Goal
    metrics: Sequence[Metric]
    probe: Probe | None = None

    def learn(self, inputs: Tensor, targets: Tensor) -> list[Tensor]:
        """A training step."""
        loss, outputs = self.step(inputs, targets)
        return self._measured(loss, outputs, targets)

    def judge(self, inputs: Tensor, targets: Tensor) -> list[Tensor]:
        """The same measurements, as in prediction: nothing is learned or dropped."""
        with no_grad():
            outputs = self.step.model(self.step.prepare(inputs), training=False)
            return self._measured(self.goal(outputs, targets), outputs, targets)

    def _measured(self, loss: Tensor, outputs: Any, targets: Tensor) -> list[Tensor]:
        with no_grad():
            answers = self.goal.answers(outputs, targets)
            sums = [metric.sums(answers) for metric in self.metrics if not metric.on_host]
            wanted = [answers.outputs] if any(metric.on_host for metric in self.metrics) else []
        return [loss, *sums, *wanted]

    def count(
        self, totals: Totals, dataset: Dataset, rows: Array, results: Sequence[Array]
    ) -> None:
        """Adds the results of some steps, each with a leading step axis, to the totals.

        Args:
            totals: where they are added.
            dataset: what the rows are of.
            rows: (steps, batch) row numbers.
            results: of `learn` or `judge`, step by step.
        """
        losses, *sums = results
        given = iter(sums)
        by_metric = [
            self._on_host(metric, sums[-1], dataset.targets, rows)
            if metric.on_host
            else next(given)
            for metric in self.metrics
        ]
        totals.add(rows.shape[1], losses, by_metric)

    def _on_host(self, metric: Metric, outputs: Array, targets: Array, rows: Array) -> Array:
        pairs = ((Tensor(o), Tensor(targets[own])) for o, own in zip(outputs, rows, strict=True))
        return np.stack([metric.sums(self.goal.answers(*pair)).numpy() for pair in pairs])

    def judged(self) -> AbstractContextManager[None]:
        """Inside the block the model has the weights that are judged: the average, if kept."""
        average = self.step.average
        return nullcontext() if average is None else average.standing_in()


def portions(count: int) -> Iterator[Array]:
    """All row numbers in order, some hundred at a time."""
    return (np.arange(i, min(i + ROWS, count)) for i in range(0, count, ROWS))
