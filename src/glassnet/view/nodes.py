"""A box of a graph as it is drawn: its symbol, shape, number and gradient; and the legend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from ..graph import Graph
from ..graph.graph import Value
from .canvas import Area, Box, Canvas, Curve, Point, Words, text_width
from .fold import Box as Folded
from .fold import Layer
from .numbers import in_short, operation_label, shape_text

ROW = 21.0  # height of a line in a node
RADIUS = 9.0
STACK = 5.0  # by how much the box behind a folded layer looks out


@dataclass(slots=True)
class Node:
    """A value or a folded layer as it will be drawn: a badge, and its numbers beside it.

    Attributes:
        value: the value, or the one that leaves the layer.
        label: its name, its symbol, or the layer's name.
        notes: small words below the label.
        number: the value or its range.
        gradient: likewise.
        inputs: indices of the values that enter.
        layer: the folded layer, or None.
        room: gradients of other moments, for which there must be room as well.
    """

    value: Value
    label: str
    notes: tuple[str, ...]
    number: str
    gradient: str
    inputs: tuple[int, ...]
    layer: Layer | None = None
    room: tuple[str, ...] = ()

    @property
    def is_leaf(self) -> bool:
        return self.value.node is None and self.layer is None

    @property
    def is_backward(self) -> bool:
        """Whether it was computed on the way back."""
        return self.value.node is not None and self.value.node.backward

    @property
    def badge(self) -> float:
        """The badge's width."""
        notes = (text_width(note, 11, bold=False) for note in self.notes)
        return max(40.0, max([text_width(self.label, self.size), *notes]) + 20)

    @property
    def size(self) -> float:
        return 19.0 if len(self.label) <= 3 else 15.0

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The numbers, each with its colour."""
        both = ((self.number, "forward"), (self.gradient, "backward"))
        return [(text, role) for text, role in both if text]

    @property
    def width(self) -> float:
        widths = [text_width(text, 14) for text in (self.number, self.gradient, *self.room) if text]
        return self.badge + (max(widths) + 22 if widths else 0)

    @property
    def height(self) -> float:
        rows = bool(self.number) + bool(self.gradient or self.room)
        return max(rows * ROW, ROW + 17 * len(self.notes)) + 12


def node_of(graph: Graph, box: Folded, kinds: Mapping[str, str]) -> Node:
    """What is written in a box; of a layer also its kind, where that is known by its path."""
    value = graph.values[box.value]
    numbers = in_short(value.array), in_short(value.gradient)
    if box.layer is None:
        label = operation_label(graph, value) if value.node else value.name or "const"
        shape = shape_text(value.shape)
        return Node(value, label, (shape,) if shape else (), *numbers, box.inputs)
    notes = [kinds.get(box.layer.path, ""), _parameters(graph, box)]
    if box.value in graph.outputs:
        notes.append(shape_text(value.shape))  # of the others it stands on the arrow
    label = _last(box.layer.path)
    return Node(value, label, tuple(filter(None, notes)), *numbers, box.inputs, box.layer)


def _last(path: str) -> str:
    """The end of a layer's path that tells it from its neighbours: `blocks 3`, `norm`."""
    *before, last = path.split(".")
    return f"{before[-1]} {last}" if last.isdecimal() and before else last


def _parameters(graph: Graph, box: Folded) -> str:
    leaves = (graph.values[i] for i in box.inside if graph.values[i].node is None)
    sizes = [getattr(v.source, "size", 0) for v in leaves if getattr(v.source, "requires_grad", 0)]
    total = sum(sizes)
    return f"{total:,} parameters" if total else ""


def smooth(spots: list[Point]) -> tuple[Point, ...]:
    """A curve through points that leaves and enters each of them horizontally."""
    points = [spots[0]]
    for (x, y), (to_x, to_y) in pairwise(spots):
        bend = (to_x - x) / 2
        points += [(x + bend, y), (to_x - bend, to_y), (to_x, to_y)]
    return tuple(points)


