"""A function of two numbers as a landscape: contours from above, or a surface in space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .plot import COLOURS, GROUND, INK

Array = np.ndarray[Any, Any]

LEVELS = 18  # of contours
LINES = 20  # of the net on a surface, each way
GROUNDS = COLOURS[0]
SMALL, LARGE = 2.6, 5.0  # markers, in points
CROWDED = 0.016  # of the width and the height: steps that are mostly shorter have small markers


@dataclass(frozen=True, slots=True)
class Terrain:
    """The heights of a function over a grid.

    Attributes:
        x: (columns,) across.
        y: (rows,) up.
        heights: f (rows, columns).
    """

    x: Array
    y: Array
    heights: Array

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, right, bottom, top."""
        return float(self.x[0]), float(self.x[-1]), float(self.y[0]), float(self.y[-1])

    def levels(self) -> Array:
        """Heights of contours, by rank, so that valleys and cliffs both show."""
        finite = self.heights[np.isfinite(self.heights)]
        return np.asarray(np.unique(np.quantile(finite, np.linspace(0, 1, LEVELS) ** 1.5)))

    def contours(self, axes: Any, label: str = "equal f") -> None:
        """Draws lines of equal height on tinted ground."""
        axes.grid(visible=False)
        levels = self.levels()
        if len(levels) > 1:
            axes.contour(
                self.x, self.y, self.heights, levels, colors=[GROUNDS], linewidths=0.9, alpha=0.6
            )
            axes.patch.set(facecolor=GROUNDS, alpha=0.05)
            axes.plot([], [], color=GROUNDS, label=label)
        axes.set(xlim=self.extent[:2], ylim=self.extent[2:])

    def surface(self, space: Any, ceiling: float | None = None) -> None:
        """Draws the surface as a net; what rises above the ceiling is cut off."""
        top = float(np.nanmax(self.heights)) if ceiling is None else ceiling
        across, up = np.meshgrid(self.x, self.y)
        heights = np.where(self.heights <= top, self.heights, np.nan)
        rows, columns = (np.unique(np.linspace(0, n - 1, LINES).astype(int)) for n in heights.shape)
        pick = np.ix_(rows, columns)
        space.plot_surface(
            across[pick], up[pick], heights[pick], color=GROUND, edgecolor=GROUNDS, shade=False,
            rcount=LINES, ccount=LINES, linewidth=0.5, antialiased=True, zorder=1,
        )  # fmt: skip

    def height(self, points: Array) -> Array:
        """Heights at points (n, 2) on it, between those of the grid (bilinear)."""
        found = []
        for at, axis in ((points[:, 0], self.x), (points[:, 1], self.y)):
            place = np.interp(at, axis, np.arange(len(axis)))
            left = np.minimum(place.astype(int), len(axis) - 2)
            found.append((left, place - left))
        (i, u), (j, v) = found
        z = self.heights
        low = z[j, i] * (1 - u) + z[j, i + 1] * u
        high = z[j + 1, i] * (1 - u) + z[j + 1, i + 1] * u
        return np.asarray(low * (1 - v) + high * v)


def track(axes: Any, points: Array, colour: str, name: str, *, marker: str = "o") -> None:
    """A path on a landscape: its line and its points, in the plane (n, 2) or in space (n, 3)."""
    size = SMALL if _crowded(axes, points) else LARGE
    axes.plot(
        *points.T, f"-{marker}", color=colour, linewidth=1.1, markersize=size, label=name, zorder=5
    )
    axes.plot(
        *points[-1:].T, marker, color=colour, markersize=8, markeredgecolor=INK, zorder=6,
        markeredgewidth=1.2, linestyle="",
    )  # fmt: skip


def ring(axes: Any, point: Array, name: str) -> None:
    """Marks a place in the plane, without covering what is there."""
    axes.plot(
        *point[:, None], "o", markersize=12, markerfacecolor="none", markeredgecolor=INK,
        markeredgewidth=1.2, zorder=7,
    )  # fmt: skip
    ground = {"facecolor": GROUND, "alpha": 0.75, "linewidth": 0, "pad": 1.5}
    axes.annotate(
        name, point, xytext=(0, 12), textcoords="offset points", ha="center", va="bottom",
        color=INK, fontsize=10, zorder=7, bbox=ground,
    )  # fmt: skip


def _crowded(axes: Any, points: Array) -> bool:
    """Whether steps on what is shown are mostly too short for markers that are far to see."""
    if len(points) < 3:
        return False
    spans = np.array([np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())])
    steps = np.diff(points[:, :2], axis=0) / spans
    return float(np.median(np.hypot(*steps.T))) < CROWDED
