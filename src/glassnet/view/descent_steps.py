"""Descents of two numbers played step by step, several optimisers at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..optim.descent import Descent, name_of
from .animation import Animation
from .descent import CYCLE, checked, raised, terrain, titles, told
from .numbers import number
from .picture import Picture
from .plot import MARKERS, plotting
from .terrain import Terrain, track

MOST = 30  # frames


def descent_steps(
    *paths: Descent,
    names: Sequence[str] = ("x₁", "x₂"),
    labels: Sequence[str] = (),
    surface: bool = False,
    most: int = MOST,
) -> Animation:
    """Descents on the contours of their function, played: after each step where all of them are.

    Args:
        paths: what `descend` returned, of two numbers and the same f.
        names: of the coordinates.
        labels: of the paths; their optimisers when left out.
        surface: whether the surface is shown beside the contours.
        most: frames; of more steps some are left out, the first ones least.

    Raises:
        ArgumentError: no path, or fewer than two frames.
        ShapeError: paths of another number of coordinates.

    >>> import glassnet as gn
    >>> from glassnet import view
    >>> player = view.descent_steps(gn.descend(lambda x: (x**2).sum(), [1.0, 2.0], steps=2))
    >>> player.labels[1]
    'Step 1: SGD(lr=0.1) at f = 3.2.'
    """
    if checked(paths) != 2:
        raise ShapeError(
            "steps are played on the contours of a function of two numbers",
            expected="points of 2 numbers", received=f"{paths[0].points.shape[1:]}",
            mend="draw a descent of one number with view.descent",
        )  # fmt: skip
    if most < 2:
        raise ArgumentError("several steps are played", expected="most ≥ 2", received=f"{most=}")
    called = titles(paths, labels or [name_of(path.optimizer) for path in paths])
    ground, last = terrain(paths), max(map(len, paths))
    times = np.unique(np.round(last * np.linspace(0.0, 1.0, most) ** 1.5).astype(int))
    if last < most:
        times = np.arange(last + 1)
    frames = [_frame(ground, paths, called, int(step), names, surface) for step in times]
    alt = f"{told(paths, called)} Played in {len(frames)} pictures."
    return Animation(frames, alt, labels=[frame.alt for frame in frames], seconds=0.35)


def _frame(
    ground: Terrain,
    paths: Sequence[Descent],
    called: Sequence[str],
    step: int,
    names: Sequence[str],
    surface: bool,
) -> Picture:
    so_far = [
        Descent(p.points[: step + 1], p.values[: step + 1], p.slopes, p.function, p.optimizer)
        for p in paths
    ]
    with plotting(9.6 if surface else 5.6, 4.6, columns=1 + surface) as plot:
        ground.contours(plot.axes)
        for path, name, colour, marker in zip(so_far, called, CYCLE, MARKERS * 9, strict=False):
            track(plot.axes, path.points.reshape(-1, 2), colour, name, marker=marker)
        plot.axes.set(xlabel=names[0], ylabel=names[1], title=f"step {step}")
        if surface:
            space = plot.spatial(1)
            raised(space, ground, so_far)
            space.set(xlabel=names[0], ylabel=names[1], zlabel="f")
        plot.legend_below(2 + 2 * surface)
        where = ", ".join(
            f"{name} at f = {number(float(path.values[-1]))}"
            for path, name in zip(so_far, called, strict=True)
        )
        return plot.picture(f"Step {step}: {where}.")
