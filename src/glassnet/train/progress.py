"""A bar in the terminal: epoch, loss, metric, samples a second, time left."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .callbacks import Callback, Progress
from .history import HELD_OUT

if TYPE_CHECKING:
    from .history import Row
    from .run import Run


class ProgressBar(Callback):
    """Drawn with rich on standard error; its last state stays when the training ends."""

    waits = True

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._held: list[str] = []

    def on_start(self, run: Run) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        # No thread of its own: it is drawn when told, at most ten times a second.
        self._bar = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(bar_width=16),
            TextColumn("{task.fields[numbers]}"),
            TimeRemainingColumn(),
            console=Console(file=sys.stderr),
            auto_refresh=False,
        )
        epochs = run.settings["epochs"]
        self._task = self._bar.add_task("train", total=epochs, epoch=f"1/{epochs}", numbers="")
        self._bar.start()

    def on_progress(self, run: Run, progress: Progress) -> None:
        numbers = [f"loss {progress.loss:.4g}"]
        if progress.metric:
            numbers.append("{} {:.4g}".format(*progress.metric))
        numbers += [*self._held, _speed(progress.samples_per_second)]
        self._bar.update(
            self._task,
            completed=progress.epoch - 1 + progress.step / progress.steps,
            epoch=f"{progress.epoch}/{progress.epochs}",
            numbers="  ".join(numbers),
        )
        self._bar.refresh()

    def on_epoch(self, run: Run, row: Row) -> None:
        """Keeps what the data held out says: its loss and the first metric."""
        names = [name for name in row if name.startswith(HELD_OUT)][:2]
        self._held = [f"{_label(name)} {row[name]:.4g}" for name in names]
        numbers = [f"{_label(name)} {row[name]:.4g}" for name in _shown(row)]
        numbers.append(_speed(len(run.train) * row["epoch"] / max(run.seconds, 1e-9)))
        self._bar.update(
            self._task,
            completed=row["epoch"],
            epoch=f"{row['epoch']}/{run.settings['epochs']}",
            numbers="  ".join(numbers),
        )

    def on_end(self, run: Run) -> None:
        self._bar.refresh()
        self._bar.stop()


def _shown(row: Row) -> list[str]:
    """What an epoch ends with: loss and first metric, of both parts of the data."""
    names = [name for name in row if name not in ("epoch", "seconds")]
    held = [name for name in names if name.startswith(HELD_OUT)]
    return [name for name in names if name not in held][:2] + held[:2]


def _label(name: str) -> str:
    return name.replace(HELD_OUT, "held-out ").replace("_", " ")


def _speed(samples_per_second: float) -> str:
    return f"{samples_per_second:,.0f} samples/s"


def wanted(progress: bool | None) -> bool:
    """Whether a bar shall be drawn: as told, and untold if somebody watches a terminal."""
    return sys.stderr.isatty() if progress is None else progress
