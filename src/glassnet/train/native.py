"""The compiled loop: the steps of an epoch as a few calls of one native program."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any, NoReturn

import numpy as np

from ..compilation import Loop, Piece, in_turn, reason
from ..data import Dataset
from ..errors import GlassnetWarning, NonFiniteError, TracingError
from .runner import EagerRunner, Watch
from .state import Snapshot, State
from .totals import Totals
from .work import Work, portions

Array = np.ndarray[Any, Any]
PATIENCE = 0.1  # seconds between looks at the progress bar and at Ctrl-C


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
        self.steps = 0
        self.eager: EagerRunner | None = None  # takes over where the step cannot be compiled
        self._steps_at_once = 1

    def __call__(self, batches: Sequence[Array], totals: Totals, watch: Watch) -> None:
        """Learns from each batch of row indices in turn, and adds it to the totals."""
        if self.eager is None and not self._compiles(batches):
            self.eager = EagerRunner(self.work)
            self.eager.steps = self.steps
        if self.eager is not None:
            self.eager(batches, totals, watch)
            return
        before = self.state.snapshot()
        seen: list[Array] = []
        waiting: list[tuple[Array, list[Array]]] = []  # rows and results that are not counted yet
        left, looked = len(batches), time.perf_counter()
        for portion in self._portions(batches):
            done = self._run(portion)
            left -= len(portion)
            seen += [losses for _, (losses, *_) in done]
            waiting += done
            if left and time.perf_counter() - looked < PATIENCE / 2:
                continue
            looked = time.perf_counter()
            if not self._sound(np.concatenate(seen)):
                self._explain(before, batches, np.concatenate(seen))
            for alike in _joined(waiting):
                self.work.count(totals, self.work.dataset, *alike)
            waiting.clear()
            if watch(totals):
                break

    def _compiles(self, batches: Sequence[Array]) -> bool:
        """Whether the step can be compiled; if not, a warning says why."""
        different = {self._kind(rows): rows for rows in batches}
        try:
            for rows in different.values():
                self.loop.program(self.work.tables(rows), len(rows))
        except TracingError as error:
            words = f"the training step cannot be compiled and runs on numpy: {reason(error)}"
            warnings.warn(words, GlassnetWarning, stacklevel=4)
            return False
        return True

    def _kind(self, rows: Array) -> tuple[int, int | None]:
        """What batches have in common that one program runs."""
        return len(rows), self.work.reach(rows)

    def _portions(self, batches: Sequence[Array]) -> Iterator[Sequence[Array]]:
        """As many batches at once as fit between two looks."""
        start = 0
        while start < len(batches):
            portion = batches[start : start + self._steps_at_once]
            start += len(portion)
            yield portion

    def _run(self, batches: Sequence[Array]) -> list[tuple[Array, list[Array]]]:
        """Learns from some batches in one native call: (steps, batch) rows, and their results."""
        pieces = list(self._pieces(batches))  # with their programs, before the clock runs
        began = time.perf_counter()
        found = in_turn(pieces)
        a_step = (time.perf_counter() - began) / len(batches)
        fitting = int(PATIENCE / a_step) if a_step else 8 * self._steps_at_once
        self._steps_at_once = max(1, min(fitting, 8 * self._steps_at_once))
        done, count = [], self.work.results
        for piece, results in zip(pieces, found, strict=True):
            self.steps += len(piece.rows)
            if self.work.probe is not None and piece.loop is self.watching:
                self.work.probe.keep(self.steps, [value[0] for value in results[count:]])
            done.append((piece.rows, results[:count]))
        return done

    def _pieces(self, batches: Sequence[Array]) -> Iterator[Piece]:
        """Batches of one kind and their loop; a step that is watched stands alone."""
        step, probe = self.steps, self.work.probe
        for _, group in groupby(batches, key=self._kind):
            rows = np.stack(list(group))
            tables = self.work.tables(rows)
            start = 0
            for number in probe.reads_among(step + 1, *rows.shape) if probe is not None else ():
                place = number - step - 1
                if start < place:
                    yield Piece(self.loop, tables, rows[start:place])
                yield Piece(self.watching, tables, rows[place : place + 1])
                start = place + 1
            if start < len(rows):
                yield Piece(self.loop, tables, rows[start:])
            step += len(rows)

    def evaluate(self, dataset: Dataset) -> Totals:
        """The loss and the metrics over a data set, in the compiled program."""
        if self.eager is not None:
            return self.eager.evaluate(dataset)
        totals = Totals(self.work.metrics)
        pieces = [
            Piece(self.judging, dataset.tables, rows[None]) for rows in portions(len(dataset))
        ]
        done = [(piece.rows, own) for piece, own in zip(pieces, in_turn(pieces), strict=True)]
        for alike in _joined(done):
            self.work.count(totals, dataset, *alike)
        return totals

    # -- when a number is no longer finite -------------------------------------------------------
    def _sound(self, losses: Array) -> bool:
        return bool(np.isfinite(losses).all()) and all(
            np.isfinite(tensor.array).all() for tensor in self.loop.updated()
        )

    def _explain(self, before: Snapshot, batches: Sequence[Array], losses: Array) -> NoReturn:
        """Does the good steps again, and the bad one eagerly, which names the node."""
        finite = np.isfinite(losses)
        bad = len(losses) if finite.all() else int(np.argmin(finite))
        self.state.restore(before)
        self.steps -= len(losses)
        good = max(bad - 1, 0)  # a gradient may have gone wrong one step before the loss did
        for portion in self._portions(batches[:good]):
            self._run(portion)
        eager = EagerRunner(self.work)
        eager.steps = self.steps
        eager(batches[good : bad + 1], Totals(self.work.metrics), lambda totals: False)
        raise NonFiniteError(
            "the loss or a parameter is not finite in the compiled program, but finite on numpy",
            expected="the same numbers on both engines",
            where=f"training step {eager.steps}",
            mend='train with engine="numpy", or with a smaller learning rate',
        )


def _joined(done: Sequence[tuple[Array, list[Array]]]) -> Iterator[tuple[Array, list[Array]]]:
    """Rows and results, those with results of one shape put together."""
    for _, group in groupby(done, key=_shapes):
        rows, results = zip(*group, strict=True)
        if len(rows) == 1:
            yield rows[0], results[0]
        else:
            yield np.concatenate(rows), [np.concatenate(x) for x in zip(*results, strict=True)]


def _shapes(portion: tuple[Array, list[Array]]) -> list[tuple[int, ...]]:
    rows, results = portion
    return [array.shape[1:] for array in (rows, *results)]
