"""Picking by index: rows of a table, the transpose of that, and Python's square brackets."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, DTypeError, ShapeError
from ..tensor import COMPOSED, Generator, Tensor, as_tensor, float32, float64, int64
from ..tensor.dtypes import DType
from .move import flip, normal_axis, slice_
from .operation import Engine_, Gradients, Operation, Sample, Shape, sample


def check_integers(dtype: DType, purpose: str) -> None:
    """DTypeError unless the type is an integer's."""
    if dtype.kind not in "iu":
        raise DTypeError(
            f"{purpose} are integers",
            expected="int64 (or another integer type)",
            received=str(dtype),
            mend='convert them: labels.astype("int64")',
        )


class Gather(Operation):
    """a[indices] along an axis, which is replaced by the indices' axes

    d/da = scatter_add of the gradient
    """

    name = "gather"
    symbol = "[i]"
    common = slice(0, 1)

    def shape(self, a: Shape, indices: Shape, *, axis: int) -> Shape:  # type: ignore[override]
        axis = normal_axis(axis, len(a))
        return (*a[:axis], *indices, *a[axis + 1 :])

    def forward(self, xp: Engine_, a: Any, indices: Any, *, axis: int = 0) -> Any:
        check_integers(indices.dtype, "the indices of gather")
        return xp.gather(a, indices, axis=normal_axis(axis, a.ndim))

    def backward(
        self, grad: Tensor, out: Tensor, a: Tensor, indices: Tensor, *, axis: int
    ) -> Gradients:
        axis = normal_axis(axis, a.ndim)
        return scatter_add(indices, grad, axis=axis, length=a.shape[axis]), None

    def samples(self, rng: Generator) -> list[Sample]:
        a = rng.normal((5, 3), dtype=float64)
        return [
            sample(a, rng.integers(0, 5, (2, 4))),
            sample(a, rng.integers(0, 3, (6,)), axis=-1),
        ]


class ScatterAdd(Operation):
    """Zeros of the given length along an axis, with the updates added at the indices

    d/dupdates = gather of the gradient
    """

    name = "scatter_add"
    symbol = "[i]+="
    common = slice(1, 2)

    def shape(  # type: ignore[override]
        self, indices: Shape, updates: Shape, *, axis: int, length: int
    ) -> Shape:
        if updates[axis : axis + len(indices)] != indices:
            raise ShapeError(
                "the updates do not have the indices' shape at the axis",
                expected=f"{indices} from axis {axis} on",
                received=f"{updates}",
            )
        return (*updates[:axis], length, *updates[axis + len(indices) :])

    def forward(
        self, xp: Engine_, indices: Any, updates: Any, *, axis: int = 0, length: int
    ) -> Any:
        check_integers(indices.dtype, "the indices of scatter_add")
        return xp.scatter_add(indices, updates, axis=axis, length=length)

    def backward(
        self, grad: Tensor, out: Tensor, indices: Tensor, updates: Tensor, *, axis: int, length: int
    ) -> Gradients:
        return None, gather(grad, indices, axis=axis)

    def samples(self, rng: Generator) -> list[Sample]:
        indices = rng.integers(0, 5, (2, 4))
        return [
            sample(indices, rng.normal((2, 4, 3), dtype=float64), length=5),
            sample(indices[0], rng.normal((3, 4), dtype=float64), axis=1, length=6),
        ]


class OneHot(Operation):
    """1 at the label's place, else 0: (…) integers become (…, classes) floats

    no derivative
    """

    name = "one_hot"
    symbol = "1-hot"
    common = slice(0, 0)

    def shape(self, labels: Shape, *, classes: int, dtype: DType) -> Shape:  # type: ignore[override]
        return (*labels, classes)

    def forward(self, xp: Engine_, labels: Any, *, classes: int, dtype: DType = float32) -> Any:
        check_integers(labels.dtype, "labels")
        column = xp.reshape(labels, shape=(*labels.shape, 1))
        return xp.cast(xp.equal(column, xp.arange(length=classes, dtype=labels.dtype)), dtype=dtype)

    def backward(
        self, grad: Tensor, out: Tensor, labels: Tensor, *, classes: int, dtype: DType
    ) -> Gradients:
        return (None,)

    def samples(self, rng: Generator) -> list[Sample]:
        return [sample(rng.integers(0, 4, (2, 3)), classes=4)]


