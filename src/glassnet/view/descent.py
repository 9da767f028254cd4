"""The path of a descent on the function it descends: a curve in 1-D, contours in 2-D."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autodiff.derivatives import Derivatives
from ..autodiff.stationary import StationaryPoint
from ..errors import ShapeError
from ..graph import no_grad
from ..optim.descent import Descent, name_of
from ..tensor import Tensor
from .numbers import number
from .picture import Picture
from .plot import COLOURS, GROUND, INK, Plot, plotting

Array = np.ndarray[Any, Any]

CURVE = 600  # points of the curve
CELLS = 80  # of the grid under contours, each way
MARGIN = 0.15  # of the path's extent, around it
HEADROOM = 0.3  # of the values' extent, above and below
TANGENTS = 3  # first steps whose tangents are drawn
PATH, FUNCTION = COLOURS[1], COLOURS[0]
SIGNS = {"minimum": "v", "maximum": "^", "saddle": "s", "undecided": "D"}


def descent(
    path: Descent, *, stationary: Sequence[StationaryPoint] = (), names: Sequence[str] = ()
) -> Picture:
    """A descent of one or two numbers, drawn on its function.

    Of one number: the curve of f, the points of the path, the tangents that the first steps follow,
    and the stationary points given. Of two numbers: contours of f with the path on them.

    Args:
        path: what `descend` returned.
        stationary: what `stationary_points` returned, to mark them; 1-D only.
        names: of the coordinates.

    Raises:
        ShapeError: the path has more than two coordinates.
    """
    size = path.points[0].size
    if size > 2:
        raise ShapeError(
            "a descent is drawn in one or two dimensions",
            expected="points of 1 or 2 numbers",
            received=f"points of shape {path.points[0].shape}",
            mend="plot path.values, or descend along a line",
        )
    labels = tuple(names) or (("x",) if size == 1 else ("x₁", "x₂"))
    with plotting(7.4, 4.2) as plot:
        if size == 1:
            _curve(plot, path, stationary, labels[0])
        else:
            _contours(plot, path, labels)
        end = ", ".join(number(float(x)) for x in path.points[-1].ravel())
        return plot.picture(
            f"Descent in {len(path)} steps of {name_of(path.optimizer)}: "
            f"f from {number(float(path.values[0]))} to {number(float(path.values[-1]))} at {end}."
        )


def _curve(plot: Plot, path: Descent, stationary: Sequence[StationaryPoint], name: str) -> None:
    x = path.points.reshape(-1)
    low, high = _around(np.concatenate([x, [point.x for point in stationary]]), MARGIN)
    grid = np.linspace(low, high, CURVE)
    axes = plot.axes
    with np.errstate(all="ignore"):
        axes.plot(grid, _values(path, grid), color=FUNCTION, linewidth=2, label="f")
        _tangents(plot, path, high - low)
    axes.plot(x, path.values, color=PATH, linewidth=1, alpha=0.6, zorder=3)
    axes.scatter(x, path.values, s=26, color=PATH, zorder=4, label="steps")
    _ends(plot, np.stack([x, path.values], axis=1), len(path))
    for kind, marker in SIGNS.items():
        told = [point for point in stationary if point.kind == kind]
        if told:
            places = ", ".join(number(point.x) for point in told)
            axes.plot(
                [p.x for p in told], [p.value for p in told], marker, markersize=10,
                markerfacecolor="none", markeredgecolor=INK, markeredgewidth=1.6, zorder=5,
                label=f"{kind}: {name} = {places}",
            )  # fmt: skip
    heights = np.concatenate([path.values, [point.value for point in stationary]])
    axes.set(xlim=(low, high), ylim=_around(heights, HEADROOM), xlabel=name, ylabel=f"f({name})")
    plot.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _tangents(plot: Plot, path: Descent, width: float) -> None:
    """The lines whose slope the first steps follow; they show why a step goes where it goes."""
    x = path.points.reshape(-1)[: min(TANGENTS, len(path))]
    derivatives = Derivatives(path.function, float(x.min()) - 1, float(x.max()) + 1)
    (slopes,) = derivatives(x, 1)
    for at, value, slope in zip(x, path.values, slopes, strict=False):
        reach = 0.07 * width
        ends = np.array([at - reach, at + reach])
        plot.axes.plot(
            ends, value + slope * (ends - at), color=INK, linewidth=1.2, linestyle="--",
            scalex=False, scaley=False,
        )  # fmt: skip
    plot.axes.plot([], [], color=INK, linewidth=1.2, linestyle="--", label="tangents")


def _contours(plot: Plot, path: Descent, names: Sequence[str]) -> None:
    points = path.points.reshape(-1, 2)
    extents = [_around(points[:, i], MARGIN) for i in range(2)]
    x, y = (np.linspace(*extent, CELLS) for extent in extents)
    values = _plane(path, x, y)
    axes = plot.axes
    axes.grid(visible=False)
    finite = values[np.isfinite(values)]
    # Levels by rank, so that valleys and cliffs both show.
    levels = np.unique(np.quantile(finite, np.linspace(0, 1, 18) ** 1.5))
    if len(levels) > 1:
        axes.contour(x, y, values, levels, colors=[FUNCTION], linewidths=0.9, alpha=0.6)
        axes.contourf(x, y, values, levels, colors=[FUNCTION], alpha=0.05)
        axes.plot([], [], color=FUNCTION, label="equal f")
    size = 5.0 if len(path) <= 50 else 3.0
    axes.plot(*points.T, "-o", color=PATH, linewidth=1.0, markersize=size, label="steps")
    _ends(plot, points, len(path))
    axes.set(xlim=extents[0], ylim=extents[1], xlabel=names[0], ylabel=names[1])
    plot.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _ends(plot: Plot, points: Array, steps: int) -> None:
    """Says where the path begins and where it ends, on patches of ground, away from the path."""
    ground = {"facecolor": GROUND, "alpha": 0.75, "linewidth": 0, "pad": 1.5}
    first = points[0] - points[min(1, steps)]
    for point, text, right, up in (
        (points[0], "start", first[0] >= 0, first[1] >= 0),
        (points[-1], f"step {steps}", True, False),
    ):
        plot.axes.annotate(
            text, point, xytext=(10 if right else -10, 10 if up else -16), color=INK, fontsize=10,
            textcoords="offset points", ha="left" if right else "right", zorder=6, bbox=ground,
        )  # fmt: skip


def _around(values: Array, share: float) -> tuple[float, float]:
    """The extent of the values with a share of it as room on both sides."""
    low, high = float(values.min()), float(values.max())
    margin = share * (high - low) or max(abs(low), 1.0)
    return low - margin, high + margin


def _values(path: Descent, grid: Array) -> Array:
    """f on a grid of single numbers, in the shape of the path's points."""
    shape = path.points.shape[1:]
    with no_grad():
        found = [path.function(Tensor(np.full(shape, x))).item() for x in grid]
    return np.array(found, np.float64)


def _plane(path: Descent, x: Array, y: Array) -> Array:
    """f on the grid of x across and y up."""
    shape, dtype = path.points.shape[1:], path.points.dtype
    with no_grad(), np.errstate(all="ignore"):
        return np.array(
            [
                [path.function(Tensor(np.array([a, b], dtype).reshape(shape))).item() for a in x]
                for b in y
            ],
            np.float64,
        )
