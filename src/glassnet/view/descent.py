"""Paths of descents on the function they descend: a curve in 1-D, contours and surface in 2-D."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..autodiff.derivatives import Derivatives
from ..autodiff.stationary import StationaryPoint
from ..errors import ArgumentError, GlassnetError, ShapeError
from ..graph import no_grad
from ..optim.descent import Descent, name_of
from ..tensor import Tensor
from .numbers import number
from .picture import Picture
from .plot import COLOURS, GROUND, INK, MARKERS, Plot, plotting
from .terrain import Terrain, ring, track

Array = np.ndarray[Any, Any]

CURVE = 600  # points of the curve
CELLS = 64  # of the grid under contours, each way
PROBES = 5  # of them at which f is asked alone, too
MARGIN = 0.15  # of the path's extent, around it
HEADROOM = 0.3  # of the values' extent, above and below
TANGENTS = 3  # first steps whose tangents are drawn
PATH, FUNCTION = COLOURS[1], COLOURS[0]
CYCLE = COLOURS[1:] * 9  # of paths, beside the function's own
SIGNS = {"minimum": "v", "maximum": "^", "saddle": "s", "undecided": "D"}


def descent(
    *paths: Descent,
    stationary: Sequence[StationaryPoint] = (),
    minimum: Sequence[float] | None = None,
    names: Sequence[str] = (),
    labels: Sequence[str] = (),
    surface: bool = False,
) -> Picture:
    """Descents of one or two numbers, drawn on the function that they descend.

    Of one number: the curve of f, the points of the path, the tangents that the first steps follow,
    and the stationary points given. Of two numbers: contours of f with the paths on them, and the
    surface beside them where it is asked for.

    Args:
        paths: what `descend` returned; several of them go down the same f, such as with different
            optimisers, or with the gradients of mini-batches.
        stationary: what `stationary_points` returned, to mark them; 1-D only.
        minimum: where f is lowest, to mark it; 2-D only.
        names: of the coordinates.
        labels: of the paths; their optimisers when left out.
        surface: whether the surface is drawn too; 2-D only.

    Raises:
        ArgumentError: no path.
        ShapeError: a path has more than two coordinates, or another number than the others; the
            minimum has not two.

    >>> import glassnet as gn
    >>> from glassnet import optim, view
    >>> def valley(x):
    ...     return x[0] ** 2 + 10 * x[1] ** 2
    >>> paths = [gn.descend(valley, [-3, 1], m(lr=0.08), 9) for m in (optim.SGD, optim.Adam)]
    >>> view.descent(*paths)
    <picture: Descents of one function. SGD(lr=0.08), 9 steps: f from 19 to 0.3912. \
