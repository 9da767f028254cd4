"""A training that happened: the model, the data, the history."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..data import Dataset
from ..nn import Module
from ..tensor import HOOKS, in_notebook
from .history import History
from .predictor import Predictor
from .statistics import Statistics

Array = np.ndarray[Any, Any]


@dataclass(eq=False, repr=False)
class Run:
    """What `fit` returns.

    Attributes:
        predictor: the trained model together with what its inputs and outputs mean.
        train: the data learned from.
        validation: the data held out, or None.
        settings: loss, optimizer, epochs, batch_size, seed and engine, as text and numbers.
        history: a row an epoch.
        matrices: for each metric that is a matrix, such as "confusion" and "validation_confusion",
            that of every epoch.
        interrupted: whether Ctrl-C ended it early.
        watched: for each watched name the step numbers and arrays that were read.
        kept: the place in the history of the epoch whose weights were kept; None for the last.
        statistics: of weights, gradients, updates and activations, where they were measured.
        losses: of every step, before its update (steps,).
        rates: the learning rate of every step (steps,).
    """

    predictor: Predictor
    train: Dataset
    validation: Dataset | None
    settings: dict[str, Any]
    history: History = field(default_factory=History)
    matrices: dict[str, list[Array]] = field(default_factory=dict)
    interrupted: bool = False
    watched: dict[str, list[tuple[int, Array]]] = field(default_factory=dict)
    kept: int | None = None
    statistics: Statistics | None = None
    losses: Array = field(default_factory=lambda: np.zeros(0))
    rates: Array = field(default_factory=lambda: np.zeros(0))

    @property
    def model(self) -> Module:
        """The trained model; the same object that was given to `fit`."""
        return self.predictor.model

    @property
    def held_out(self) -> Dataset:
        """The data to judge by: the validation part, or the training data if there is none."""
        return self.train if self.validation is None else self.validation

    @property
    def result(self) -> dict[str, float]:
        """The row of the history that belongs to the weights the model has; empty before any."""
        if not len(self.history):
            return {}
        return self.history.rows[-1 if self.kept is None else self.kept]

    @property
    def seconds(self) -> float:
        """How long the training took."""
        return sum(row["seconds"] for row in self.history)

    def predict(self, x: Any) -> Array:
        """Class indices or numbers for a data set or for raw inputs; see `Predictor.predict`."""
        return self.predictor.predict(x)

    def report(self, path: str | os.PathLike[str]) -> Path:
        """Writes a self-contained HTML page about this run; returns its path."""
        written = HOOKS["report"](self, path)
        return Path(path) if written is None else Path(written)

    def tensorboard(self, folder: str | os.PathLike[str]) -> Path:
        """Writes event files for TensorBoard; see `files.tensorboard`."""
        return Path(HOOKS["tensorboard"](self, folder))

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Writes the run folder: model, history, facts and report; see `files.save_run`."""
        return Path(HOOKS["save_run"](self, folder))

    def facts(self) -> dict[str, Any]:
        """What was trained on what, as plain data."""
        return {
            "data": describe(self.train),
            "validation": None if self.validation is None else describe(self.validation),
            "settings": dict(self.settings),
            "parameters": sum(p.size for p in self.model.parameters()),
            "epochs_done": len(self.history),
            "seconds": self.seconds,
            "interrupted": self.interrupted,
            "result": self._result(),
        }

    def _result(self) -> dict[str, float | None]:
        """The result; None for what JSON cannot hold, such as NaN."""
        row = self.result
        return {name: value if math.isfinite(value) else None for name, value in row.items()}

    def _repr_html_(self) -> str | None:
        return in_notebook(self)

    def __repr__(self) -> str:
        ended = ", interrupted" if self.interrupted else ""
        numbers = "".join(
            f", {name} {value:.4g}"
            for name, value in self.result.items()
            if name not in ("epoch", "seconds")
        )
        return f"Run({self.train.name}: {len(self.history)} epochs{numbers}{ended})"


def describe(dataset: Dataset) -> dict[str, Any]:
    """A data set as plain data, without its numbers."""
    return {
        "name": dataset.name,
        "rows": len(dataset),
        "row_shape": list(dataset.inputs.shape[1:]),
        "task": dataset.task,
        "outputs": dataset.outputs,
        "classes": list(dataset.classes),
        "features": list(dataset.features),
        "standardised": dataset.standardiser is not None,
    }
