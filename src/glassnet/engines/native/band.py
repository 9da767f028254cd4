"""Windows that reach beyond an image: which of their k meet only the zeros around it.

The input gradient of a convolution is a convolution over the results' gradient with zeros around
it, as many as a window is larger than one place. Line y of windows sees rows y … y + taps − 1 of
that, of which only those from `before` on are numbers, so many as are `inside`. A window's rows are
runs of k: the product starts at the first run with numbers in it and stops after the last. What is
left out would have added 0, unless it meets an infinity or NaN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ..program import Statement, Variable
from .ir import Function, Value, number
from .pack import Operand


@dataclass(frozen=True, slots=True)
class Band:
    """The rows of an image with zeros around it, as lines of windows see them."""

    lines: int  # of windows in each image
    before: int  # rows of zeros above
    inside: int  # rows of numbers
    taps: int  # rows of a window
    run: int  # k of each

    def reached(self, w: Function, line: Value) -> tuple[Value, Value]:
        """The first k that meets numbers, and how many do; `line` counts all images' lines."""
        zero = number(0, "i64")
        line = w.binary("urem", line, number(self.lines, "i64"))
        start = w.binary("sub", number(self.before, "i64"), line)
        start = w.smaller(w.larger(start, zero), number(self.taps - 1, "i64"))
        stop = w.binary("sub", number(self.before + self.inside, "i64"), line)
        stop = w.smaller(stop, number(self.taps, "i64"))
        count = w.larger(w.binary("sub", stop, start), number(1, "i64"))
        run = number(self.run, "i64")
        return w.binary("mul", start, run), w.binary("mul", count, run)


def band(left: Operand, statements: Mapping[Variable, Statement]) -> Band | None:
    """The band of a product's left operand, if it shows windows of an image with zeros around.

    Its rows are (…, line, place) and its k (row of the window, …), both one image row apart.
    """
    statement = statements.get(left.variable)
    rows, columns = left.rows.loops, left.columns.loops
    if statement is None or statement.function != "pad" or left.start:
        return None
    if len(rows) < 2 or len(columns) != 2 or rows[-2][1] != columns[0][1]:
        return None
    (lines, step), (taps, _), (run, along) = rows[-2], *columns
    settings, shape = dict(statement.settings), left.variable.shape
    strides = [math.prod(shape[i + 1 :]) for i in range(len(shape))]
    if settings["value"] != 0 or step not in strides:
        return None
    axis = strides.index(step)
    (places, beside), outer = rows[-1], [*left.batch.loops, *rows[:-2]]
    stays = (places - 1) * beside + (run - 1) * along < step and lines + taps - 1 <= shape[axis]
    if not stays or any(stride % (step * shape[axis]) for _, stride in outer):
        return None  # a window that leaves its line or its image
    low, high = settings["widths"][axis]
    return Band(lines, low, shape[axis] - low - high, taps, run) if low or high else None
