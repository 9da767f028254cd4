"""The reference engine: every function of the protocol in NumPy, eager and readable."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..errors import ArgumentError
from . import philox
from .contraction import Contraction
from .description import described
from .erf import erf
from .program import Program, replay
from .protocol import DType, Number, Shape

Array = np.ndarray[Any, Any]

# Overflow to infinity and 0/0 are values here, not warnings: NonFiniteError reports them with the
# node and the line, which NumPy's warning cannot.
_silent = functools.partial(np.errstate, all="ignore")


class NumpyEngine:
    """Arrays are `numpy.ndarray`; each function returns when its values are there."""

    name = "numpy"

    def full(self, shape: Shape, value: Number, dtype: DType) -> Array:
        return np.full(shape, value, dtype)

    def arange(self, length: int, dtype: DType) -> Array:
        return np.arange(length, dtype=dtype)

    def constant(self, array: Array) -> Array:
        return array

    def random_bits(self, key: Array, shape: Shape, stream: int) -> Array:
        low, high, step = (int(word) for word in key)
        return philox.bits(shape, (low, high), stream, step)

    def cast(self, a: Array, dtype: DType) -> Array:
        with _silent():
            return a.astype(dtype)

    def negative(self, a: Array) -> Array:
        return np.negative(a)

    def absolute(self, a: Array) -> Array:
        return np.absolute(a)

    def sign(self, a: Array) -> Array:
        with _silent():
            return np.sign(a)

    def floor(self, a: Array) -> Array:
        return np.floor(a)

    def sqrt(self, a: Array) -> Array:
        with _silent():
            return np.sqrt(a)

    def exp(self, a: Array) -> Array:
        with _silent():
            return np.exp(a)

    def expm1(self, a: Array) -> Array:
        with _silent():
            return np.expm1(a)

    def log(self, a: Array) -> Array:
        with _silent():
            return np.log(a)

    def log1p(self, a: Array) -> Array:
        with _silent():
            return np.log1p(a)

    def logistic(self, a: Array) -> Array:
        with _silent():
            small: Array = np.exp(-np.absolute(a))  # ≤ 1: cannot overflow
            upper: Array = np.where(a < 0, small, 1)
            return np.asarray(upper / (small + 1))

    def tanh(self, a: Array) -> Array:
        return np.tanh(a)

    def erf(self, a: Array) -> Array:
        with _silent():
            return erf(a)

    def sin(self, a: Array) -> Array:
        with _silent():
            return np.sin(a)

    def cos(self, a: Array) -> Array:
        with _silent():
            return np.cos(a)

    def logical_not(self, a: Array) -> Array:
        return np.logical_not(a)

    def add(self, a: Array | Number, b: Array | Number) -> Array:
        with _silent():
            return np.add(a, b)

    def subtract(self, a: Array | Number, b: Array | Number) -> Array:
        with _silent():
            return np.subtract(a, b)

    def multiply(self, a: Array | Number, b: Array | Number) -> Array:
        with _silent():
            return np.multiply(a, b)

    def divide(self, a: Array | Number, b: Array | Number) -> Array:
        with _silent():
            return np.divide(a, b)

    def power(self, a: Array | Number, b: Array | Number) -> Array:
        with _silent():
            return np.power(a, b)

    def maximum(self, a: Array | Number, b: Array | Number) -> Array:
        with _silent():
            return np.maximum(a, b)

    def minimum(self, a: Array | Number, b: Array | Number) -> Array:
        with _silent():
            return np.minimum(a, b)

    def equal(self, a: Array | Number, b: Array | Number) -> Array:
        return np.equal(a, b)

    def less(self, a: Array | Number, b: Array | Number) -> Array:
        return np.less(a, b)

    def less_equal(self, a: Array | Number, b: Array | Number) -> Array:
        return np.less_equal(a, b)

    def logical_and(self, a: Array, b: Array) -> Array:
        return np.logical_and(a, b)

    def logical_or(self, a: Array, b: Array) -> Array:
        return np.logical_or(a, b)

    def where(self, condition: Array, a: Array | Number, b: Array | Number) -> Array:
        return np.where(condition, a, b)

    def sum(self, a: Array, axes: Shape, keepdims: bool) -> Array:
        with _silent():
            return np.asarray(np.sum(a, axis=axes, dtype=a.dtype, keepdims=keepdims))

    def max(self, a: Array, axes: Shape, keepdims: bool) -> Array:
        with _silent():
            return np.asarray(np.max(a, axis=axes, keepdims=keepdims))

    def describe(self, *arrays: Array, bins: int, sample: int) -> Array:
        return np.stack([described(a, bins, sample) for a in arrays])

    def argmax(self, a: Array, axis: int) -> Array:
        return np.asarray(np.argmax(a, axis=axis))

    def contract(self, a: Array, b: Array, spec: str) -> Array:
        with _silent():
            return Contraction.parse(spec).matmul(a, b)

    def reshape(self, a: Array, shape: Shape) -> Array:
        return a.reshape(shape)

    def transpose(self, a: Array, axes: Shape) -> Array:
        return a.transpose(axes)

    def broadcast_to(self, a: Array, shape: Shape) -> Array:
        return np.broadcast_to(a, shape)

    def slice(self, a: Array, starts: Shape, stops: Shape, steps: Shape) -> Array:
        return a[tuple(map(slice, starts, stops, steps))]

    def flip(self, a: Array, axes: Shape) -> Array:
        return np.flip(a, axes)

    def window(
        self, a: Array, axes: Shape, sizes: Shape, strides: Shape, dilations: Shape
    ) -> Array:
        spans = tuple(d * (n - 1) + 1 for n, d in zip(sizes, dilations, strict=True))
        windows = np.lib.stride_tricks.sliding_window_view(a, spans, axes)
        places = [slice(None)] * a.ndim
        for axis, stride in zip(axes, strides, strict=True):
            places[axis] = slice(None, None, stride)
        return windows[(*places, *(slice(None, None, d) for d in dilations))]

    def pad(self, a: Array, widths: tuple[tuple[int, int], ...], value: Number) -> Array:
        return np.pad(a, widths, constant_values=value)

    def concat(self, *arrays: Array, axis: int) -> Array:
        return np.concatenate(arrays, axis)

    def gather(self, a: Array, indices: Array, axis: int) -> Array:
        self._check_indices(indices, a.shape[axis])
        return np.take(a, indices, axis)

    def scatter_add(self, indices: Array, updates: Array, axis: int, length: int) -> Array:
        self._check_indices(indices, length)
        after = axis + indices.ndim
        shape = (*updates.shape[:axis], length, *updates.shape[after:])
        total = np.zeros(shape, updates.dtype)
        where: Any = (*(slice(None),) * axis, indices)
        np.add.at(total, where, updates)
        return total

    def scan(
        self,
        *arrays: Array,
        body: Program,
        length: int,
        carried: int,
        sequences: int,
        reverse: bool,
    ) -> tuple[Array, ...]:
        state, rest = list(arrays[:carried]), arrays[carried:]
        rows, constants = rest[:sequences], rest[sequences:]
        stacked = [np.empty((length, *v.shape), v.dtype) for v in body.outputs[carried:]]
        for t in reversed(range(length)) if reverse else range(length):
            results = replay(body, self, [*state, *(row[t] for row in rows), *constants])
            state = results[:carried]
            for whole, value in zip(stacked, results[carried:], strict=True):
                whole[t] = value
        return (*map(np.asarray, state), *stacked)

    @staticmethod
    def _check_indices(indices: Array, length: int) -> None:
        if indices.size and not (indices.min() >= 0 and indices.max() < length):
            outside = indices[(indices < 0) | (indices >= length)]
            raise ArgumentError(
                "an index points outside its axis",
                expected=f"indices from 0 to {length - 1}",
                received=f"{int(outside.flat[0])}",
                mend="check the labels or tokens against the number of classes or rows",
            )


numpy_engine = NumpyEngine()
