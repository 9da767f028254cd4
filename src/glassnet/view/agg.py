"""A figure of matplotlib as a PNG, in the light form or with every colour in its dark one."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np

from .palette import DARK

MASK = "gn-mask-"  # begins the name of an image that has one colour of the palette, told after it


def rendered(figure: Any, dpi: int, ground: str, *, dark: bool) -> bytes:
    """The figure as a PNG.

    Args:
        figure: drawn in the palette's light colours.
        dpi: pixels to the inch.
        ground: the colour behind it, likewise of the light form.
        dark: whether each of the colours gives way to its dark form.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(figure)
    if dark:
        make = canvas.get_renderer
        canvas.get_renderer = lambda: _darkened(make())
    buffer = io.BytesIO()
    canvas.print_figure(buffer, format="png", dpi=dpi, facecolor=ground)
    return buffer.getvalue()


def _darkened(renderer: Any) -> Any:
    """A renderer that exchanges colours in its own calls, the place where all of them arrive."""
    if hasattr(renderer, "darkened"):
        return renderer
    renderer.darkened = True
    exchange, new_gc = _exchange(), renderer.new_gc
    path, markers, collection, image = (
        renderer.draw_path, renderer.draw_markers, renderer.draw_path_collection,
        renderer.draw_image,
    )  # fmt: skip

    def context() -> Any:
        gc = new_gc()
        set_foreground = gc.set_foreground
        gc.set_foreground = lambda colour, isRGBA=False: set_foreground(exchange(colour))
        return gc

    def all_of(colours: Any) -> Any:
        return np.array([exchange(tuple(colour)) for colour in colours]).reshape(-1, 4)

    def draw_path(gc: Any, shape: Any, transform: Any, face: Any = None) -> None:
        path(gc, shape, transform, exchange(face))

    def draw_markers(gc: Any, mark: Any, turn: Any, line: Any, at: Any, face: Any = None) -> None:
        markers(gc, mark, turn, line, at, exchange(face))

    def draw_path_collection(*given: Any, **settings: Any) -> None:
        # gc, transform, paths, transforms, offsets, their transform; faces, edges; widths …
        faces, edges = map(all_of, given[6:8])
        collection(*given[:6], faces, edges, *given[8:], **settings)

    def draw_image(gc: Any, x: float, y: float, pixels: Any, *more: Any) -> None:
        name = gc.get_gid() or ""
        if name.startswith(MASK):
            pixels = pixels.copy()
            colour = exchange(f"#{name.removeprefix(MASK)[:6]}")
            pixels[..., :3] = [round(255 * part) for part in colour[:3]]
        image(gc, x, y, pixels, *more)

    renderer.new_gc = context
    renderer.draw_image = draw_image
    renderer.draw_path = draw_path
    renderer.draw_markers = draw_markers
    renderer.draw_path_collection = draw_path_collection
    return renderer


def _exchange() -> Callable[[Any], Any]:
    """A function that takes a colour of the light form to its dark one, its opacity kept."""
    from matplotlib.colors import to_hex, to_rgba

    def exchange(colour: Any) -> Any:
        if colour is None:
            return None
        dark = DARK.get(to_hex(colour))
        return to_rgba(colour) if dark is None else (*to_rgba(dark)[:3], to_rgba(colour)[3])

    return exchange
