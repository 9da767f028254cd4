"""Loops over vector lanes: whole vectors first, then what is left behind a mask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .expression import Expressions, Lanes
from .index import ZERO, Index, Loop, of
from .ir import Level, Value, number

_STRAIGHT = 4  # vectors: up to so many are written without a loop


@contextmanager
def guard(e: Expressions, condition: Value) -> Iterator[None]:
    """Runs what is written inside only where the condition holds."""
    w = e.w
    then, end = w.fresh("then"), w.fresh("end")
    w.levels.append(Level(then))
    yield
    level = w.levels.pop()
    outer = w.levels[-1]
    outer.lines += [f"  br {condition}, label %{then}, label %{end}", f"{then}:"]
    outer.lines += [*level.lines, f"  br label %{end}", f"{end}:"]
    outer.block = end


@contextmanager
def counted(e: Expressions, extent: int, start: Value, stop: Value) -> Iterator[Index]:
    """A scalar loop over part of 0 … extent − 1, as an index; it runs at least once."""
    with e.w.loop(start, stop) as counter:
        loop = Loop(e.w.fresh("l"), extent)
        e.loops[loop] = counter
        yield of(loop)


@contextmanager
def nest(e: Expressions, lengths: tuple[int, ...]) -> Iterator[tuple[Index, ...]]:
    """Nested scalar loops over all of `lengths`."""
    if not lengths:
        yield ()
        return
    if lengths[0] == 1:
        with nest(e, lengths[1:]) as inner:
            yield (ZERO, *inner)
        return
    with counted(e, lengths[0], number(0, "i64"), number(lengths[0], "i64")) as first:
        with nest(e, lengths[1:]) as inner:
            yield (first, *inner)


def mask(e: Expressions, lanes: int, base: Value, extent: int) -> Value:
    """Which of the lanes from `base` on are still below `extent`."""
    iota = Value(f"<{', '.join(f'i32 {i}' for i in range(lanes))}>", "i32", lanes, 0)
    left = e.w.binary("sub", number(extent, "i64"), base)
    return e.w.compare("icmp slt", iota, e.w.convert("trunc", left, "i32"))


@contextmanager
def lane(
    e: Expressions, base: Value, extent: int, lanes: int, masked: bool, aligned: bool = True
) -> Iterator[Index]:
    """One vector of lanes that starts at `base`, a multiple of lanes if aligned, as an index."""
    loop = Loop(e.w.fresh("l"), extent)
    e.loops[loop] = base
    outer = e.lanes
    e.lanes = Lanes(loop, lanes, mask(e, lanes, base, extent) if masked else None, aligned)
    yield of(loop)
    e.lanes = outer


def chunks(extent: int, lanes: int) -> list[tuple[int, bool]]:
    """The vectors of a short row: where each starts, and whether it needs a mask."""
    return [(start, start + lanes > extent) for start in range(0, extent, lanes)]


def sweep(e: Expressions, width: int, lanes: int, body: Callable[[Index], None]) -> None:
    """`body` for all of `width` elements: a loop over vectors, then the masked rest."""
    if width == 1:
        body(ZERO)
        return
    parts = chunks(width, lanes)
    if len(parts) > _STRAIGHT:
        with e.w.loop(number(0, "i64"), number(width - width % lanes, "i64"), lanes) as base:
            with lane(e, base, width, lanes, masked=False) as column:
                body(column)
        parts = [part for part in parts if part[1]]
    for start, masked in parts:
        with lane(e, number(start, "i64"), width, lanes, masked) as column:
            body(column)
