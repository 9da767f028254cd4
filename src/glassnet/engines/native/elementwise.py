"""The arithmetic of one element: each elementwise function of the protocol as LLVM instructions.

Every function takes and gives `Value`s in registers, scalar or vector. Sums, products, quotients
and roots are the processor's own and round as IEEE 754 says, so they equal NumPy's bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ...errors import DTypeError
from ..protocol import DType
from . import helpers, math32, math64
from .ir import Function, Value, number, register_type

Unary = Callable[[Function, Value], Value]

_FLOAT32: dict[str, Unary] = {
    "cos": lambda w, x: helpers.circular32(w, "cos", x),
    "erf": math32.erf,
    "exp": math32.exp,
    "expm1": math32.expm1,
    "log": math32.log,
    "log1p": math32.log1p,
    "logistic": math32.logistic,
    "sin": lambda w, x: helpers.circular32(w, "sin", x),
    "tanh": math32.tanh,
}
_FLOAT64: dict[str, Unary] = {
    "cos": lambda w, x: helpers.libm(w, "cos", x),
    "erf": lambda w, x: helpers.libm(w, "erf", x),
    "exp": math64.exp,
    "expm1": lambda w, x: helpers.libm(w, "expm1", x),
    "log": math64.log,
    "log1p": lambda w, x: helpers.libm(w, "log1p", x),
    "logistic": math64.logistic,
    "sin": lambda w, x: helpers.libm(w, "sin", x),
    "tanh": lambda w, x: helpers.libm(w, "tanh", x),
}
_ARITHMETIC = {
    "f": {"add": "fadd", "subtract": "fsub", "multiply": "fmul", "divide": "fdiv"},
    "i": {"add": "add", "subtract": "sub", "multiply": "mul"},
    "u": {"add": "add", "subtract": "sub", "multiply": "mul"},
    "b": {"add": "or", "multiply": "and", "maximum": "or", "minimum": "and"},
}
_COMPARISON = {
    "f": {"equal": "fcmp oeq", "less": "fcmp olt", "less_equal": "fcmp ole"},
    "i": {"equal": "icmp eq", "less": "icmp slt", "less_equal": "icmp sle"},
    "u": {"equal": "icmp eq", "less": "icmp ult", "less_equal": "icmp ule"},
    "b": {"equal": "icmp eq", "less": "icmp ult", "less_equal": "icmp ule"},
}


def apply(w: Function, function: str, operands: Sequence[Value], dtype: DType) -> Value:
    """`function` of values that all have this dtype (for `where`: of all but the condition)."""
    kind = dtype.kind
    if function in _ARITHMETIC[kind]:
        return w.binary(_ARITHMETIC[kind][function], *operands)
    if function in _COMPARISON[kind]:
        return w.compare(_COMPARISON[kind][function], *operands)
    if function in ("logical_and", "logical_or"):
        a, b = (truth(w, operand, dtype) for operand in operands)
        return w.binary("and" if function == "logical_and" else "or", a, b)
    if function == "logical_not":
        return w.binary("xor", truth(w, operands[0], dtype), number(1, "i1"))
    if function == "where":
        return w.select(*operands)
    if function == "power":
        return _power(w, operands[0], operands[1], dtype)
    if function in ("maximum", "minimum"):
        return extreme(w, function, operands[0], operands[1], dtype)
    if kind == "f" and function in _FLOAT32:
        table = _FLOAT32 if dtype == np.float32 else _FLOAT64
        return table[function](w, operands[0])
    return _unary(w, function, operands[0], dtype)


def _unary(w: Function, function: str, x: Value, dtype: DType) -> Value:
    zero, one = number(0, x.kind), number(1, x.kind)
    if dtype.kind == "f":
        if function == "negative":
            return math32.negative(w, x)
        if function == "sign":
            up = w.select(w.compare("fcmp ogt", x, zero), one, zero)
            value = w.select(w.compare("fcmp olt", x, zero), number(-1, x.kind), up)
            return w.select(w.compare("fcmp uno", x, x), x, value)
        names = {"absolute": "fabs", "floor": "floor", "sqrt": "sqrt"}
        if function in names:
            return w.intrinsic(names[function], x)
    elif function == "negative" and dtype.kind != "b":
        return w.binary("sub", zero, x)
    elif function in ("absolute", "sign"):
        return _integer_sign(w, function, x, dtype)
    raise DTypeError(f"{function} of {dtype} has no native code")


def _integer_sign(w: Function, function: str, x: Value, dtype: DType) -> Value:
    zero, one = number(0, x.kind), number(1, x.kind)
    if function == "absolute":
        if dtype.kind != "i":
            return x
        return w.select(w.compare("icmp slt", x, zero), w.binary("sub", zero, x), x)
    up = w.select(w.compare("icmp eq", x, zero), zero, one)
    if dtype.kind != "i":
        return up
    return w.select(w.compare("icmp slt", x, zero), number(-1, x.kind), up)


def extreme(w: Function, function: str, a: Value, b: Value, dtype: DType) -> Value:
    """The larger or the smaller of two; NaN where either is NaN."""
    if dtype.kind == "b":
        return w.binary(_ARITHMETIC["b"][function], a, b)
    signed = {"i": "s", "u": "u", "f": "o"}[dtype.kind]
    word = "gt" if function == "maximum" else "lt"
    if dtype.kind != "f":
        return w.select(w.compare(f"icmp {signed}{word}", a, b), a, b)
    if a.level == 0 and not a.name.startswith("%"):
        a, b = b, a  # a literal beside a value: one comparison keeps the value's NaN
    if b.level == 0 and not b.name.startswith("%") and "0x7FF8" not in b.name:
        other = "lt" if function == "maximum" else "gt"
        return w.select(w.compare(f"fcmp o{other}", a, b), b, a)
    chosen = w.select(w.compare(f"fcmp o{word}", a, b), a, b)
    return w.select(w.compare("fcmp uno", a, a), a, chosen)


def _power(w: Function, x: Value, y: Value, dtype: DType) -> Value:
    if dtype.kind in "iu":
        return helpers.integer_power(w, x, y)
    if dtype == np.float32:
        return math64.power32(w, x, y)
    return helpers.libm(w, "pow", x, y)


def truth(w: Function, x: Value, dtype: DType) -> Value:
    """x ≠ 0; NaN is true."""
    if dtype.kind == "b":
        return x
    compare = "fcmp une" if dtype.kind == "f" else "icmp ne"
    return w.compare(compare, x, number(0, x.kind))


def cast(w: Function, x: Value, source: DType, target: DType) -> Value:
    """The value as another type."""
    if source == target:
        return x
    if target.kind == "b":
        return truth(w, x, source)
    kind = register_type(target)
    if source.kind == "f" and target.kind == "f":
        return w.convert("fpext" if target.itemsize > source.itemsize else "fptrunc", x, kind)
    if source.kind == "f":
        return _float_to_integer(w, x, target, kind)
    if target.kind == "f":
        return w.convert("sitofp" if source.kind == "i" else "uitofp", x, kind)
    if x.kind == kind:
        return x
    if source.kind != "b" and target.itemsize < source.itemsize:
        return w.convert("trunc", x, kind)
    return w.convert("sext" if source.kind == "i" else "zext", x, kind)


def _float_to_integer(w: Function, x: Value, target: DType, kind: str) -> Value:
    """Truncation; small types go through a wider one and wrap, as C compilers do it."""
    wide = "i64" if target.kind == "u" and target.itemsize == 4 else "i32"
    if target.itemsize == 8:
        return w.convert("fptosi" if target.kind == "i" else "fptoui", x, kind)
    value = w.convert("fptosi", x, wide)
    return value if wide == kind else w.convert("trunc", value, kind)
