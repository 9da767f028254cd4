"""Convolution layers, plain and transposed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

from ..errors import ArgumentError
from ..ops import conv1d, conv2d, conv_transpose1d, conv_transpose2d
from ..ops.windows import Padding, Sizes, paddings, sizes
from ..tensor import Tensor
from .init import Initialiser, fan_in_uniform, uniform, zeros
from .module import Module
from .parameter import Parameter


class Convolution(Module):
    """y = w ∗ x + b: what Conv1d and Conv2d share.

    `weight` is uniform on ±1/√fan_in by default, fan_in the numbers one output is made of, and
    so is the bias always unless an initialiser is given, which leaves it at 0.
    """

    weight: Parameter
    bias: Parameter | None
    rank: ClassVar[int]  # axes that the kernel moves along
    function: ClassVar[Callable[..., Tensor]]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Padding = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        init: str | Initialiser | None = None,
    ) -> None:
        _check(in_channels, out_channels, groups)
        kernel = sizes(kernel_size, self.rank, "kernel_size")
        steps, gaps = sizes(stride, self.rank, "stride"), sizes(dilation, self.rank, "dilation")
        paddings(padding, kernel, steps, gaps)
        self.stride, self.padding, self.dilation, self.groups = stride, padding, dilation, groups
        shape = (out_channels, *kernel, in_channels // groups)
        self.weight, self.bias = _parameters(shape, out_channels if bias else None, init)

    def forward(self, x: Tensor) -> Tensor:
        return type(self).function(
            x,
            self.weight,
            self.bias,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=self.groups,
        )


class Conv1d(Convolution):
    """y[t, o] = Σ w[o, k, c] · x[t·stride + k·dilation − padding, c] + b[o] along a sequence

    Shape: (N, T, in_channels) → (N, T', out_channels) with
    T' = ⌊(T + 2·padding − dilation·(K − 1) − 1) / stride⌋ + 1;
    weight (out_channels, K, in_channels/groups), bias (out_channels,).

    Args:
        in_channels: channels of x.
        out_channels: channels of y.
        kernel_size: K, the length of the window.
        stride: how far the window moves.
        padding: zeros at both ends; "same" keeps the length, "valid" is none.
        dilation: distance of neighbouring places of the window.
        groups: parts of the channels that do not see each other; in_channels of them make the
            layer depthwise.
        bias: whether there is a b.
        init: initialiser of w, a name or a function; uniform on ±1/√fan_in by default.

    Raises:
        ArgumentError: a setting out of its range.
        ShapeError: an input with other channels, or shorter than the kernel.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> layer = nn.Conv1d(1, 1, 2, bias=False, init="ones")
    >>> layer(gn.tensor([[[1.0], [2.0], [4.0]]])).numpy().tolist()
    [[[3.0], [6.0]]]
    """

    rank: ClassVar[int] = 1
    function: ClassVar[Callable[..., Tensor]] = staticmethod(conv1d)


class Conv2d(Convolution):
    """y[p, o] = Σ w[o, k, c] · x[p·stride + k·dilation − padding, c] + b[o] over an image

    Each setting is one number for both axes, or (height, width).

    Shape: (N, H, W, in_channels) → (N, H', W', out_channels) with
    H' = ⌊(H + 2·padding − dilation·(kh − 1) − 1) / stride⌋ + 1;
    weight (out_channels, kh, kw, in_channels/groups), bias (out_channels,).

    Args:
        in_channels: channels of x.
        out_channels: channels of y.
        kernel_size: kh and kw, the size of the window.
        stride: how far the window moves.
        padding: zeros on all sides; "same" keeps the size, "valid" is none.
        dilation: distance of neighbouring places of the window.
        groups: parts of the channels that do not see each other; in_channels of them make the
            layer depthwise.
        bias: whether there is a b.
        init: initialiser of w, a name or a function; uniform on ±1/√fan_in by default.

    Raises:
        ArgumentError: a setting out of its range.
        ShapeError: an input with other channels, or smaller than the kernel.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> images = gn.Generator(0).normal((1, 5, 5, 3))
    >>> nn.Conv2d(3, 8, 3, stride=2, padding=1)(images).shape
    (1, 3, 3, 8)
    """

    rank: ClassVar[int] = 2
    function: ClassVar[Callable[..., Tensor]] = staticmethod(conv2d)


class TransposedConvolution(Module):
    """y = wᵀ ∗ x + b: what ConvTranspose1d and ConvTranspose2d share."""

    weight: Parameter
    bias: Parameter | None
    rank: ClassVar[int]
    function: ClassVar[Callable[..., Tensor]]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        *,
        init: str | Initialiser | None = None,
    ) -> None:
        _check(in_channels, out_channels, groups)
        kernel = sizes(kernel_size, self.rank, "kernel_size")
        sizes(stride, self.rank, "stride")
        sizes(padding, self.rank, "padding", low=0)
        sizes(output_padding, self.rank, "output_padding", low=0)
        sizes(dilation, self.rank, "dilation")
        self.stride, self.padding, self.output_padding = stride, padding, output_padding
        self.dilation, self.groups = dilation, groups
        shape = (in_channels, *kernel, out_channels // groups)
        self.weight, self.bias = _parameters(shape, out_channels if bias else None, init)

    def forward(self, x: Tensor) -> Tensor:
        return type(self).function(
            x,
            self.weight,
            self.bias,
            stride=self.stride,
            padding=self.padding,
            output_padding=self.output_padding,
            dilation=self.dilation,
            groups=self.groups,
        )


class ConvTranspose1d(TransposedConvolution):
    """y[t, o] = Σ w[c, k, o] · x[s, c] + b[o] over s·stride + k·dilation − padding = t

    The transpose of Conv1d as a linear map: it makes sequences longer.

    Shape: (N, T, in_channels) → (N, T', out_channels) with
    T' = (T − 1)·stride − 2·padding + dilation·(K − 1) + output_padding + 1;
    weight (in_channels, K, out_channels/groups), bias (out_channels,).

    Args:
        in_channels: channels of x.
        out_channels: channels of y.
        kernel_size: K, how far a number of x spreads.
        stride: distance of neighbours of x in y.
        padding: numbers cut off at both ends.
        output_padding: numbers more at the end, below the stride.
        groups: parts of the channels that do not see each other.
        bias: whether there is a b.
        dilation: distance of neighbouring places of the window.
        init: initialiser of w, a name or a function; uniform on ±1/√fan_in by default.

    Raises:
        ArgumentError: a setting out of its range.
        ShapeError: an input with other channels.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> layer = nn.ConvTranspose1d(1, 1, 2, stride=2, bias=False, init="ones")
    >>> layer(gn.tensor([[[3.0], [5.0]]])).numpy().ravel().tolist()
    [3.0, 3.0, 5.0, 5.0]
    """

    rank: ClassVar[int] = 1
    function: ClassVar[Callable[..., Tensor]] = staticmethod(conv_transpose1d)


class ConvTranspose2d(TransposedConvolution):
    """y[q, o] = Σ w[c, k, o] · x[p, c] + b[o] over p·stride + k·dilation − padding = q

    The transpose of Conv2d as a linear map: it makes images larger. Each setting is one number
    for both axes, or (height, width).

    Shape: (N, H, W, in_channels) → (N, H', W', out_channels) with
    H' = (H − 1)·stride − 2·padding + dilation·(kh − 1) + output_padding + 1;
    weight (in_channels, kh, kw, out_channels/groups), bias (out_channels,).

    Args:
        in_channels: channels of x.
        out_channels: channels of y.
        kernel_size: kh and kw, how far a pixel of x spreads.
        stride: distance of neighbours of x in y.
        padding: pixels cut off on all sides.
        output_padding: pixels more at the bottom and on the right, below the stride.
        groups: parts of the channels that do not see each other.
        bias: whether there is a b.
        dilation: distance of neighbouring places of the window.
        init: initialiser of w, a name or a function; uniform on ±1/√fan_in by default.

    Raises:
        ArgumentError: a setting out of its range.
        ShapeError: an input with other channels.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> images = gn.Generator(0).normal((1, 7, 7, 8))
    >>> nn.ConvTranspose2d(8, 3, 4, stride=2, padding=1)(images).shape
    (1, 14, 14, 3)
    """

    rank: ClassVar[int] = 2
    function: ClassVar[Callable[..., Tensor]] = staticmethod(conv_transpose2d)


def _check(in_channels: int, out_channels: int, groups: int) -> None:
    counts = {"in_channels": in_channels, "out_channels": out_channels, "groups": groups}
    for name, count in counts.items():
        if type(count) is not int or count < 1:
            raise ArgumentError(
                f"a convolution has at least one of its {name}",
                expected="an integer ≥ 1",
                received=f"{name}={count!r}",
            )
    if in_channels % groups or out_channels % groups:
        raise ArgumentError(
            "the channels do not divide into the groups",
            expected="groups that divides in_channels and out_channels",
            received=", ".join(f"{name}={count}" for name, count in counts.items()),
        )


def _parameters(
    shape: tuple[int, ...], bias: int | None, init: str | Initialiser | None
) -> tuple[Parameter, Parameter | None]:
    """The weight, and a bias of so many numbers."""
    weight = Parameter(shape, fan_in_uniform if init is None else init)
    bound = 1.0 / math.sqrt(math.prod(shape[1:]))
    start: Any = uniform(-bound, bound) if init is None else zeros
    return weight, None if bias is None else Parameter((bias,), start)
