"""An axis of a product's operand: one index that runs through an array in several strided loops.

A matrix has one stride for its rows and one for its columns. Windows over an image have more: row
number m of all windows is (image, y, x), column number k is (y, x, channel) inside the window. An
`Axis` says so: its loops, outermost first, each with a length and a stride; the index counts
through them as an odometer does.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from .index import Atom, Index, Loop, Quotient, Remainder, depends
from .ir import Function, Value, number

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Axis:
    """Loops as (length, stride), outermost first; at least one."""

    loops: tuple[tuple[int, int], ...]

    @property
    def run(self) -> int:
        """The length of the innermost loop: so far the axis goes on with one stride."""
        return self.loops[-1][0]

    @property
    def stride(self) -> int:
        """The innermost stride."""
        return self.loops[-1][1]

    @property
    def plain(self) -> bool:
        """Does one stride lead through all of it?"""
        return len(self.loops) == 1

    @property
    def runs(self) -> int:
        """How often the innermost loop is run through."""
        return math.prod(length for length, _ in self.loops[:-1])

    def position(self, w: Function, index: Value) -> Value:
        """How far an index of the axis lies from its beginning."""
        return _position(w, self.loops, index)

    def start(self, w: Function, run: Value) -> Value:
        """How far the beginning of a run lies from that of the axis."""
        return number(0, "i64") if self.plain else _position(w, self.loops[:-1], run)


def _position(w: Function, loops: tuple[tuple[int, int], ...], index: Value) -> Value:
    total = number(0, "i64")
    for place, (length, stride) in enumerate(reversed(loops), 1):
        digit = index
        if place < len(loops):
            digit = _whole(w, "urem", index, length)
            index = _whole(w, "udiv", index, length)
        if stride and digit.name != "0":
            step = digit if stride == 1 else w.binary("mul", digit, number(stride, "i64"))
            total = step if total.name == "0" else w.binary("add", total, step)
    return total


def _whole(w: Function, operator: str, index: Value, by: int) -> Value:
    """Quotient or remainder, known beforehand where the index is a number."""
    if index.name.startswith("%"):
        return w.binary(operator, index, number(by, "i64"))
    value = int(index.name)
    return number(value // by if operator == "udiv" else value % by, "i64")


def axes(flat: Index, loops: Sequence[Index]) -> list[Axis] | None:
    """How a position moves with each of the loops; None where that is no sum of strided loops."""
    found = []
    terms = dict(flat.terms)
    for loop in loops:
        if not loop.terms:
            found.append(Axis(((1, 0),)))
            continue
        ((variable, _),) = loop.terms
        assert isinstance(variable, Loop)
        mine = {atom: c for atom, c in terms.items() if depends(atom, variable)}
        spans = {atom: _span(atom, variable) for atom in mine}
        for atom in mine:
            del terms[atom]
        axis = _axis([(span, mine[atom]) for atom, span in spans.items()], variable.extent)
        if axis is None:
            return None
        found.append(axis)
    return None if terms else found


def _span(atom: Atom, loop: Loop) -> Span | None:
    """(low, high) if the atom is (loop div low) mod (high div low); None if it is not."""
    if atom == loop:
        return 1, loop.extent
    if not isinstance(atom, Quotient | Remainder) or len(atom.of.terms) != 1 or atom.of.constant:
        return None
    ((inner, coefficient),) = atom.of.terms
    span = _span(inner, loop) if coefficient == 1 else None
    if span is None:
        return None
    cut = span[0] * atom.by
    if span[1] % cut:
        return None
    return (cut, span[1]) if isinstance(atom, Quotient) else (span[0], cut)


def _axis(parts: list[tuple[Span | None, int]], extent: int) -> Axis | None:
    """The loops between all the places where a part begins or ends."""
    spans = [span for span, _ in parts if span is not None]
    if len(spans) < len(parts):
        return None
    cuts = sorted({1, extent, *(cut for span in spans for cut in span)})
    loops: list[tuple[int, int]] = []
    for low, high in itertools.pairwise(cuts):
        if high % low:
            return None
        stride = sum(
            c * (low // span[0])
            for span, c in parts
            if span is not None and span[0] <= low and high <= span[1]
        )
        if loops and stride == loops[0][1] * loops[0][0]:
            loops[0] = (loops[0][0] * (high // low), loops[0][1])
        else:
            loops.insert(0, (high // low, stride))
    return Axis(tuple(loops))
