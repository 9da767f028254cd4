"""What a run of a program reads and writes, and where it lies."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .frame import Placed

Array = np.ndarray[Any, Any]


@dataclass(slots=True)
class Batch:
    """A loop's input: step s receives `data[rows[s]]`. `rows`: int64 (steps, batch)."""

    data: Array
    rows: Array


@dataclass(slots=True)
class Steps:
    """A loop's input: step s receives `values[s]`."""

    values: Array


LoopInput = Array | Batch | Steps
Held = Sequence[tuple[int, Array]]  # input numbers and arrays; the same object, the same arrays


@dataclass(frozen=True, slots=True)
class Source:
    """The table from which batches are gathered, and where a step's batch is gathered."""

    given: weakref.ref[Array]
    target: Array
    words: tuple[int, int, int, int]  # addresses of target and data, bytes of a row, stride


@dataclass(slots=True)
class Laid:
    """What a run reads and writes.

    Attributes:
        inputs: where they lie.
        outputs: where they go.
        results: those of the outputs that are wanted.
        batches: what is gathered before each step, as `runtime.BATCH` has it.
        keep: arrays that have to outlive the run.
        held: inputs that are likely to be those of the last run.
    """

    inputs: list[Placed | None]
    outputs: list[Placed]
    results: list[Array] = field(default_factory=list)
    batches: list[list[int]] = field(default_factory=list)
    keep: list[Any] = field(default_factory=list)
    held: Held = ()
