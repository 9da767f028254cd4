"""The page on which a graph's layers unfold where they are pressed."""

from __future__ import annotations

from .drawing import Drawing
from .fold import Layer
from .packing import packed, script
from .picture import page

MOST = 240  # layers that can be pressed; those deeper in a network stay folded
WHOLE = "all"
_STYLE = (
    ".gn-stage{overflow:auto}.gn-stage svg{max-width:none}"
    ".gn-crumbs{display:flex;flex-wrap:wrap;gap:.4rem;align-items:center;min-height:2.6rem}"
    ".gn-crumbs button{font:inherit;padding:.3rem .7rem;cursor:pointer}"
    "[data-opens]{cursor:pointer;pointer-events:all}"
    "[data-opens]:hover,[data-opens]:focus{outline:3px solid #0072b2;outline-offset:2px}"
    "@media print{.gn-crumbs{display:none}}"
)


def unfolding(drawing: Drawing, open_: set[Layer], alt: str) -> str:
    """The page: one layer is open at a time, with those around it, so that the graph stays small.

    Every state is drawn beforehand, by the one drawing; the page only exchanges them.

    Args:
        drawing: the graph.
        open_: the layers open at the start.
        alt: what it shows, in words.
    """
    start = drawing.canvas(drawing.nodes(open_)).svg(alt)
    drawings = [start]
    states: dict[str, tuple[int, list[tuple[str, str]]]] = {WHOLE: (0, [])}
    around = _around(drawing.whole)
    inner = sorted((layer for layer in around if layer not in open_), key=lambda x: x.level)
    for layer in inner[:MOST]:
        way = [one for one in (*around[layer], layer) if one not in open_]
        svg = drawing.canvas(drawing.nodes({*open_, *way})).svg(f"{layer.path}, unfolded")
        states[layer.key] = (len(drawings), [(one.path, one.key) for one in way])
        drawings.append(svg)
    body = (
        f'<main class="gn-unfold">\n<nav class="gn-crumbs" aria-label="unfolded layers">'
        f"<span>press a layer to unfold it</span></nav>\n"
        f'<div class="gn-stage">{start}</div>\n'
        f"{packed(drawings, states)}\n{script('unfold.js')}</main>"
    )
    return page(alt, body, _STYLE)


def _around(layer: Layer, outer: tuple[Layer, ...] = ()) -> dict[Layer, tuple[Layer, ...]]:
    """For each layer the ones that it is called in, the outermost first."""
    found: dict[Layer, tuple[Layer, ...]] = {}
    for part in layer.parts:
        if isinstance(part, Layer):
            found[part] = outer
            found |= _around(part, (*outer, part))
    return found
