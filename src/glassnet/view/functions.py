"""Functions of one number, each drawn with its derivative."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..autodiff.derivatives import Derivatives
from ..errors import ArgumentError, ShapeError
from ..tensor import Tensor, as_tensor
from .numbers import number
from .picture import Picture
from .plot import COLOURS, MUTED, plotting

Array = np.ndarray[Any, Any]

POINTS = 241  # of a large curve
FEW = 57  # of one in a small panel
COLUMNS = 4  # of small panels
WORDS = 22  # characters of a line above a small panel
STEP = 0.02  # of the slopes' extent: a change from point to point that may be a jump
HALVINGS = 45  # of the interval that holds a jump


@dataclass(frozen=True, slots=True)
class Curve:
    """A function of one number.

    Attributes:
        name: what it is called.
        function: from a tensor of one number to one number.
        low: where the drawing begins.
        high: where it ends.
        across: what the number is.
        formula: of the function, a line; empty where it has none.
        derivative: formula of the derivative, likewise.
    """

    name: str
    function: Callable[[Tensor], Tensor]
    low: float
    high: float
    across: str
    formula: str = ""
    derivative: str = ""

    def __post_init__(self) -> None:
        if not (np.isfinite([self.low, self.high]).all() and self.low < self.high):
            raise ArgumentError(
                "a function is drawn over an interval", expected="finite numbers low < high",
                received=f"low={self.low}, high={self.high}",
            )  # fmt: skip
        found = as_tensor(self.function(Tensor(np.array(0.5 * (self.low + self.high)))))
        if found.shape:
            raise ShapeError(
                f"{self.name} is no function of one number",
                expected="shape () for an input of shape ()",
                received=f"{found.shape}",
                mend="give a function that treats each element by itself",
            )

    def measured(self, points: int = POINTS) -> Measured:
        """Its values and its slopes, from the definition of its operations."""
        with np.errstate(all="ignore"):
            exact = Derivatives(self.function, self.low, self.high)
            x = np.linspace(self.low, self.high, points)
            jumps = _jumps(exact, x)
            # Each jump parts the line: a point just left of it, a gap, a point just right of it.
            near = 1e-9 * (self.high - self.low)
            gap = np.stack([jumps - near, jumps, jumps + near], axis=1).ravel()
            away = np.abs(x[:, None] - jumps).min(axis=1, initial=np.inf) > near
            x = np.sort(np.concatenate([x[away], gap]))
            (slopes,) = exact(x, 1)
            values = exact.values(x)
            (there,) = exact(jumps, 1)
        return Measured(x, values, np.where(np.isin(x, jumps), np.nan, slopes), jumps, there)


@dataclass(frozen=True, slots=True)
class Measured:
    """A curve in numbers.

    Attributes:
        x: where (points,).
        values: f(x).
        slopes: f'(x); NaN where it jumps.
        jumps: where the slope jumps.
        there: what the derivative is taken to be at the jumps.
    """

    x: Array
    values: Array
    slopes: Array
    jumps: Array
    there: Array


def drawn(curves: Sequence[Curve], what: str) -> Picture:
    """One curve large with its formulas, or several in small panels.

    Args:
        curves: the functions.
        what: they are, in the plural.
    """
    alone = len(curves) == 1
    rows, columns = -(-len(curves) // COLUMNS), min(len(curves), COLUMNS)
    size = (6.4, 4.2) if alone else (2.25 * max(columns, 2), 1.95 * rows + 0.5)
    told = []
    with plotting(*size, rows=rows, columns=columns, grid=alone) as plot:
        for panel, curve in zip(plot.panels, curves, strict=False):
            found = curve.measured(POINTS if alone else FEW)
            _draw(panel, curve, found, alone=alone)
            told.append(_words(curve, found))
        for panel in plot.panels[len(curves) :]:
            panel.set_axis_off()
        plot.legend_below()
        start = "" if alone else f"{len(curves)} {what} with their derivatives. "
        return plot.picture(start + " ".join(told))


def called(function: Callable[..., Any]) -> str:
    """What a function is called, with the settings that `functools.partial` fixed.

    >>> called(functools.partial(print, end=""))
    "print(end='')"
    """
    if isinstance(function, functools.partial):
        settings = [
            *map(repr, function.args),
            *(f"{k}={v!r}" for k, v in function.keywords.items()),
        ]
        return f"{called(function.func)}({', '.join(settings)})"
    return str(getattr(function, "__name__", None) or repr(function))


def _draw(panel: Any, curve: Curve, found: Measured, *, alone: bool) -> None:
    wide = 2.2 if alone else 1.8
    panel.axhline(0.0, color=MUTED, linewidth=0.8)
    if curve.low < 0.0 < curve.high:
        panel.axvline(0.0, color=MUTED, linewidth=0.8)
    panel.plot(found.x, found.values, color=COLOURS[0], linewidth=wide, label="function")
    panel.plot(
        found.x, found.slopes, color=COLOURS[1], linewidth=wide, linestyle=(0, (4, 1.5)),
        label="derivative",
    )  # fmt: skip
    if len(found.jumps):
        panel.plot(
            found.jumps, found.there, "o", color=COLOURS[1], markersize=5 if alone else 4,
            label="derivative at the kink",
        )  # fmt: skip
    lines = [line for line in (curve.formula, curve.derivative) if line]
    title = "\n".join(lines) if alone and lines else textwrap.fill(curve.name, WORDS)
    panel.set_title(title, linespacing=1.4 if alone else 1.1)
    panel.set(xlim=(curve.low, curve.high), xlabel=curve.across)
    panel.xaxis.label.set_size(10 if alone else 8.5)


def _words(curve: Curve, found: Measured) -> str:
    values, slopes = (
        " to ".join(number(float(end(x)), 3) for end in (np.nanmin, np.nanmax))
        for x in (found.values, found.slopes)
    )
    low, high = number(curve.low), number(curve.high)
    told = f"{curve.name} from {low} to {high}: values {values}, slopes {slopes}"
    for at, slope in zip(found.jumps, found.there, strict=True):
        told += f"; a kink at {number(float(at))}, where the derivative is taken as {slope:g}"
    return f"{told}.".replace("-", "−")


def _jumps(exact: Derivatives, x: Array) -> Array:
    """Where f' jumps: its change over a cell stays as large however often the cell is halved."""
    (slopes,) = exact(x, 1)
    change = np.abs(np.diff(slopes))
    cells = np.flatnonzero(change > STEP * np.ptp(slopes[np.isfinite(slopes)]))
    left, right, before, after = x[cells], x[cells + 1], slopes[cells], slopes[cells + 1]
    if not len(cells):
        return cells.astype(np.float64)
    for _ in range(HALVINGS):
        middle = 0.5 * (left + right)
        (slope,) = exact(middle, 1)
        first = np.abs(slope - before) > np.abs(after - slope)
        left, right = np.where(first, left, middle), np.where(first, middle, right)
        before, after = np.where(first, before, slope), np.where(first, slope, after)
    stays = np.abs(after - before) > 0.3 * change[cells]
    # A slope of its own at the kink itself is found from both sides.
    return np.unique(np.round(right[stays], 9) + 0.0)
