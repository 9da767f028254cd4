"""The compiled loop: the steps of an epoch as a few calls of one native program."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple, NoReturn

import numpy as np

from ..compilation import Loop, Piece, in_turn, reason
from ..data import Dataset
from ..errors import GlassnetWarning, NonFiniteError, TracingError
from .runner import EagerRunner, Epoch, Watch
from .state import State
from .totals import Totals
from .work import Work, portions

Array = np.ndarray[Any, Any]
PATIENCE = 0.2  # seconds between looks at the progress bar and at Ctrl-C


class Dealt(NamedTuple):
    """A step to be done: of which epoch, on which rows; one program runs all of one kind."""

    totals: Totals
    rows: Array
    kind: tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Done:
    """Steps that were done: (steps, batch) rows, results, and what was read at the last of them."""

    totals: Totals
    rows: Array
    results: list[Array]
    number: int = 0
    read: Sequence[Array] = ()


class NativeRunner:
    """Trains with one native program for each size of batch; the same numbers as the eager loop.

    Python comes in a few times a second: it counts, shows progress, and looks whether everything
    is still finite. If not, the model is put back to where the epoch began, the good steps are
    done again, and the eager loop runs the bad one to find the node.
    """

    def __init__(self, work: Work) -> None:
        from ..engines.native import user_folder

        self.work = work
        self.state = State(work.step)
        self.loop = Loop(work.learn, cache=user_folder())
        watched = work.learn if work.probe is None else partial(work.probe, work.learn)
        self.watching = Loop(watched, cache=user_folder())
        self.judging = Loop(work.judge, cache=user_folder())
        self._steps = 0
        self.eager: EagerRunner | None = None  # takes over where the step cannot be compiled
        self._steps_at_once = 1

    @property
    def steps(self) -> int:
        """Done so far, in all epochs."""
        return self._steps if self.eager is None else self.eager.steps

    @steps.setter
    def steps(self, done: int) -> None:
        self._steps = done

    @property
    def at_once(self) -> int:
        """Half of what fits between two looks, so that none comes late."""
        return self._steps_at_once // 2 if self.eager is None else 1

    def __call__(self, epochs: Sequence[Epoch], watch: Watch) -> None:
        """Learns from the batches of an epoch, or of several that fit between two looks."""
        steps = [self._dealt(epoch.totals, rows) for epoch in epochs for rows in epoch.batches]
        if self.eager is None and not self._compiles(steps):
            self.eager = EagerRunner(self.work)
            self.eager.steps = self._steps
        if self.eager is not None:
            self.eager(epochs, watch)
            return
        bad = self._learn(steps, watch)
        if bad is not None and len(epochs) == 1:
            self._explain(steps[: bad + 1])
        if bad is not None:  # the epochs before it come to their end first
            self._steps_at_once = 1
            self(epochs[:1], watch)

    def _learn(self, steps: Sequence[Dealt], watch: Watch) -> int | None:
        """The first step after which something is not finite; all are then as if not done."""
        before, first = self.state.snapshot(), self._steps
        waiting: list[Done] = []  # steps that are not counted yet
        left, looked = len(steps), time.perf_counter()
        for portion in self._portions(steps):
            waiting += self._run(portion)
            left -= len(portion)
            if left and time.perf_counter() - looked < PATIENCE / 2:
                continue
            looked = time.perf_counter()
            losses = np.concatenate([done.results[0] for done in waiting])
            finite = np.isfinite(losses)
            if not (finite.all() and self._sound()):
                self.state.restore(before)
                self._steps = first
                good = len(losses) if finite.all() else int(np.argmin(finite))
                return len(steps) - left - len(losses) + good
            self._count(waiting)
            waiting.clear()
            if watch(portion[-1].totals):
                break
        return None

    def _sound(self) -> bool:
        return all(np.isfinite(tensor.array).all() for tensor in self.loop.updated())

    def _dealt(self, totals: Totals, rows: Array) -> Dealt:
        return Dealt(totals, rows, (len(rows), self.work.reach(rows)))

    def _compiles(self, steps: Sequence[Dealt]) -> bool:
        """Whether the step can be compiled; if not, a warning says why."""
        different = {step.kind: step.rows for step in steps}
        try:
            for rows in different.values():
                self.loop.program(self.work.tables(rows), len(rows))
        except TracingError as error:
            words = f"the training step cannot be compiled and runs on numpy: {reason(error)}"
            warnings.warn(words, GlassnetWarning, stacklevel=4)
            return False
        return True

    def _portions(self, steps: Sequence[Dealt]) -> Iterator[Sequence[Dealt]]:
        """As many steps at once as fit between two looks."""
        start = 0
        while start < len(steps):
            portion = steps[start : start + self._steps_at_once]
            start += len(portion)
            yield portion

    def _run(self, steps: Sequence[Dealt]) -> list[Done]:
        """Learns in one native call."""
        pieces = list(self._pieces(steps))  # with their programs, before the clock runs
        began = time.perf_counter()
        found = in_turn([piece for _, piece in pieces])
        a_step = (time.perf_counter() - began) / len(steps)
        fitting = int(PATIENCE / a_step) if a_step else 8 * self._steps_at_once
        self._steps_at_once = max(1, min(fitting, 8 * self._steps_at_once))
        done, count = [], self.work.results
        for (totals, piece), results in zip(pieces, found, strict=True):
            self._steps += len(piece.rows)
            done.append(Done(totals, piece.rows, results[:count], self._steps, results[count:]))
        return done

    def _pieces(self, steps: Sequence[Dealt]) -> Iterator[tuple[Totals, Piece]]:
        """Steps of one epoch and one kind, and their loop; one that is watched stands alone."""
        number, probe = self._steps, self.work.probe
        for _, group in groupby(steps, key=lambda step: (id(step.totals), step.kind)):
            alike = list(group)
            totals, rows = alike[0].totals, np.stack([step.rows for step in alike])
            tables = self.work.tables(rows)
            start = 0
            for read in probe.reads_among(number + 1, *rows.shape) if probe is not None else ():
                place = read - number - 1
                if start < place:
                    yield totals, Piece(self.loop, tables, rows[start:place])
                yield totals, Piece(self.watching, tables, rows[place : place + 1])
                start = place + 1
            if start < len(rows):
                yield totals, Piece(self.loop, tables, rows[start:])
            number += len(rows)

    def _count(self, done: Sequence[Done]) -> None:
        """Adds steps to the totals of their epochs, and keeps what was read in them."""
        for totals, rows, results in _joined(done):
            self.work.count(totals, self.work.dataset, rows, results)
        for own in done:
            if own.read and self.work.probe is not None:
                self.work.probe.keep(own.number, [value[0] for value in own.read])

    def evaluate(self, dataset: Dataset) -> Totals:
        """The loss and the metrics over a data set, in the compiled program."""
        if self.eager is not None:
            return self.eager.evaluate(dataset)
        totals = Totals(self.work.metrics)
        pieces = [
            Piece(self.judging, dataset.tables, rows[None]) for rows in portions(len(dataset))
        ]
        pairs = zip(pieces, in_turn(pieces), strict=True)
        for _, rows, own in _joined([Done(totals, piece.rows, own) for piece, own in pairs]):
            self.work.count(totals, dataset, rows, own)
        return totals

    # -- when a number is no longer finite -------------------------------------------------------
    def _explain(self, steps: Sequence[Dealt]) -> NoReturn:
        """Does the good steps again, and the bad one, the last, eagerly, which names the node."""
        good = max(len(steps) - 2, 0)  # a gradient may have gone wrong one step before the loss did
        for portion in self._portions(steps[:good]):
            self._run(portion)
        eager = EagerRunner(self.work)
        eager.steps = self._steps
        last = Epoch([step.rows for step in steps[good:]], Totals(self.work.metrics))
        eager([last], lambda totals: False)
        raise NonFiniteError(
            "the loss or a parameter is not finite in the compiled program, but finite on numpy",
            expected="the same numbers on both engines",
            where=f"training step {eager.steps}",
            mend='train with engine="numpy", or with a smaller learning rate',
        )


def _joined(done: Sequence[Done]) -> Iterator[tuple[Totals, Array, list[Array]]]:
    """Totals, rows and results; those of one epoch with results of one shape put together."""
    for _, group in groupby(done, key=_shapes):
        alike = list(group)
        first, rows, results = alike[0], [own.rows for own in alike], [own.results for own in alike]
        if len(alike) == 1:
            yield first.totals, first.rows, first.results
        else:
            together = [np.concatenate(arrays) for arrays in zip(*results, strict=True)]
            yield first.totals, np.concatenate(rows), together


def _shapes(done: Done) -> tuple[int, list[tuple[int, ...]]]:
    return id(done.totals), [array.shape[1:] for array in (done.rows, *done.results)]
