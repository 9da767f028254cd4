r"""exp, log, tanh, erf, sin, cos and their kin for float32 vectors, as polynomials.

Each function works on scalars and vectors alike and has no branches. The largest errors found over
all float32 values, in units in the last place (tests hold them):

| function | ulp | method |
|---|---|---|
| exp | 1.1 | e^x = 2ⁿ·e^r, \|r\| ≤ ln 2 / 2, polynomial of degree 7 (Cephes `expf`) |
| expm1 | 1.5 | 2ⁿ·(e^r − 1) + (2ⁿ − 1) |
| log | 0.9 | mantissa in [√½, √2), polynomial of degree 9 (Cephes `logf`) |
| log1p | 1.5 | log(1 + x), corrected by the rounding of 1 + x |
| tanh | 2.5 | e/(e + 2) with e = expm1(2\|x\|) |
| erf | 1.1 | x·P(x²) up to 0.92, 1 − e^{Q(\|x\|)} beyond |
| sin, cos | 2.1 | reduced by π/2 in float64, polynomials of degree 7 and 8; libm beyond 2²⁷ |
| power | 0.51 | e^{y·log\|x\|} in float64 |

Denormals are kept, infinities give their limits, NaN stays NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

from .ir import Function, Value, number

LN2_HIGH, LN2_LOW = 0.693359375, -2.12194440e-4
ROUND = 12582912.0  # 1.5·2²³: adding and subtracting it rounds to the nearest integer
_EXP = (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 0.5)
_LOG = (
    7.0376836292e-2,
    -1.1514610310e-1,
    1.1676998740e-1,
    -1.2420140846e-1,
    1.4249322787e-1,
    -1.6668057665e-1,
    2.0000714765e-1,
    -2.4999993993e-1,
    3.3333331174e-1,
)
# N. Juffa's minimax fits of erf.
_ERF_NEAR = (
    -5.96761703e-4,
    4.99119423e-3,
    -2.67681349e-2,
    1.12819925e-1,
    -3.76125336e-1,
    1.28379166e-1,
)
_ERF_FAR = (
    -1.72853470e-5,
    3.83197126e-4,
    -3.88396438e-3,
    2.42546219e-2,
    -1.06777877e-1,
    -6.34846687e-1,
    -1.28717512e-1,
)
_SIN = (-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
_COS = (2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)


def horner(w: Function, x: Value, coefficients: Sequence[float]) -> Value:
    """The polynomial with these coefficients, highest power first."""
    total = number(coefficients[0], x.kind, x.lanes)
    for coefficient in coefficients[1:]:
        total = w.fma(total, x, number(coefficient, x.kind, x.lanes))
    return total


def clamp(w: Function, x: Value, low: float, high: float) -> Value:
    """x between low and high; NaN passes."""
    top, bottom = number(high, x.kind), number(low, x.kind)
    x = w.select(w.compare("fcmp ogt", x, top), top, x)
    return w.select(w.compare("fcmp olt", x, bottom), bottom, x)


def magnitude(w: Function, x: Value) -> Value:
    """|x|"""
    return w.intrinsic("fabs", x)


def with_sign(w: Function, x: Value, sign: Value) -> Value:
    """|x| with the sign of another number."""
    return w.intrinsic("copysign", x, sign)


def bits(w: Function, x: Value) -> Value:
    """The float's bits as an integer."""
    return w.convert("bitcast", x, "i32" if x.kind == "float" else "i64")


def from_bits(w: Function, x: Value) -> Value:
    """The float with these bits."""
    return w.convert("bitcast", x, "float" if x.kind == "i32" else "double")


def power_of_two(w: Function, n: Value) -> Value:
    """2ⁿ for an integer n within float32's normal range."""
    return from_bits(w, w.binary("shl", w.binary("add", n, number(127, "i32")), number(23, "i32")))


