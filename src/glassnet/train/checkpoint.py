"""A training written down while it runs, so that a kill loses no more than an interval."""

from __future__ import annotations

import math
import os
import re
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..data import Dataset
from ..data.checks import check_count
from ..errors import ArgumentError, FileFormatError
from ..tensor import HOOKS
from .output import writable_folder
from .run import describe
from .training import Training

NAME = "checkpoint.safetensors"
SEEN = 256  # rows that tell one data set from another
FREE = ("epochs", "patience")  # settings that a training may be resumed with others of


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a training is written down, and how often.

    A training that finds its own checkpoint goes on from there, with the same bits as if it had
    never stopped; one that is complete is not trained again.

    Args:
        folder: made if need be; the file in it is replaced whole.
        seconds: after which the next step ends with a checkpoint; None for the ends of epochs only.
        epochs: after so many as well; None for none.

    Raises:
        ArgumentError: an interval is not positive.

    >>> Checkpoint("runs/spiral", seconds=300.0).path.name
    'checkpoint.safetensors'
    """

    folder: str | os.PathLike[str]
    seconds: float | None = 60.0
    epochs: int | None = None

    def __post_init__(self) -> None:
        if self.epochs is not None:
            check_count(self.epochs, "epochs")
        if self.seconds is not None and not self.seconds >= 0.0:
            raise ArgumentError(
                "a checkpoint is written every so many seconds",
                expected="seconds ≥ 0, or None",
                received=f"seconds={self.seconds!r}",
            )

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.folder) / NAME


class Keeper:
    """Writes one training to its checkpoint, and reads it back."""

    def __init__(self, checkpoint: Checkpoint, training: Training) -> None:
        writable_folder(checkpoint.folder)
        self.checkpoint = checkpoint
        self.training = training
        self.identity = identity(training)
        self._last = time.monotonic()

    @staticmethod
    def of(checkpoint: str | os.PathLike[str] | Checkpoint, training: Training) -> Keeper:
        """For a checkpoint, or one in a folder with the usual intervals."""
        given = checkpoint if isinstance(checkpoint, Checkpoint) else Checkpoint(checkpoint)
        return Keeper(given, training)

    def resume(self) -> None:
        """Puts the training where its checkpoint stands, if there is one.

        Raises:
            FileFormatError: the file is truncated or damaged.
            ArgumentError: it is of another training.
        """
        path = self.checkpoint.path
        if not path.exists():
            return
        arrays, facts = HOOKS["load_checkpoint"](path)
        self._check(path, facts.get("identity"))
        try:
            self.training.load(arrays, facts)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise FileFormatError(
                f"{path} is damaged",
                expected="a checkpoint that fit wrote",
                received=repr(error)[:200],
                mend="delete it to begin anew",
            ) from error

    def left(self) -> float:
        """Epochs until it has to write."""
        every = self.checkpoint.epochs
        return math.inf if every is None else every - len(self.training.run.history) % every

    def looked(self, *, stopping: bool) -> None:
        """Between two steps: writes if training stops here, or if it is time."""
        seconds = self.checkpoint.seconds
        if stopping or (seconds is not None and time.monotonic() - self._last >= seconds):
            self.save()

    def epoch_done(self, *, last: bool) -> None:
        """After an epoch: writes after the last, and after as many as asked for."""
        every = self.checkpoint.epochs
        if last or (every is not None and len(self.training.run.history) % every == 0):
            self.save()

    def save(self) -> None:
        """Writes the checkpoint, whole or not at all."""
        arrays, facts = self.training.saved()
        HOOKS["save_checkpoint"](self.checkpoint.path, arrays, {**facts, "identity": self.identity})
        self._last = time.monotonic()

    def _check(self, path: Path, saved: Any) -> None:
        known = saved if isinstance(saved, dict) else {}
        for name, own in self.identity.items():
            if known.get(name) != own:
                raise ArgumentError(
                    f"{path} is the checkpoint of another training",
                    expected=f"{name} = {known.get(name)}"[:200],
                    received=f"{name} = {own}"[:200],
                    mend="give each training a folder of its own, or delete the file to begin anew",
                )


def identity(training: Training) -> dict[str, Any]:
    """What a training is told by, as plain data: settings, shapes and samples of the data."""
    run, work = training.run, training.work
    settings = {name: value for name, value in run.settings.items() if name not in FREE}
    shapes = {
        name: f"{p.dtype} {p.shape}" for name, p in work.step.model.named_parameters().items()
    }
    return {
        **{name: _plain(value) for name, value in settings.items()},
        "parameters": shapes,
        "metrics": [metric.name for metric in work.metrics],
        "data": _told(run.train),
        "validation": None if run.validation is None else _told(run.validation),
    }


def _plain(value: Any) -> Any:
    """Text without the addresses of functions, which are others in every process."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", value) if isinstance(value, str) else value


def _told(dataset: Dataset) -> dict[str, Any]:
    """A description, and a checksum over some rows spread evenly."""
    rows = np.linspace(0, len(dataset) - 1, min(SEEN, len(dataset))).astype(int)
    checksum = 0
    for array in dataset.tables:
        checksum = zlib.crc32(array[rows].tobytes(), checksum)
    return {**describe(dataset), "checksum": checksum}
