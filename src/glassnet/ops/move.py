"""Moves: the same numbers in another shape, order, place or type."""

from __future__ import annotations

import math
from typing import Any

from ..engines.recorder import broadcast_shapes
from ..errors import ShapeError
from ..tensor import Generator, Tensor, as_tensor, float32, float64
from ..tensor.dtypes import DType, check_dtype, is_float
from .operation import Engine_, Gradients, Operation, Sample, Shape, onto, sample

Widths = tuple[tuple[int, int], ...]


def normal_axis(axis: int, ndim: int) -> int:
    """An axis counted from 0; ShapeError where there is none."""
    if not -ndim <= axis < ndim:
        raise ShapeError(
            "the tensor has no such axis",
            expected=f"an axis from {-ndim} to {ndim - 1}",
            received=f"axis={axis}",
        )
    return axis % ndim


class Cast(Operation):
    """a as another type of number

    d/da = 1 between floats
    """

    name = "cast"
    symbol = "type"

    def shape(self, a: Shape, *, dtype: DType) -> Shape:  # type: ignore[override]
        return a

    def forward(self, xp: Engine_, a: Any, *, dtype: DType) -> Any:
        return xp.cast(a, dtype=check_dtype(dtype))

    def backward(self, grad: Tensor, out: Tensor, a: Tensor, *, dtype: DType) -> Gradients:
        return (grad.astype(a.dtype) if is_float(a.dtype) else None,)

    def samples(self, rng: Generator) -> list[Sample]:
        return [
            sample(rng.normal((3,), dtype=float64), dtype=float64),
            sample(rng.integers(0, 9, (3,)), dtype=float32),
        ]


