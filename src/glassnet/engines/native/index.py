"""Positions inside an array, written as whole-number formulas of loop variables.

An `Index` is c₀ + Σ cᵢ·atomᵢ with known bounds. An atom is a loop variable, the quotient or the
remainder of another index (a reshape leaves those), or a number fetched from an index array.
Quotients and remainders that belong together fold back: d·(x div d) + (x mod d) = x. That one rule
makes reshapes of reshapes disappear and lets a test for "the same element" be a comparison.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence

from ..program import Variable
from ..protocol import Shape

Terms = tuple[tuple["Atom", int], ...]
MOST_LANES = 16  # numbers in a vector, on any processor


class Atom:
    """Something that is not a sum: ordered and compared by `key`, between `low` and `high`."""

    __slots__ = ("high", "key", "low")
    key: str
    low: int
    high: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


class Loop(Atom):
    """A loop variable: 0, 1, …, extent − 1."""

    __slots__ = ("extent", "name")

    def __init__(self, name: str, extent: int) -> None:
        self.name, self.extent = name, extent
        self.key, self.low, self.high = name, 0, max(extent - 1, 0)


class Quotient(Atom):
    """`of` div `by`, for an index that is never negative."""

    __slots__ = ("by", "of")

    def __init__(self, of: Index, by: int) -> None:
        self.of, self.by = of, by
        self.key, self.low, self.high = f"({of.key})/{by}", of.low // by, of.high // by


class Remainder(Atom):
    """`of` mod `by`, for an index that is never negative."""

    __slots__ = ("by", "of")

    def __init__(self, of: Index, by: int) -> None:
        self.of, self.by = of, by
        self.key, self.low, self.high = _remainder(of, by), 0, by - 1


def _remainder(of: Index, by: int) -> str:
    return f"({of.key})%{by}"


class Fetch(Atom):
    """An element of an integer array, used as an index below `extent`."""

    __slots__ = ("extent", "index", "variable")

    def __init__(self, variable: Variable, index: tuple[Index, ...], extent: int) -> None:
        self.variable, self.index, self.extent = variable, index, extent
        places = ",".join(i.key for i in index)
        self.key, self.low, self.high = f"{variable}[{places}]<{extent}", 0, max(extent - 1, 0)


class Index:
    """constant + Σ coefficient · atom, in the order of the atoms' keys; between low and high."""

    __slots__ = ("_key", "constant", "high", "low", "terms")

    def __init__(self, terms: Terms, constant: int, low: int, high: int) -> None:
        self.terms, self.constant, self.low, self.high = terms, constant, low, high
        self._key = ""

    @property
    def key(self) -> str:
        """The formula as text; what most indices on the way to another are never asked for."""
        if not self._key:
            words = [f"{c}*{a.key}" for a, c in self.terms]
            if self.constant or not words:
                words.append(str(self.constant))
            self._key = "+".join(words)
        return self._key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Index) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __add__(self, other: Index | int) -> Index:
        if isinstance(other, int):
            return build(self.terms, self.constant + other) if other else self
        return build((*self.terms, *other.terms), self.constant + other.constant)

    def __mul__(self, factor: int) -> Index:
        if factor == 1:
            return self
        return build([(atom, c * factor) for atom, c in self.terms], self.constant * factor)

    def __str__(self) -> str:
        return self.key


def build(terms: Iterable[tuple[Atom, int]], constant: int = 0) -> Index:
    """The index of these terms, collected, folded and put in order."""
    collected: dict[str, tuple[Atom, int]] = {}
    folds = False
    for atom, coefficient in terms:
        if atom.low or atom.high:
            known = collected.get(atom.key)
            before = known[1] if known else 0
            collected[atom.key] = (known[0] if known else atom, before + coefficient)
            folds = folds or isinstance(atom, Quotient)
    total = {key: term for key, term in collected.items() if term[1]}
    folded = _fold(total) if folds and len(total) > 1 else None
    if folded is not None:
        return build(folded.terms, folded.constant + constant)
    low = high = constant
    for atom, c in total.values():
        low += c * (atom.low if c > 0 else atom.high)
        high += c * (atom.high if c > 0 else atom.low)
    ordered = sorted(total) if len(total) > 1 else total
    return Index(tuple(total[key] for key in ordered), constant, low, high)