def _reduce(w: Function, x: Value) -> tuple[Value, Value]:
    """(n, r) with x = n·ln 2 + r and n the nearest integer, as an i32."""
    scaled = w.fma(x, number(1.44269504088896341, "float"), number(ROUND, "float"))
    n = w.binary("sub", bits(w, scaled), number(0x4B400000, "i32"))
    nearest = w.binary("fsub", scaled, number(ROUND, "float"))
    r = w.fma(nearest, number(-LN2_HIGH, "float"), x)
    return n, w.fma(nearest, number(-LN2_LOW, "float"), r)


def _expm1_core(w: Function, r: Value) -> Value:
    """e^r − 1 for |r| ≤ ln 2 / 2."""
    return w.fma(w.binary("fmul", r, r), horner(w, r, _EXP), r)


def exp(w: Function, x: Value) -> Value:
    """eˣ"""
    n, r = _reduce(w, clamp(w, x, -105.0, 89.0))
    value = w.binary("fadd", _expm1_core(w, r), number(1.0, "float"))
    half = w.binary("ashr", n, number(1, "i32"))  # 2ⁿ in two factors reaches denormals and inf
    rest = w.binary("sub", n, half)
    return w.binary("fmul", w.binary("fmul", value, power_of_two(w, half)), power_of_two(w, rest))


def _exp_within(w: Function, x: Value) -> Value:
    """eˣ where it is known that −87 ≤ x ≤ 88: one factor 2ⁿ, and nothing to clamp."""
    n, r = _reduce(w, x)
    scale = power_of_two(w, n)
    return w.fma(scale, _expm1_core(w, r), scale)


def expm1(w: Function, x: Value) -> Value:
    """eˣ − 1"""
    n, r = _reduce(w, clamp(w, x, -18.0, 89.0))
    scale = power_of_two(w, w.binary("sub", n, number(1, "i32")))
    less = w.binary("fsub", scale, number(0.5, "float"))
    half = w.fma(scale, _expm1_core(w, r), less)
    value = w.binary("fadd", half, half)
    tiny = w.compare("fcmp olt", magnitude(w, x), number(1e-9, "float"))
    return w.select(tiny, x, value)


def log(w: Function, x: Value) -> Value:
    """The natural logarithm."""
    denormal = w.compare("fcmp olt", x, number(1.17549435e-38, "float"))
    scaled = w.select(denormal, w.binary("fmul", x, number(8388608.0, "float")), x)
    shifted = w.binary("sub", bits(w, scaled), number(0x3F3504F3, "i32"))  # the bits of √½
    exponent = w.binary("ashr", shifted, number(23, "i32"))
    mantissa = w.binary("and", shifted, number(0x7FFFFF, "i32"))
    f = from_bits(w, w.binary("add", mantissa, number(0x3F3504F3, "i32")))
    f = w.binary("fsub", f, number(1.0, "float"))
    e = w.convert("sitofp", exponent, "float")
    e = w.select(denormal, w.binary("fsub", e, number(23.0, "float")), e)
    z = w.binary("fmul", f, f)
    y = w.binary("fmul", w.binary("fmul", f, z), horner(w, f, _LOG))
    y = w.fma(e, number(LN2_LOW, "float"), y)
    y = w.fma(z, number(-0.5, "float"), y)
    value = w.fma(e, number(LN2_HIGH, "float"), w.binary("fadd", f, y))
    return log_limits(w, x, value)


def log_limits(w: Function, x: Value, value: Value) -> Value:
    """−∞ at 0, NaN below, +∞ at +∞, NaN at NaN."""
    zero, infinity = number(0.0, x.kind), number(float("inf"), x.kind)
    value = w.select(w.compare("fcmp oeq", x, infinity), infinity, value)
    value = w.select(w.compare("fcmp oeq", x, zero), number(float("-inf"), x.kind), value)
    value = w.select(w.compare("fcmp olt", x, zero), number(float("nan"), x.kind), value)
    return w.select(w.compare("fcmp uno", x, x), x, value)


