"""Views: statements that move an index and compute nothing. `gather` is one that looks it up."""

from __future__ import annotations

from typing import Any

from ..program import Statement, Variable
from .index import ZERO, Fetch, Index, constant, delinearise, linearise, of

VIEWS = frozenset(("broadcast_to", "flip", "gather", "reshape", "slice", "transpose", "window"))
Place = tuple[Index, ...]


def is_view(statement: Statement) -> bool:
    """Does the statement only move an index?"""
    return statement.function in VIEWS


def move(statement: Statement, index: Place) -> tuple[Variable, Place]:
    """Where an element of a view comes from: the viewed variable, and the index in it."""
    source = statement.operands[0]
    assert isinstance(source, Variable)
    settings = dict(statement.settings)
    match statement.function:
        case "reshape":
            return source, delinearise(linearise(index, statement.out.shape), source.shape)
        case "transpose":
            axes = settings["axes"]
            return source, tuple(index[axes.index(i)] for i in range(len(axes)))
        case "broadcast_to":
            kept = index[len(index) - len(source.shape) :]
            return source, tuple(
                ZERO if size == 1 else place for place, size in zip(kept, source.shape, strict=True)
            )
        case "slice":
            starts, steps = settings["starts"], settings["steps"]
            return source, tuple(
                place * step + start
                for place, start, step in zip(index, starts, steps, strict=True)
            )
        case "flip":
            return source, tuple(
                constant(size - 1) + place * -1 if axis in settings["axes"] else place
                for axis, (place, size) in enumerate(zip(index, source.shape, strict=True))
            )
        case "window":
            return source, _windowed(settings, index, len(source.shape))
        case _:
            return source, _gathered(statement, index, settings["axis"])


def _windowed(settings: dict[str, Any], index: Place, ndim: int) -> Place:
    places = list(index[:ndim])
    steps = zip(settings["axes"], settings["strides"], settings["dilations"], strict=True)
    for (axis, stride, dilation), inside in zip(steps, index[ndim:], strict=True):
        places[axis] = places[axis] * stride + inside * dilation
    return tuple(places)


def _gathered(statement: Statement, index: Place, axis: int) -> Place:
    source, indices = statement.operands
    assert isinstance(source, Variable) and isinstance(indices, Variable)
    after = axis + len(indices.shape)
    row = Fetch(indices, index[axis:after], source.shape[axis])
    return (*index[:axis], of(row), *index[after:])
