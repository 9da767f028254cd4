"""Pass 3: which kernels compute the stored variables together.

Each stored variable starts as a kernel of its own; everything else is computed where it is needed.
A kernel then joins the one that produces what it reads, where both visit the same elements in the
same order and nothing else stands between them. What is then read only inside its own kernel stays
in registers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from ..program import Program, Statement, Variable
from .ancestors import Ancestors
from .index import MOST_LANES, Index, stride_of
from .kernel import Corner, Kernel, Reduction, Walk, at, probe
from .order import in_order
from .rewrite import variables
from .stored import stored_variables

_ALONE = 1 << 12  # elements that one thread computes as fast as several


@dataclass(slots=True)
class Fused:
    """A program as kernels, in an order in which they can run."""

    program: Program
    kernels: list[Kernel]
    stored: frozenset[Variable]
    statements: dict[Variable, Statement] = field(default_factory=dict)
    _known: dict[int, set[Variable]] = field(default_factory=dict)

    def reads(self, kernel: Kernel) -> set[Variable]:
        """The stored variables that a kernel loads from memory."""
        if id(kernel) not in self._known:
            reads = _reads(kernel, self.statements, self.stored)
            place = kernel.kind == "place"
            self._known[id(kernel)] = reads if place else reads - set(kernel.stores)
        return self._known[id(kernel)]


def fuse(program: Program, updates: dict[Variable, Variable]) -> Fused:
    """The kernels of a canonical program; `updates` maps inputs to what is written over them."""
    return _Fuser(program, updates).run()


def _reads(
    kernel: Kernel, statements: dict[Variable, Statement], stored: frozenset[Variable]
) -> set[Variable]:
    found: set[Variable] = set()
    seen: set[Variable] = set()
    own = {a.out for a in kernel.anchors} | set(kernel.stores)
    pending = [v for a in kernel.anchors for v in variables(a.operands)]
    pending += [v for s in kernel.stores for v in _operands(s, statements)]
    if kernel.kind == "place":
        own, pending = set(), list(kernel.stores)
    while pending:
        variable = pending.pop()
        if variable in seen or variable in own:
            continue
        seen.add(variable)
        if variable in stored:
            found.add(variable)
        else:
            pending += _operands(variable, statements)
    return found


def _operands(variable: Variable, statements: dict[Variable, Statement]) -> list[Variable]:
    statement = statements.get(variable)
    return [] if statement is None else variables(statement.operands)


class _Fuser:
    def __init__(self, program: Program, updates: dict[Variable, Variable]) -> None:
        self.program = program
        self.updates = updates
        self.statements = {v: s for s in program.statements for v in s.outs}
        self.stored = frozenset(program.inputs) | frozenset(program.constants)
        self.stored |= stored_variables(program)
        self.order = {v: i for i, s in enumerate(program.statements) for v in s.outs}
        self.home: dict[Variable, list[Kernel]] = {}  # the kernels that write a variable
        self.readers: dict[Variable, dict[int, Kernel]] = {}  # the kernels that load a variable
        self._known_reads: dict[int, set[Variable]] = {}

    def run(self) -> Fused:
        kernels = self._initial()
        kernels = self._merge(kernels)
        self._keep_in_registers(kernels)
        fused = Fused(self.program, kernels, self.stored, self.statements)
        fused.kernels = in_order(kernels, fused.reads, self.updates)
        return fused

    # -- first kernels ---------------------------------------------------------------------------
    def _initial(self) -> list[Kernel]:
        kernels: list[Kernel] = []
        joined = [s for s in self.program.statements if s.function == "concat"]
        parts = {part for s in joined for part in variables(s.operands)}
        for statement in self.program.statements:
            if statement.out in parts:
                continue
            if statement.out in self.stored and statement.out.size:
                made = self._together(_kernels_of(statement, self.walk))
                kernels += made
                self.home |= dict.fromkeys(statement.outs, made)
                self.home |= {part: [k] for k in made for part in k.placed}
        return kernels

    def _together(self, kernels: list[Kernel]) -> list[Kernel]:
        """Parts of one array that run alike and read the same: one kernel, one look at it."""
        alike: dict[object, Kernel] = {}
        for kernel in kernels:
            domain = kernel.kind, kernel.rows, kernel.columns
            reads = frozenset(_reads(kernel, self.statements, self.stored))
            first = alike.setdefault((domain, reads) if kernel.placed else id(kernel), kernel)
            if first is not kernel:
                _absorb(first, kernel)
        return list(alike.values())

    def reads(self, kernel: Kernel) -> set[Variable]:
        """The stored variables a kernel loads, while the kernels are being merged."""
        if id(kernel) not in self._known_reads:
            self._known_reads[id(kernel)] = _reads(kernel, self.statements, self.stored)
        return self._known_reads[id(kernel)]

    @property
    def walk(self) -> Walk:
        return Walk(self.statements, self.stored)

    # -- merging ---------------------------------------------------------------------------------
    def _merge(self, kernels: list[Kernel]) -> list[Kernel]:
        alive = {id(kernel): kernel for kernel in kernels}
        self.above = Ancestors(kernels, self._needs)
        for kernel in kernels:
            for variable in self.reads(kernel):
                self.readers.setdefault(variable, {})[id(kernel)] = kernel
        for kernel in kernels:
            merged = id(kernel) in alive
            while merged:
                merged = False
                for other in self._candidates(kernel):
                    if self._joins(other, kernel) and not self._between(other, kernel):
                        self._absorb(other, kernel)
                        del alive[id(kernel)]
                        kernel, merged = other, True
                        break
        return list(alive.values())

    def _absorb(self, first: Kernel, second: Kernel) -> None:
        """`second` becomes a part of `first`."""
        for kernel in (first, second):
            for variable in self.reads(kernel):
                self.readers[variable].pop(id(kernel), None)
        _absorb(first, second)
        self._known_reads.pop(id(first), None)
        for variable in self.reads(first):
            self.readers[variable][id(first)] = first
        self.home |= {variable: [first] for variable in second.stores}
        for corner in second.placed.values():
            writers = [first if k is second else k for k in self.home[corner.target]]
            self.home[corner.target] = list({id(k): k for k in writers}.values())
        self.above.join(first, second)

    def _candidates(self, kernel: Kernel) -> list[Kernel]:
        """Kernels to join: those it reads from, the latest first; then those that read the same."""
        reads = self.reads(kernel)
        found: dict[int, Kernel] = {}
        for variable in sorted(reads & self.home.keys(), key=lambda v: -self.order[v]):
            found |= {id(k): k for k in self.home[variable] if id(k) not in found}
        if kernel.kind in ("rows", "columns"):
            alike: dict[int, Kernel] = {}
            for variable in reads:
                if variable.size == kernel.size:
                    alike |= self.readers[variable]
            same = (k for k in alike.values() if k.kind == kernel.kind and id(k) not in found)
            found |= {id(k): k for k in sorted(same, key=self.above.place)}
        found.pop(id(kernel), None)
        return list(found.values())

    def _between(self, first: Kernel, second: Kernel) -> bool:
        """Would joining the two make a circle through a third?"""
        return self._reaches(first, second) or self._reaches(second, first)

    def _reaches(self, start: Kernel, goal: Kernel) -> bool:
        """Does `goal` need `start` through some other kernel?"""
        return any(self.above.needs(k, start) for k in self._needs(goal) if k is not start)

    def _needs(self, kernel: Kernel) -> list[Kernel]:
        needs = {id(k): k for v in self.reads(kernel) & self.home.keys() for k in self.home[v]}
        needs.pop(id(kernel), None)
        return list(needs.values())

    def _joins(self, first: Kernel, second: Kernel) -> bool:
        """Can `second` run inside `first`, on the element (or row) `first` has just computed?"""
        if "place" in (first.kind, second.kind) or self._touches(second, first):
            return False
        if self.reads(second) & {corner.target for corner in first.placed.values()}:
            return False
        if second.kind == "columns":
            same = first.kind == "columns" and _same_reduction(first, second)
            return same and not self._touches(first, second)
        if second.kind != "rows" or first.kind not in ("rows", "columns", "contract"):
            return False
        domain = _common_domain(first, second)
        return domain is not None and self._same_places(first, second, domain)

    def _touches(self, first: Kernel, second: Kernel) -> bool:
        return bool(self.reads(second) & {*first.stores, *first.writes})

    def _same_places(self, first: Kernel, second: Kernel, domain: tuple[int, int]) -> bool:
        """Does `second` read what `first` writes only where both stand?"""
        rows, columns = domain
        kernel = Kernel("rows", rows, columns)
        row, column = probe("r", rows), probe("c", columns)
        walk = self.walk
        reductions = [Reduction.of(a) for a in second.anchors]
        places = [(r.operand, r.flat(row, column)) for r in reductions]
        for store in second.stores:
            if store.size not in (kernel.size, rows):
                return False
            index = at(store, kernel, row, column)
            if store not in {a.out for a in second.anchors}:
                places += walk.operands(self.statements[store], index)
        flat = row * columns + column
        corners = first.placed | second.placed
        steps = [stride_of(c.position(s, flat), column.terms[0][0]) for s, c in corners.items()
                 if column.terms]  # fmt: skip
        if any(step != 1 for step in steps):
            return False
        shared = self.reads(second) & set(first.stores)
        for leaf, position in walk.all_leaves(places) if shared else ():
            if leaf in shared:
                if leaf.size == kernel.size and position == flat:
                    continue
                if leaf.size == rows and position == row:
                    continue
                return False
        return True

    # -- after merging ---------------------------------------------------------------------------
    def _keep_in_registers(self, kernels: list[Kernel]) -> None:
        """What only its own kernel reads is not stored."""
        readers: dict[Variable, set[int]] = {}
        for kernel in kernels:
            for variable in self.reads(kernel):
                readers.setdefault(variable, set()).add(id(kernel))
        outputs = set(self.program.outputs)
        for kernel in kernels:
            if kernel.kind in ("rows", "columns", "contract"):
                shared = [v for v in kernel.stores if readers.get(v, set()) - {id(kernel)}]
                kept = outputs.union(shared, kernel.placed)
                self.stored -= set(kernel.stores) - kept
                kernel.stores = [v for v in kernel.stores if v in kept]


def _kernels_of(statement: Statement, walk: Walk) -> list[Kernel]:
    """The kernels of one stored variable, before any merging."""
    out = statement.out
    match statement.function:
        case "sum" | "max":
            reduction = Reduction.of(statement)
            kind = "rows" if _along_rows(reduction, walk) else "columns"
            size = (reduction.rows, reduction.columns)
            return [Kernel(kind, *size, anchors=[statement], stores=[out])]
        case "contract":
            batch, m, n = out.shape
            return [Kernel("contract", batch * m, n, anchors=[statement], stores=[out])]
        case "scatter_add":
            return [Kernel("scatter", 1, out.size, anchors=[statement], stores=[out])]
        case "describe":
            return [Kernel("describe", out.shape[0], 1, anchors=[statement], stores=[out])]
        case "concat":
            return _corners(statement)
        case "pad":
            return _padding(statement)
        case "scan":
            steps = dict(statement.settings)["length"]
            return [Kernel("scan", steps, 1, anchors=[statement], stores=list(statement.outs))]
    return [Kernel("rows", 1, out.size, stores=[out], flexible=True)]


def _along_rows(reduction: Reduction, walk: Walk) -> bool:
    """Do the lanes run along the reduced axes, and not across the kept ones?"""
    if not reduction.trailing:
        return False
    if reduction.rows == 1:
        return True
    row, column = probe("r", reduction.rows), probe("c", reduction.columns)
    leaves = walk.leaves(reduction.operand, reduction.flat(row, column))

    def loaded(loop: Index) -> int:
        """How many operands lie side by side along it, or are the same for all lanes."""
        return sum(
            not loop.terms or stride_of(flat, loop.terms[0][0], MOST_LANES) in (0, 1)
            for _, flat in leaves
        )

    along = loaded(column)
    if along < len(leaves) == loaded(row) and reduction.rows >= MOST_LANES:
        return False  # down the columns nothing has to be gathered
    return along * 2 >= len(leaves)


def _padding(statement: Statement) -> list[Kernel]:
    """`pad`: the padding everywhere, then what it surrounds."""
    (part,), out = variables(statement.operands), statement.out
    kernels = [Kernel("place", 1, out.size, target=out, offset=(0,) * len(out.shape))]
    if part.size:
        start = tuple(low for low, _ in dict(statement.settings)["widths"])
        kernels.append(Kernel("place", 1, part.size, stores=[part], target=out, offset=start))
    return kernels


def _corners(statement: Statement) -> list[Kernel]:
    """`concat`: a map for each part, which stores it where it belongs, run by run."""
    kernels, before, axis = [], 0, dict(statement.settings)["axis"]
    for part in variables(statement.operands):
        offset = tuple(before if i == axis else 0 for i in range(len(part.shape)))
        run = math.prod(part.shape[axis:])
        placed = {part: Corner(statement.out, offset)}
        kernels.append(Kernel("rows", part.size // run, run, stores=[part], placed=placed))
        before += part.shape[axis]
    return kernels


def _same_reduction(first: Kernel, second: Kernel) -> bool:
    a, b = Reduction.of(first.anchors[0]), Reduction.of(second.anchors[0])
    return (a.operand.shape, a.reduced) == (b.operand.shape, b.reduced)


def _common_domain(first: Kernel, second: Kernel) -> tuple[int, int] | None:
    """The rows and columns on which both kernels can run; None when there are none."""
    if first.kind == "columns":
        return (1, first.rows) if second.flexible and second.size == first.rows else None
    if first.kind == "contract" or not first.flexible:
        if first.rows == 1 and first.anchors and second.flexible and second.size > _ALONE:
            return None  # one row is one thread's, a map of so many elements is not
        if second.flexible:
            fits = second.size == first.size or (
                first.kind == "rows" and second.size == first.rows and _has_rows(first)
            )
            return (first.rows, first.columns) if fits else None
        same = first.kind == "rows" and (first.rows, first.columns) == (second.rows, second.columns)
        return (first.rows, first.columns) if same else None
    if second.flexible:
        return (1, first.size) if first.size == second.size else None
    fits = first.size == second.size or (first.size == second.rows and _has_rows(second))
    return (second.rows, second.columns) if fits else None


def _has_rows(kernel: Kernel) -> bool:
    """Can it store a value per row? A single row without a reduction is shared out by columns."""
    return kernel.rows > 1 or bool(kernel.anchors)


def _absorb(first: Kernel, second: Kernel) -> None:
    if first.flexible and not second.flexible:
        first.rows, first.columns, first.flexible = second.rows, second.columns, False
    first.anchors += second.anchors
    first.stores += second.stores
    first.placed |= second.placed
