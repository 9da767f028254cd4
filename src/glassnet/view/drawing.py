"""A graph on a canvas: boxes laid out in columns, arrows between them, and a legend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..graph import Graph
from .canvas import Box, Canvas, text_width
from .factors import factors
from .fold import Box as Folded
from .fold import Layer, boxes
from .layout import COLUMN_GAP, Edge, downwards, layered
from .nodes import (
    STACK,
    Entry,
    Node,
    draw_arrow,
    draw_legend,
    draw_node,
    legend_height,
    legend_width,
    node_of,
)
from .numbers import shape_text

MARGIN = 24.0
LINE_GAP = 46.0  # between lines, where a graph runs down: room for what an arrow carries


@dataclass(frozen=True, slots=True)
class Drawing:
    """A graph, the layers it can be folded to, their kinds by path, and whether it runs down."""

    graph: Graph
    whole: Layer
    kinds: Mapping[str, str]
    down: bool = False

    def boxes(self, open_: set[Layer]) -> list[Folded]:
        """What is drawn when these layers are open."""
        return boxes(self.graph, self.whole, open_)

    def folded(self, open_: set[Layer]) -> tuple[str, ...]:
        """The paths of the layers that are drawn as one box."""
        return tuple(box.layer.path for box in self.boxes(open_) if box.layer)

    def nodes(self, open_: set[Layer]) -> list[Node]:
        """The boxes as they will be drawn."""
        return [node_of(self.graph, box, self.kinds) for box in self.boxes(open_)]

    def canvas(
        self,
        nodes: list[Node],
        *,
        words: Mapping[Edge, str] | None = None,
        active: int | None = None,
        legend: list[Entry] | None = None,
        widest: str = "",
    ) -> Canvas:
        """The drawing.

        Args:
            nodes: the boxes.
            words: what arrows between values carry; by default the local derivative between single
                numbers, and the shape of what flows out of folded layers.
            active: the index of a value that is just passing its gradient.
            legend: what signs mean; found out by default.
            widest: words of another moment, for which there must be room on the arrows as well.
        """
        home = {i: place for place, node in enumerate(nodes) for i in self._inside(node)}
        edges: dict[Edge, Edge] = {}  # between boxes → between values
        for place, node in enumerate(nodes):
            for source in node.inputs:
                edges.setdefault((home[source], place), (source, node.value.index))
        if words is None:
            words = self._words(nodes, edges)
        longest = max(text_width(text, 12, bold=False) for text in (widest, *words.values()))
        sizes = [(node.width, node.height) for node in nodes]
        if self.down:
            layout = downwards(sizes, list(edges), gap=LINE_GAP)
        else:
            layout = layered(sizes, list(edges), gap=max(COLUMN_GAP, longest + 30))
        entries = _legend(nodes, words) if legend is None else legend
        width = max(layout.width, legend_width(entries)) + 2 * MARGIN
        height = layout.height + 2 * MARGIN + legend_height(entries)
        canvas = Canvas(width, height)
        canvas.add(Box(0, 0, width, height, "ground"))
        left = MARGIN + (width - 2 * MARGIN - layout.width) / 2
        for (first, last), way in layout.ways.items():
            spots = [(x + left, y + MARGIN) for x, y in way]
            (x, y), (to_x, to_y) = spots[0], spots[-1]
            if self.down:
                spots[0], spots[-1] = (
                    (x, y + nodes[first].height / 2),
                    (to_x, to_y - nodes[last].height / 2 - (STACK if nodes[last].layer else 0)),
                )
            else:
                spots[0], spots[-1] = (
                    (x + nodes[first].width / 2, y),
                    (to_x - nodes[last].width / 2, to_y),
                )
            pair = edges[first, last]
            passing = pair[1] == active and pair in words
            role = "backward" if nodes[last].is_backward or passing else "edge"
            draw_arrow(canvas, spots, role, words.get(pair, ""), back=passing, down=self.down)
        for node, (x, y) in zip(nodes, layout.centres, strict=True):
            corner = (x + left - node.width / 2, y + MARGIN - node.height / 2)
            index = node.value.index
            draw_node(
                canvas, node, corner,
                is_result=index in self.graph.outputs, is_active=index == active,
            )  # fmt: skip
        draw_legend(canvas, entries, MARGIN, height - MARGIN + 4)
        return canvas

    def _inside(self, node: Node) -> list[int]:
        own = [node.value.index]
        return own if node.layer is None else [*own, *node.layer.operations()]

    def _words(self, nodes: list[Node], edges: Mapping[Edge, Edge]) -> Mapping[Edge, str]:
        if any(node.gradient for node in nodes) and not any(node.layer for node in nodes):
            return factors(self.graph)
        if not any(node.layer for node in nodes):
            return {}
        values = self.graph.values
        return {pair: shape_text(values[pair[0]].shape) for pair in edges.values()}


def _legend(nodes: list[Node], words: Mapping[Edge, str]) -> list[Entry]:
    """What the colours and signs in a picture mean, as far as they occur."""
    entries = []
    if any(node.number for node in nodes):
        entries.append(("■", "forward", "above: value, computed forward"))
    if any(node.gradient for node in nodes):
        entries.append(("■", "backward", "below: gradient ∂L/∂·, computed backward"))
    if any(text.startswith("×") for text in words.values()):
        entries.append(("× k", "backward", "on an arrow: local derivative"))
    elif any(words.values()):
        entries.append(("m×n", "muted", "on an arrow: the shape of what flows"))
    if any(node.layer for node in nodes):
        entries.append(("❐", "ink", "a layer, folded"))
    if any(node.is_backward for node in nodes):
        entries.append(("▢", "backward", "computed on the way back"))
    return entries
