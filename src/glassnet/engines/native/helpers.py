"""Functions that generated code calls out of line: libm, and the rare paths of the vector ones.

Each is written into a module at most once per vector width, by name.
"""

from __future__ import annotations

from collections.abc import Callable

from .. import philox as reference
from . import math32
from .ir import Function, Value, number, suffix

LIBM = ("cos", "erf", "expm1", "log1p", "pow", "sin", "tanh")
FAR = 134217728.0  # 2²⁷: beyond it sin and cos reduce their argument with libm


def libm(w: Function, name: str, *operands: Value) -> Value:
    """A libm function of float64, once per lane."""
    lanes = max(operand.lanes for operand in operands)
    operands = tuple(w.splat(operand, lanes) for operand in operands)
    if not lanes:
        return w.call(name, "double", 0, *operands)
    total = Value("poison", "double", lanes, 0)
    for lane in range(lanes):
        element = w.call(name, "double", 0, *(_lane(w, operand, lane) for operand in operands))
        total = _with_lane(w, total, element, lane)
    return total


def _lane(w: Function, x: Value, lane: int) -> Value:
    return w.pure(f"extractelement {x}, i64 {lane}", x.kind, 0, x)


def _with_lane(w: Function, x: Value, element: Value, lane: int) -> Value:
    return w.pure(f"insertelement {x}, {element}, i64 {lane}", x.kind, x.lanes, x, element)


def circular32(w: Function, name: str, x: Value) -> Value:
    """sin or cos of float32, in a function with a slow path for lanes beyond 2²⁷."""
    full = f"glassnet.{name}.{suffix(x.kind, x.lanes)}"
    if full not in w.helpers:
        w.helpers[full] = _circular32(w, full, name, x)
    return w.pure(f"call {x.type} @{full}({x})", x.kind, x.lanes, x)


def _circular32(w: Function, full: str, name: str, like: Value) -> str:
    inner = Function()
    x = Value("%x", like.kind, like.lanes, 0)
    polynomial: Callable[[Function, Value], Value] = getattr(math32, name)
    fast = polynomial(inner, x)
    far = inner.compare("fcmp uge", inner.intrinsic("fabs", x), number(FAR, "float"))
    some = far
    if x.lanes:
        some = inner.call(f"llvm.vector.reduce.or.{suffix('i1', x.lanes)}", "i1", 0, far)
    inner.effect(f"br {some}, label %slow, label %done")
    inner.label("slow")
    slow = inner.convert("fptrunc", libm(inner, name, inner.convert("fpext", x, "double")), "float")
    mixed = inner.select(far, slow, fast)
    inner.effect("br label %done")
    inner.label("done")
    value = inner.here(
        f"phi {x.type} [{fast.name}, %entry], [{mixed.name}, %slow]", x.kind, x.lanes
    )
    w.declarations |= inner.declarations
    return inner.text(full, f"{x.type} %x", value)


def integer_power(w: Function, base: Value, exponent: Value) -> Value:
    """baseⁿ of integers by repeated squaring, once per lane."""
    full = f"glassnet.power.{base.kind}"
    w.helpers[full] = _INTEGER_POWER.format(name=full, t=base.kind)
    lanes = base.lanes or exponent.lanes
    if not lanes:
        return w.pure(f"call {base.kind} @{full}({base}, {exponent})", base.kind, 0, base, exponent)
    base, exponent = w.splat(base, lanes), w.splat(exponent, lanes)
    total = Value("poison", base.kind, lanes, 0)
    for lane in range(lanes):
        element = integer_power(w, _lane(w, base, lane), _lane(w, exponent, lane))
        total = _with_lane(w, total, element, lane)
    return total


_INTEGER_POWER = """define internal {t} @{name}({t} %base, {t} %exponent) #0 {{
entry:
  br label %loop
loop:
  %b = phi {t} [%base, %entry], [%square, %loop]
  %n = phi {t} [%exponent, %entry], [%half, %loop]
  %total = phi {t} [1, %entry], [%next, %loop]
  %bit = and {t} %n, 1
  %odd = icmp ne {t} %bit, 0
  %product = mul {t} %total, %b
  %next = select i1 %odd, {t} %product, {t} %total
  %square = mul {t} %b, %b
  %half = lshr {t} %n, 1
  %more = icmp ne {t} %half, 0
  br i1 %more, label %loop, label %exit
exit:
  ret {t} %next
}}"""


Key = tuple[Value, Value, Value]


def philox(w: Function, counter: Value, key: Key, stream: int) -> Value:
    """Word `counter` (an i32, per lane) of a draw, as `engines/philox.py` defines it."""
    *words, last = _block(w, w.binary("lshr", counter, number(2, "i32")), key, stream)
    lane = w.binary("and", counter, number(3, "i32"))
    for number_of, word in enumerate(words):
        mine = w.compare("icmp eq", lane, number(number_of, "i32"))
        last = w.select(mine, word, last)
    return last


def philox_vector(w: Function, first: Value, lanes: int, key: Key, stream: int) -> Value:
    """`lanes` words from word `first` on, a multiple of 4: each block is computed once."""
    count = lanes // 4
    block = w.splat(w.binary("lshr", first, number(2, "i32")), count)
    iota = ", ".join(f"i32 {i}" for i in range(count))
    words = _block(w, w.binary("add", block, Value(f"<{iota}>", "i32", count, 0)), key, stream)
    both = list(range(2 * count))
    low, high = (_shuffled(w, a, b, both) for a, b in (words[:2], words[2:]))
    places = [word * count + block for block in range(count) for word in range(4)]
    return _shuffled(w, low, high, places)


def _shuffled(w: Function, a: Value, b: Value, places: list[int]) -> Value:
    words = ", ".join(f"i32 {place}" for place in places)
    text = f"shufflevector {a}, {b}, <{len(places)} x i32> <{words}>"
    return w.pure(text, a.kind, len(places), a, b)


def _block(w: Function, c0: Value, key: Key, stream: int) -> list[Value]:
    """The four words of each block: ten rounds of multiply, swap and xor."""
    k0, k1, c3 = (w.splat(word, c0.lanes) for word in key)
    c1, c2 = number(0, "i32", c0.lanes), number(stream, "i32", c0.lanes)
    for _ in range(reference.ROUNDS):
        low0, high0 = _multiply_wide(w, c0, reference.MULTIPLIERS[0])
        low1, high1 = _multiply_wide(w, c2, reference.MULTIPLIERS[1])
        c0, c1, c2, c3 = (
            w.binary("xor", w.binary("xor", high1, c1), k0),
            low1,
            w.binary("xor", w.binary("xor", high0, c3), k1),
            low0,
        )
        k0 = w.binary("add", k0, number(reference.KEY_INCREMENTS[0], "i32"))
        k1 = w.binary("add", k1, number(reference.KEY_INCREMENTS[1], "i32"))
    return [c0, c1, c2, c3]


def _multiply_wide(w: Function, a: Value, factor: int) -> tuple[Value, Value]:
    """The low and the high 32 bits of a product."""
    wide = w.convert("zext", a, "i64")
    product = w.binary("mul", wide, number(factor, "i64"))
    high = w.convert("trunc", w.binary("lshr", product, number(32, "i64")), "i32")
    return w.convert("trunc", product, "i32"), high
