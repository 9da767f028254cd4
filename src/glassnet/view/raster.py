"""A canvas as a PNG, drawn by matplotlib."""

from __future__ import annotations

import io
from typing import Any

from ..errors import MissingDependencyError
from .canvas import Box, Canvas, Curve, Words, arrow_head
from .palette import ROLES

UNITS = 96.0  # SVG units to the inch
POINTS = 72.0 / UNITS  # typographic points to the unit


def raster(canvas: Canvas, dpi: int) -> bytes:
    """The canvas in its light form.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingDependencyError("matplotlib", "plot", "a picture as PNG") from None
    figure = Figure(figsize=(canvas.width / UNITS, canvas.height / UNITS), dpi=dpi)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, canvas.width), ylim=(canvas.height, 0))
    axes.axis("off")
    for order, shape in enumerate(canvas.shapes):
        _draw(axes, shape, order)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()


def _draw(axes: Any, shape: Box | Curve | Words, order: int) -> None:
    match shape:
        case Box():
            _draw_box(axes, shape, order)
        case Curve():
            _draw_curve(axes, shape, order)
        case Words():
            _draw_words(axes, shape, order)


def _draw_box(axes: Any, box: Box, order: int) -> None:
    from matplotlib.patches import FancyBboxPatch

    axes.add_patch(
        FancyBboxPatch(
            (box.x + box.radius, box.y + box.radius),
            box.width - 2 * box.radius,
            box.height - 2 * box.radius,
            boxstyle=f"round,pad={box.radius}" if box.radius else "square,pad=0",
            facecolor=ROLES[box.fill].light if box.fill else "none",
            edgecolor=ROLES[box.stroke].light if box.stroke else "none",
            linewidth=box.weight * POINTS,
            zorder=order,
        )
    )


def _draw_curve(axes: Any, curve: Curve, order: int) -> None:
    from matplotlib.patches import PathPatch, Polygon
    from matplotlib.path import Path

    colour = ROLES[curve.stroke].light
    codes = [Path.MOVETO] + [Path.CURVE4] * (len(curve.points) - 1)
    path = Path(list(curve.points), codes)
    axes.add_patch(
        PathPatch(path, fill=False, edgecolor=colour, linewidth=curve.weight * POINTS, zorder=order)
    )
    if curve.arrow:
        axes.add_patch(Polygon(arrow_head(curve), facecolor=colour, zorder=order))


def _draw_words(axes: Any, words: Words, order: int) -> None:
    axes.text(
        words.x,
        words.y,
        words.text,
        color=ROLES[words.fill].light,
        fontsize=words.size * POINTS,
        ha={"start": "left", "middle": "center", "end": "right"}[words.anchor],
        va="baseline",
        weight="bold" if words.bold else "normal",
        style="italic" if words.maths else "normal",
        family="DejaVu Serif" if words.maths else "DejaVu Sans",
        zorder=order,
        parse_math=False,
    )
