r"""exp, log, tanh, erf, sin, cos and their kin for float32 vectors, as polynomials.

Each function works on scalars and vectors alike and has no branches. The largest errors found over
all float32 values, in units in the last place (tests hold them):

| function | ulp | method |
|---|---|---|
| exp | 1.1 | e^x = 2ⁿ·e^r, \|r\| ≤ ln 2 / 2, minimax polynomial of degree 6 |
| expm1 | 1.5 | 2ⁿ·(e^r − 1) + (2ⁿ − 1) |
| log | 0.9 | mantissa in [√½, √2), polynomial of degree 9 (Cephes `logf`) |
| log1p | 1.5 | log(1 + x), corrected by the rounding of 1 + x |
| logistic | 2.3 | 2ⁿ·e^r from the [3/3] Padé approximant of e^r, in one quotient |
| tanh | 2.5 | 2ⁿ and tanh r, \|r\| ≤ 0.24, a quotient of degree 3, in one quotient |
| erf | 6.2 | x·P(x²)/Q(x²), minimax of degrees 5 and 5 in x² |
| sin, cos | 2.1 | reduced by π/2 in float64, polynomials of degree 7 and 8; libm beyond 2²⁷ |
| power | 0.51 | e^{y·log\|x\|} in float64 |

Denormals are kept, infinities give their limits, NaN stays NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

from .ir import Function, Value, number

LN2_HIGH, LN2_LOW = 0.693359375, -2.12194440e-4
ROUND = 12582912.0  # 1.5·2²³, where floats lie 1 apart: adding it rounds to an integer
BIAS = 127  # of float32's exponent
_EXP = (1.382073387503624e-3, 8.368677459657192e-3, 4.166826605796814e-2, 1.666652113199234e-1, 0.5)
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
_ERF_END = 3.9153945  # erf is 1 from here on, in float32
_ERF_UPPER = (
    2.0087920802325243e-06,
    2.7867223252542317e-04,
    3.6768377758562565e-03,
    5.1573414355516434e-02,
    1.8606269359588623e-01,
    1.1036297082901,
)
_ERF_LOWER = (
    3.72960748791229e-05,
    1.1358624324202538e-03,
    1.4628415927290916e-02,
    1.1154051870107651e-01,
    4.909152388572693e-01,
    9.780665040016174e-01,
)
_TANH_UPPER, _TANH_LOWER = 0.06650766667, 0.39984  # tanh r ≈ (r + 0.0665 r³) / (1 + 0.4 r²)
_TANH_END = 9.02  # from here on it is 1
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


def negative(w: Function, x: Value) -> Value:
    """−x"""
    return w.pure(f"fneg {x}", x.kind, x.lanes, x)


def with_sign(w: Function, x: Value, sign: Value) -> Value:
    """|x| with the sign of another number."""
    return w.intrinsic("copysign", x, sign)


def bits(w: Function, x: Value) -> Value:
    """The float's bits as an integer."""
    return w.convert("bitcast", x, "i32" if x.kind == "float" else "i64")


def from_bits(w: Function, x: Value) -> Value:
    """The float with these bits."""
    return w.convert("bitcast", x, "float" if x.kind == "i32" else "double")


def _power_of_two(w: Function, biased: Value) -> Value:
    """2ⁿ within float32's normal range; the last nine bits of `biased` are those of n + 127."""
    return from_bits(w, w.binary("shl", biased, number(23, "i32")))


def _reduce(w: Function, x: Value, bias: int = BIAS) -> tuple[Value, Value]:
    """(m, r) with x = n·ln 2 + r and n the nearest integer.

    The last nine bits of m are those of n + bias, which is added along with what rounds.
    """
    scaled = w.fma(x, number(1.44269504088896341, "float"), number(ROUND + bias, "float"))
    nearest = w.binary("fsub", scaled, number(ROUND + bias, "float"))
    r = w.fma(nearest, number(-LN2_HIGH, "float"), x)
    return bits(w, scaled), w.fma(nearest, number(-LN2_LOW, "float"), r)


def _expm1_core(w: Function, r: Value) -> Value:
    """e^r − 1 for |r| ≤ ln 2 / 2."""
    return w.fma(w.binary("fmul", r, r), horner(w, r, _EXP), r)


