"""The symbolic engine: it writes an array program instead of computing.

A `Recorder` offers the same functions as every engine, but its arrays hold a shape and a dtype
instead of numbers: calling a function checks its rule and appends one `Statement`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..errors import DTypeError, ShapeError
from .contraction import Contraction
from .description import SUMMARY
from .program import Holder, Program, Statement, SymbolicArray, Variable
from .protocol import DType, Number, Shape

BOOL = np.dtype(np.bool_)
FLOAT32 = np.dtype(np.float32)
INT64 = np.dtype(np.int64)
UINT32 = np.dtype(np.uint32)

S = SymbolicArray
Weak = SymbolicArray | Number
Type = tuple[Shape, DType]


class Recorder:
    """The symbolic engine: writes a program instead of computing."""

    name = "symbolic"

    def __init__(self) -> None:
        self.program = Program()
        self._count = 0
        self._constants: dict[int, S] = {}

    # -- building --------------------------------------------------------------------------------
    def input(self, shape: Shape, dtype: DType) -> S:
        """A new input of the program."""
        variable = self._variable(shape, dtype)
        self.program.inputs.append(variable)
        return S(variable, self)

    def constant(self, array: np.ndarray[Any, Any]) -> S:
        known = self._constants.get(id(array))
        if known is None:
            variable = self._variable(array.shape, array.dtype)
            self.program.constants[variable] = array  # keeps the array alive, and so its id
            known = self._constants[id(array)] = S(variable, self)
        return known

    def capture(self, holder: Holder) -> S:
        """The array of something that lives outside the traced function; here, a constant."""
        return self.constant(holder.array)

    def finish(self, outputs: Iterable[S]) -> Program:
        """The program with its outputs set."""
        self.program.outputs = [array.variable for array in outputs]
        return self.program

    def _variable(self, shape: Shape, dtype: DType) -> Variable:
        self._count += 1
        return Variable(self._count - 1, tuple(map(int, shape)), np.dtype(dtype))

    def _record(
        self, function: str, operands: Sequence[Weak], out: tuple[Shape, DType], **settings: Any
    ) -> S:
        variables = tuple(a.variable if isinstance(a, S) else a for a in operands)
        variable = self._variable(*out)
        self.program.statements.append(
            Statement(variable, function, variables, tuple(settings.items()))
        )
        return S(variable, self)

    # -- creation --------------------------------------------------------------------------------
    def full(self, shape: Shape, value: Number, dtype: DType) -> S:
        return self._record("full", (), (shape, dtype), shape=shape, value=value, dtype=dtype)

    def arange(self, length: int, dtype: DType) -> S:
        return self._record("arange", (), ((length,), dtype), length=length, dtype=dtype)

    def random_bits(self, key: S, shape: Shape, stream: int) -> S:
        if (key.shape, key.dtype) != ((3,), UINT32):
            raise ShapeError(f"a random key is uint32 (3,), not {key.dtype} {key.shape}")
        return self._record("random_bits", (key,), (shape, UINT32), shape=shape, stream=stream)

    # -- element by element ----------------------------------------------------------------------
    def cast(self, a: S, dtype: DType) -> S:
        return self._record("cast", (a,), (a.shape, np.dtype(dtype)), dtype=np.dtype(dtype))

    def _elementwise(self, function: str, *operands: Weak, dtype: DType | None = None) -> S:
        arrays = [a for a in operands if isinstance(a, S)]
        values = operands[1:] if function == "where" else operands
        dtypes = {a.dtype for a in values if isinstance(a, S)}
        if len(dtypes) > 1:
            raise DTypeError(f"{function} of {' and '.join(sorted(map(str, dtypes)))}")
        common = dtypes.pop() if dtypes else None
        if common is None:
            raise DTypeError(f"{function} of Python numbers alone")
        if common.kind in "iub" and any(isinstance(a, float) for a in values):
            raise DTypeError(f"{function} of a {common} array and a float")
        first = arrays[0].shape
        alike = all(a.shape == first for a in arrays)
        shape = first if alike else broadcast_shapes(*(a.shape for a in arrays))
        return self._record(function, operands, (shape, dtype or common))

    def _float(self, function: str, a: S) -> S:
        if a.dtype.kind != "f":
            raise DTypeError(f"{function} takes floats, not {a.dtype}")
        return self._elementwise(function, a)

    def negative(self, a: S) -> S:
        return self._elementwise("negative", a)

    def absolute(self, a: S) -> S:
        return self._elementwise("absolute", a)

    def sign(self, a: S) -> S:
        return self._elementwise("sign", a)

    def floor(self, a: S) -> S:
        return self._float("floor", a)

    def sqrt(self, a: S) -> S:
        return self._float("sqrt", a)

    def exp(self, a: S) -> S:
        return self._float("exp", a)

    def expm1(self, a: S) -> S:
        return self._float("expm1", a)

    def log(self, a: S) -> S:
        return self._float("log", a)

    def log1p(self, a: S) -> S:
        return self._float("log1p", a)

    def logistic(self, a: S) -> S:
        return self._float("logistic", a)

    def tanh(self, a: S) -> S:
        return self._float("tanh", a)

    def erf(self, a: S) -> S:
        return self._float("erf", a)

    def sin(self, a: S) -> S:
        return self._float("sin", a)

    def cos(self, a: S) -> S:
        return self._float("cos", a)

    def logical_not(self, a: S) -> S:
        return self._elementwise("logical_not", a, dtype=BOOL)

    def add(self, a: Weak, b: Weak) -> S:
        return self._elementwise("add", a, b)

    def subtract(self, a: Weak, b: Weak) -> S:
        return self._elementwise("subtract", a, b)

    def multiply(self, a: Weak, b: Weak) -> S:
        return self._elementwise("multiply", a, b)

    def divide(self, a: Weak, b: Weak) -> S:
        out = self._elementwise("divide", a, b)
        if out.dtype.kind != "f":
            raise DTypeError(f"divide takes floats, not {out.dtype}")
        return out

    def power(self, a: Weak, b: Weak) -> S:
        return self._elementwise("power", a, b)

    def maximum(self, a: Weak, b: Weak) -> S:
        return self._elementwise("maximum", a, b)

    def minimum(self, a: Weak, b: Weak) -> S:
        return self._elementwise("minimum", a, b)

    def equal(self, a: Weak, b: Weak) -> S:
        return self._elementwise("equal", a, b, dtype=BOOL)

    def less(self, a: Weak, b: Weak) -> S:
        return self._elementwise("less", a, b, dtype=BOOL)

    def less_equal(self, a: Weak, b: Weak) -> S:
        return self._elementwise("less_equal", a, b, dtype=BOOL)

    def logical_and(self, a: S, b: S) -> S:
        return self._elementwise("logical_and", a, b, dtype=BOOL)

    def logical_or(self, a: S, b: S) -> S:
        return self._elementwise("logical_or", a, b, dtype=BOOL)

    def where(self, condition: S, a: Weak, b: Weak) -> S:
        if condition.dtype != BOOL:
            raise DTypeError(f"the condition of where is bool, not {condition.dtype}")
        return self._elementwise("where", condition, a, b)

    # -- reductions ------------------------------------------------------------------------------
    def _reduce(self, function: str, a: S, axes: Shape, keepdims: bool) -> S:
        _check_axes(axes, a.ndim)
        kept = (1 if i in axes else n for i, n in enumerate(a.shape) if keepdims or i not in axes)
        return self._record(function, (a,), (tuple(kept), a.dtype), axes=axes, keepdims=keepdims)

    def sum(self, a: S, axes: Shape, keepdims: bool) -> S:
        return self._reduce("sum", a, axes, keepdims)

    def max(self, a: S, axes: Shape, keepdims: bool) -> S:
        return self._reduce("max", a, axes, keepdims)

    def argmax(self, a: S, axis: int) -> S:
        _check_axes((axis,), a.ndim)
        return self._record("argmax", (a,), (_without(a.shape, axis), INT64), axis=axis)

    def contract(self, a: S, b: S, spec: str) -> S:
        if a.dtype != b.dtype:
            raise DTypeError(f"contract of {a.dtype} and {b.dtype}")
        shape = Contraction.parse(spec).shape(a.shape, b.shape)
        return self._record("contract", (a, b), (shape, a.dtype), spec=spec)

    def describe(self, *arrays: S, bins: int, sample: int) -> S:
        for a in arrays:
            if a.dtype != FLOAT32 or not a.size:
                raise DTypeError(f"describe of {a.dtype} {a.shape}; it takes float32, not empty")
        out = ((len(arrays), SUMMARY + bins), FLOAT32)
        return self._record("describe", arrays, out, bins=bins, sample=sample)

    # -- views -----------------------------------------------------------------------------------
    def reshape(self, a: S, shape: Shape) -> S:
        if math.prod(shape) != a.size:
            raise ShapeError(f"reshape of {a.shape} to {shape}")
        return self._record("reshape", (a,), (shape, a.dtype), shape=shape)

    def transpose(self, a: S, axes: Shape) -> S:
        if sorted(axes) != list(range(a.ndim)):
            raise ShapeError(f"transpose of {a.shape} by {axes}")
        shape = tuple(a.shape[i] for i in axes)
        return self._record("transpose", (a,), (shape, a.dtype), axes=axes)

    def broadcast_to(self, a: S, shape: Shape) -> S:
        if broadcast_shapes(a.shape, shape) != shape:
            raise ShapeError(f"broadcast of {a.shape} to {shape}")
        return self._record("broadcast_to", (a,), (shape, a.dtype), shape=shape)

    def slice(self, a: S, starts: Shape, stops: Shape, steps: Shape) -> S:
        spans = list(zip(starts, stops, steps, a.shape, strict=True))
        if not all(0 <= i <= j <= n and step >= 1 for i, j, step, n in spans):
            raise ShapeError(f"slice of {a.shape} from {starts} to {stops} by {steps}")
        shape = tuple(len(range(i, j, step)) for i, j, step, _ in spans)
        out = (shape, a.dtype)
        return self._record("slice", (a,), out, starts=starts, stops=stops, steps=steps)

    def flip(self, a: S, axes: Shape) -> S:
        _check_axes(axes, a.ndim)
        return self._record("flip", (a,), (a.shape, a.dtype), axes=axes)

    def window(self, a: S, axes: Shape, sizes: Shape, strides: Shape, dilations: Shape) -> S:
        _check_axes(axes, a.ndim)
        shape = window_shape(a.shape, axes, sizes, strides, dilations)
        settings = {"axes": axes, "sizes": sizes, "strides": strides, "dilations": dilations}
        return self._record("window", (a,), (shape, a.dtype), **settings)

    def pad(self, a: S, widths: tuple[tuple[int, int], ...], value: Number) -> S:
        shape = tuple(i + n + j for n, (i, j) in zip(a.shape, widths, strict=True))
        return self._record("pad", (a,), (shape, a.dtype), widths=widths, value=value)

    def concat(self, *arrays: S, axis: int) -> S:
        first = arrays[0]
        rests = {_without(a.shape, axis) for a in arrays}
        if len(rests) != 1 or len({a.dtype for a in arrays}) != 1:
            raise ShapeError(f"concat of {', '.join(f'{a.dtype} {a.shape}' for a in arrays)}")
        length = sum(a.shape[axis] for a in arrays)
        shape = (*first.shape[:axis], length, *first.shape[axis + 1 :])
        return self._record("concat", arrays, (shape, first.dtype), axis=axis)

    # -- by index --------------------------------------------------------------------------------
    def gather(self, a: S, indices: S, axis: int) -> S:
        _check_axes((axis,), a.ndim)
        _check_index(indices)
        shape = (*a.shape[:axis], *indices.shape, *a.shape[axis + 1 :])
        return self._record("gather", (a, indices), (shape, a.dtype), axis=axis)

    def scatter_add(self, indices: S, updates: S, axis: int, length: int) -> S:
        _check_index(indices)
        after = axis + indices.ndim
        if updates.shape[axis:after] != indices.shape:
            raise ShapeError(f"scatter_add of {updates.shape} by {indices.shape} on {axis}")
        shape = (*updates.shape[:axis], length, *updates.shape[after:])
        out = (shape, updates.dtype)
        return self._record("scatter_add", (indices, updates), out, axis=axis, length=length)

    # -- a loop ----------------------------------------------------------------------------------
    def scan(
        self, *arrays: S, body: Program, length: int, carried: int, sequences: int, reverse: bool
    ) -> tuple[S, ...]:
        settings = {"body": body, "length": length, "carried": carried}
        settings |= {"sequences": sequences, "reverse": reverse}
        outs = scan_types([(a.shape, a.dtype) for a in arrays], body, length, carried, sequences)
        variables = [self._variable(shape, dtype) for shape, dtype in outs]
        operands, known = tuple(a.variable for a in arrays), tuple(settings.items())
        first, *others = variables
        self.program.statements.append(Statement(first, "scan", operands, known, tuple(others)))
        return tuple(S(variable, self) for variable in variables)


def scan_types(
    arrays: list[Type], body: Program, length: int, carried: int, sequences: int
) -> list[Type]:
    """The types that a scan gives; ShapeError unless the arrays are what its body takes."""
    body.check()
    taken = [(v.shape, v.dtype) for v in body.inputs]
    for i in range(carried, min(carried + sequences, len(taken))):
        taken[i] = ((length, *taken[i][0]), taken[i][1])
    given = [(v.shape, v.dtype) for v in body.outputs]
    wanted = [(v.shape, v.dtype) for v in body.inputs[:carried]]
    for what, expected, received in (
        ("the arrays of a scan are not what its body takes", taken, arrays),
        ("the body of a scan changes the type of a state", wanted, given[:carried]),
    ):
        if expected != received:
            raise ShapeError(what, expected=_listed(expected), received=_listed(received))
    if length < 1 or not given:
        raise ShapeError("a scan takes at least one step and gives at least one array")
    return [*wanted, *(((length, *shape), dtype) for shape, dtype in given[carried:])]


def _listed(types: list[Type]) -> str:
    return ", ".join(f"{dtype} {shape}" for shape, dtype in types)


def broadcast_shapes(*shapes: Shape) -> Shape:
    """The shape that NumPy's broadcasting gives; ShapeError when there is none."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise ShapeError(
            "the shapes do not broadcast",
            expected="axes, counted from the right, that are equal or 1",
            received=" with ".join(map(str, shapes)),
        ) from None


def window_shape(
    shape: Shape, axes: Shape, sizes: Shape, strides: Shape, dilations: Shape
) -> Shape:
    """The shape of sliding windows: positions in place of each axis, places inside at the end."""
    positions = list(shape)
    for axis, size, stride, dilation in zip(axes, sizes, strides, dilations, strict=True):
        room = shape[axis] - dilation * (size - 1) - 1
        if min(size, stride, dilation) < 1 or room < 0:
            raise ShapeError(
                "a window does not fit on its axis",
                expected="sizes, strides and dilations ≥ 1, and dilation·(size − 1) < the axis",
                received=f"{size=}, {stride=}, {dilation=} on axis {axis} of {shape}",
            )
        positions[axis] = room // stride + 1
    return (*positions, *sizes)


def _without(shape: Shape, axis: int) -> Shape:
    return shape[:axis] + shape[axis + 1 :]


def _check_axes(axes: Shape, ndim: int) -> None:
    if len(set(axes)) != len(axes) or not all(0 <= axis < ndim for axis in axes):
        raise ShapeError(f"axes {axes} of an array with {ndim} axes")


def _check_index(indices: S) -> None:
    if indices.dtype.kind not in "iu":
        raise DTypeError(f"indices are integers, not {indices.dtype}")
