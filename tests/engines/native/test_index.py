"""Indices: what a reshape does to them, and that it comes back."""

import math

from hypothesis import given
from hypothesis import strategies as st

from glassnet.engines.native.index import (
    Index,
    Loop,
    Quotient,
    Remainder,
    build,
    delinearise,
    divmod_index,
    linearise,
    of,
    stride_of,
)

shapes = st.lists(st.integers(1, 6), min_size=1, max_size=4).map(tuple)


def evaluate(index: Index, values: dict[str, int]) -> int:
    total = index.constant
    for atom, coefficient in index.terms:
        if isinstance(atom, Quotient):
            value = evaluate(atom.of, values) // atom.by
        elif isinstance(atom, Remainder):
            value = evaluate(atom.of, values) % atom.by
        else:
            value = values[atom.key]
        total += coefficient * value
    return total


@given(shapes, st.data())
def test_a_flat_position_names_its_element(shape, data):
    size = math.prod(shape)
    flat = of(Loop("f", size))
    place = delinearise(flat, shape)
    position = data.draw(st.integers(0, size - 1))
    values = [evaluate(p, {"f": position}) for p in place]
    assert all(0 <= v < n for v, n in zip(values, shape, strict=True))
    assert sum(v * math.prod(shape[i + 1 :]) for i, v in enumerate(values)) == position


@given(shapes)
def test_there_and_back_is_the_same_index(shape):
    flat = of(Loop("f", math.prod(shape)))
    assert linearise(delinearise(flat, shape), shape) == flat


@given(shapes, shapes)
def test_a_reshape_of_a_reshape_disappears(shape, other):
    size = math.prod(shape) * math.prod(other)
    flat = of(Loop("f", size))
    through = linearise(delinearise(flat, (*shape, *other)), (*shape, *other))
    assert linearise(delinearise(through, (size,)), (size,)) == flat


@given(st.integers(1, 7), st.integers(1, 7), st.integers(1, 9), st.integers(-3, 3))
def test_quotient_and_remainder(n, m, by, offset):
    a, b = Loop("a", n), Loop("b", m)
    index = build([(a, by * 2), (b, 1)], abs(offset))
    quotient, remainder = divmod_index(index, by)
    for i in range(n):
        for j in range(m):
            values = {"a": i, "b": j}
            expected = divmod(evaluate(index, values), by)
            assert (evaluate(quotient, values), evaluate(remainder, values)) == expected


def test_rows_and_columns_stay_linear():
    row, column = Loop("r", 5), Loop("c", 16)
    place = delinearise(of(row) * 16 + of(column), (5, 16))
    assert place == (of(row), of(column))


def test_strides():
    row, column = Loop("r", 5), Loop("c", 16)
    index = build([(row, 16), (column, 2)], 3)
    assert (stride_of(index, row), stride_of(index, column)) == (16, 2)
    assert stride_of(of(Quotient(index, 3)), row) is None
    assert stride_of(of(Quotient(index, 3)), Loop("other", 4)) == 0


@given(
    st.sampled_from([4, 8, 16]), st.integers(1, 4), st.integers(1, 4), st.sampled_from([1, 3]),
    st.booleans(),
)  # fmt: skip
def test_strides_within_a_vector(lanes, heads, factor, columns, odd):
    """Where vectors start at multiples of their lanes, quotients by such multiples stand still."""
    width = heads * factor * lanes
    row, column = Loop("r", 3), Loop("c", width * columns)
    flat = of(row) * (width * columns) + of(column) + (odd and 1)
    places = delinearise(flat, (3, columns * heads, factor * lanes))
    moved = places[2] + places[1] * (factor * lanes * 7) + places[0] * 1000
    stride = stride_of(moved, column, lanes)
    assert stride in ((None,) if odd else (1,)) or columns * heads == 1
    if stride is None:
        return
    for start in range(0, width * columns, lanes):
        first = evaluate(moved, {"r": 1, "c": start})
        steps = [evaluate(moved, {"r": 1, "c": start + i}) - first for i in range(lanes)]
        assert steps == [stride * i for i in range(lanes)]


def test_a_quotient_of_what_all_lanes_share_is_shared():
    """Tiles of images, channels last: 32 channels fill vectors, 6 tiles a row do not."""
    loop = Loop("l", 6 * 6 * 32)
    tile, channel = delinearise(of(loop), (36, 32))
    row, column = delinearise(tile, (6, 6))
    flat = linearise((row * 4, column * 4, channel), (26, 26, 32))
    assert stride_of(flat, loop, 16) == 1
    assert stride_of(flat, loop) is None
    assert stride_of(linearise((row, column), (6, 6)), loop, 16) == 0
