"""The memory a program runs in: its header, the table of arrays, the arena, the scratch.

Made at the first run and kept, so that a call pays for no fresh pages.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from ...errors import ArgumentError
from .layout import Layout
from .runtime import BATCH

Array = np.ndarray[Any, Any]
Placed = tuple[Array, int]  # an array, and the bytes by which a step moves on in it


class Frame:
    """One header and what it points at; see `runtime.HEADER`."""

    def __init__(self, layout: Layout) -> None:
        self.table = np.zeros((max(layout.slots, 1), 2), np.int64)
        self.flag = np.zeros(1, np.int32)
        self.memory = [
            aligned_bytes(layout.arena_bytes),
            aligned_bytes(layout.scratch_bytes * layout.threads),
            aligned_bytes(128),
        ]
        self.memory[-1][:] = 0  # the barrier's counters
        addresses = [a.ctypes.data for a in (self.table, *self.memory, self.flag)]
        self.header = np.array([0, 0, *addresses, 0, 0], np.int64)
        self.address = self.header.ctypes.data
        self._placed: dict[int, tuple[weakref.ref[Array], int]] = {}  # by slot, with its stride

    def place(self, slot: int, placed: Placed) -> None:
        """Where the program finds the array of a slot; one that stays there is known already."""
        array, stride = placed
        known = self._placed.get(slot)
        if known is not None and known[0]() is array and known[1] == stride:
            return
        self.table[slot] = array.ctypes.data, stride
        self._placed[slot] = weakref.ref(array), stride

    def batches(self, words: list[list[int]]) -> Array:
        """Tells the program what to gather before each step; the result must outlive the run."""
        table = np.array(words or [[0] * len(BATCH)], np.int64)
        self.header[-2:] = len(words), table.ctypes.data
        return table

    def check(self) -> None:
        """ArgumentError where an index of the last run lay outside its axis."""
        if self.flag[0]:
            raise ArgumentError(
                "an index points outside its axis",
                mend="check the labels or tokens against the number of classes or rows",
            )

    def steps(self, first: int, count: int) -> None:
        self.header[:2] = first, count


def aligned_bytes(size: int) -> Array:
    """Bytes that start on a cache line."""
    raw = np.empty(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size]
