"""Where the nodes of a graph stand: in columns from the leaves on the left to the result.

The layered layout of Sugiyama, Tagawa and Toda (1981), with coordinates by Brandes and Köpf (2001),
from the library grandalf. It is asked to draw from the result upwards, so that each leaf stands in
the column just before the first value made of it; its picture is then turned on its side.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from ..errors import MissingDependencyError

Point = tuple[float, float]
Size = tuple[float, float]
Edge = tuple[int, int]

COLUMN_GAP = 64.0
ROW_GAP = 20.0
SWEEPS = 8  # through all columns, to uncross arrows
LARGE = 1500  # boxes and arrows' passings: beyond it one sweep has to do
PASSINGS = 2  # columns that the arrows of a large graph may pass, for each of its boxes
PASSING = 26.0  # height that an arrow takes where it passes a column


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of boxes and the ways between them, in SVG units.

    Attributes:
        width: of everything.
        height: of everything.
        centres: of each box.
        ways: for each edge the points it passes, from the middle of the first box to that of the
            last.
    """

    width: float
    height: float
    centres: tuple[Point, ...]
    ways: dict[Edge, tuple[Point, ...]]


def downwards(sizes: Sequence[Size], edges: Sequence[Edge], *, gap: float) -> Layout:
    """The same in lines, every edge running from one down to the next; see `layered`."""
    found = layered([(height, width) for width, height in sizes], edges, gap=gap)
    centres = tuple((x, y) for y, x in found.centres)
    ways = {edge: tuple((x, y) for y, x in way) for edge, way in found.ways.items()}
    return Layout(found.height, found.width, centres, ways)


def layered(sizes: Sequence[Size], edges: Sequence[Edge], *, gap: float = COLUMN_GAP) -> Layout:
    """Boxes of the given sizes in columns, every edge running from left to right.

    Args:
        sizes: (width, height) of each box.
        edges: (from, to) pairs of places in `sizes`, without circles.
        gap: between columns.

    Raises:
        MissingDependencyError: grandalf is not installed.
    """
    try:
        from grandalf.graphs import Edge as Link
        from grandalf.graphs import Vertex
    except ImportError:
        raise MissingDependencyError("grandalf", "plot", "the layout of a graph") from None
    vertices = [Vertex(index) for index in range(len(sizes))]
    for vertex, (width, height) in zip(vertices, sizes, strict=True):
        vertex.view = _Spot(height, width)
    links = {}
    for first, last in dict.fromkeys(edges):
        links[first, last] = Link(vertices[last], vertices[first])  # from the result upwards
        links[first, last].view = _Way()
    for first, last in (direct := _too_many_passings(len(sizes), list(links))):
        del links[first, last]
    below = 0.0
    with _deep_recursion(10 * len(sizes)):
        for component in _components(vertices, links):
            sugiyama = _sugiyama(component)
            sugiyama.xspace, sugiyama.yspace = ROW_GAP, gap
            sugiyama.init_all(inverted_edges=[])  # there are no circles
            sugiyama.draw(SWEEPS if len(sugiyama.grx) <= LARGE else 1)
            for layer in sugiyama.layers:
                _part(layer)
            sugiyama.draw_edges()
            below = _stack(list(component.V()), list(component.E()), below)
    for first, last in direct:
        links[first, last] = Link(vertices[last], vertices[first])
        links[first, last].view = _Way((vertices[last].view.xy, vertices[first].view.xy))
    return _turned(sizes, vertices, links)


def _too_many_passings(boxes: int, edges: list[Edge]) -> list[Edge]:
    """The longest edges, where all of them together would pass too many columns.

    They are drawn straight. The columns stay as they are: each box is where its nearest user puts
    it, and the edge to that one is short.
    """
    users: dict[int, list[int]] = {place: [] for place in range(boxes)}
    for first, last in edges:
        users[first].append(last)
    column: dict[int, int] = {}  # from the results
    for place in TopologicalSorter(users).static_order():
        column[place] = max((column[user] + 1 for user in users[place]), default=0)
    passed = sorted((column[first] - column[last] - 1, first, last) for first, last in edges)
    total, longest = sum(number for number, _, _ in passed), []
    while passed and total > PASSINGS * boxes + LARGE:
        number, first, last = passed.pop()
        total -= number
        longest.append((first, last))
    return longest


