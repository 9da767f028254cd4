"""What a contestant is asked to do; its file says how its library does it best."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from ..material import Material

Array = np.ndarray[Any, Any]


class Contestant(ABC):
    """Trains one network on one material.

    `restart` and `prepare` are not timed, `run` is: it takes all prepared steps, each of them
    gather batch → forward → loss → backward → update, and returns when the last number is there.
    """

    note: ClassVar[str] = ""  # where its work differs from that of the others
    flags: ClassVar[str] = ""  # options of its library that matter for speed

    def __init__(self, material: Material, threads: int) -> None:
        self.material = material
        self.row = material.row
        self.threads = threads

    def choices(self) -> list[int]:
        """Thread counts to try; the fastest is kept, as an expert would."""
        return [self.threads]

    def use_threads(self, count: int) -> None:
        """Sets the number of threads, where there is a choice."""
        self.threads = count

    @abstractmethod
    def restart(self) -> None:
        """Back to the initial weights and an empty optimiser state."""

    @abstractmethod
    def prepare(self, steps: int) -> None:
        """Makes the first `steps` batches ready, as index arrays of the library's own kind."""

    @abstractmethod
    def run(self) -> Any:
        """Takes the prepared steps from where training stands; their losses, in any form."""

    def losses(self, raw: Any) -> Array:
        """What `run` returned, as numbers."""
        return np.asarray(raw, np.float64).reshape(-1)

    @abstractmethod
    def weights(self) -> list[tuple[Array, Array]]:
        """(weight (out, in), bias) of each layer as they stand."""


def thread_choices(threads: int) -> list[int]:
    return sorted({1, threads})


def accuracy(
    layers: list[tuple[Array, Array]], activation: str, inputs: Array, labels: Array
) -> float:
    """The share of rows that a network with these (weight, bias) classifies rightly."""
    x = inputs
    for w, b in layers[:-1]:
        x = x @ w.T + b
        x = np.tanh(x) if activation == "tanh" else np.maximum(x, 0)
    w, b = layers[-1]
    logits = x @ w.T + b
    chosen = logits.argmax(axis=1) if len(b) > 1 else logits[:, 0] > 0  # one logistic output
    return float((chosen == labels).mean())
