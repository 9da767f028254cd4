"""Pooling: the largest number or the sum of every window, and what spreads it back.

Four operations are two pairs of transposes, so that each one's derivative is the other: `pick`
takes one number of every window and `unpool` puts it back; `sum_pool` adds the numbers of every
window and `sum_unpool` hands the sum to all of them. A window on the edge is cut off, as if there
were nothing outside.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..tensor import Generator, Tensor, float64
from .operation import Engine_, Gradients, Operation, Sample, Shape, sample
from .windows import Pairs, framed, positions

PLACE = np.dtype(np.int32)


def _pooled(a: Shape, kernel: Shape, stride: Shape, padding: Pairs) -> Shape:
    """The shape of one number per window."""
    if len(a) != len(kernel) + 2:
        raise ShapeError(
            "pooling received another number of axes",
            expected=f"(batch, {', '.join(['size'] * len(kernel))}, channels)",
            received=f"{a}",
            mend="give the input a batch axis and a channel axis",
        )
    for n, pair in zip(kernel, padding, strict=True):
        if max(pair) * 2 > n:
            raise ArgumentError(
                "a window would lie outside its input",
                expected="padding of at most half the kernel",
                received=f"padding={max(pair)}, kernel={n}",
            )
    return (a[0], *positions(a[1:-1], kernel, stride, padding, (1,) * len(kernel)), a[-1])


def _slices(
    xp: Engine_, a: Any, kernel: Shape, stride: Shape, padding: Pairs, value: float
) -> Iterator[Any]:
    """For each place in the window, in row-major order, that number of every window."""
    counts = positions(a.shape[1:-1], kernel, stride, padding, (1,) * len(kernel))
    whole = framed(xp, a, padding, value)
    for places in itertools.product(*map(range, kernel)):
        stops = [k + (n - 1) * s + 1 for k, n, s in zip(places, counts, stride, strict=True)]
        yield xp.slice(
            whole,
            starts=(0, *places, 0),
            stops=(a.shape[0], *stops, a.shape[-1]),
            steps=(1, *stride, 1),
        )


class MaxPool(Operation):
    """max over each window

    d/da = grad at the first maximum of its window, else 0
    """

    name = "max_pool"
    symbol = "max-pool"
    floats_only = True

    def shape(  # type: ignore[override]
        self, a: Shape, *, kernel: Shape, stride: Shape, padding: Pairs
    ) -> Shape:
        return _pooled(a, kernel, stride, padding)

    def forward(self, xp: Engine_, a: Any, *, kernel: Shape, stride: Shape, padding: Pairs) -> Any:
        slices = _slices(xp, a, kernel, stride, padding, -np.inf)
        return functools.reduce(xp.maximum, slices)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor, **settings: Any) -> Gradients:
        place = max_pool_place(a, **settings)
        return (unpool(grad, place, size=a.shape[1:-1], **settings),)

    def samples(self, rng: Generator) -> list[Sample]:
        def draw(*shape: int) -> Any:  # no two numbers nearer than 0.1
            return rng.permutation(int(np.prod(shape))).reshape(shape) * 0.1

        plain: Any = {"kernel": (2, 2), "stride": (2, 2), "padding": ((0, 0), (0, 0))}
        wide: Any = {"kernel": (3, 2), "stride": (2, 1), "padding": ((1, 1), (1, 1))}
        line: Any = {"kernel": (3,), "stride": (4,), "padding": ((1, 1),)}
        return [
            sample(draw(2, 4, 5, 2), **plain),
            sample(draw(2, 5, 3, 2), **wide),
            sample(draw(2, 7, 2), **line),
        ]


class MaxPoolPlace(Operation):
    """The place of the first maximum in each window, counted in row-major order

    no derivative
    """

    name = "max_pool_place"
    symbol = "argmax-pool"
    floats_only = True

    def shape(  # type: ignore[override]
        self, a: Shape, *, kernel: Shape, stride: Shape, padding: Pairs
    ) -> Shape:
        return _pooled(a, kernel, stride, padding)

    def forward(self, xp: Engine_, a: Any, *, kernel: Shape, stride: Shape, padding: Pairs) -> Any:
        best, *others = _slices(xp, a, kernel, stride, padding, -np.inf)
        place = xp.full(shape=best.shape, value=0, dtype=PLACE)
        for number, other in enumerate(others, 1):
            place = xp.where(xp.less(best, other), number, place)
            best = xp.maximum(best, other)
        return place

    def backward(self, grad: Tensor, out: Tensor, a: Tensor, **settings: Any) -> Gradients:
        return (None,)

    def samples(self, rng: Generator) -> list[Sample]:
        return max_pool.samples(rng)


class Pick(Operation):
    """The number at the given place of each window

    d/da = grad at that place of its window, else 0
    """

    name = "pick"
    symbol = "pick"
    common = slice(0, 1)

    def shape(  # type: ignore[override]
        self, a: Shape, place: Shape, *, kernel: Shape, stride: Shape, padding: Pairs
    ) -> Shape:
        return _pooled(a, kernel, stride, padding)

    def forward(
        self, xp: Engine_, a: Any, place: Any, *, kernel: Shape, stride: Shape, padding: Pairs
    ) -> Any:
        slices = enumerate(_slices(xp, a, kernel, stride, padding, 0))
        return functools.reduce(
            lambda rest, item: xp.where(xp.equal(place, item[0]), item[1], rest),
            slices,
            xp.full(shape=place.shape, value=0, dtype=a.dtype),
        )

    def backward(
        self, grad: Tensor, out: Tensor, a: Tensor, place: Tensor, **settings: Any
    ) -> Gradients:
        return unpool(grad, place, size=a.shape[1:-1], **settings), None

    def samples(self, rng: Generator) -> list[Sample]:
        return [
            sample(*one.inputs, max_pool_place(*one.inputs, **one.settings).numpy(), **one.settings)
            for one in max_pool.samples(rng)
        ]


class Unpool(Operation):
    """Each number at the given place of its window, summed where windows overlap, else 0

    d/da = grad at that place
    """

    name = "unpool"
    symbol = "unpool"
    common = slice(0, 1)

    def shape(  # type: ignore[override]
        self,
        a: Shape,
        place: Shape,
        *,
        size: Shape,
        kernel: Shape,
        stride: Shape,
        padding: Pairs,
    ) -> Shape:
        return _unpooled(a, size, kernel, stride, padding)

    def forward(
        self,
        xp: Engine_,
        a: Any,
        place: Any,
        *,
        size: Shape,
        kernel: Shape,
        stride: Shape,
        padding: Pairs,
    ) -> Any:
        cover = Cover(size, kernel, stride, padding)
        total = None
        for shift in cover.shifts:
            hit = xp.equal(cover.blocks(xp, place, shift, -1), xp.constant(cover.places(shift)))
            part = xp.where(hit, cover.blocks(xp, a, shift, 0), 0)
            total = part if total is None else xp.add(total, part)
        return cover.whole(xp, total)

    def backward(
        self, grad: Tensor, out: Tensor, a: Tensor, place: Tensor, *, size: Shape, **settings: Any
    ) -> Gradients:
        return pick(grad, place, **settings), None

    def samples(self, rng: Generator) -> list[Sample]:
        return [
            sample(
                rng.normal(place.shape, dtype=float64),
                place,
                size=a.shape[1:-1],
                **one.settings,
            )
            for one in pick.samples(rng)
            for a, place in [one.inputs]
        ]


class SumPool(Operation):
    """Σ a over each window

    d/da = the sum of grad over the windows around each place
    """

    name = "sum_pool"
    symbol = "Σ-pool"

    def shape(  # type: ignore[override]
        self, a: Shape, *, kernel: Shape, stride: Shape, padding: Pairs
    ) -> Shape:
        return _pooled(a, kernel, stride, padding)

    def forward(self, xp: Engine_, a: Any, *, kernel: Shape, stride: Shape, padding: Pairs) -> Any:
        return functools.reduce(xp.add, _slices(xp, a, kernel, stride, padding, 0))

    def backward(self, grad: Tensor, out: Tensor, a: Tensor, **settings: Any) -> Gradients:
        return (sum_unpool(grad, size=a.shape[1:-1], **settings),)

    def samples(self, rng: Generator) -> list[Sample]:
        return max_pool.samples(rng)


class SumUnpool(Operation):
    """Σ a over the windows around each place

    d/da = Σ grad over each window
    """

    name = "sum_unpool"
    symbol = "Σ-unpool"

    def shape(  # type: ignore[override]
        self, a: Shape, *, size: Shape, kernel: Shape, stride: Shape, padding: Pairs
    ) -> Shape:
        return _unpooled(a, size, kernel, stride, padding)

    def forward(
        self, xp: Engine_, a: Any, *, size: Shape, kernel: Shape, stride: Shape, padding: Pairs
    ) -> Any:
        cover = Cover(size, kernel, stride, padding)
        total: Any = None
        for shift in cover.shifts:
            part = cover.blocks(xp, a, shift, 0)
            inside = cover.places(shift) >= 0
            if not inside.all():
                part = xp.where(xp.constant(inside), part, 0)
            total = part if total is None else xp.add(total, part)
        shape = (*total.shape[:-1], a.shape[-1])
        for i, s in enumerate(stride):
            shape = (*shape[: 2 + 2 * i], s, *shape[3 + 2 * i :])
        return cover.whole(xp, xp.broadcast_to(total, shape=shape))

    def backward(
        self, grad: Tensor, out: Tensor, a: Tensor, *, size: Shape, **settings: Any
    ) -> Gradients:
        return (sum_pool(grad, **settings),)

    def samples(self, rng: Generator) -> list[Sample]:
        return [
            sample(
                rng.normal(sum_pool(a, **one.settings).shape, dtype=float64),
                size=a.shape[1:-1],
                **one.settings,
            )
            for one in sum_pool.samples(rng)
            for (a,) in [one.inputs]
        ]


def _unpooled(a: Shape, size: Shape, kernel: Shape, stride: Shape, padding: Pairs) -> Shape:
    shape = (a[0], *size, a[-1])
    if _pooled(shape, kernel, stride, padding) != a:
        raise ShapeError(
            "these are not the windows of such an input", received=f"{a} for size {size}"
        )
    return shape


class Cover:
    """Which windows lie over each place, as shifted views of one number per window.

    A place q (padding included) is number q mod s in block q div s of its axis, s the stride. The
    windows over it are number q div s − t, for t = 0, 1, … below kernel / s; there it is at place
    q mod s + t·s, if that is less than the kernel.
    """

    def __init__(self, size: Shape, kernel: Shape, stride: Shape, padding: Pairs) -> None:
        self.size, self.kernel, self.stride, self.padding = size, kernel, stride, padding
        self.depth = tuple(-(-k // s) for k, s in zip(kernel, stride, strict=True))
        self.lots = tuple(
            -(-(n + left) // s) for n, (left, _), s in zip(size, padding, stride, strict=True)
        )

    @property
    def shifts(self) -> Iterator[Shape]:
        """t for each axis."""
        return itertools.product(*map(range, self.depth))

    def blocks(self, xp: Engine_, a: Any, shift: Shape, outside: float) -> Any:
        """The numbers of the windows `shift` before each block: (batch, block, 1, …, channels)."""
        lengths = a.shape[1:-1]
        axes = list(zip(shift, self.lots, lengths, strict=True))
        part = framed(xp, a, tuple((t, lot - n - t) for t, lot, n in axes), outside)
        shape = [n for lot in self.lots for n in (lot, 1)]
        return xp.reshape(part, shape=(a.shape[0], *shape, a.shape[-1]))

    def places(self, shift: Shape) -> np.ndarray[Any, Any]:
        """The place in that window, for each place of a block: (1, stride, …, 1); −2 for none."""
        rank, place = len(shift), np.zeros((), np.int64)
        inside = np.ones((), bool)
        for axis, (t, s, k) in enumerate(zip(shift, self.stride, self.kernel, strict=True)):
            shape = [1] * (2 * rank + 1)
            shape[2 * axis + 1] = s
            along = (np.arange(s) + t * s).reshape(shape)
            place, inside = place * k + along, inside & (along < k)
        return np.where(inside, place, -2).astype(PLACE)

    def whole(self, xp: Engine_, blocks: Any) -> Any:
        """Blocks (batch, block, stride, …, channels) as (batch, *size, channels)."""
        full = tuple(n * s for n, s in zip(self.lots, self.stride, strict=True))
        joined = xp.reshape(blocks, shape=(blocks.shape[0], *full, blocks.shape[-1]))
        pairs = zip(full, self.size, self.padding, strict=True)
        return framed(xp, joined, tuple((-left, n + left - m) for m, n, (left, _) in pairs))


max_pool = MaxPool()
max_pool_place = MaxPoolPlace()
pick = Pick()
unpool = Unpool()
sum_pool = SumPool()
sum_unpool = SumUnpool()
