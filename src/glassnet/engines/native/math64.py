"""exp, log and logistic for float64 vectors; every other function is libm's.

exp: 2ⁿ·e^r with |r| ≤ ln 2 / 2 and Taylor's polynomial of degree 13, at most 2 ulp. log: fdlibm's
atanh series, at most 1 ulp. They also carry `power` for float32. The rest of float64 (tanh, erf,
sin, cos, expm1, log1p, power) calls libm once per element.
"""

from __future__ import annotations

import math

from .ir import Function, Value, number
from .math32 import bits, clamp, from_bits, horner, log_limits, magnitude, negative

LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_ROUND = 6755399441055744.0  # 1.5·2⁵²
_EXP = tuple(1.0 / math.factorial(k) for k in range(13, 1, -1))
_LOG = (
    1.479819860511658591e-01,
    1.531383769920937332e-01,
    1.818357216161805012e-01,
    2.222219843214978396e-01,
    2.857142874366239149e-01,
    3.999999999940941908e-01,
    6.666666666666735130e-01,
)


def _power_of_two(w: Function, n: Value) -> Value:
    biased = w.binary("add", n, number(1023, "i64"))
    return from_bits(w, w.binary("shl", biased, number(52, "i64")))


def exp(w: Function, x: Value) -> Value:
    """eˣ"""
    x = clamp(w, x, -746.0, 710.0)
    scaled = w.fma(x, number(1.4426950408889634, "double"), number(_ROUND, "double"))
    n = w.binary("sub", bits(w, scaled), number(0x4338000000000000, "i64"))
    nearest = w.binary("fsub", scaled, number(_ROUND, "double"))
    r = w.fma(nearest, number(-LN2_HIGH, "double"), x)
    r = w.fma(nearest, number(-LN2_LOW, "double"), r)
    value = w.fma(w.binary("fmul", r, r), horner(w, r, _EXP), r)
    value = w.binary("fadd", value, number(1.0, "double"))
    half = w.binary("ashr", n, number(1, "i64"))
    rest = w.binary("sub", n, half)
    value = w.binary("fmul", value, _power_of_two(w, half))
    return w.binary("fmul", value, _power_of_two(w, rest))


def logistic(w: Function, x: Value) -> Value:
    """1 / (1 + e⁻ˣ)"""
    one = number(1.0, "double")
    small = exp(w, negative(w, magnitude(w, x)))
    below = w.compare("fcmp olt", x, number(0.0, "double"))
    return w.binary("fdiv", w.select(below, small, one), w.binary("fadd", small, one))


def log(w: Function, x: Value) -> Value:
    """The natural logarithm."""
    denormal = w.compare("fcmp olt", x, number(2.2250738585072014e-308, "double"))
    scaled = w.select(denormal, w.binary("fmul", x, number(2.0**54, "double")), x)
    root_half = number(0x3FE6A09E667F3BCD, "i64")  # the bits of √½
    shifted = w.binary("sub", bits(w, scaled), root_half)
    exponent = w.binary("ashr", shifted, number(52, "i64"))
    mantissa = w.binary("and", shifted, number((1 << 52) - 1, "i64"))
    f = from_bits(w, w.binary("add", mantissa, root_half))
    f = w.binary("fsub", f, number(1.0, "double"))
    e = w.convert("sitofp", exponent, "double")
    e = w.select(denormal, w.binary("fsub", e, number(54.0, "double")), e)
    s = w.binary("fdiv", f, w.binary("fadd", f, number(2.0, "double")))
    z = w.binary("fmul", s, s)
    series = w.binary("fmul", z, horner(w, z, _LOG))
    square = w.binary("fmul", w.binary("fmul", f, f), number(0.5, "double"))
    tail = w.binary("fmul", s, w.binary("fadd", square, series))
    tail = w.fma(e, number(LN2_LOW, "double"), tail)
    value = w.binary("fsub", f, w.binary("fsub", square, tail))
    value = w.fma(e, number(LN2_HIGH, "double"), value)
    return log_limits(w, x, value)


def power32(w: Function, x: Value, y: Value) -> Value:
    """xʸ for float32, with C99's special cases."""
    one, zero = number(1.0, "float"), number(0.0, "float")
    lanes = x.lanes or y.lanes
    x, y = w.splat(x, lanes), w.splat(y, lanes)
    size = w.intrinsic("fabs", x)
    base = log(w, w.convert("fpext", size, "double"))
    product = w.binary("fmul", w.convert("fpext", y, "double"), base)
    value = w.convert("fptrunc", exp(w, product), "float")
    half = w.binary("fmul", y, number(0.5, "float"))
    whole = w.compare("fcmp oeq", w.intrinsic("floor", y), y)
    even = w.compare("fcmp oeq", w.intrinsic("floor", half), half)
    odd = w.binary("and", whole, w.binary("xor", even, number(1, "i1")))
    negative = w.compare("icmp slt", bits(w, x), number(0, "i32"))
    flipped = w.binary("fmul", value, number(-1.0, "float"))
    value = w.select(w.binary("and", negative, odd), flipped, value)
    finite = w.compare("fcmp olt", size, number(float("inf"), "float"))
    below = w.binary("and", w.compare("fcmp olt", x, zero), finite)
    undefined = w.binary("and", below, w.binary("xor", whole, number(1, "i1")))
    value = w.select(undefined, number(float("nan"), "float"), value)
    unit = w.compare("fcmp oeq", x, one)
    endless = w.compare("fcmp oeq", w.intrinsic("fabs", y), number(float("inf"), "float"))
    at_minus_one = w.binary("and", w.compare("fcmp oeq", size, one), endless)
    always_one = w.binary("or", unit, w.compare("fcmp oeq", y, zero))
    return w.select(w.binary("or", always_one, at_minus_one), one, value)
