"""Numbers, shapes and operations in the few characters a picture has room for."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Graph
from ..graph.graph import Value

_SUPERSCRIPT = str.maketrans("0123456789.-", "⁰¹²³⁴⁵⁶⁷⁸⁹·⁻")
_INFIX = ("+", "−", "×", "÷")


def in_short(array: np.ndarray[Any, Any] | None, digits: int = 4) -> str:
    """One number, or the range of many; empty when unknown.

    >>> in_short(np.array(-0.123456)), in_short(np.array([1.0, 2.5])), in_short(np.array(1e-9))
    ('−0.1235', '1 … 2.5', '1e−9')
    """
    if array is None or array.size == 0:
        return ""
    if array.size == 1:
        return number(array.item(), digits)
    low, high = (number(x.item(), digits - 1) for x in (array.min(), array.max()))
    return low if low == high else f"{low} … {high}"


def number(value: float, digits: int = 4) -> str:
    """A number rounded to so many digits, with a true minus sign.

    >>> number(-2.0), number(123456.0), number(1.5e20), number(True)
    ('−2', '123456', '1.5e20', 'True')
    """
    if isinstance(value, bool):
        return str(value)
    if float(value).is_integer() and abs(value) < 1e6:
        return f"{value + 0:.0f}".replace("-", "−")
    text = f"{value:.{digits}g}"
    mantissa, e, exponent = text.partition("e")
    if e:
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−").replace("inf", "∞")


def percent(share: float) -> str:
    """A share in per cent that says 100 only where it is 1, and 0 only where it is 0.

    >>> percent(0.9999), percent(0.5), percent(0.001), percent(1.0)
    ('> 99 %', '50 %', '< 1 %', '100 %')
    """
    if 0.99 < share < 1.0:
        return "> 99 %"
    return "< 1 %" if 0.0 < share < 0.01 else f"{100 * share:.0f} %"


def shape_text(shape: tuple[Any, ...]) -> str:
    """A shape as a formula writes it: `3×4`; empty for a single number, a count for a bundle.

    >>> shape_text((32, 64)), shape_text((5,)), shape_text(()), shape_text(((1, 8), (4, 1, 8)))
    ('32×64', '5', '', '2 arrays')
    """
    if any(isinstance(size, tuple) for size in shape):
        return f"{len(shape)} arrays"
    return "×".join(map(str, shape))


def operation_label(graph: Graph, value: Value) -> str:
    """The symbol of a value's operation, with the bare numbers that went into it.

    >>> import glassnet as gn
    >>> from glassnet.view.numbers import operation_label
    >>> x = gn.tensor(3.0, requires_grad=True)
    >>> [operation_label(g, g.values[-1]) for g in map(gn.Graph, (x + x, 2 * x, x**2, 1 / x))]
    ['+', '2 ×', '( )²', '1 ÷']
    """
    symbol = value.symbol
    inputs = [graph.values[i] for i in value.inputs]
    bare = [isinstance(x.source, bool | int | float) for x in inputs]
    if not any(bare):
        return symbol
    words = [
        number(float(x.name)) if is_bare else "·" for x, is_bare in zip(inputs, bare, strict=True)
    ]
    if symbol == "^" and bare[1]:
        return f"( ){_exponent(words[1])}"
    if symbol == "^":
        return f"{words[0]}^·"
    if symbol in _INFIX:
        return f"{words[0]} {symbol}" if bare[0] else f"{symbol} {words[1]}"
    return f"{symbol}({', '.join(words)})"


def _exponent(text: str) -> str:
    return text.replace("−", "-").translate(_SUPERSCRIPT)
