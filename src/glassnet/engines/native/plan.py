"""Pass 4: where every stored variable lives.

Inputs, constants and outputs lie in the caller's arrays. An output that is written over an input
(a parameter and its update) lives in the input's array, if every other reader comes first and its
own kernel reads the old value only at the element that it writes; otherwise it is copied there at
the end of the step. Everything else shares one arena: a variable's bytes are given away after its
last reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..program import Variable
from .expression import Place
from .fuse import Fused
from .kernel import Kernel, Reduction, Walk, at, probe

Array = np.ndarray[Any, Any]
ALIGNMENT = 64
_SMALL = 1 << 16  # bytes


@dataclass(slots=True)
class Plan:
    """Addresses: a slot among the caller's arrays, or an offset into the arena."""

    slots: dict[Variable, int] = field(default_factory=dict)
    offsets: dict[Variable, int] = field(default_factory=dict)
    copies: list[tuple[Variable, Variable]] = field(default_factory=list)  # new value -> input
    in_place: dict[Variable, Variable] = field(default_factory=dict)  # new value -> its input
    arena_bytes: int = 0
    apart_bytes: int = 0  # what the arena would take if nothing shared memory

    def overlaps(self, a: Variable, b: Variable) -> bool:
        """Do two variables share memory?"""
        if a in self.slots or b in self.slots:
            return self.slots.get(a) == self.slots.get(b)
        first, second = self.offsets[a], self.offsets[b]
        return first < second + _bytes(b) and second < first + _bytes(a)

    def cross(self, mine: Mapping[Variable, Array], theirs: Mapping[Variable, Array]) -> bool:
        """Does a thread's range of elements share memory with another thread's?"""
        return any(
            self.overlaps(a, b) and _cross(self._bytes(a, ranges), self._bytes(b, others))
            for a, ranges in mine.items()
            for b, others in theirs.items()
        )

    def _bytes(self, variable: Variable, ranges: Array) -> Array:
        """The bytes of elements, in the caller's array or in the arena."""
        return self.offsets.get(variable, 0) + ranges * variable.dtype.itemsize


def plan(fused: Fused, updates: dict[Variable, Variable]) -> Plan:
    """The places of all stored variables; `updates` maps inputs to what is written over them."""
    program, result = fused.program, Plan()
    for variable in [*program.inputs, *program.constants]:
        result.slots[variable] = len(result.slots)
    written = set(updates.values())
    writers, last_read = _uses(fused)
    for old, new in updates.items():
        own = writers.get(new, [])
        ahead = len(own) == 1 and last_read.get(old, -1) <= own[0]
        if ahead and _fits_in_place(fused, fused.kernels[own[0]], old, new):
            result.slots[new] = result.slots[old]
            result.in_place[new] = old
        else:
            result.copies.append((new, old))
    for output in program.outputs:
        if output not in written:
            result.slots[output] = max(result.slots.values(), default=-1) + 1
    _fill_arena(fused, result)
    return result


def _cross(mine: Array, theirs: Array) -> bool:
    """Do ranges of two different threads overlap?"""
    (low, high), (start, stop) = mine.T, theirs.T
    common = np.minimum(high[:, None], stop) > np.maximum(low[:, None], start)
    return bool(common.sum() > common.trace())


def _bytes(variable: Variable) -> int:
    return _whole(max(variable.size * variable.dtype.itemsize, 1), ALIGNMENT)