@contextmanager
def _deep_recursion(depth: int) -> Iterator[None]:
    """The library walks from box to box by calling itself."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, depth))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _components(vertices: list[Any], links: dict[Edge, Any]) -> Iterator[Any]:
    """The connected parts, each as the library's graph.

    The library's own search for them, and its check of a whole graph, take time in the square of
    its size; an edge added to a part that it touches does not.
    """
    from grandalf.graphs import graph_core

    touching: list[list[Edge]] = [[] for _ in vertices]
    for edge in links:
        for end in edge:
            touching[end].append(edge)
    found: set[int] = set()
    for start, vertex in enumerate(vertices):
        if start in found:
            continue
        component = graph_core()
        component.add_single_vertex(vertex)
        found.add(start)
        pending, added = [start], set()
        for place in pending:
            for edge in touching[place]:
                if edge not in added:
                    added.add(edge)
                    component.add_edge(links[edge])
                    fresh = [end for end in edge if end not in found]
                    found.update(fresh)
                    pending += fresh
        yield component


def _sugiyama(component: Any) -> Any:
    """The library's layout, without its searches in lists, which take time in the square."""
    from grandalf.layouts import SugiyamaLayout

    class Layout(SugiyamaLayout):  # type: ignore[misc]
        def _detect_alignment_conflicts(self) -> None:
            super()._detect_alignment_conflicts()
            self.conflicts: set[Any] = set(self.conflicts)  # each pair of boxes is looked for here

    layout = Layout(component)
    layout.layers = _Columns()
    return layout


class _Columns(list[Any]):
    """The columns, each of which knows its place."""

    def __init__(self) -> None:
        super().__init__()
        self._places: dict[int, int] = {}

    def append(self, column: Any) -> None:
        self._places[id(column)] = len(self)
        super().append(column)

    def index(self, column: Any, *_: Any) -> int:
        return self._places[id(column)]


class _Spot:
    """The box as the library sees it, its sides exchanged."""

    def __init__(self, w: float, h: float) -> None:
        self.w = w
        self.h = h
        self.xy: Point = (0.0, 0.0)


class _Way:
    def __init__(self, points: tuple[Point, ...] = ()) -> None:
        self.points = points

    def setpath(self, points: list[Point]) -> None:
        self.points = tuple(points)


def _part(layer: list[Any]) -> None:
    """Moves the boxes of a column apart where they overlap, and as little as possible.

    With the gaps taken out, the places have to ascend: the nearest ascending numbers are found by
    pooling neighbours that do not (Barlow et al., "Statistical Inference under Order
    Restrictions", 1972).
    """
    offsets, total, last = [], 0.0, 0.0
    for vertex in layer:
        half = _room(vertex) / 2
        total += last + half
        offsets.append(total)
        last = half
    pools: list[tuple[float, int]] = []  # mean place and number of neighbours pooled
    for vertex, offset in zip(layer, offsets, strict=True):
        mean, count = vertex.view.xy[0] - offset, 1
        while pools and pools[-1][0] > mean:
            before, others = pools.pop()
            mean = (mean * count + before * others) / (count + others)
            count += others
        pools.append((mean, count))
    places = [mean for mean, count in pools for _ in range(count)]
    for vertex, offset, place in zip(layer, offsets, places, strict=True):
        vertex.view.xy = (place + offset, vertex.view.xy[1])


def _room(vertex: Any) -> float:
    """What a box, or the arrow that passes a column, takes of its height."""
    return float(vertex.view.w + ROW_GAP if isinstance(vertex.view, _Spot) else PASSING)


def _stack(vertices: list[Any], links: list[Any], below: float) -> float:
    """Moves a component below the former ones, and says where it ends."""
    ends = [v.view.xy[0] + sign * v.view.w / 2 for v in vertices for sign in (-1, 1)]
    ends += [x for link in links for x, _ in link.view.points]
    shift = below - min(ends)
    for vertex in vertices:
        vertex.view.xy = (vertex.view.xy[0] + shift, vertex.view.xy[1])
    for link in links:
        link.view.points = tuple((x + shift, y) for x, y in link.view.points)
    return float(max(ends) + shift + ROW_GAP)


def _turned(sizes: Sequence[Size], vertices: list[Any], links: dict[Edge, Any]) -> Layout:
    """The layout with rows as columns, the result on the right, and the corner at (0, 0)."""
    right = max(v.view.xy[1] + v.view.h / 2 for v in vertices)

    def turn(point: Point) -> Point:
        return right - point[1], point[0]

    centres = tuple(turn(vertex.view.xy) for vertex in vertices)
    ways = {
        edge: tuple(turn(point) for point in reversed(link.view.points))
        for edge, link in links.items()
    }
    width = max(x + w / 2 for (x, _), (w, _) in zip(centres, sizes, strict=True))
    bottoms = [y + h / 2 for (_, y), (_, h) in zip(centres, sizes, strict=True)]
    bottoms += [y for way in ways.values() for _, y in way]
    return Layout(width, max(bottoms), centres, ways)