def exp(w: Function, x: Value) -> Value:
    """eˣ"""
    n, r = _reduce(w, clamp(w, x, -105.0, 89.0), 2 * BIAS)
    value = w.binary("fadd", _expm1_core(w, r), number(1.0, "float"))
    half = w.binary("ashr", n, number(1, "i32"))  # 2ⁿ in two factors reaches denormals and inf
    rest = w.binary("sub", n, half)
    return w.binary("fmul", w.binary("fmul", value, _power_of_two(w, half)), _power_of_two(w, rest))


def expm1(w: Function, x: Value) -> Value:
    """eˣ − 1"""
    n, r = _reduce(w, clamp(w, x, -18.0, 89.0), BIAS - 1)
    scale = _power_of_two(w, n)  # half of 2ⁿ, which may be too large
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


def logistic(w: Function, x: Value) -> Value:
    """1 / (1 + e⁻ˣ), from eʳ = (v + u)/(v − u): with |x| = n·ln 2 + r it is 2ⁿ(v + u) of their sum.

    Both are taken 2²⁴ times smaller than they are, so that 2ⁿ ends where the result is 0.
    """
    far = number(104.0, "float")
    size = magnitude(w, x)
    size = w.select(w.compare("fcmp ogt", size, far), far, size)
    n, r = _reduce(w, size, BIAS - 24)
    t = w.binary("fmul", r, r)
    u = w.binary("fmul", r, w.fma(t, number(1 / 120, "float"), number(0.5, "float")))
    v = w.fma(t, number(0.1, "float"), number(1.0, "float"))
    large = w.binary("fmul", w.binary("fadd", v, u), _power_of_two(w, n))
    small = bits(w, w.binary("fsub", v, u))
    small = from_bits(w, w.binary("sub", small, number(24 << 23, "i32")))
    below = w.compare("fcmp olt", x, number(0.0, "float"))
    upper = w.select(below, small, large)
    return w.binary("fdiv", upper, w.binary("fadd", large, small))


def tanh(w: Function, x: Value) -> Value:
    """The hyperbolic tangent: (v·(2ⁿ − 1) + u·(2ⁿ + 1)) / (v·(2ⁿ + 1) + u·(2ⁿ − 1)).

    With |x| = n·½ ln 2 + r and tanh r = u/v, of which v − 1 is kept, so that nothing is lost.
    """
    end, one = number(_TANH_END, "float"), number(1.0, "float")
    size = magnitude(w, x)
    size = w.select(w.compare("fcmp ogt", size, end), end, size)
    shifted = w.binary("fadd", size, number(-0.0625, "float"))  # n = 0 a little longer
    rounding = number(ROUND + BIAS, "float")
    scaled = w.fma(shifted, number(2.8853900817779268, "float"), rounding)
    nearest = w.binary("fsub", scaled, rounding)
    r = w.fma(nearest, number(-LN2_HIGH / 2, "float"), size)
    r = w.fma(nearest, number(-LN2_LOW / 2, "float"), r)
    t = w.binary("fmul", r, r)
    u = w.fma(r, w.binary("fmul", t, number(_TANH_UPPER, "float")), r)
    v = w.binary("fmul", t, number(_TANH_LOWER, "float"))  # without its 1
    scale = _power_of_two(w, bits(w, scaled))
    less, more = w.binary("fsub", scale, one), w.binary("fadd", scale, one)
    upper = w.binary("fadd", w.fma(u, more, w.binary("fmul", v, less)), less)
    apart = w.binary("fsub", v, u)
    lower = w.binary("fadd", w.fma(scale, w.binary("fadd", v, u), apart), more)
    return with_sign(w, w.binary("fdiv", upper, lower), x)


def erf(w: Function, x: Value) -> Value:
    """The error function."""
    x = clamp(w, x, -_ERF_END, _ERF_END)
    s = w.binary("fmul", x, x)
    upper = w.binary("fmul", x, horner(w, s, _ERF_UPPER))
    value = w.binary("fdiv", upper, horner(w, s, _ERF_LOWER))
    return clamp(w, value, -1.0, 1.0)  # which rounding could leave by a unit


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
