"""Products over windows and other operands of several strided loops, read without a copy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.engines.native.axis import Axis, axes
from glassnet.engines.native.index import delinearise, linearise
from glassnet.engines.native.kernel import probe

from .helpers import F32, check

RNG = np.random.default_rng(0)


def draw(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(F32)


def windows(xp: Any, x: Any, size: int, stride: int = 1, dilation: int = 1) -> Any:
    """(batch, y, x, place, place, channel)"""
    found = xp.window(
        x, axes=(1, 2), sizes=(size, size), strides=(stride,) * 2, dilations=(dilation,) * 2
    )
    return xp.transpose(found, axes=(0, 1, 2, 4, 5, 3))


def only_product(native: Any) -> Any:
    """The program's product, whose operands are the inputs themselves."""
    (product,) = (task.product for task in native.passes.schedule.tasks if task.product)
    assert {product.a.variable, product.b.variable} <= set(native.passes.program.inputs)
    return product


# Lines of rows that are long, short, of odd length; channels that fill lanes or do not; k in runs
# of one number, of whole vectors, of several blocks.
FORWARD = [
    ((2, 12, 12, 16), 3, 1, 1, 24),
    ((3, 11, 13, 3), 3, 1, 1, 5),
    ((2, 21, 21, 2), 4, 2, 1, 17),
    ((2, 13, 12, 4), 3, 1, 2, 6),
    ((4, 5, 5, 7), 3, 1, 1, 33),
    ((2, 3, 3, 8), 3, 1, 1, 9),
    ((1, 11, 10, 130), 3, 1, 1, 3),
    ((1, 10, 10, 800), 3, 1, 1, 20),
]


@pytest.mark.parametrize(("shape", "size", "stride", "dilation", "out"), FORWARD)
def test_windows_times_weights(shape, size, stride, dilation, out):
    x, w = draw(*shape), draw(out, size, size, shape[-1])

    def convolution(xp, x, w):
        found = windows(xp, x, size, stride, dilation)
        return xp.contract(found, w, spec="nyxijc,oijc->nyxo")

    only_product(check(convolution, x, w, rtol=2e-5))


@pytest.mark.parametrize(("shape", "size", "stride", "dilation", "out"), FORWARD)
def test_numbers_times_windows(shape, size, stride, dilation, out):
    count = [(n - dilation * (size - 1) - 1) // stride + 1 for n in shape[1:3]]
    x, g = draw(*shape), draw(shape[0], *count, out)

    def slope(xp, g, x):
        found = windows(xp, x, size, stride, dilation)
        return xp.contract(g, found, spec="nyxo,nyxijc->oijc")

    only_product(check(slope, g, x, rtol=2e-5))


def test_weights_that_are_read_backwards():
    x, w = draw(2, 12, 12, 16), draw(16, 3, 3, 24)

    def transposed(xp, x, w):
        turned = xp.flip(w, axes=(1, 2))
        return xp.contract(windows(xp, x, 3), turned, spec="nyxijo,oijc->nyxc")

    only_product(check(transposed, x, w, rtol=2e-5))


def test_a_batch_of_two_axes():
    q, k = draw(2, 9, 3, 5), draw(2, 11, 3, 5)
    native = check(lambda xp, q, k: xp.contract(q, k, spec="bihd,bjhd->bhij"), q, k, rtol=2e-5)
    assert only_product(native).a.batch.loops == ((2, 135), (3, 5))


def test_groups_of_channels():
    x, w = draw(2, 9, 12, 2, 6), draw(2, 10, 3, 3, 6)

    def grouped(xp, x, w):
        found = xp.window(x, axes=(1, 2), sizes=(3, 3), strides=(1, 1), dilations=(1, 1))
        return xp.contract(found, w, spec="nyxgcij,goijc->nyxgo")

    assert only_product(check(grouped, x, w, rtol=2e-5)).batch == 2


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_do_not_change_a_bit(threads):
    x, w = draw(4, 14, 14, 8), draw(20, 3, 3, 8)

    def both(xp, x, w):
        found = windows(xp, x, 3)
        y = xp.contract(found, w, spec="nyxijc,oijc->nyxo")
        return [y, xp.contract(y, found, spec="nyxo,nyxijc->oijc")]

    check(both, x, w, rtol=2e-5, threads=threads)


shapes = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple)


@given(shapes, st.data())
def test_an_axis_counts_like_an_odometer(shape, data):
    """The position by the axis' loops is the one that the index says."""
    order = data.draw(st.permutations(range(len(shape))))
    turned = tuple(shape[i] for i in order)
    whole = probe("x", math.prod(shape))
    place = delinearise(whole, turned)
    flat = linearise(tuple(place[order.index(i)] for i in range(len(shape))), shape)
    (axis,) = axes(flat, [whole]) or [None]
    assert axis is not None
    expected = np.arange(math.prod(shape)).reshape(shape).transpose(order).ravel()
    places = np.zeros(1, int)
    for length, stride in axis.loops:
        places = (places[:, None] + stride * np.arange(length)).ravel()
    assert places.tolist() == expected.tolist()


def test_what_is_no_sum_of_loops_has_no_axes():
    x, y = probe("x", 6), probe("y", 4)
    quotient = delinearise(x * 2 + y, (3, 5))[0]
    assert axes(quotient, [x, y]) is None
    assert axes(x * 3 + y * -1, [x, y]) == [Axis(((6, 3),)), Axis(((4, -1),))]
