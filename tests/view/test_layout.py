from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.view.layout import COLUMN_GAP, layered


def test_leaves_stand_just_before_what_is_made_of_them() -> None:
    # 0 → 1 → 2 → 3 and a late leaf 4 → 3
    layout = layered([(40, 20)] * 5, [(0, 1), (1, 2), (2, 3), (4, 3)])
    columns = [round(x / (40 + COLUMN_GAP), 3) for x, _ in layout.centres]
    assert [c - columns[0] for c in columns] == [0, 1, 2, 3, 2]


def test_a_chain_is_straight() -> None:
    layout = layered([(40, 20)] * 4, [(0, 1), (1, 2), (2, 3)])
    assert len({y for _, y in layout.centres}) == 1
    assert layout.height == 20


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


@settings(deadline=None, max_examples=60)
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
