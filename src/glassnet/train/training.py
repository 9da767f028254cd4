"""A training under way: the loop over epochs, and everything that a checkpoint writes down."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ..data import batches
from ..data.sampling import Sampling
from .audience import Audience
from .best import Judge
from .history import HELD_OUT
from .interrupt import Interrupt
from .run import Run
from .runner import Epoch, Runner
from .state import Snapshot, State
from .totals import Totals, joined
from .work import Work

Array = np.ndarray[Any, Any]
BEST, MATRICES, TOTALS, STEPS = "best", "matrices", "totals", "steps"


class Keeps(Protocol):
    """Who writes a training down."""

    def left(self) -> float:
        """Epochs until it has to write."""

    def looked(self, *, stopping: bool) -> None:
        """Between two steps; whether training stops here, in the middle of an epoch."""

    def epoch_done(self, *, last: bool) -> None:
        """After an epoch; whether it was the last."""


@dataclass(slots=True)
class Training:
    """Epoch after epoch, from wherever it stands.

    Attributes:
        work: what an epoch is made of.
        runner: what runs its steps.
        run: what is left behind; its history is how far it is.
        judge: which epoch was the best, and when to end.
        keep_best: whether the model ends as it was after the best epoch.
        rows: of a step; None for all.
        epochs: how many in all.
        seed: of the batches.
        sampling: how rows are dealt out to them.
        totals: of the epoch under way.
        elapsed: seconds that the epoch under way has taken before it was resumed.
        best: the weights after the best epoch, by name.
        losses: of the steps of the epochs that are over.
    """

    work: Work
    runner: Runner
    run: Run
    judge: Judge
    keep_best: bool
    rows: int | None
    epochs: int
    seed: int
    sampling: Sampling = "shuffled"
    totals: Totals = field(init=False)
    elapsed: float = 0.0
    best: dict[str, Array] = field(default_factory=dict)
    losses: list[Array] = field(default_factory=list)
    _began: float = 0.0  # when the epoch under way began, by the clock

    def __post_init__(self) -> None:
        self.totals = Totals(self.work.metrics)
        self.work.cuts = self.sampling == "by_length"
        if self.work.probe is not None:
            self.run.watched = self.work.probe.records
            self.run.statistics = self.work.probe.statistics

    def go(self, audience: Audience, interrupt: Interrupt, keeper: Keeps | None = None) -> None:
        """Trains to the end, and has it written down on the way."""
        history = self.run.history
        while len(history) < self.epochs and not self.judge.is_over(history):
            self._run(self._at_once(audience, keeper), audience, interrupt, keeper)
            self.run.interrupted = interrupt.asked
            asked = self._over(audience)
            if self.run.interrupted:
                return  # written down in the middle of the epoch
            last = asked or len(history) == self.epochs or self.judge.is_over(history)
            if keeper is not None:
                keeper.epoch_done(last=last)
            if last:
                return

    def _at_once(self, audience: Audience, keeper: Keeps | None) -> int:
        """How many epochs may run without a look at the model between them."""
        if self.run.validation is not None or self.keep_best or not audience.waits:
            return 1
        done = len(self.run.history)
        sure = min(self.epochs - done, self.judge.left(self.run.history))
        return int(sure if keeper is None else min(sure, keeper.left()))

    def _run(
        self, most: int, audience: Audience, interrupt: Interrupt, keeper: Keeps | None
    ) -> None:
        """The steps that are left of an epoch, or of several short ones up to the last of them."""
        self._began = time.perf_counter() - self.elapsed
        first, dealt = len(self.run.history) + 1, list(self._batches(len(self.run.history) + 1))
        count = max(1, min(most, self.runner.at_once // len(dealt)))
        epochs = [Epoch(dealt[self.totals.steps :], self.totals)]
        later = range(first + 1, first + count)
        epochs += [Epoch(list(self._batches(n)), Totals(self.work.metrics)) for n in later]

        def look(totals: Totals) -> bool:
            if totals is not self.totals:
                self._passed([epoch.totals for epoch in epochs], totals, audience)
            audience.looked(totals, len(self.run.history) + 1, len(dealt))
            self.elapsed = time.perf_counter() - self._began
            if keeper is not None:
                keeper.looked(stopping=interrupt.asked)
            return interrupt.asked

        self.runner(epochs, look)

    def _passed(self, several: Sequence[Totals], last: Totals, audience: Audience) -> None:
        """Epochs that have run in one go with the last one, which is not over yet."""
        before = several[: several.index(last)]
        seconds = (time.perf_counter() - self._began) / (len(before) + 1)
        for self.totals in before:
            self._over(audience, seconds)
            self._began += seconds
        self.totals = last

    def _over(self, audience: Audience, seconds: float | None = None) -> bool:
        """Ends the epoch under way with a row in the history; whether anybody wants to end here.

        What it took is what the clock says, where it is not told.
        """
        row = {"epoch": len(self.run.history) + 1, **self._measured(), "seconds": 0.0}
        row["seconds"] = time.perf_counter() - self._began if seconds is None else seconds
        self.run.history.append(row)
        if self.keep_best and self.judge.best(self.run.history) == len(self.run.history) - 1:
            with self.work.judged():
                named = self.work.step.model.named_parameters()
                self.best = {name: p.numpy().copy() for name, p in named.items()}
        done, self.totals, self.elapsed = self.totals, Totals(self.work.metrics), 0.0
        self.losses += done.losses
        return audience.epoch_done(row, done)

    def _batches(self, epoch: int) -> Iterator[Array]:
        data, how = self.run.train, self.sampling
        labels = data.targets if data.task == "classification" else None
        numbers: dict[str, Any] = {"labels": labels, "lengths": data.lengths}
        return batches(len(data), self.rows, seed=self.seed, epoch=epoch, sampling=how, **numbers)

    def _measured(self) -> dict[str, float]:
        """An epoch in numbers: means over its batches, and the same for the data held out.

        Matrices are put with those of the epochs before.
        """
        parts = {"": self.totals}
        if self.run.validation is not None:
            with self.work.judged():
                parts[HELD_OUT] = self.runner.evaluate(self.run.validation)
        row: dict[str, float] = {}
        for part, totals in parts.items():
            row |= {part + name: value for name, value in totals.values().items()}
            for name, matrix in totals.matrices().items():
                self.run.matrices.setdefault(part + name, []).append(matrix)
        return row

    def finish(self) -> None:
        """Leaves the model with the weights that were judged: the best, or those at the end."""
        step = self.work.step
        self.run.losses = joined(self.losses)
        steps = np.arange(len(self.run.losses))
        self.run.rates = np.broadcast_to(step.optimizer.rate(steps), steps.shape)
        if self.best:
            step.model.load_parameters(self.best)
            self.run.kept = self.judge.best(self.run.history)
        elif step.average is not None:
            step.model.load_parameters(step.average.tensors)

    # -- saved and resumed -----------------------------------------------------------------------
    def saved(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """All arrays by name, and the rest as plain data; enough to go on with the same bits."""
        snapshot = State(self.work.step).snapshot()
        arrays = {
            **snapshot.arrays,
            **{f"{TOTALS}/{name}": array for name, array in self.totals.arrays().items()},
            **{f"{BEST}/{name}": array for name, array in self.best.items()},
            **{f"{MATRICES}/{name}": np.stack(a) for name, a in self.run.matrices.items()},
            f"{STEPS}/losses": joined(self.losses),
        }
        facts = {
            "counters": {**snapshot.counters, "steps": self.runner.steps},
            "history": self.run.history.rows,
            "elapsed": self.elapsed,
        }
        if self.work.probe is not None:
            read, told = self.work.probe.saved()
            return arrays | read, facts | told
        return arrays, facts

    def load(self, arrays: Mapping[str, Array], facts: Mapping[str, Any]) -> None:
        """Goes on where `saved` was taken."""
        parts: dict[str, dict[str, Array]] = {TOTALS: {}, BEST: {}, MATRICES: {}, STEPS: {}}
        for name, array in arrays.items():
            part, _, rest = name.partition("/")
            if part in parts:
                parts[part][rest] = array
        counters = {name: int(count) for name, count in facts["counters"].items()}
        State(self.work.step).restore(Snapshot(arrays, counters))
        self.totals.load(parts[TOTALS])
        self.best = parts[BEST]
        self.run.matrices.update({name: list(a) for name, a in parts[MATRICES].items()})
        self.losses = [parts[STEPS]["losses"]]
        self.runner.steps = counters["steps"]
        self.elapsed = float(facts["elapsed"])
        for row in facts["history"]:
            self.run.history.append(row)
        if self.work.probe is not None:
            self.work.probe.load(arrays, facts)