def log1p(w: Function, x: Value) -> Value:
    """ln(1 + x)"""
    one = number(1.0, "float")
    u = w.binary("fadd", x, one)
    lost = w.binary("fsub", x, w.binary("fsub", u, one))
    usual = w.compare("fcmp ogt", u, number(0.0, "float"))
    finite = w.compare("fcmp olt", u, number(float("inf"), "float"))
    correction = w.binary("fdiv", lost, u)
    keep = w.binary("and", usual, finite)
    correction = w.select(keep, correction, number(0.0, "float"))
    value = w.binary("fadd", log(w, u), correction)
    tiny = w.compare("fcmp olt", magnitude(w, x), number(1e-9, "float"))
    return w.select(tiny, x, value)


def tanh(w: Function, x: Value) -> Value:
    """The hyperbolic tangent."""
    size = magnitude(w, x)
    ten = number(10.0, "float")
    size = w.select(w.compare("fcmp ogt", size, ten), ten, size)
    n, r = _reduce(w, w.binary("fadd", size, size))
    scale = power_of_two(w, n)
    less = w.binary("fsub", scale, number(1.0, "float"))
    e = w.fma(scale, _expm1_core(w, r), less)
    value = w.binary("fdiv", e, w.binary("fadd", e, number(2.0, "float")))
    tiny = w.compare("fcmp olt", size, number(1e-9, "float"))
    return with_sign(w, w.select(tiny, size, value), x)


def erf(w: Function, x: Value) -> Value:
    """The error function."""
    size = magnitude(w, x)
    four = number(4.0, "float")
    t = w.select(w.compare("fcmp ogt", size, four), four, size)
    s = w.binary("fmul", t, t)
    a, b, c, d, *rest = (number(k, "float") for k in _ERF_FAR)
    far = w.fma(w.fma(a, t, b), s, w.fma(c, t, d))
    far = w.fma(far, t, rest[0])
    far = w.fma(far, t, rest[1])
    far = w.fma(far, t, rest[2])
    far = w.fma(far, t, w.binary("fmul", t, number(-1.0, "float")))
    far = w.binary("fsub", number(1.0, "float"), _exp_within(w, far))
    near = w.fma(horner(w, s, _ERF_NEAR), t, t)
    beyond = w.compare("fcmp ogt", size, number(0.921875, "float"))
    return with_sign(w, w.select(beyond, far, near), x)


def sin(w: Function, x: Value) -> Value:
    """The sine, for |x| < 2²⁷."""
    return _circular(w, x, quarter=0)


def cos(w: Function, x: Value) -> Value:
    """The cosine, for |x| < 2²⁷."""
    return _circular(w, x, quarter=1)


def _circular(w: Function, x: Value, quarter: int) -> Value:
    """sin(x + quarter·π/2) for |x| < 2²⁷: Cody and Waite's reduction, in float64."""
    wide = w.convert("fpext", x, "double")
    shift = number(6755399441055744.0, "double")  # 1.5·2⁵²
    scaled = w.fma(wide, number(0.63661977236758134, "double"), shift)
    turns = w.convert("trunc", bits(w, scaled), "i32")
    nearest = w.binary("fsub", scaled, shift)
    r = w.fma(nearest, number(-1.5707963267948966, "double"), wide)
    r = w.fma(nearest, number(-6.123233995736766e-17, "double"), r)
    f = w.convert("fptrunc", r, "float")
    turns = w.binary("add", turns, number(quarter, "i32"))
    z = w.binary("fmul", f, f)
    sine = w.fma(w.binary("fmul", z, f), horner(w, z, _SIN), f)
    cosine = w.fma(w.binary("fmul", z, z), horner(w, z, _COS), number(1.0, "float"))
    cosine = w.fma(z, number(-0.5, "float"), cosine)
    odd = w.compare("icmp ne", w.binary("and", turns, number(1, "i32")), number(0, "i32"))
    value = w.select(odd, cosine, sine)
    flip = w.binary("shl", w.binary("and", turns, number(2, "i32")), number(30, "i32"))
    return from_bits(w, w.binary("xor", bits(w, value), flip))
