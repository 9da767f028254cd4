"""Windows that slide over sequences and images: their settings, and how many fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import ArgumentError, ShapeError
from .operation import Engine_, Shape

Sizes = int | Sequence[int]
Padding = Sizes | str
Pairs = tuple[tuple[int, int], ...]


def sizes(value: Any, rank: int, name: str, low: int = 1) -> Shape:
    """A setting for each axis; ArgumentError unless all are integers ≥ low."""
    given = (value,) * rank if isinstance(value, int) else tuple(value)
    if len(given) != rank or not all(type(n) is int and n >= low for n in given):
        words = f"an integer ≥ {low}" + (f", or {rank} of them" if rank > 1 else "")
        raise ArgumentError(
            f"a window cannot have this {name}", expected=words, received=f"{name}={value!r}"
        )
    return given


def paddings(padding: Padding, kernel: Shape, stride: Shape, dilation: Shape) -> Pairs:
    """Zeros before and after each axis; "same" puts the odd one after, as PyTorch does."""
    if isinstance(padding, str):
        if padding == "valid":
            return ((0, 0),) * len(kernel)
        if padding != "same" or any(s != 1 for s in stride):
            raise ArgumentError(
                "there is no such padding",
                expected='"valid", "same" (with a stride of 1), or numbers of zeros',
                received=f"padding={padding!r} with stride={stride}",
            )
        totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        return tuple((n // 2, n - n // 2) for n in totals)
    return tuple((n, n) for n in sizes(padding, len(kernel), "padding", low=0))


def positions(size: Shape, kernel: Shape, stride: Shape, padding: Pairs, dilation: Shape) -> Shape:
    """How many windows fit along each axis; ShapeError where none does."""
    found = []
    for n, k, s, (left, right), d in zip(size, kernel, stride, padding, dilation, strict=True):
        room = n + left + right - d * (k - 1) - 1
        if room < 0:
            raise ShapeError(
                "the kernel is larger than its input",
                expected=f"at least {d * (k - 1) + 1} numbers along each axis, padding included",
                received=f"{n} and padding {left} + {right}",
                mend="use a smaller kernel, more padding, or fewer pooling layers before it",
            )
        found.append(room // s + 1)
    return tuple(found)


def framed(xp: Engine_, a: Any, padding: Pairs, value: float = 0) -> Any:
    """`value` before and after each spatial axis; a negative width cuts off."""
    ndim, after = a.ndim, a.ndim - 1 - len(padding)
    pairs = [(0, 0), *padding, *[(0, 0)] * after]
    if any(i < 0 for pair in pairs for i in pair):
        starts = tuple(max(-left, 0) for left, _ in pairs)
        stops = tuple(n - max(-right, 0) for n, (_, right) in zip(a.shape, pairs, strict=True))
        a = xp.slice(a, starts=starts, stops=stops, steps=(1,) * ndim)
    widths = tuple((max(left, 0), max(right, 0)) for left, right in pairs)
    return xp.pad(a, widths=widths, value=value) if any(map(any, widths)) else a
