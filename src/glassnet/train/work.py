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
        cuts: whether a batch has only the steps that its longest sequence needs, about.
    """

    step: Step
    dataset: Dataset
    goal: Goal
    metrics: Sequence[Metric]
    probe: Probe | None = None
    cuts: bool = False

    def reach(self, rows: Array) -> int | None:
        """How many steps of their sequences these rows are computed with; None for all."""
        return self.dataset.reach(rows) if self.cuts else None

    def tables(self, rows: Array) -> list[Array]:
        """What a batch of these rows is taken from."""
        steps = self.reach(rows)
        return self.dataset.tables if steps is None else self.dataset.cut(steps)

    def learn(self, *batch: Tensor) -> list[Tensor]:
        """A training step on inputs, targets and lengths, if any."""
        loss, outputs = self.step(*batch)
        return self._measured(loss, outputs, *batch[1:])

    @property
    def results(self) -> int:
        """How many results a step has."""
        inside = sum(not metric.on_host for metric in self.metrics)
        return 1 + inside + (inside < len(self.metrics))

    def judge(self, *batch: Tensor) -> list[Tensor]:
        """The same measurements, as in prediction: nothing is learned or dropped."""
        loss, outputs = self.judged_loss(*batch)
        return self._measured(loss, outputs, *batch[1:])

    def judged_loss(
        self, inputs: Tensor, targets: Tensor, lengths: Tensor | None = None
    ) -> tuple[Tensor, Any]:
        """Loss and outputs, as in prediction."""
        told = {} if lengths is None else {"lengths": lengths}
        with no_grad():
            outputs = self.step.model(self.step.prepare(inputs), training=False, **told)
            return self.goal(outputs, targets, **told), outputs

    def _measured(self, loss: Tensor, outputs: Any, *truth: Tensor) -> list[Tensor]:
        with no_grad():
            answers = self.goal.answers(outputs, *truth)
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
            self._on_host(metric, sums[-1], dataset, rows) if metric.on_host else next(given)
            for metric in self.metrics
        ]
        totals.add(rows.shape[1], losses, by_metric, dataset.weights(rows))

    def _on_host(self, metric: Metric, outputs: Array, dataset: Dataset, rows: Array) -> Array:
        truth = (dataset.cut(outputs.shape[2]) if dataset.by_step else dataset.tables)[1:]
        return np.stack(
            [
                metric.sums(self.goal.answers(Tensor(o), *(Tensor(t[own]) for t in truth))).numpy()
                for o, own in zip(outputs, rows, strict=True)
            ]
        )

    def judged(self) -> AbstractContextManager[None]:
        """Inside the block the model has the weights that are judged: the average, if kept."""
        average = self.step.average
        return nullcontext() if average is None else average.standing_in()


def portions(count: int) -> Iterator[Array]:
    """All row numbers in order, some hundred at a time."""
    return (np.arange(i, min(i + ROWS, count)) for i in range(0, count, ROWS))
