"""What is told of a training while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .history import Row
    from .run import Run


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is.

    Attributes:
        epoch: from 1 to `epochs`.
        epochs: how many there will be.
        step: steps done in this epoch.
        steps: steps of an epoch.
        loss: mean over the epoch so far.
        metric: name and value of the first metric over the epoch so far, or None.
        samples_per_second: over the whole training so far.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    metric: tuple[str, float] | None
    samples_per_second: float


class Callback:
    """Base of what is told of a training; every method may be left out.

    Attributes:
        waits: whether `on_epoch` may be called when later epochs have run as well, for it reads
            nothing but the history and ends no training. Short epochs then run many at once.

    >>> from glassnet import train
    >>> class Patience(train.Callback):
    ...     def on_epoch(self, run, row):
    ...         return row["loss"] < 0.01  # True ends the training
    """

    waits = False

    def on_start(self, run: Run) -> None:
        """Before the first step."""

    def on_progress(self, run: Run, progress: Progress) -> None:
        """At most ten times a second, between two steps."""

    def on_epoch(self, run: Run, row: Row) -> bool | None:
        """After each epoch, with its row of the history; True ends the training."""

    def on_end(self, run: Run) -> None:
        """After the last step, also when the training was interrupted or failed."""
