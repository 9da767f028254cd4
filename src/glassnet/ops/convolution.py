"""Convolutions: the same small weights at every place of a sequence or an image.

The three operations are the three slopes of one form that is linear in each of its arguments,

    T(x, w, y) = Σ y[n, p, o] · w[o, k, c] · x̄[n, p·stride + k·dilation, c]

with x̄ the padded x, p a position and k a place in the window (of one axis or several). So each
one's derivatives are the other two. Channels come last.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

from ..errors import ShapeError
from ..tensor import Generator, Tensor, float64
from .operation import (
    Engine_,
    Gradients,
    Operation,
    Sample,
    Shape,
    needs_gradient,
    sample,
)
from .taps import Taps
from .windows import Pairs, framed, positions


def _grouped(xp: Engine_, a: Any, groups: int) -> Any:
    """The last axis as (groups, channels of each), where there are several."""
    if groups == 1:
        return a
    return xp.reshape(a, shape=(*a.shape[:-1], groups, a.shape[-1] // groups))


def _weights(xp: Engine_, w: Any, groups: int) -> Any:
    """(out, …) as (groups, outputs of each, …), where there are several."""
    if groups == 1:
        return w
    return xp.reshape(w, shape=(groups, w.shape[0] // groups, *w.shape[1:]))


def _windows(
    xp: Engine_, x: Any, kernel: Shape, stride: Shape, padding: Pairs, dilation: Shape, groups: int
) -> Any:
    """The windows of x as (batch, positions…, [groups,] places…, channels)."""
    rank = len(kernel)
    whole = _grouped(xp, framed(xp, x, padding), groups)
    axes = tuple(range(1, rank + 1))
    windows = xp.window(whole, axes=axes, sizes=kernel, strides=stride, dilations=dilation)
    channels, places = whole.ndim - 1, tuple(range(whole.ndim, whole.ndim + rank))
    return xp.transpose(windows, axes=(*range(channels), *places, channels))


def _is_depthwise(weight: Shape, groups: int) -> bool:
    """Does each output see one channel alone, and each channel make one output?"""
    return groups > 1 and weight[0] == groups and weight[-1] == 1


def _by_channel(xp: Engine_, windows: Any, w: Any) -> Any:
    """Σ w[c, k] · windows[…, k, c] over the places k: lanes run along the channels."""
    kernel = w.shape[1:-1]
    factors = xp.transpose(xp.reshape(w, shape=(w.shape[0], math.prod(kernel))), axes=(1, 0))
    factors = xp.reshape(factors, shape=(*kernel, w.shape[0]))
    places = tuple(range(windows.ndim - 1 - len(kernel), windows.ndim - 1))
    return xp.sum(xp.multiply(windows, factors), axes=places, keepdims=False)


def _weight_by_channel(xp: Engine_, y: Any, windows: Any, rank: int) -> Any:
    """Σ y[n, p, c] · windows[n, p, k, c] over batch and positions: (c, k, 1)"""
    whole = (*y.shape[:-1], *(1,) * rank, y.shape[-1])
    products = xp.multiply(xp.reshape(y, shape=whole), windows)
    sums = xp.sum(products, axes=tuple(range(rank + 1)), keepdims=False)  # (k, c)
    turned = xp.transpose(sums, axes=(rank, *range(rank)))
    return xp.reshape(turned, shape=(*turned.shape, 1))


def _letters(rank: int, groups: int) -> tuple[str, str, str]:
    """Positions with the batch, groups, places in the window."""
    return "n" + "xyz"[:rank], "g" if groups > 1 else "", "ijk"[:rank]


def _check(x: Shape, w: Shape, groups: int) -> None:
    if len(x) != len(w) or not 3 <= len(w) <= 5:
        raise ShapeError(
            "a convolution received another number of axes",
            expected=f"(batch, {', '.join(['size'] * (len(w) - 2))}, channels)",
            received=f"{x}",
            mend="give the input a batch axis and a channel axis",
        )
    if x[-1] != w[-1] * groups or w[0] % groups:
        raise ShapeError(
            "a convolution received the wrong number of channels",
            expected=f"{w[-1] * groups} channels on the last axis"
            + (f", and weights of a number of outputs that {groups} divides" * (groups > 1)),
            received=f"input {x}, weight {w}, groups={groups}",
            mend="channels come last; check in_channels against the layer before it",
        )


class Convolve(Operation):
    """Σ w[o, k, c] · x̄[n, p·stride + k·dilation, c] over places k and channels c

    d/dx = convolve_transposed(grad, w), d/dw = convolve_weight(x, grad)
    """

    name = "convolve"
    symbol = "conv"

    def shape(  # type: ignore[override]
        self, x: Shape, w: Shape, *, stride: Shape, padding: Pairs, dilation: Shape, groups: int
    ) -> Shape:
        _check(x, w, groups)
        return (x[0], *positions(x[1:-1], w[1:-1], stride, padding, dilation), w[0])

    def forward(
        self,
        xp: Engine_,
        x: Any,
        w: Any,
        *,
        stride: Shape,
        padding: Pairs,
        dilation: Shape,
        groups: int = 1,
    ) -> Any:
        kernel = w.shape[1:-1]
        if _is_depthwise(w.shape, groups):
            return _by_channel(xp, _windows(xp, x, kernel, stride, padding, dilation, 1), w)
        windows = _windows(xp, x, kernel, stride, padding, dilation, groups)
        at, g, k = _letters(len(kernel), groups)
        spec = f"{at}{g}{k}c,{g}o{k}c->{at}{g}o"
        out = xp.contract(windows, _weights(xp, w, groups), spec=spec)
        return out if groups == 1 else xp.reshape(out, shape=(*out.shape[:-2], w.shape[0]))

    def backward(
        self, grad: Tensor, out: Tensor, x: Tensor, w: Tensor, **settings: Any
    ) -> Gradients:
        size, kernel = x.shape[1:-1], w.shape[1:-1]
        return (
            convolve_transposed(grad, w, size=size, **settings) if needs_gradient(x) else None,
            convolve_weight(x, grad, kernel=kernel, **settings) if needs_gradient(w) else None,
        )

    def samples(self, rng: Generator) -> list[Sample]:
        def draw(*shape: int) -> Any:
            return rng.normal(shape, dtype=float64)

        plain: Any = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)}
        wide: Any = {"stride": (2, 1), "padding": ((1, 2), (0, 1)), "dilation": (1, 2)}
        line: Any = {"stride": (2,), "padding": ((1, 0),), "dilation": (1,)}
        return [
            sample(draw(2, 4, 3, 2), draw(3, 2, 2, 2), **plain),
            sample(draw(2, 5, 4, 2), draw(2, 3, 2, 2), **wide),
            sample(draw(2, 6, 4), draw(4, 3, 2), groups=2, **line),
            sample(draw(2, 5, 3), draw(3, 2, 1), groups=3, **line),
            sample(draw(1, 5, 4, 2), draw(2, 3, 2, 1), groups=2, **wide),
        ]


class ConvolveTransposed(Operation):
    """Σ w[o, k, c] · y[n, p, o] over all p, k with p·stride + k·dilation − padding = the place

    d/dy = convolve(grad, w), d/dw = convolve_weight(grad, y)
    """

    name = "convolve_transposed"
    symbol = "convᵀ"

    def shape(  # type: ignore[override]
        self,
        y: Shape,
        w: Shape,
        *,
        size: Shape,
        stride: Shape,
        padding: Pairs,
        dilation: Shape,
        groups: int,
    ) -> Shape:
        _check((*y[:-1], w[-1] * groups), w, groups)
        fitting = (y[0], *positions(size, w[1:-1], stride, padding, dilation), w[0])
        if y != fitting:
            raise ShapeError(
                "a transposed convolution received another shape",
                expected=f"{fitting}, which a convolution makes of size {size}",
                received=f"{y}",
            )
        return (y[0], *size, w[-1] * groups)

    def forward(
        self,
        xp: Engine_,
        y: Any,
        w: Any,
        *,
        size: Shape,
        stride: Shape,
        padding: Pairs,
        dilation: Shape,
        groups: int = 1,
    ) -> Any:
        """A convolution for each remainder of the place by the stride, then all of them merged."""
        rank, channels = len(size), w.shape[-1] * groups
        lots = tuple(-(-n // s) for n, s in zip(size, stride, strict=True))
        parts = []
        for remainders in itertools.product(*map(range, stride)):
            taps = [
                Taps.of(*words)
                for words in zip(remainders, padding, stride, dilation, w.shape[1:-1], strict=True)
            ]
            parts.append(_phase(xp, y, w, taps, lots, groups))
        if len(parts) == 1:
            return parts[0]
        shape = (y.shape[0], *lots, 1, channels)
        joined = xp.concat(*(xp.reshape(p, shape=shape) for p in parts), axis=rank + 1)
        joined = xp.reshape(joined, shape=(y.shape[0], *lots, *stride, channels))
        pairs = [axis for i in range(rank) for axis in (1 + i, 1 + rank + i)]
        joined = xp.transpose(joined, axes=(0, *pairs, 2 * rank + 1))
        whole = tuple(n * s for n, s in zip(lots, stride, strict=True))
        joined = xp.reshape(joined, shape=(y.shape[0], *whole, channels))
        return framed(xp, joined, tuple((0, n - m) for n, m in zip(size, whole, strict=True)))

    def backward(
        self, grad: Tensor, out: Tensor, y: Tensor, w: Tensor, *, size: Shape, **settings: Any
    ) -> Gradients:
        kernel = w.shape[1:-1]
        return (
            convolve(grad, w, **settings) if needs_gradient(y) else None,
            convolve_weight(grad, y, kernel=kernel, **settings) if needs_gradient(w) else None,
        )

    def samples(self, rng: Generator) -> list[Sample]:
        return [
            sample(rng.normal(out.shape, dtype=float64), w, size=x.shape[1:-1], **one.settings)
            for one in convolve.samples(rng)
            for x, w in [one.inputs]
            for out in [convolve(*one.inputs, **one.settings)]
        ]


class ConvolveWeight(Operation):
    """Σ y[n, p, o] · x̄[n, p·stride + k·dilation, c] over the batch and positions p

    d/dx = convolve_transposed(y, grad), d/dy = convolve(x, grad)
    """

    name = "convolve_weight"
    symbol = "∂conv/∂w"

    def shape(  # type: ignore[override]
        self,
        x: Shape,
        y: Shape,
        *,
        kernel: Shape,
        stride: Shape,
        padding: Pairs,
        dilation: Shape,
        groups: int,
    ) -> Shape:
        weight = (y[-1], *kernel, x[-1] // groups)
        _check(x, weight, groups)
        if y[:-1] != (x[0], *positions(x[1:-1], kernel, stride, padding, dilation)):
            raise ShapeError("the positions are not those of a convolution", received=f"{x}, {y}")
        return weight

    def forward(
        self,
        xp: Engine_,
        x: Any,
        y: Any,
        *,
        kernel: Shape,
        stride: Shape,
        padding: Pairs,
        dilation: Shape,
        groups: int = 1,
    ) -> Any:
        if _is_depthwise((y.shape[-1], *kernel, x.shape[-1] // groups), groups):
            return _weight_by_channel(
                xp, y, _windows(xp, x, kernel, stride, padding, dilation, 1), len(kernel)
            )
        windows = _windows(xp, x, kernel, stride, padding, dilation, groups)
        at, g, k = _letters(len(kernel), groups)
        spec = f"{at}{g}o,{at}{g}{k}c->{g}o{k}c"
        out = xp.contract(_grouped(xp, y, groups), windows, spec=spec)
        shape = (y.shape[-1], *kernel, x.shape[-1] // groups)
        return out if groups == 1 else xp.reshape(out, shape=shape)

    def backward(
        self, grad: Tensor, out: Tensor, x: Tensor, y: Tensor, *, kernel: Shape, **settings: Any
    ) -> Gradients:
        size = x.shape[1:-1]
        return (
            convolve_transposed(y, grad, size=size, **settings) if needs_gradient(x) else None,
            convolve(x, grad, **settings) if needs_gradient(y) else None,
        )

    def samples(self, rng: Generator) -> list[Sample]:
        return [
            sample(x, rng.normal(out.shape, dtype=float64), kernel=w.shape[1:-1], **one.settings)
            for one in convolve.samples(rng)
            for x, w in [one.inputs]
            for out in [convolve(*one.inputs, **one.settings)]
        ]


def _phase(xp: Engine_, y: Any, w: Any, taps: list[Taps], lots: Shape, groups: int) -> Any:
    """The output at every stride-th place: a convolution of y with every step-th weight."""
    if not all(tap.count for tap in taps):
        return xp.full((y.shape[0], *lots, w.shape[-1] * groups), 0, y.dtype)
    axes = tuple(range(1, len(taps) + 1))
    starts, steps = (0, *(t.first for t in taps), 0), (1, *(t.step for t in taps), 1)
    part = xp.flip(xp.slice(w, starts=starts, stops=w.shape, steps=steps), axes=axes)
    padding = tuple(t.frame(n, lot) for t, n, lot in zip(taps, y.shape[1:-1], lots, strict=True))
    kernel, ones = tuple(t.count for t in taps), (1,) * len(taps)
    apart = tuple(t.apart for t in taps)
    if _is_depthwise(w.shape, groups):
        return _by_channel(xp, _windows(xp, y, kernel, ones, padding, apart, 1), part)
    windows = _windows(xp, y, kernel, ones, padding, apart, groups)
    at, g, k = _letters(len(taps), groups)
    spec = f"{at}{g}{k}o,{g}o{k}c->{at}{g}c"
    out = xp.contract(windows, _weights(xp, part, groups), spec=spec)
    shape = (*out.shape[: len(taps) + 1], w.shape[-1] * groups)
    return out if groups == 1 else xp.reshape(out, shape=shape)


convolve = Convolve()
convolve_transposed = ConvolveTransposed()
convolve_weight = ConvolveWeight()