Adam(lr=0.08), 9 steps: f from 19 to 6.182.>
    """
    size = checked(paths)
    called = titles(paths, labels)
    axes = tuple(names) or (("x",) if size == 1 else ("x₁", "x₂"))
    if size == 1:
        with plotting(7.4, 4.2) as plot:
            _curves(plot, paths, stationary, axes[0], called)
            return plot.picture(told(paths, called))
    lowest = np.zeros((0, 2)) if minimum is None else _place(minimum)
    ground = terrain(paths, lowest)
    width, columns = (9.6, 2) if surface else (7.4, 1)
    with plotting(width, 4.2, columns=columns) as plot:
        ground.contours(plot.axes)
        for path, name, colour, marker in zip(paths, called, CYCLE, MARKERS * 9, strict=False):
            track(plot.axes, path.points.reshape(-1, 2), colour, name, marker=marker)
        _ends(plot, paths[0].points.reshape(-1, 2), len(paths[0]), end=len(paths) == 1)
        for point in lowest:
            ring(plot.axes, point, "minimum")
        plot.axes.set(xlabel=axes[0], ylabel=axes[1])
        if surface:
            space = plot.spatial(1)
            raised(space, ground, paths)
            space.set(xlabel=axes[0], ylabel=axes[1], zlabel="f")
            plot.legend_below()
        else:
            plot.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        return plot.picture(told(paths, called))


def raised(space: Any, ground: Terrain, paths: Sequence[Descent]) -> None:
    """The surface with the paths on it."""
    top = max(float(path.values.max()) for path in paths)
    ground.surface(space, ceiling=max(top, float(np.nanmedian(ground.heights))))
    for path, colour, marker in zip(paths, CYCLE, MARKERS * 9, strict=False):
        track(
            space, np.column_stack([path.points.reshape(-1, 2), path.values]), colour,
            "_same", marker=marker,
        )  # fmt: skip


def checked(paths: Sequence[Descent]) -> int:
    """The number of coordinates, 1 or 2, that all paths have."""
    if not paths:
        raise ArgumentError("there is no path to draw", mend="pass what gn.descend returned")
    sizes = {path.points[0].size for path in paths}
    if len(sizes) > 1 or max(sizes) > 2:
        raise ShapeError(
            "a descent is drawn in one or two dimensions",
            expected="points of 1 or 2 numbers, as many in each path",
            received=f"points of shape {', '.join(str(path.points[0].shape) for path in paths)}",
            mend="plot path.values, or descend along a line",
        )
    return int(sizes.pop())


def titles(paths: Sequence[Descent], labels: Sequence[str]) -> list[str]:
    """What each path is called."""
    if labels and len(labels) != len(paths):
        raise ArgumentError(
            "each path has a label", expected=f"{len(paths)}", received=f"{len(labels)} labels"
        )
    if labels:
        return list(labels)
    return ["steps"] if len(paths) == 1 else [name_of(path.optimizer) for path in paths]


def told(paths: Sequence[Descent], labels: Sequence[str]) -> str:
    """The descents in words."""
    if len(paths) == 1:
        (path,) = paths
        end = ", ".join(number(float(x)) for x in path.points[-1].ravel())
        return (
            f"Descent in {len(path)} steps of {name_of(path.optimizer)}: "
            f"f from {number(float(path.values[0]))} to {number(float(path.values[-1]))} at {end}."
        )
    words = [
        f"{label}, {len(path)} steps: f from {number(float(path.values[0]))} to "
        f"{number(float(path.values[-1]))}."
        for path, label in zip(paths, labels, strict=True)
    ]
    return f"Descents of one function. {' '.join(words)}"


def terrain(paths: Sequence[Descent], also: Array | None = None) -> Terrain:
    """The function around the paths, which have two coordinates, and around other points (n, 2)."""
    others = np.zeros((0, 2)) if also is None else also
    points = np.concatenate([*(path.points.reshape(-1, 2) for path in paths), others])
    x, y = (np.linspace(*_around(points[:, i], MARGIN), CELLS) for i in range(2))
    return Terrain(x, y, _plane(paths[0], x, y))


def _place(minimum: Sequence[float]) -> Array:
    """The minimum as points (1, 2)."""
    place = np.asarray(minimum, np.float64)
    if place.shape != (2,):
        raise ShapeError(
            "the minimum of a function of two numbers has two coordinates",
            expected="minimum=(x₁, x₂)",
            received=f"minimum={minimum!r}",
        )
    return place[None]


def _curves(
    plot: Plot,
    paths: Sequence[Descent],
    stationary: Sequence[StationaryPoint],
    name: str,
    called: Sequence[str],
) -> None:
    """One path with everything, and further ones as points on the same curve."""
    others = zip(paths[1:], called[1:], CYCLE[1:], MARKERS[1:] * 9, strict=False)
    for path, label, colour, marker in others:
        plot.axes.plot(
            path.points.reshape(-1), path.values, f"-{marker}", color=colour, markersize=5,
            linewidth=1, label=label, zorder=4,
        )  # fmt: skip
    _curve(plot, paths, stationary, name, called[0])


def _curve(
    plot: Plot,
    paths: Sequence[Descent],
    stationary: Sequence[StationaryPoint],
    name: str,
    label: str,
) -> None:
    path, x = paths[0], paths[0].points.reshape(-1)
    every = [p.points.reshape(-1) for p in paths]
    low, high = _around(np.concatenate([*every, [point.x for point in stationary]]), MARGIN)
    grid = np.linspace(low, high, CURVE)
    axes = plot.axes
    with np.errstate(all="ignore"):
        axes.plot(grid, _values(path, grid), color=FUNCTION, linewidth=2, label="f")
        _tangents(plot, path, high - low)
    axes.plot(x, path.values, color=PATH, linewidth=1, alpha=0.6, zorder=3)
    axes.scatter(x, path.values, s=26, color=PATH, zorder=4, label=label)
    _ends(plot, np.stack([x, path.values], axis=1), len(path), end=len(paths) == 1)
    for kind, marker in SIGNS.items():
        told = [point for point in stationary if point.kind == kind]
        if told:
            places = ", ".join(number(point.x) for point in told)
            axes.plot(
                [p.x for p in told], [p.value for p in told], marker, markersize=10,
                markerfacecolor="none", markeredgecolor=INK, markeredgewidth=1.6, zorder=5,
                label=f"{kind}: {name} = {places}",
            )  # fmt: skip
    heights = np.concatenate([*(p.values for p in paths), [point.value for point in stationary]])
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


def _ends(plot: Plot, points: Array, steps: int, *, end: bool) -> None:
    """Says where the path begins and where it ends, on patches of ground, away from the path."""
    ground = {"facecolor": GROUND, "alpha": 0.75, "linewidth": 0, "pad": 1.5}
    first = points[0] - points[min(1, steps)]
    for point, text, right, up in (
        (points[0], "start", first[0] >= 0, first[1] >= 0),
        (points[-1], f"step {steps}", True, False),
    )[: 1 + end]:
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
    return _heights(path.function, np.stack([np.full(shape, x) for x in grid]))


def _plane(path: Descent, x: Array, y: Array) -> Array:
    """f on the grid of x across and y up."""
    shape, dtype = path.points.shape[1:], path.points.dtype
    points = np.stack(np.meshgrid(x, y), axis=-1).astype(dtype)
    return _heights(path.function, points.reshape(-1, *shape)).reshape(len(y), len(x))


def _heights(function: Callable[[Tensor], Tensor], points: Array) -> Array:
    """f at many points (N, …): at all of them at once, where a few agree with f at each alone."""
    some = np.unique(np.linspace(0, len(points) - 1, PROBES).astype(int))
    with no_grad(), np.errstate(all="ignore"):
        alone = np.array([function(Tensor(points[i])).item() for i in some], np.float64)
        try:
            together = function(Tensor(np.moveaxis(points, 0, -1).copy())).numpy()
        except (GlassnetError, IndexError, TypeError, ValueError):
            together = np.zeros(())  # f takes one point at a time
        close = 1e3 * np.finfo(points.dtype).eps
        if together.shape == points.shape[:1] and np.allclose(
            together[some], alone, rtol=close, atol=0.0, equal_nan=True
        ):
            return together.astype(np.float64)
        return np.array([function(Tensor(point)).item() for point in points], np.float64)
