"""A canvas as a PNG, drawn by matplotlib."""

from __future__ import annotations

import io
from typing import Any

from ..errors import MissingDependencyError
from .canvas import Box, Canvas, Curve, Shape, Words, arrow_head
from .palette import ROLES

UNITS = 96.0  # SVG units to the inch
POINTS = 72.0 / UNITS  # typographic points to the unit
Colours = dict[str, str]  # role → colour
LONGEST = 32_000  # pixels a side; matplotlib takes up to 65,535 …
PIXELS = 80_000_000  # … and four bytes for each of all


def raster(canvas: Canvas, dpi: int, *, dark: bool = False) -> bytes:
    """The canvas in its light or its dark form; a very large one with fewer pixels to the inch.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingDependencyError("matplotlib", "plot", "a picture as PNG") from None
    dpi = min(dpi, _most(canvas.width, canvas.height))
    colours = {name: role.dark if dark else role.light for name, role in ROLES.items()}
    figure = Figure(figsize=(canvas.width / UNITS, canvas.height / UNITS), dpi=dpi)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, canvas.width), ylim=(canvas.height, 0))
    axes.axis("off")
    for order, shape in enumerate(canvas.shapes):
        _draw(axes, shape, order, colours)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()


def _most(width: float, height: float) -> int:
    """How many pixels to the inch there can be, at least 1."""
    inches = width / UNITS, height / UNITS
    return max(1, int(min(LONGEST / max(inches), (PIXELS / (inches[0] * inches[1])) ** 0.5)))


def _draw(axes: Any, shape: Shape, order: int, colours: Colours) -> None:
    match shape:
        case Box():
            _draw_box(axes, shape, order, colours)
        case Curve():
            _draw_curve(axes, shape, order, colours)
        case Words():
            _draw_words(axes, shape, order, colours)


def _draw_box(axes: Any, box: Box, order: int, colours: Colours) -> None:
    from matplotlib.patches import FancyBboxPatch

    axes.add_patch(
        FancyBboxPatch(
            (box.x + box.radius, box.y + box.radius),
            box.width - 2 * box.radius,
            box.height - 2 * box.radius,
            boxstyle=f"round,pad={box.radius}" if box.radius else "square,pad=0",
            facecolor=colours[box.fill] if box.fill else "none",
            edgecolor=colours[box.stroke] if box.stroke else "none",
            linewidth=box.weight * POINTS,
            zorder=order,
        )
    )


def _draw_curve(axes: Any, curve: Curve, order: int, colours: Colours) -> None:
    from matplotlib.patches import PathPatch, Polygon
    from matplotlib.path import Path

    colour = colours[curve.stroke]
    codes = [Path.MOVETO] + [Path.CURVE4] * (len(curve.points) - 1)
    path = Path(list(curve.points), codes)
    axes.add_patch(
        PathPatch(path, fill=False, edgecolor=colour, linewidth=curve.weight * POINTS, zorder=order)
    )
    if curve.arrow:
        axes.add_patch(Polygon(arrow_head(curve), facecolor=colour, zorder=order))


def _draw_words(axes: Any, words: Words, order: int, colours: Colours) -> None:
    axes.text(
        words.x,
        words.y,
        words.text,
        color=colours[words.fill],
        fontsize=words.size * POINTS,
        ha={"start": "left", "middle": "center", "end": "right"}[words.anchor],
        va="baseline",
        weight="bold" if words.bold else "normal",
        style="italic" if words.maths else "normal",
        family="DejaVu Serif" if words.maths else "DejaVu Sans",
        zorder=order,
        parse_math=False,
    )
