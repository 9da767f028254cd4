"""What runs the steps of an epoch: the eager loop, and the door for compiled ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

import numpy as np

from ..autodiff import diagnose
from ..data import Dataset
from ..errors import NonFiniteError
from ..graph import Recording, recording
from ..tensor import Generator, Tensor
from .evaluate import evaluate
from .metrics import Metric
from .probe import Probe
from .reading import Reading
from .step import Step
from .totals import Totals

Array = np.ndarray[Any, Any]
Watch = Callable[[Totals], bool]


@dataclass(slots=True)
class Work:
    """What an epoch is made of: the step, the data it is fed, and what is measured.

    Attributes:
        step: the training step.
        dataset: what is learned from; its floats are of the model's type.
        targets: the data set's targets as the loss wants them.
        reading: how outputs are read.
        metrics: what is measured beside the loss.
        probe: reads the values that are watched, where any are.
    """

    step: Step
    dataset: Dataset
    targets: Array
    reading: Reading
    metrics: Sequence[Metric]
    probe: Probe | None = None


class Runner(Protocol):
    """Runs the steps of one epoch; an engine brings its own."""

    def __call__(self, batches: Sequence[Array], watch: Watch) -> Totals:
        """Learns from each batch of row indices in turn.

        `watch` is called with what there is so far: after each step, or by a compiled loop several
        times a second; where it returns True, the epoch ends there.
        """

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """The loss and the metrics over a data set that is not learned from."""


class EagerRunner:
    """Step after step on NumPy, each checked for NaN and infinity before it changes the model."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.steps = 0
        self._parameters = work.step.model.parameters()
        self._before = work.step.generator.step  # where the generator stood before the step
        work.step.check = self._check

    def __call__(self, batches: Sequence[Array], watch: Watch) -> Totals:
        work, step = self.work, self.work.step
        totals = Totals(work.metrics, work.reading)
        inputs, targets, labels = work.dataset.inputs, work.targets, work.dataset.targets
        for rows in batches:
            self._before = step.generator.step
            batch = Tensor(inputs[rows]), Tensor(targets[rows])
            probe = work.probe
            if probe is not None and probe.distance(self.steps + 1) == 0:
                loss, outputs, values = probe(*batch)
                probe.keep(self.steps + 1, [value.numpy() for value in values])
            else:
                loss, outputs = step(*batch)
            self.steps += 1
            totals.add(loss.item(), outputs.array, labels[rows])
            if watch(totals):
                break
        return totals

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """The loss and the metrics over a data set that is not learned from."""
        step = self.work.step
        return evaluate(step.model, dataset, step.loss, self.work.reading, self.work.metrics)

    def _check(self, loss: Tensor, inputs: Tensor, targets: Tensor) -> None:
        finite = math.isfinite(loss.item()) and all(
            np.isfinite(p.grad.array).all() for p in self._parameters if p.grad is not None
        )
        if not finite:
            self._explain(inputs, targets)

    def _explain(self, inputs: Tensor, targets: Tensor) -> NoReturn:
        """Runs the step again with the same random numbers, and says where it goes wrong."""
        step = self.work.step
        step.optimizer.zero_grad()
        where = f"training step {self.steps + 1}; the model is as it was before it"
        past = step.generator
        generator = Generator(past.seed, stream=past.stream, step=self._before)
        inputs.name, targets.name = "inputs", "targets"
        with recording(Recording.EVERYTHING):  # also what no gradient flows through
            diagnose(step.loss(step.outputs(inputs, generator), targets), where=where)
        raise NonFiniteError(
            "the loss or a gradient is not finite, but not when the step is computed again",
            expected="the same numbers from the same step",
            where=where,
            mend="look for a layer or a loss that keeps numbers of its own between calls",
        )
