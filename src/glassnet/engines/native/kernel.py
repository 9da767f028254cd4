"""What a kernel is: a loop nest that computes some variables of a program and stores them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..program import Statement, Variable
from ..protocol import Shape
from .expression import Place, broadcast
from .index import Fetch, Index, Loop, constant, delinearise, linearise, of
from .view import is_view, move

if TYPE_CHECKING:
    from .loop import Loop as Scanned

ANCHORS = frozenset(("concat", "contract", "describe", "max", "pad", "scan", "scatter_add", "sum"))


@dataclass(frozen=True, slots=True)
class Corner:
    """Where a part lies in a concatenation: its first element's place."""

    target: Variable
    offset: Shape

    def position(self, part: Variable, flat: Index) -> Index:
        """The position in the target of an element of the part."""
        place = zip(delinearise(flat, part.shape), self.offset, strict=True)
        return linearise([i + start for i, start in place], self.target.shape)


@dataclass(slots=True)
class Kernel:
    """A fused loop nest.

    kind        domain (rows, columns)       computes
    "rows"      kept size, reduced size      reductions along each row, then element by element
    "columns"   kept size, reduced size      reductions down columns, then element by element
    "contract"  batch·m, n                   one product, then element by element
    "scatter", "place"                       one statement each
    "describe"  operands, 1                  one statement
    "scan"      steps, 1                     a loop over a program of its own
    """

    kind: str
    rows: int
    columns: int
    anchors: list[Statement] = field(default_factory=list)
    stores: list[Variable] = field(default_factory=list)
    flexible: bool = False  # a plain map: the domain may still be cut into rows as others need it
    offset: Shape = ()  # "place": where the first element lands in the target
    target: Variable | None = None  # "place": the variable that receives a part
    placed: dict[Variable, Corner] = field(default_factory=dict)  # stores that are parts of others
    lasting: frozenset[Variable] = frozenset()  # stores that nobody reads for long
    loop: Scanned | None = None  # "scan": its body, made ready
    period: int = 0  # "columns": after so many kept elements it reads some of the same again

    @property
    def size(self) -> int:
        return self.rows * self.columns

    @property
    def writes(self) -> list[Variable]:
        """The variables whose memory it writes to, and the room in which a loop works."""
        if self.loop is not None:
            return [*self.stores, self.loop.room]
        if self.target is not None:
            return [self.target]
        written = (self.placed[s].target if s in self.placed else s for s in self.stores)
        return list(dict.fromkeys(written))

    def __str__(self) -> str:
        if self.kind == "scan":
            return f"scan of {self.rows} steps -> {', '.join(map(str, self.stores))}"
        words = ", ".join(f"{s.function} {s.out}" for s in self.anchors)
        stores = ", ".join(map(str, self.writes))
        return f"{self.kind} {self.rows}×{self.columns}: {words or 'map'} -> {stores}"


@dataclass(frozen=True, slots=True)
class Walk:
    """Follows a variable at an index down to the stored variables that it is computed from."""

    statements: Mapping[Variable, Statement]
    stored: frozenset[Variable]

    def leaves(self, variable: Variable, index: Place) -> list[tuple[Variable, Index]]:
        """Every load behind a variable: which stored variable, at which flat position."""
        return self.all_leaves([(variable, index)])

    def all_leaves(self, places: Iterable[tuple[Variable, Place]]) -> list[tuple[Variable, Index]]:
        """Every load behind some variables, each once; what they share is walked once."""
        found: dict[tuple[int, str], tuple[Variable, Index]] = {}
        seen: set[tuple[int, tuple[str, ...]]] = set()
        for variable, index in places:
            self._leaves(variable, index, found, seen)
        return list(found.values())

    def _leaves(
        self,
        variable: Variable,
        index: Place,
        found: dict[tuple[int, str], tuple[Variable, Index]],
        seen: set[tuple[int, tuple[str, ...]]],
    ) -> None:
        key = (variable.number, tuple([i.key for i in index]))
        if key in seen:
            return
        seen.add(key)
        if variable in self.stored:
            flat = linearise(index, variable.shape)
            found[variable.number, flat.key] = (variable, flat)
            return
        for source, place in self.operands(self.statements[variable], index):
            self._leaves(source, place, found, seen)

    def operands(self, statement: Statement, index: Place) -> Iterator[tuple[Variable, Place]]:
        """The variables an inlined statement reads, and where."""
        if is_view(statement):
            source, place = move(statement, index)
            yield source, place
            for step in place:
                for atom, _ in step.terms:
                    if isinstance(atom, Fetch) and atom.variable in statement.operands:
                        yield atom.variable, atom.index
        elif statement.function == "random_bits":
            key = statement.operands[0]
            assert isinstance(key, Variable)
            yield key, (constant(0),)
        else:
            for operand in statement.operands:
                if isinstance(operand, Variable):
                    yield operand, broadcast(index, operand)


def at(variable: Variable, kernel: Kernel, row: Index, column: Index) -> Place:
    """The index of a kernel's variable: an element of the domain, or one per row."""
    if variable.size == kernel.size:
        return delinearise(row * kernel.columns + column, variable.shape)
    return delinearise(row, variable.shape)


@dataclass(frozen=True, slots=True)
class Reduction:
    """How a `sum` or `max` walks its operand: kept axes outside, reduced ones inside."""

    operand: Variable
    kept: tuple[int, ...]
    reduced: tuple[int, ...]

    @staticmethod
    def of(statement: Statement) -> Reduction:
        operand = statement.operands[0]
        assert isinstance(operand, Variable)
        settings = dict(statement.settings)
        axes = settings["axes"]
        kept = tuple(i for i in range(len(operand.shape)) if i not in axes)
        return Reduction(operand, kept, tuple(sorted(axes)))

    def lengths(self, axes: tuple[int, ...]) -> Shape:
        return tuple(self.operand.shape[i] for i in axes)

    @property
    def rows(self) -> int:
        return math.prod(self.lengths(self.kept))

    @property
    def columns(self) -> int:
        return math.prod(self.lengths(self.reduced))

    @property
    def trailing(self) -> bool:
        """Are the reduced axes the last ones, so that a row is contiguous?"""
        return self.reduced == tuple(range(len(self.kept), len(self.operand.shape)))

    def index(self, row: Index, inner: tuple[Index, ...]) -> Place:
        """The operand's index for a kept position and one index per reduced axis."""
        places: dict[int, Index] = dict(zip(self.reduced, inner, strict=True))
        places |= zip(self.kept, delinearise(row, self.lengths(self.kept)), strict=True)
        return tuple(places[i] for i in range(len(self.operand.shape)))

    def flat(self, row: Index, column: Index) -> Place:
        """The operand's index for a kept position and a flat reduced position."""
        return self.index(row, delinearise(column, self.lengths(self.reduced)))


def probe(name: str, extent: int) -> Index:
    """A loop variable that only tests indices, before any loop is written."""
    return of(Loop(name, extent))