def draw_arrow(
    canvas: Canvas,
    spots: list[Point],
    role: str,
    words: str = "",
    back: bool = False,
    down: bool = False,
) -> None:
    """A curve from box to box, or strong and back, with words in the middle of its last bend."""
    points = smooth(spots)
    if down:
        points = tuple((x, y) for y, x in smooth([(y, x) for x, y in spots]))
    canvas.add(Curve(points[::-1] if back else points, role, 2.5 if back else 1.5, arrow=True))
    if words:
        (x1, y1), (x2, y2) = spots[-2:]
        x, y = (x1 + x2) / 2 - 2, (y1 + y2) / 2
        width = text_width(words, 12, bold=back) + 2
        ink = "muted" if role == "edge" and not words.startswith("×") else "backward"
        canvas.add(Box(x - width / 2, y - 9, width, 18, "ground"))
        canvas.add(Words(x, y + 4.5, words, ink, 12, bold=back))


def draw_node(
    canvas: Canvas, node: Node, corner: Point, *, is_result: bool = False, is_active: bool = False
) -> None:
    """The box with all that is written in it, its upper left corner at this point."""
    x, y = corner
    fill = "result" if is_result else "leaf" if node.is_leaf else "card"
    role = "backward" if node.is_backward or is_active else "ink" if is_result else "edge"
    weight = 3.0 if is_active else 2.0 if is_result else 1.0
    width, height, badge = node.width, node.height, node.badge
    if node.layer is not None:
        canvas.add(Box(x + STACK, y - STACK, width, height, "card", role, RADIUS))
    canvas.add(Box(x, y, width, height, "ground", radius=RADIUS))
    canvas.add(Box(x, y, badge, height, fill, radius=RADIUS))
    if width > badge:
        canvas.add(Box(x + RADIUS, y, badge - RADIUS, height, fill))
    canvas.add(Box(x, y, width, height, "", role, RADIUS, weight))
    _draw_badge(canvas, node, x + badge / 2, y + height / 2, is_result)
    if node.value.name and node.value.node is not None and node.layer is None:
        canvas.add(Words(x + badge / 2, y - 7, node.value.name, "ink", 17, maths=True))
    rows = max(len(node.lines), 2 if node.room else 0)
    top = y + (height - rows * ROW) / 2
    for row, (text, ink) in enumerate(node.lines):
        canvas.add(Words(x + badge + 11, top + row * ROW + 15.5, text, ink, 14, "start", bold=True))
    if node.layer is not None:
        canvas.add(Area(x, y, width, height, node.layer.key, f"unfold {node.layer.path}"))


def _draw_badge(canvas: Canvas, node: Node, x: float, y: float, is_result: bool) -> None:
    """The symbol or the name, and the notes below it."""
    letter = node.is_leaf and len(node.label) <= 2
    size = node.size + 2 if letter else node.size
    base = y + 0.34 * size - 8.5 * len(node.notes) + (1 if node.notes else 0)
    ink, muted = ("on_result", "on_result") if is_result else ("ink", "muted")
    canvas.add(Words(x, base, node.label, ink, size, bold=not letter, maths=letter))
    for row, note in enumerate(node.notes, 1):
        canvas.add(Words(x, base + 17 * row, note, muted, 11))


Entry = tuple[str, str, str]  # a sample, its colour, what it means


def legend_height(entries: list[Entry]) -> float:
    """What the legend takes of the height."""
    return 30.0 if entries else 0.0


def legend_width(entries: list[Entry]) -> float:
    """How long its line is."""
    return sum(_entry_width(entry) for entry in entries)


def draw_legend(canvas: Canvas, entries: list[Entry], x: float, base: float) -> None:
    """A line that says what colours and signs mean."""
    for entry in entries:
        sample, role, meaning = entry
        canvas.add(Words(x, base, sample, role, 13, anchor="start", bold=True))
        canvas.add(Words(x + text_width(sample, 13) + 6, base, meaning, "muted", 13, "start"))
        x += _entry_width(entry)


def _entry_width(entry: Entry) -> float:
    sample, _, meaning = entry
    return text_width(sample, 13) + text_width(meaning, 13, bold=False) + 20