def _whole(size: int, unit: int) -> int:
    """So many bytes, filled up to whole units."""
    return -(-size // unit) * unit


def _uses(fused: Fused) -> tuple[dict[Variable, list[int]], dict[Variable, int]]:
    """For each variable the kernels that write it, and the last one that reads it."""
    writers: dict[Variable, list[int]] = {}
    last_read: dict[Variable, int] = {}
    for i, kernel in enumerate(fused.kernels):
        for variable in kernel.writes:
            writers.setdefault(variable, []).append(i)
        last_read |= dict.fromkeys(fused.reads(kernel), i)
    return writers, last_read


def _fits_in_place(fused: Fused, kernel: Kernel, old: Variable, new: Variable) -> bool:
    """May the kernel write `new` over `old`, which nobody reads afterwards?"""
    if new not in kernel.stores:  # it is put together of parts
        return False
    return old not in fused.reads(kernel) or _reads_only_where_it_writes(fused, kernel, old, new)


def _reads_only_where_it_writes(fused: Fused, kernel: Kernel, old: Variable, new: Variable) -> bool:
    if kernel.kind not in ("rows", "columns", "contract"):
        return False
    walk = Walk(fused.statements, fused.stored - set(kernel.stores))
    own = {a.out for a in kernel.anchors}
    rows, columns = (1, kernel.rows) if kernel.kind == "columns" else (kernel.rows, kernel.columns)
    domain = Kernel("rows", rows, columns)
    row, column = probe("r", rows), probe("c", columns)
    leaves = []
    stops = Walk(walk.statements, walk.stored | own)
    for store in kernel.stores:
        leaves += stops.leaves(store, at(store, domain, row, column))
    for anchor in kernel.anchors:
        for operand in anchor.operands:
            assert isinstance(operand, Variable)
            if kernel.kind == "rows":
                leaves += stops.leaves(operand, Reduction.of(anchor).flat(row, column))
            elif any(leaf == old for leaf, _ in stops.leaves(operand, _anywhere(operand))):
                return False
    flat = row * columns + column if new.size == domain.size else row
    return all(position == flat for leaf, position in leaves if leaf == old)


def _anywhere(variable: Variable) -> Place:
    return tuple(probe(f"x{i}", n) for i, n in enumerate(variable.shape))


def _fill_arena(fused: Fused, result: Plan) -> None:
    """The largest first: each in the smallest room that is free while it lives, in its middle.

    There two threads cut it where they cut what was in the room before, so that each has its own
    lines again. What is as large as what was there before is cut alike by any number of threads.
    A small one, of which few lines change hands, takes a gap before it takes more memory.
    """
    born: dict[Variable, int] = {}
    died: dict[Variable, int] = {}
    for i, kernel in enumerate(fused.kernels):
        for variable in [*kernel.writes, *fused.reads(kernel)]:
            born.setdefault(variable, i)
            died[variable] = i
    for new, _ in result.copies:
        died[new] = len(fused.kernels)
    inside = [v for v in born if v not in result.slots]
    result.apart_bytes = sum(map(_bytes, inside))
    rooms: list[tuple[int, int]] = []  # size, start
    placed: list[Variable] = []
    for variable in sorted(inside, key=lambda v: (-_bytes(v), v.number)):
        size = _whole(_bytes(variable), 2 * ALIGNMENT)
        alive = [v for v in placed if born[v] <= died[variable] and born[variable] <= died[v]]
        middles = (start + (room - size) // 2 for room, start in sorted(rooms))
        place = next((m for m in middles if _is_free(m, size, alive, result.offsets)), None)
        if place is None and size <= _SMALL:
            place = _first_gap(alive, result.offsets, _bytes(variable))
        if place is None:
            place = result.arena_bytes
            rooms.append((size, place))
        result.offsets[variable] = place
        placed.append(variable)
        result.arena_bytes = max(result.arena_bytes, place + size)


def _is_free(start: int, size: int, alive: list[Variable], offsets: dict[Variable, int]) -> bool:
    """Does nothing that lives lie in these bytes?"""
    return all(offsets[v] + _bytes(v) <= start or start + size <= offsets[v] for v in alive)


def _first_gap(others: Iterable[Variable], offsets: dict[Variable, int], size: int) -> int:
    start = 0
    for other in sorted(others, key=lambda v: offsets[v]):
        if start + size <= offsets[other]:
            break
        start = max(start, offsets[other] + _bytes(other))
    return start
