"""Who is told of a training, and how often."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from .callbacks import Callback, Progress
from .history import Row
from .run import Run
from .totals import Totals

PROGRESS_SECONDS = 0.1  # between two calls of on_progress


class Audience:
    """The callbacks of a run: told of its start on entering, of its end on leaving."""

    def __init__(self, run: Run, callbacks: Sequence[Callback]) -> None:
        self.run = run
        self.callbacks = callbacks
        self._rows = 0  # learned from in the epochs before this one
        self._began = self._last = time.perf_counter()

    @property
    def waits(self) -> bool:
        """Whether everybody may be told of an epoch when later ones have run as well."""
        return all(
            callback.waits or type(callback).on_epoch is Callback.on_epoch
            for callback in self.callbacks
        )

    def __enter__(self) -> Self:
        for callback in self.callbacks:
            callback.on_start(self.run)
        self._began = self._last = time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for callback in self.callbacks:
            callback.on_end(self.run)

    def epoch_done(self, row: Row, totals: Totals) -> bool:
        """Tells of an epoch; whether anybody wants to end here."""
        self._rows += totals.rows
        answers = [callback.on_epoch(self.run, row) for callback in self.callbacks]
        return any(answers)  # everybody is told, also after one has asked to end

    def looked(self, totals: Totals, epoch: int, steps: int) -> None:
        """Between two steps of an epoch of so many: few of these looks are told of."""
        now = time.perf_counter()
        if self.callbacks and now - self._last >= PROGRESS_SECONDS:
            self._last = now
            self._tell(self._progress(totals, epoch, steps, now))

    def _tell(self, progress: Progress) -> None:
        for callback in self.callbacks:
            callback.on_progress(self.run, progress)

    def _progress(self, totals: Totals, epoch: int, steps: int, now: float) -> Progress:
        return Progress(
            epoch=epoch,
            epochs=self.run.settings["epochs"],
            step=totals.steps,
            steps=steps,
            loss=totals.loss,
            metric=totals.first_metric(),
            samples_per_second=(self._rows + totals.rows) / max(now - self._began, 1e-9),
        )
