"""The picture of a computational graph: every value and every gradient on its node."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from ..graph import Graph
from ..graph.graph import Value
from ..tensor import Tensor
from .canvas import Box, Canvas, Curve, Point, Words, text_width
from .factors import factors
from .layout import Edge, Layout, layered
from .numbers import in_short, operation_label, shape_text
from .picture import Picture
from .raster import raster

MARGIN = 24.0
ROW = 21.0  # height of a line in a node
RADIUS = 9.0
LEGEND = 30.0


def graph(*outputs: Tensor | Graph, title: str = "") -> Picture:
    """The computational graph behind results, drawn from the leaves to the results.

    A node shows its name or the symbol of its operation, its shape unless it is a single number,
    its value and, after `backward`, its gradient; of many numbers the range. Between single
    numbers, each arrow carries the local derivative, by which the gradient is multiplied on its
    way back: the chain rule, link by link.

    Args:
        outputs: the results, or a `Graph`.
        title: the text alternative; made from the graph when left out.

    Raises:
        MissingDependencyError: grandalf, which finds the layout, is not installed.

    >>> import glassnet as gn
    >>> from glassnet import view
    >>> w = gn.tensor(2.0, name="w", requires_grad=True)
    >>> loss = w**2
    >>> loss.backward()
    >>> view.graph(loss)
    <picture: Graph of 1 operation. w = 2, gradient 4. Result 4.>
    """
    whole = outputs[0] if isinstance(outputs[0], Graph) else None
    shown = whole or Graph(*(x for x in outputs if isinstance(x, Tensor)))
    nodes = _nodes(shown)
    edges = _edges(nodes)
    place = {node.value.index: spot for spot, node in enumerate(nodes)}
    layout = layered(
        [(node.width, node.height) for node in nodes],
        [(place[first], place[last]) for first, last in edges],
    )
    canvas = _draw(shown, nodes, layout)
    words = title or describe(shown)
    return Picture(canvas.svg(words), lambda dpi, dark: raster(canvas, dpi, dark=dark), words)


def describe(shown: Graph) -> str:
    """The graph in words, for those who do not see the picture."""
    count = len(shown.operations)
    parts = [f"Graph of {count} operation{'s' * (count != 1)}."]
    for value in shown.values:
        if value.node is None and value.name and not _is_number(value):
            numbers = f"{value.name} = {in_short(value.array)}" if value.array is not None else ""
            gradient = (
                f", gradient {in_short(value.gradient)}" if value.gradient is not None else ""
            )
            parts.append(f"{numbers or value.name}{gradient}.")
    results = [shown.values[i] for i in shown.outputs]
    known = [in_short(value.array) for value in results if value.array is not None]
    return " ".join([*parts, *(f"Result {text}." for text in known)])


@dataclass(slots=True)
class _Node:
    """A value as it will be drawn: a badge with its symbol, and its numbers beside it."""

    value: Value
    label: str
    shape: str
    number: str
    gradient: str
    inputs: tuple[int, ...]

    @property
    def badge(self) -> float:
        """The badge's width."""
        wide = max(text_width(self.label, self.size), text_width(self.shape, 11, bold=False))
        return max(40.0, wide + 20)

    @property
    def size(self) -> float:
        return 19.0 if len(self.label) <= 3 else 15.0

    @property
    def width(self) -> float:
        lines = [text_width(text, 14) for text in (self.number, self.gradient) if text]
        return self.badge + (max(lines) + 22 if lines else 0)

    @property
    def height(self) -> float:
        rows = sum(bool(text) for text in (self.number, self.gradient))
        return max(rows, 1 + bool(self.shape)) * ROW + 12


def _is_number(value: Value) -> bool:
    return isinstance(value.source, bool | int | float)


def _nodes(shown: Graph) -> list[_Node]:
    """All values but bare numbers, which stand in the label of the operation they go into."""
    return [
        _Node(
            value=value,
            label=operation_label(shown, value) if value.node else value.name or "const",
            shape=shape_text(value.shape),
            number=in_short(value.array),
            gradient=in_short(value.gradient),
            inputs=tuple(i for i in value.inputs if not _is_number(shown.values[i])),
        )
        for value in shown.values
        if not _is_number(value)
    ]


def _edges(nodes: Iterable[_Node]) -> list[Edge]:
    return [(first, node.value.index) for node in nodes for first in node.inputs]


