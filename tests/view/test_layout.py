from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.view.layout import COLUMN_GAP, downwards, layered


def test_leaves_stand_just_before_what_is_made_of_them() -> None:
    # 0 → 1 → 2 → 3 and a late leaf 4 → 3
    layout = layered([(40, 20)] * 5, [(0, 1), (1, 2), (2, 3), (4, 3)])
    columns = [round(x / (40 + COLUMN_GAP), 3) for x, _ in layout.centres]
    assert [c - columns[0] for c in columns] == [0, 1, 2, 3, 2]


def test_a_chain_is_straight() -> None:
    layout = layered([(40, 20)] * 4, [(0, 1), (1, 2), (2, 3)])
    assert len({y for _, y in layout.centres}) == 1
    assert layout.height == 20


def test_lines_instead_of_columns() -> None:
    sizes, edges = [(40.0, 20.0), (60.0, 30.0), (40.0, 20.0)], [(0, 1), (1, 2)]
    layout = downwards(sizes, edges, gap=10.0)
    assert layout.width == 60
    assert layout.height == 20 + 10 + 30 + 10 + 20
    assert [y for _, y in layout.centres] == [10, 45, 80]
    assert layout.ways[0, 1] == (layout.centres[0], layout.centres[1])


def test_a_value_used_twice_by_one_operation_is_one_arrow() -> None:
    assert list(layered([(40, 20)] * 2, [(0, 1), (0, 1)]).ways) == [(0, 1)]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[tuple[float, float]], list[tuple[int, int]]]:
    count = draw(st.integers(1, 25))
    size = st.tuples(st.floats(20, 200), st.floats(20, 60))
    sizes = draw(st.lists(size, min_size=count, max_size=count))
    edges = []
    for last in range(1, count):
        sources = draw(st.lists(st.integers(0, last - 1), max_size=3, unique=True))
        edges += [(first, last) for first in sources]
    return sizes, edges


@settings(max_examples=60)
@given(graphs())
def test_boxes_never_overlap_and_arrows_run_to_the_right(
    graph: tuple[list[tuple[float, float]], list[tuple[int, int]]],
) -> None:
    sizes, edges = graph
    layout = layered(sizes, edges)
    boxes = list(zip(layout.centres, sizes, strict=True))
    for i, ((x1, y1), (w1, h1)) in enumerate(boxes):
        assert x1 - w1 / 2 >= -1e-6
        assert x1 + w1 / 2 <= layout.width + 1e-6
        assert y1 - h1 / 2 >= -1e-6
        assert y1 + h1 / 2 <= layout.height + 1e-6
        for (x2, y2), (w2, h2) in boxes[:i]:
            beside = abs(x1 - x2) >= (w1 + w2) / 2 - 1e-6
            above = abs(y1 - y2) >= (h1 + h2) / 2 - 1e-6
            assert beside or above
    for first, last in edges:
        xs = [x for x, _ in layout.ways[first, last]]
        assert xs == sorted(xs)
        assert xs[0] < xs[-1]


def shapes(size: int) -> dict[str, list[tuple[int, int]]]:
    """Graphs of so many boxes that ask much of a layout: deep, and full of long arrows."""
    deep = [(i, i + 1) for i in range(size - 1)]
    return {
        "deep": deep,
        "long": deep + [(0, i) for i in range(2, size)],
        "tree": [(i, size // 2 + i // 2) for i in range(size - 1)],
    }


@pytest.mark.parametrize("kind", ["deep", "long", "tree"])
def test_time_grows_with_the_size_and_not_with_its_square(kind: str) -> None:
    def seconds(size: int) -> float:
        start = time.process_time()
        layout = layered([(40.0, 20.0)] * size, shapes(size)[kind])
        took = time.process_time() - start
        assert set(layout.ways) == set(shapes(size)[kind])
        return took

    seconds(10)
    small, large = (min(seconds(size) for _ in range(3)) for size in (500, 2000))
    assert large < 11 * small  # its square would be 16 times


def test_long_arrows_too_many_to_go_around_are_drawn_straight() -> None:
    layout = layered([(40.0, 20.0)] * 200, shapes(200)["long"])
    passed = {edge: len(way) for edge, way in layout.ways.items()}
    assert passed[0, 199] == 2  # the longest goes straight …
    assert passed[0, 5] > 2  # … and a short one around
    assert layout.centres[0][0] < layout.centres[199][0]
