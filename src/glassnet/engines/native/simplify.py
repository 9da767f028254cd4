"""Pass 1: the same program with less in it.

Constant folding, common subexpressions, views of views, algebra, dead code. Every rule keeps the
result bit for bit, but for two: a NaN's payload may differ, and x + 0 keeps the sign of a zero.
A whole constant exponent is written as a product, and one of ½ as a root, as NumPy does it.
"""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np

from ..numpy import numpy_engine
from ..program import Program, Statement, SymbolicArray, Variable, call
from .rewrite import Rewriter, uniform, without_dead

Array = np.ndarray[Any, Any]
_NEVER_FOLDED = frozenset(("arange", "full", "random_bits"))  # shorter than their values
_FOLD_LIMIT = 1 << 12  # elements: larger results are computed by the compiled program


def simplify(program: Program) -> Program:
    """The program after all rules."""
    return without_dead(_Simplifier(program).run())


class _Simplifier(Rewriter):
    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.known: dict[Any, SymbolicArray] = {}
        self.made: dict[Variable, Statement] = {}  # new variable -> the statement that makes it
        self.pieces: dict[Variable, tuple[int, dict[int, SymbolicArray]]] = {}
        self.values: dict[Variable, Array] = {}  # new variable -> its constant value
        for old, array in program.constants.items():
            new = self.arrays[old].variable
            if array.size <= _FOLD_LIMIT:
                self.values[new] = array
            if uniform(array):
                self.put(old, self.full(array.reshape(-1)[0], array.shape, array.dtype))

    def run(self) -> Program:
        for statement in self.old.statements:
            if statement.function == "scan":
                self.copy(statement)
            else:
                self.put(statement.out, self.rewrite(statement))
        return self.finish()

    # -- recording -------------------------------------------------------------------------------
    def record(self, function: str, *operands: Any, **settings: Any) -> SymbolicArray:
        """Records a statement, unless the same one is already there."""
        words = tuple(o.variable if isinstance(o, SymbolicArray) else _word(o) for o in operands)
        key = (function, words, repr(sorted(settings.items())))
        if key not in self.known:
            array = getattr(self.xp, function)(*operands, **settings)
            self.known[key] = array
            self.made[array.variable] = self.xp.program.statements[-1]
        return self.known[key]

    def full(self, value: Any, shape: tuple[int, ...], dtype: Any) -> SymbolicArray:
        scalar = value.item() if isinstance(value, np.generic) else value
        array = self.record("full", shape=shape, value=scalar, dtype=np.dtype(dtype))
        if array.size <= _FOLD_LIMIT:
            self.values[array.variable] = np.full(shape, value, dtype)
        return array

    def constant(self, value: Array) -> SymbolicArray:
        if uniform(value):
            return self.full(value.reshape(-1)[0], value.shape, value.dtype)
        key = ("constant", value.shape, value.dtype.str, value.tobytes())
        if key not in self.known:
            array = self.known[key] = self.xp.constant(value)
            self.values[array.variable] = value
        return self.known[key]

    # -- rules -----------------------------------------------------------------------------------
    def rewrite(self, statement: Statement) -> SymbolicArray:
        operands = [self.array(operand) for operand in statement.operands]
        settings = dict(statement.settings)
        folded = self._fold(statement, operands)
        if folded is not None:
            return folded
        rule = getattr(self, f"_{statement.function}", None)
        shorter = rule(*operands, **settings) if rule else None
        if shorter is not None and shorter.shape == statement.out.shape:
            return cast(SymbolicArray, shorter)
        return self.record(statement.function, *operands, **settings)

    def _fold(self, statement: Statement, operands: list[Any]) -> SymbolicArray | None:
        if statement.out.size > _FOLD_LIMIT or statement.function in _NEVER_FOLDED:
            return None
        arrays = [o for o in operands if isinstance(o, SymbolicArray)]
        if not all(a.variable in self.values for a in arrays):
            return None
        old = [o for o in statement.operands if isinstance(o, Variable)]
        values = {v: self.values[a.variable] for v, a in zip(old, arrays, strict=True)}
        (value,) = call(numpy_engine, statement, values).values()
        return self.constant(np.asarray(value))

    def maker(self, array: Any, function: str) -> Statement | None:
        """The statement that makes an array, if it is this function."""
        if not isinstance(array, SymbolicArray):
            return None
        statement = self.made.get(array.variable)
        return statement if statement and statement.function == function else None

    def source(self, statement: Statement, position: int = 0) -> SymbolicArray:
        operand = statement.operands[position]
        assert isinstance(operand, Variable)
        return SymbolicArray(operand, self.xp)

    def number(self, operand: Any) -> Any:
        """The value of a number or of an array full of one; None otherwise."""
        if not isinstance(operand, SymbolicArray):
            return operand
        statement = self.maker(operand, "full")
        return None if statement is None else dict(statement.settings)["value"]

    def _full(self, shape: tuple[int, ...], value: Any, dtype: Any) -> SymbolicArray:
        return self.full(value, shape, dtype)

    def _cast(self, a: SymbolicArray, dtype: Any) -> SymbolicArray | None:
        return a if a.dtype == dtype else None

    def _negative(self, a: SymbolicArray) -> SymbolicArray | None:
        inner = self.maker(a, "negative")
        return self.source(inner) if inner else None

    def _add(self, a: Any, b: Any) -> Any:
        joined = self._joined(a, b)
        if joined is not None:
            return joined
        if _is(self.number(b), 0):
            return a if isinstance(a, SymbolicArray) else None
        if _is(self.number(a), 0):
            return b if isinstance(b, SymbolicArray) else None
        return None

    def _joined(self, a: Any, b: Any) -> SymbolicArray | None:
        """The sum of arrays that are padded with zeros, each beside the others: a concat.

        The gradients by the parts of an array, such as the gates of a cell, meet in this way.
        """
        if not (isinstance(a, SymbolicArray) and isinstance(b, SymbolicArray)):
            return None
        mine, theirs = self._pieces(a), self._pieces(b)
        if mine is None or theirs is None or mine[0] != theirs[0]:
            return None
        axis, pieces = mine[0], {**mine[1], **theirs[1]}
        ends = [start + pieces[start].shape[axis] for start in sorted(pieces)]
        apart = all(end <= start for end, start in zip(ends, sorted(pieces)[1:], strict=False))
        if not apart or len(pieces) != len(mine[1]) + len(theirs[1]):
            return None
        if sum(piece.shape[axis] for piece in pieces.values()) == a.shape[axis]:
            return self.record("concat", *(pieces[start] for start in sorted(pieces)), axis=axis)
        out = self.record("add", a, b)
        self.pieces[out.variable] = axis, pieces
        return out

    def _pieces(self, a: SymbolicArray) -> tuple[int, dict[int, SymbolicArray]] | None:
        """The axis along which an array is padded with zeros, and its pieces by their start."""
        made = self.maker(a, "pad")
        if made is None:
            return self.pieces.get(a.variable)
        settings = dict(made.settings)
        widths = settings["widths"]
        padded = [i for i, width in enumerate(widths) if width != (0, 0)]
        if settings["value"] != 0 or len(padded) != 1:
            return None
        return padded[0], {widths[padded[0]][0]: self.source(made)}

    def _subtract(self, a: Any, b: Any) -> Any:
        return a if _is(self.number(b), 0) and isinstance(a, SymbolicArray) else None

    def _multiply(self, a: Any, b: Any) -> Any:
        if _is(self.number(b), 1) and isinstance(a, SymbolicArray):
            return a
        if _is(self.number(a), 1) and isinstance(b, SymbolicArray):
            return b
        return None

    def _divide(self, a: Any, b: Any) -> Any:
        return a if _is(self.number(b), 1) and isinstance(a, SymbolicArray) else None

    def _power(self, a: Any, b: Any) -> Any:
        exponent = self.number(b)
        if not isinstance(a, SymbolicArray) or a.dtype.kind != "f" or exponent is None:
            return None
        match float(exponent):
            case 1.0:
                return a
            case 2.0:
                return self.record("multiply", a, a)
            case 3.0:
                return self.record("multiply", self.record("multiply", a, a), a)
            case 0.5:
                return self.record("sqrt", a)
            case -1.0:
                return self.record("divide", 1.0, a)
        return None

    def _reshape(self, a: SymbolicArray, shape: tuple[int, ...]) -> SymbolicArray | None:
        if a.shape == shape:
            return a
        inner = self.maker(a, "reshape")
        if inner:
            return self.rewrite_reshape(self.source(inner), shape)
        value = self.number(a)
        return None if value is None else self.full(value, shape, a.dtype)

    def rewrite_reshape(self, a: SymbolicArray, shape: tuple[int, ...]) -> SymbolicArray:
        return a if a.shape == shape else self.record("reshape", a, shape=shape)

    def _transpose(self, a: SymbolicArray, axes: tuple[int, ...]) -> SymbolicArray | None:
        inner = self.maker(a, "transpose")
        if inner:
            before = dict(inner.settings)["axes"]
            axes = tuple(before[i] for i in axes)
            a = self.source(inner)
        if axes == tuple(range(len(axes))):
            return a
        return self.record("transpose", a, axes=axes) if inner else None

    def _broadcast_to(self, a: SymbolicArray, shape: tuple[int, ...]) -> SymbolicArray | None:
        if a.shape == shape:
            return a
        value = self.number(a)
        if value is not None:
            return self.full(value, shape, a.dtype)
        inner = self.maker(a, "broadcast_to")
        return self.record("broadcast_to", self.source(inner), shape=shape) if inner else None

    def _slice(self, a: SymbolicArray, starts: Any, stops: Any, steps: Any) -> Any:
        whole = all(
            i == 0 and j == n and step == 1
            for i, j, step, n in zip(starts, stops, steps, a.shape, strict=True)
        )
        return a if whole else None

    def _flip(self, a: SymbolicArray, axes: tuple[int, ...]) -> SymbolicArray | None:
        return a if all(a.shape[i] == 1 for i in axes) else None

    def _concat(self, *arrays: SymbolicArray, axis: int) -> SymbolicArray | None:
        return arrays[0] if len(arrays) == 1 else None

    def _pad(self, a: SymbolicArray, widths: Any, value: Any) -> SymbolicArray | None:
        return a if all(pair == (0, 0) for pair in widths) else None

    def _sum(self, a: SymbolicArray, axes: tuple[int, ...], keepdims: bool) -> Any:
        return self._over_nothing(a, axes, keepdims)

    def _max(self, a: SymbolicArray, axes: tuple[int, ...], keepdims: bool) -> Any:
        return self._over_nothing(a, axes, keepdims)

    def _over_nothing(self, a: SymbolicArray, axes: tuple[int, ...], keepdims: bool) -> Any:
        """A reduction over axes of length 1 is a reshape."""
        if math.prod(a.shape[i] for i in axes) != 1:
            return None
        kept = (1 if i in axes else n for i, n in enumerate(a.shape) if keepdims or i not in axes)
        return self.rewrite_reshape(a, tuple(kept))


def _word(operand: Any) -> Any:
    """A number as part of a key: 1, 1.0 and True differ, 0.0 and −0.0 too."""
    return (type(operand).__name__, repr(operand))


def _is(value: Any, number: int) -> bool:
    return value is not None and not isinstance(value, bool) and value == number