def _draw(shown: Graph, nodes: list[_Node], layout: Layout) -> Canvas:
    has_numbers = any(node.number for node in nodes)
    has_gradients = any(node.gradient for node in nodes)
    locals_ = factors(shown) if has_gradients else {}
    legend = _legend(has_numbers, has_gradients, bool(locals_))
    width = max(layout.width, legend.width) + 2 * MARGIN
    canvas = Canvas(width, layout.height + 2 * MARGIN + legend.height)
    canvas.add(Box(0, 0, canvas.width, canvas.height, "ground"))
    left = MARGIN + (width - 2 * MARGIN - layout.width) / 2
    for (first, last), way in layout.ways.items():
        spots = [(x + left, y + MARGIN) for x, y in way]
        spots[0] = (spots[0][0] + nodes[first].width / 2, spots[0][1])
        spots[-1] = (spots[-1][0] - nodes[last].width / 2, spots[-1][1])
        canvas.add(Curve(_smooth(spots), "edge", arrow=True))
        ends = (nodes[first].value.index, nodes[last].value.index)
        if ends in locals_:
            _draw_factor(canvas, spots[-2], spots[-1], locals_[ends])
    for node, (x, y) in zip(nodes, layout.centres, strict=True):
        corner = (x + left - node.width / 2, y + MARGIN - node.height / 2)
        _draw_node(canvas, node, corner, node.value.index in shown.outputs)
    _draw_legend(canvas, legend)
    return canvas


def _smooth(spots: list[Point]) -> tuple[Point, ...]:
    """A curve through points that leaves and enters each of them horizontally."""
    points = [spots[0]]
    for (x, y), (to_x, to_y) in pairwise(spots):
        bend = (to_x - x) / 2
        points += [(x + bend, y), (to_x - bend, to_y), (to_x, to_y)]
    return tuple(points)


def _draw_factor(canvas: Canvas, start: Point, end: Point, factor: str) -> None:
    """The local derivative, in the middle of the arrow's last bend."""
    x, y = (start[0] + end[0]) / 2 - 2, (start[1] + end[1]) / 2
    width = text_width(factor, 12, bold=False) + 2
    canvas.add(Box(x - width / 2, y - 9, width, 18, "ground"))
    canvas.add(Words(x, y + 4.5, factor, "backward", 12))


def _draw_node(canvas: Canvas, node: _Node, corner: Point, is_result: bool) -> None:
    x, y = corner
    leaf = node.value.node is None
    fill = "result" if is_result else "leaf" if leaf else "card"
    weight = 2.0 if is_result else 1.0
    width, height, badge = node.width, node.height, node.badge
    canvas.add(Box(x, y, width, height, "ground", radius=RADIUS))
    canvas.add(Box(x, y, badge, height, fill, radius=RADIUS))
    if width > badge:
        canvas.add(Box(x + RADIUS, y, badge - RADIUS, height, fill))
    canvas.add(Box(x, y, width, height, "", "ink" if is_result else "edge", RADIUS, weight))
    _draw_badge(canvas, node, x + badge / 2, y + height / 2, is_result)
    if node.value.name and not leaf:
        canvas.add(Words(x + badge / 2, y - 7, node.value.name, "ink", 17, maths=True))
    lines = [(node.number, "forward"), (node.gradient, "backward")]
    lines = [(text, role) for text, role in lines if text]
    top = y + (height - len(lines) * ROW) / 2
    for row, (text, role) in enumerate(lines):
        base = top + row * ROW + 15.5
        canvas.add(Words(x + badge + 11, base, text, role, 14, anchor="start", bold=True))


def _draw_badge(canvas: Canvas, node: _Node, x: float, y: float, is_result: bool) -> None:
    """The symbol or the name, and the shape below it."""
    letter = node.value.node is None and len(node.label) <= 2
    size = node.size + 2 if letter else node.size
    base = y - 3 if node.shape else y + 0.34 * size
    ink, muted = ("on_result", "on_result") if is_result else ("ink", "muted")
    canvas.add(Words(x, base, node.label, ink, size, bold=not letter, maths=letter))
    if node.shape:
        canvas.add(Words(x, base + 17, node.shape, muted, 11))


@dataclass(frozen=True, slots=True)
class _Legend:
    entries: tuple[tuple[str, str, str], ...]  # sample, its role, what it means

    @property
    def height(self) -> float:
        return LEGEND if self.entries else 0.0

    @property
    def width(self) -> float:
        return sum(self.entry_width(entry) for entry in self.entries)

    @staticmethod
    def entry_width(entry: tuple[str, str, str]) -> float:
        sample, _, meaning = entry
        return text_width(sample, 13) + text_width(meaning, 13, bold=False) + 20


def _legend(has_numbers: bool, has_gradients: bool, has_factors: bool) -> _Legend:
    entries = []
    if has_numbers:
        entries.append(("■", "forward", "above: value, computed forward"))
    if has_gradients:
        entries.append(("■", "backward", "below: gradient ∂L/∂·, computed backward"))
    if has_factors:
        entries.append(("× k", "backward", "on an arrow: local derivative"))
    return _Legend(tuple(entries))


def _draw_legend(canvas: Canvas, legend: _Legend) -> None:
    x, base = MARGIN, canvas.height - MARGIN + 4
    for entry in legend.entries:
        sample, role, meaning = entry
        canvas.add(Words(x, base, sample, role, 13, anchor="start", bold=True))
        canvas.add(Words(x + text_width(sample, 13) + 6, base, meaning, "muted", 13, "start"))
        x += legend.entry_width(entry)
