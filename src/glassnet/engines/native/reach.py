"""Which memory a thread touches when it runs its part of a kernel.

For each stored variable the elements from the first to the last that are read or written; all of
them where nothing better is known. What follows row by row, such as a layer after a normalisation
or attention after its projections, then finds on each thread what that thread itself has written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..program import Statement, Variable
from .expression import Place
from .fuse import Fused
from .index import Atom, Index, Loop, Quotient, Remainder, of
from .kernel import Reduction, Walk, at, probe
from .rewrite import variables

if TYPE_CHECKING:
    from .loop import Loop as Scanned
    from .schedule import Task

Array = np.ndarray[Any, Any]
Range = tuple[int, int]  # from, up to but not including


@dataclass(slots=True)
class Reach:
    """The elements of each variable that each thread reads and writes: (threads, 2) numbers."""

    reads: dict[Variable, Array]
    writes: dict[Variable, Array]


def reach(task: Task, fused: Fused) -> Reach:
    """What the parts of a task touch: from, and up to but not including; twice 0 for nothing."""
    kernel, threads = task.kernel, len(task.parts)
    writes = {v: np.zeros((threads, 2), np.int64) for v in kernel.writes}
    reads = {v: np.zeros((threads, 2), np.int64) for v in fused.reads(kernel)}
    visits = _Visits(task, fused)
    for thread, part in enumerate(task.parts):
        if part[0] < part[1]:
            written, read = visits.of(part, thread)
            for touched, known in ((writes, written), (reads, read)):
                for variable, ranges in touched.items():
                    ranges[thread] = known.get(variable, (0, variable.size))
    return Reach(reads, writes)


class _Visits:
    """Where a kernel goes while it passes over its rows and columns."""

    def __init__(self, task: Task, fused: Fused) -> None:
        self.kernel, self.product = task.kernel, task.product
        self.leaves: list[tuple[Variable, Index]] = []
        self.cut = self._cut()
        if self.cut:
            self.leaves = self._all_leaves(fused)

    def _cut(self) -> str:
        """What a part is a range of: rows, columns of the one row, batches; nothing that helps.

        The rows of a kernel that sums down columns are what it keeps of each.
        """
        if self.kernel.kind == "columns":
            return "rows"
        if self.kernel.kind == "rows":
            return "columns" if self.kernel.rows == 1 and not self.kernel.anchors else "rows"
        if self.product is None or self.product.turned or self.product.split == "columns":
            return ""
        return "batch" if self.product.split == "panels" else self.product.split

    def of(self, part: Range, thread: int) -> tuple[dict[Variable, Range], dict[Variable, Range]]:
        """The elements that a thread's part writes and reads, as far as they are known."""
        loop = self.kernel.loop
        if loop is not None and loop.shared_out:
            return self._steps(loop, part, thread)
        if not self.cut:
            return {}, {}
        if self.product is not None and self.product.split == "panels":
            panels = self.product.row_panels  # of the products that it has a part of
            part = part[0] // panels, -(-part[1] // panels)
        rows, columns = (0, self.kernel.rows), (0, self.kernel.columns)
        of_operand = part
        if self.cut == "columns":
            columns = part
        elif self.product is None:
            rows = part
        elif self.cut == "batch":
            rows = part[0] * self.product.m, part[1] * self.product.m
        else:
            rows = of_operand = self.product.first_row(part[0]), self.product.first_row(part[1])
        limits: dict[Atom, Range] = {Loop("r", 0): rows, Loop("c", 0): columns}
        limits[Loop("batch" if self.cut == "batch" else "line", 0)] = of_operand
        return self._written(rows, columns), self._read(limits)

    def _steps(
        self, loop: Scanned, part: Range, thread: int
    ) -> tuple[dict[Variable, Range], dict[Variable, Range]]:
        """The rows of some steps of a loop without a state, and the room of their thread."""
        rows = {
            around: (part[0] * own.size, part[1] * own.size)
            for own, around in loop.rows.items()
            if around.size == loop.steps * own.size and around not in loop.fixed.values()
        }
        room = thread * loop.room_bytes, (thread + 1) * loop.room_bytes
        return {**rows, loop.room: room}, rows

    def _written(self, rows: Range, columns: Range) -> dict[Variable, Range]:
        kernel, found = self.kernel, {}
        for store in kernel.stores:
            mine = rows
            if store.size == kernel.size:
                first, last = rows[0] * kernel.columns, (rows[1] - 1) * kernel.columns
                mine = first + columns[0], last + columns[1]
            elif store.size != kernel.rows:
                continue
            corner = kernel.placed.get(store)
            if corner is None:
                found[store] = mine
            else:
                element = Loop("element", store.size)
                low, high = bounds(corner.position(store, of(element)), {element: mine})
                before = found.get(corner.target, (low, high + 1))
                found[corner.target] = min(low, before[0]), max(high + 1, before[1])
        return found

    def _read(self, limits: Mapping[Atom, Range]) -> dict[Variable, Range]:
        found: dict[Variable, Range] = {}
        for variable, flat in self.leaves:
            low, high = bounds(flat, limits)
            before = found.get(variable, (low, high + 1))
            found[variable] = (min(low, before[0]), max(high + 1, before[1]))
        return found

    def _all_leaves(self, fused: Fused) -> list[tuple[Variable, Index]]:
        kernel = self.kernel
        row, column = probe("r", kernel.rows), probe("c", kernel.columns)
        own = {a.out for a in kernel.anchors}
        walk = Walk(fused.statements, (fused.stored - set(kernel.stores)) | own)
        wanted = [(store, at(store, kernel, row, column)) for store in kernel.stores]
        for anchor in kernel.anchors:
            if kernel.kind in ("rows", "columns"):
                reduction = Reduction.of(anchor)
                wanted.append((reduction.operand, reduction.flat(row, column)))
            else:
                wanted += self._operands(anchor)
        return [leaf for leaf in walk.all_leaves(wanted) if leaf[0] not in own]

    def _operands(self, anchor: Statement) -> Iterator[tuple[Variable, Place]]:
        """What a product reads: its batches, or its rows of the left operand."""
        for side, operand in enumerate(variables(anchor.operands)):
            names = ["batch", f"line{side or ''}", f"deep{side}"]
            yield operand, tuple(map(probe, names, operand.shape))


def bounds(index: Index, limits: Mapping[Atom, Range]) -> Range:
    """The smallest and the largest value of an index while its loops keep to their limits.

    >>> from .index import Loop, divmod_index, of
    >>> row = Loop("row", 100)
    >>> quotient, remainder = divmod_index(of(row), 10)
    >>> bounds(quotient * 3 + remainder + 5, {row: (20, 40)})
    (11, 23)
    """
    low = high = index.constant
    for atom, coefficient in index.terms:
        ends = [coefficient * end for end in _ends(atom, limits)]
        low, high = low + min(ends), high + max(ends)
    return low, high


def _ends(atom: Atom, limits: Mapping[Atom, Range]) -> Range:
    if isinstance(atom, Loop) and atom in limits:
        return limits[atom][0], limits[atom][1] - 1
    if isinstance(atom, Quotient | Remainder):
        low, high = bounds(atom.of, limits)
        if isinstance(atom, Quotient):
            return low // atom.by, high // atom.by
        if low // atom.by == high // atom.by:
            return low % atom.by, high % atom.by
    return atom.low, atom.high
