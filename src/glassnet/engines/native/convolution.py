"""Convolutions in a program: products over all 3×3 windows of images, as the operations write them.

results   Σ x[n, y+i, x+j, c] · w[o, i, j, c]     over i, j, c; the input gradient is one, too
slope     Σ x[n, y+i, x+j, c] · r[n, y, x, o]     over n, y, x: the gradient by the weights
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..contraction import Contraction
from ..program import Statement, Variable
from ..protocol import Shape
from .rewrite import variables

Pair = tuple[int, int]
Makers = Mapping[Variable, Statement]
_WINDOW = {"axes": (1, 2), "sizes": (3, 3), "strides": (1, 1), "dilations": (1, 1)}


@dataclass(frozen=True, slots=True)
class Convolution:
    """A product of windows with weights, or (`slope`) with what goes with the results."""

    statement: Statement
    image: Variable  # (batch, height, width, inner)
    padding: tuple[Pair, Pair]  # zeros around it
    other: Variable
    order: tuple[int, ...]  # other's axes as (place, place, inner, outer), if it is weights
    back: tuple[int, ...]  # axes of (place, place, inner, outer) as the result has them, if a slope
    slope: bool

    @property
    def results(self) -> Variable:
        """(batch, height, width, outer)"""
        return self.other if self.slope else self.statement.out

    @property
    def size(self) -> Shape:
        """(height, width) of the results."""
        return self.results.shape[1:3]

    @property
    def batch(self) -> int:
        return self.image.shape[0]

    @property
    def channels(self) -> Pair:
        """(inner, outer)"""
        return self.image.shape[3], self.results.shape[3]


def recognise(statement: Statement, makers: Makers) -> Convolution | None:
    """The convolution that a statement is, if it is one; `makers` know how variables came about."""
    if statement.function != "contract":
        return None
    letters = Contraction.parse(dict(statement.settings)["spec"])
    a, b = variables(statement.operands)
    for windows, ours, other, theirs in (
        (a, letters.a, b, letters.b),
        (b, letters.b, a, letters.a),
    ):
        viewed = _viewed(windows, makers)
        new = "".join(letter for letter in theirs if letter not in ours)
        if viewed is None or len(theirs) != 4 or len(new) != 1:
            continue
        at, places = ours[:3] + new, ours[3:] + new
        if theirs == at and sorted(letters.out) == sorted(places):
            back = tuple(places.index(letter) for letter in letters.out)
            return Convolution(statement, *viewed, other, (), back, slope=True)
        if letters.out == at and sorted(theirs) == sorted(places):
            order = tuple(theirs.index(letter) for letter in places)
            return Convolution(statement, *viewed, other, order, (), slope=False)
    return None


def _viewed(windows: Variable, makers: Makers) -> tuple[Variable, tuple[Pair, Pair]] | None:
    """The image whose windows (batch, y, x, place, place, channel) these are, and its padding."""
    turned = makers.get(windows)
    if turned is None or turned.function != "transpose":
        return None
    made = makers.get(variables(turned.operands)[0])
    if made is None or made.function != "window" or dict(made.settings) != _WINDOW:
        return None
    (image,) = variables(made.operands)
    if dict(turned.settings)["axes"] != (0, 1, 2, 4, 5, 3):
        return None
    padded = makers.get(image)
    if padded is not None and padded.function == "pad":
        settings = dict(padded.settings)
        batch, rows, columns, channels = settings["widths"]
        if settings["value"] == 0 and batch == channels == (0, 0):
            return variables(padded.operands)[0], (rows, columns)
    return image, ((0, 0), (0, 0))