class Reshape(Operation):
    """a in another shape, read in row-major order; one −1 stands for what is left

    d/da = 1
    """

    name = "reshape"
    symbol = "reshape"

    def shape(self, a: Shape, *, shape: Shape) -> Shape:  # type: ignore[override]
        known = math.prod(n for n in shape if n != -1)
        wild = shape.count(-1)
        size = math.prod(a)
        fits = size == known if wild == 0 else wild == 1 and known > 0 and size % known == 0
        if not fits or any(n < -1 for n in shape):
            raise ShapeError(
                "a reshape keeps the number of elements",
                expected=f"a shape of {size} elements, as {a} has",
                received=f"{shape}",
            )
        return tuple(size // known if n == -1 else n for n in shape)

    def forward(self, xp: Engine_, a: Any, *, shape: Shape) -> Any:
        return xp.reshape(a, shape=self.shape(a.shape, shape=shape))

    def backward(self, grad: Tensor, out: Tensor, a: Tensor, *, shape: Shape) -> Gradients:
        return (grad.reshape(a.shape),)

    def samples(self, rng: Generator) -> list[Sample]:
        a = rng.normal((2, 3, 4), dtype=float64)
        return [sample(a, shape=(6, 4)), sample(a, shape=(-1,))]


class Transpose(Operation):
    """a with its axes in another order; reversed when none is given

    d/da = 1
    """

    name = "transpose"
    symbol = "ᵀ"

    def shape(self, a: Shape, *, axes: Shape | None) -> Shape:  # type: ignore[override]
        return tuple(a[i] for i in self.order(len(a), axes))

    @staticmethod
    def order(ndim: int, axes: Shape | None) -> Shape:
        """The axes counted from 0."""
        if axes is None:
            return tuple(reversed(range(ndim)))
        order = tuple(normal_axis(i, ndim) for i in axes)
        if len(order) != ndim or len(set(order)) != ndim:
            raise ShapeError(
                "a transpose names every axis once",
                expected=f"an order of {tuple(range(ndim))}",
                received=f"{axes}",
            )
        return order

    def forward(self, xp: Engine_, a: Any, *, axes: Shape | None = None) -> Any:
        return xp.transpose(a, axes=self.order(a.ndim, axes))

    def backward(self, grad: Tensor, out: Tensor, a: Tensor, *, axes: Shape | None) -> Gradients:
        order = self.order(a.ndim, axes)
        return (grad.transpose(*(order.index(i) for i in range(a.ndim))),)

    def samples(self, rng: Generator) -> list[Sample]:
        a = rng.normal((2, 3, 4), dtype=float64)
        return [sample(a), sample(a, axes=(1, -1, 0))]


class BroadcastTo(Operation):
    """a repeated along new axes and axes of length 1

    d/da = Σ over the repetitions
    """

    name = "broadcast_to"
    symbol = "broadcast"

    def shape(self, a: Shape, *, shape: Shape) -> Shape:  # type: ignore[override]
        if broadcast_shapes(a, shape) != tuple(shape):
            raise ShapeError(f"{a} does not broadcast to {shape}")
        return tuple(shape)

    def forward(self, xp: Engine_, a: Any, *, shape: Shape) -> Any:
        return xp.broadcast_to(a, shape=tuple(shape))

    def backward(self, grad: Tensor, out: Tensor, a: Tensor, *, shape: Shape) -> Gradients:
        return (onto(a, lambda: grad),)

    def samples(self, rng: Generator) -> list[Sample]:
        return [sample(rng.normal((3, 1), dtype=float64), shape=(2, 3, 4))]


class Slice(Operation):
    """a[start:stop:step] along every axis, steps ≥ 1

    d/da = 1 inside, 0 outside
    """

    name = "slice"
    symbol = "[:]"

    def shape(  # type: ignore[override]
        self, a: Shape, *, starts: Shape, stops: Shape, steps: Shape
    ) -> Shape:
        spans = list(zip(a, starts, stops, steps, strict=True))
        if not all(0 <= i <= j <= n and step >= 1 for n, i, j, step in spans):
            raise ShapeError(
                "a slice lies inside the tensor",
                expected=f"0 ≤ start ≤ stop ≤ {a} and step ≥ 1",
                received=f"starts={starts}, stops={stops}, steps={steps}",
            )
        return tuple(len(range(i, j, step)) for _, i, j, step in spans)

    def forward(self, xp: Engine_, a: Any, *, starts: Shape, stops: Shape, steps: Shape) -> Any:
        return xp.slice(a, starts=starts, stops=stops, steps=steps)

    def backward(
        self, grad: Tensor, out: Tensor, a: Tensor, *, starts: Shape, stops: Shape, steps: Shape
    ) -> Gradients:
        for axis, step in enumerate(steps):
            grad = _spread(grad, axis, step) if step > 1 else grad
        widths = []
        for axis, start in enumerate(starts):
            # Spreading leaves step − 1 zeros behind the last element; cut what lies beyond.
            room = a.shape[axis] - start
            if grad.shape[axis] > room:
                stop = [room if i == axis else n for i, n in enumerate(grad.shape)]
                grad = slice_(grad, starts=(0,) * a.ndim, stops=tuple(stop), steps=(1,) * a.ndim)
            widths.append((start, room - grad.shape[axis]))
        return (pad(grad, widths=tuple(widths)),)

    def samples(self, rng: Generator) -> list[Sample]:
        a = rng.normal((4, 7), dtype=float64)
        return [
            sample(a, starts=(1, 0), stops=(3, 7), steps=(1, 1)),
            sample(a, starts=(0, 1), stops=(4, 7), steps=(2, 3)),
            sample(a, starts=(3, 2), stops=(4, 7), steps=(1, 2)),
        ]


def _spread(a: Tensor, axis: int, step: int) -> Tensor:
    """step − 1 zeros after each element along an axis."""
    apart = expand_dims(a, axis + 1)
    widths = [(0, 0)] * apart.ndim
    widths[axis + 1] = (0, step - 1)
    wide = pad(apart, widths=tuple(widths))
    return wide.reshape((*a.shape[:axis], a.shape[axis] * step, *a.shape[axis + 1 :]))


class Flip(Operation):
    """a read backwards along the axes

    d/da = the gradient flipped the same way
    """

    name = "flip"
    symbol = "flip"

    def shape(self, a: Shape, *, axes: Shape) -> Shape:  # type: ignore[override]
        for axis in axes:
            normal_axis(axis, len(a))
        return a

    def forward(self, xp: Engine_, a: Any, *, axes: Shape) -> Any:
        return xp.flip(a, axes=tuple(normal_axis(i, a.ndim) for i in axes))

    def backward(self, grad: Tensor, out: Tensor, a: Tensor, *, axes: Shape) -> Gradients:
        return (flip(grad, axes=axes),)

    def samples(self, rng: Generator) -> list[Sample]:
        return [sample(rng.normal((2, 3), dtype=float64), axes=(0, -1))]


class Pad(Operation):
    """a with `value` around it: `widths` gives (before, after) for each axis

    d/da = the gradient without the margin
    """

    name = "pad"
    symbol = "pad"

    def shape(self, a: Shape, *, widths: Widths, value: float) -> Shape:  # type: ignore[override]
        if len(widths) != len(a) or any(i < 0 for pair in widths for i in pair):
            raise ShapeError(
                "padding names two widths ≥ 0 for each axis",
                expected=f"{len(a)} pairs",
                received=f"{widths}",
            )
        return tuple(i + n + j for n, (i, j) in zip(a, widths, strict=True))

    def forward(self, xp: Engine_, a: Any, *, widths: Widths, value: float = 0) -> Any:
        return xp.pad(a, widths=widths, value=value)

    def backward(
        self, grad: Tensor, out: Tensor, a: Tensor, *, widths: Widths, value: float
    ) -> Gradients:
        starts = tuple(i for i, _ in widths)
        stops = tuple(i + n for i, n in zip(starts, a.shape, strict=True))
        return (slice_(grad, starts=starts, stops=stops, steps=(1,) * a.ndim),)

    def samples(self, rng: Generator) -> list[Sample]:
        a = rng.normal((2, 3), dtype=float64)
        return [sample(a, widths=((1, 0), (2, 3))), sample(a, widths=((0, 0), (1, 1)), value=2.5)]


class Concat(Operation):
    """The inputs one after the other along an axis

    d/da = the input's own piece of the gradient
    """

    name = "concat"
    symbol = "concat"

    def shape(self, *shapes: Shape, axis: int) -> Shape:  # type: ignore[override]
        if not shapes:
            raise ShapeError("concat of no tensors", expected="at least one")
        axis = normal_axis(axis, len(shapes[0]))
        rests = {shape[:axis] + shape[axis + 1 :] for shape in shapes}
        if len(rests) != 1:
            raise ShapeError(
                "the shapes differ beside the axis along which they are joined",
                expected=f"equal lengths on every axis but {axis}",
                received=" and ".join(map(str, shapes)),
            )
        length = sum(shape[axis] for shape in shapes)
        return (*shapes[0][:axis], length, *shapes[0][axis + 1 :])

    def forward(self, xp: Engine_, *arrays: Any, axis: int = 0) -> Any:
        return xp.concat(*arrays, axis=normal_axis(axis, arrays[0].ndim))

    def backward(self, grad: Tensor, out: Tensor, *inputs: Tensor, axis: int) -> Gradients:
        axis = normal_axis(axis, grad.ndim)
        gradients = []
        start = 0
        for piece in inputs:
            starts, stops = [0] * grad.ndim, list(grad.shape)
            starts[axis], stops[axis] = start, start + piece.shape[axis]
            start = stops[axis]
            gradients.append(
                slice_(grad, starts=tuple(starts), stops=tuple(stops), steps=(1,) * grad.ndim)
            )
        return tuple(gradients)

    def samples(self, rng: Generator) -> list[Sample]:
        a, b, c = (rng.normal((2, n), dtype=float64) for n in (3, 1, 4))
        return [sample(a, b, c, axis=-1), sample(a, a + 1.0)]


cast = Cast()
reshape = Reshape()
transpose = Transpose()
broadcast_to = BroadcastTo()
slice_ = Slice()  # `slice` is taken by Python
flip = Flip()
pad = Pad()
concat = Concat()


def expand_dims(a: Any, axis: int) -> Tensor:
    """A new axis of length 1 at the given place."""
    value = as_tensor(a)
    axis = normal_axis(axis, value.ndim + 1)
    return value.reshape((*value.shape[:axis], 1, *value.shape[axis:]))


def squeeze(a: Any, axis: int) -> Tensor:
    """Without an axis of length 1."""
    value = as_tensor(a)
    axis = normal_axis(axis, value.ndim)
    if value.shape[axis] != 1:
        raise ShapeError(
            "squeeze removes an axis of length 1", received=f"axis {axis} of shape {value.shape}"
        )
    return value.reshape((*value.shape[:axis], *value.shape[axis + 1 :]))


def stack(tensors: Any, axis: int = 0) -> Tensor:
    """Tensors of one shape side by side along a new axis."""
    return concat(*(expand_dims(a, axis) for a in tensors), axis=axis)


def part(xp: Engine_, a: Any, axis: int, start: int, stop: int) -> Any:
    """A piece of an axis; of an array that is the same all along it, the whole."""
    axis += a.ndim
    if axis < 0 or a.shape[axis] == 1 or (start, stop) == (0, a.shape[axis]):
        return a
    starts, stops = [0] * a.ndim, list(a.shape)
    starts[axis], stops[axis] = start, stop
    return xp.slice(a, starts=tuple(starts), stops=tuple(stops), steps=(1,) * a.ndim)
