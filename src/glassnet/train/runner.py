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
from .totals import Totals
from .work import Work, portions

Array = np.ndarray[Any, Any]
Watch = Callable[[Totals], bool]


@dataclass(frozen=True, slots=True)
class Epoch:
    """The steps that are left of an epoch, as row indices, and what it adds up to."""

    batches: Sequence[Array]
    totals: Totals


class Runner(Protocol):
    """Runs the steps of epochs; an engine brings its own."""

    @property
    def steps(self) -> int:
        """Done so far, in all epochs."""

    @steps.setter
    def steps(self, done: int) -> None: ...

    @property
    def at_once(self) -> int:
        """So many steps it takes between two looks at how it goes; more need not be handed over."""

    def __call__(self, epochs: Sequence[Epoch], watch: Watch) -> None:
        """Learns from each batch of the first epoch in turn, and adds it to the epoch's totals.

        Further epochs it may leave for the next call, or run as well, whole, without a look in
        between. `watch` is called with the totals of the epoch that runs: after each step, or by a
        compiled loop several times a second; where it returns True, the epoch ends there.
        """

    def evaluate(self, dataset: Dataset) -> Totals:
        """Loss and metrics over a data set that is not learned from."""


class EagerRunner:
    """Step after step on NumPy, each checked for NaN and infinity before it changes the model."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.steps = 0
        self._parameters = work.step.model.parameters()
        self._statistics = [p for p in self._parameters if not p.requires_grad]
        self._draws = work.step.generator.step  # where the generator stood before the step
        self._before: list[Array] = []  # running statistics before the step
        work.step.check = self._check

    @property
    def at_once(self) -> int:
        """Every step is looked at."""
        return 1

    def __call__(self, epochs: Sequence[Epoch], watch: Watch) -> None:
        """Learns from each batch of the first epoch in turn, and adds it to the epoch's totals."""
        work, epoch = self.work, epochs[0]
        for rows in epoch.batches:
            self._draws = work.step.generator.step
            self._before = [p.array for p in self._statistics]
            batch = [Tensor(table[rows]) for table in work.tables(rows)]
            probe = work.probe
            if probe is not None and probe.reads(self.steps + 1, len(rows)):
                results, values = probe(work.learn, *batch)
                probe.keep(self.steps + 1, [value.numpy() for value in values])
            else:
                results = work.learn(*batch)
            self.steps += 1
            own = [x.numpy()[None] for x in results]
            work.count(epoch.totals, work.dataset, rows[None], own)
            if watch(epoch.totals):
                break

    def evaluate(self, dataset: Dataset) -> Totals:
        """Loss and metrics over a data set that is not learned from."""
        totals = Totals(self.work.metrics)
        for rows in portions(len(dataset)):
            results = self.work.judge(*dataset.batch(rows))
            self.work.count(totals, dataset, rows[None], [x.numpy()[None] for x in results])
        return totals

    def _check(self, loss: Tensor, *batch: Tensor) -> None:
        finite = math.isfinite(loss.item()) and all(
            np.isfinite(p.grad.array).all() for p in self._parameters if p.grad is not None
        )
        if not finite:
            self._explain(*batch)

    def _explain(self, *batch: Tensor) -> NoReturn:
        """Runs the step again with the same random numbers, and says where it goes wrong."""
        step = self.work.step
        step.optimizer.zero_grad()
        self._restore_statistics()
        where = f"training step {self.steps + 1}; the model is as it was before it"
        past = step.generator
        generator = Generator(past.seed, stream=past.stream, step=self._draws)
        for tensor, name in zip(batch, ("inputs", "targets", "lengths"), strict=False):
            tensor.name = name
        try:
            with recording(Recording.EVERYTHING):  # also what no gradient flows through
                for loss, _ in step.forward(generator, *batch):
                    diagnose(loss, where=where)
        finally:
            self._restore_statistics()
        raise NonFiniteError(
            "the loss or a gradient is not finite, but not when the step is computed again",
            expected="the same numbers from the same step",
            where=where,
            mend="look for a layer or a loss that keeps numbers of its own between calls",
        )

    def _restore_statistics(self) -> None:
        for statistic, array in zip(self._statistics, self._before, strict=True):
            statistic.array = array