def _fold(total: dict[str, tuple[Atom, int]]) -> Index | None:
    """d·(x div d) + (x mod d) → x, once; None when nothing folds."""
    for key, (atom, coefficient) in total.items():
        if isinstance(atom, Quotient) and coefficient % atom.by == 0:
            rest = _remainder(atom.of, atom.by)
            scale = coefficient // atom.by
            if rest in total and total[rest][1] == scale:
                others = [term for k, term in total.items() if k not in (key, rest)]
                return build(
                    [*others, *((a, c * scale) for a, c in atom.of.terms)],
                    atom.of.constant * scale,
                )
    return None


def constant(value: int) -> Index:
    """An index that never moves."""
    return build((), value)


ZERO = constant(0)


def of(atom: Atom) -> Index:
    """The atom as an index."""
    return build([(atom, 1)])


def divmod_index(index: Index, by: int) -> tuple[Index, Index]:
    """Quotient and remainder, with the parts that divide evenly taken out."""
    if by == 1:
        return index, ZERO
    whole = [(a, c // by) for a, c in index.terms if c % by == 0]
    rest = build([(a, c) for a, c in index.terms if c % by], index.constant % by)
    if rest.low < 0:
        if index.low >= 0 and index.high < by:
            return ZERO, index
        return of(Quotient(index, by)), of(Remainder(index, by))
    quotient = build(whole, index.constant // by)
    if rest.high < by:
        return quotient, rest
    return quotient + of(Quotient(rest, by)), of(Remainder(rest, by))


@functools.cache
def row_major(shape: Shape) -> Shape:
    """The strides, in elements, of a contiguous array."""
    return tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))


def linearise(index: Sequence[Index], shape: Shape) -> Index:
    """The position of `index` in a contiguous array."""
    terms: list[tuple[Atom, int]] = []
    start = 0
    for place, stride in zip(index, row_major(shape), strict=True):
        terms += [(a, c * stride) for a, c in place.terms]
        start += place.constant * stride
    return build(terms, start)


def delinearise(flat: Index, shape: Shape) -> tuple[Index, ...]:
    """The index of the element at a position of a contiguous array."""
    places: list[Index] = []
    for axis in range(len(shape) - 1, -1, -1):
        if shape[axis] == 1:
            places.append(ZERO)
        elif math.prod(shape[:axis]) == 1:
            places.append(flat)
            flat = ZERO
        else:
            flat, place = divmod_index(flat, shape[axis])
            places.append(place)
    return tuple(reversed(places))


def stride_of(index: Index, loop: Atom, lanes: int = 1) -> int | None:
    """How far one step of the loop moves the index; None when that is not a fixed distance.

    With `lanes`, a step within a vector of so many, the first of which is a multiple of them.
    """
    stride = 0
    for atom, coefficient in index.terms:
        if atom == loop:
            stride += coefficient
        elif depends(atom, loop) and not _same_for_all(atom, loop, lanes):
            if lanes == 1 or not _keeps_vectors_whole(atom, loop, lanes):
                return None
            stride += coefficient if isinstance(atom, Remainder) else 0
    return stride


def _same_for_all(atom: Atom, loop: Atom, lanes: int) -> bool:
    """Is it one number for all lanes of a vector?"""
    if not depends(atom, loop):
        return True
    if lanes == 1 or not isinstance(atom, Quotient | Remainder):
        return False
    if isinstance(atom, Quotient) and _keeps_vectors_whole(atom, loop, lanes):
        return True
    return all(_same_for_all(inner, loop, lanes) for inner, _ in atom.of.terms)


def _keeps_vectors_whole(atom: Atom, loop: Atom, lanes: int) -> bool:
    """Is the quotient one number for all lanes of a vector, and the remainder counts them up?"""
    if not isinstance(atom, Quotient | Remainder) or atom.by % lanes:
        return False
    steps = 0
    for inner, coefficient in atom.of.terms:
        whole = isinstance(inner, Remainder) and _keeps_vectors_whole(inner, loop, lanes)
        if inner == loop or (whole and depends(inner, loop)):
            steps += coefficient
        elif coefficient % lanes or not _same_for_all(inner, loop, lanes):
            return False
    return steps == 1 and atom.of.constant % lanes == 0


def depends(atom: Atom, loop: Atom) -> bool:
    """Does the atom change with the loop variable?"""
    if isinstance(atom, Quotient | Remainder):
        return any(depends(inner, loop) for inner, _ in atom.of.terms)
    if isinstance(atom, Fetch):
        return any(depends(inner, loop) for place in atom.index for inner, _ in place.terms)
    return atom == loop