gather = Gather()
scatter_add = ScatterAdd()
one_hot = OneHot()


def index(a: Tensor, key: Any) -> Tensor:
    """a[key] as NumPy's basic indexing, and with one tensor or array of integers.

    Integers, slices (any step), `...` and `None` in any combination; or integer indices in the
    place of one axis. Boolean masks are refused: the shape of their result depends on values.

    >>> import glassnet as gn
    >>> gn.tensor([[1.0, 2.0], [3.0, 4.0]])[:, -1].numpy().tolist()
    [2.0, 4.0]
    """
    parts = list(key) if isinstance(key, tuple) else [key]
    named = sum(part is not None and part is not Ellipsis for part in parts)
    if named > a.ndim:
        raise ShapeError(
            "too many indices", expected=f"at most {a.ndim} for shape {a.shape}", received=f"{key}"
        )
    if not any(part is Ellipsis for part in parts):
        parts.append(Ellipsis)
    at = next(i for i, part in enumerate(parts) if part is Ellipsis)
    parts[at : at + 1] = [slice(None)] * (a.ndim - named)
    picks = [(i, p) for i, p in enumerate(p for p in parts if p is not None) if _is_array(p)]
    if len(picks) > 1:
        raise ArgumentError("one axis at a time can be indexed by integers", received=f"{key}")
    basic = _basic(a, [slice(None) if _is_array(p) else p for p in parts])
    if not picks:
        return basic
    axis, indices = picks[0]
    place = parts.index(indices) if isinstance(indices, list) else next(
        i for i, p in enumerate(parts) if p is indices
    )  # fmt: skip
    axis = sum(not isinstance(p, int | np.integer) for p in parts[:place])
    return gather(basic, _indices(indices, basic.shape[axis]), axis=axis)


def _is_array(part: Any) -> bool:
    return isinstance(part, Tensor | np.ndarray | list)


def _indices(indices: Any, length: int) -> Tensor:
    """Integer indices as a tensor; negative ones count from the end where numbers are known."""
    found = as_tensor(indices)
    if found.dtype.kind == "b":
        raise DTypeError(
            "a boolean mask is no index: the result's shape would depend on its values",
            mend="use ops.where(mask, a, 0.0), or integer indices from numpy.flatnonzero(mask)",
        )
    check_integers(found.dtype, "indices")
    if found.is_symbolic:
        return found
    array = found.array
    return Tensor(np.where(array < 0, array + length, array).astype(int64))


def _basic(a: Tensor, parts: list[Any]) -> Tensor:
    """Integers, slices and None, one per axis in order."""
    starts, stops, steps, flipped, shape = [], [], [], [], []
    axis = 0
    for part in parts:
        if part is None:
            shape.append(1)
            continue
        length = a.shape[axis]
        span, single = _span(part, length, axis)
        if span.step < 0:
            flipped.append(axis)
            span = span[::-1]
        starts.append(span.start if len(span) else 0)
        stops.append(span[-1] + 1 if len(span) else 0)
        steps.append(span.step)
        if not single:
            shape.append(len(span))
        axis += 1
    whole = all(i == 0 and n == m and s == 1
                for i, n, s, m in zip(starts, stops, steps, a.shape, strict=True))  # fmt: skip
    if not whole:
        a = slice_(a, starts=tuple(starts), stops=tuple(stops), steps=tuple(steps))
    if flipped:
        a = flip(a, axes=tuple(flipped))
    return a if a.shape == tuple(shape) else a.reshape(tuple(shape))


def _span(part: Any, length: int, axis: int) -> tuple[range, bool]:
    """The indices that an integer or a slice names, and whether the axis goes away."""
    if isinstance(part, slice):
        return range(*part.indices(length)), False
    if isinstance(part, int | np.integer) and not isinstance(part, bool):
        if not -length <= part < length:
            raise ShapeError(
                "the index lies outside the tensor",
                expected=f"{-length} to {length - 1} on axis {axis}",
                received=f"{part}",
            )
        start = int(part) % length
        return range(start, start + 1), True
    raise ArgumentError(
        "this is no index",
        expected="integers, slices, ..., None, or a tensor of integers",
        received=repr(part),
    )


COMPOSED["index"] = index
