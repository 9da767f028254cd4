"""Convolution as layers know it: numbers or tuples for settings, "same" padding, a bias."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError
from ..tensor import Tensor, as_tensor
from .convolution import convolve, convolve_transposed
from .windows import Padding, Sizes, paddings, sizes


def conv1d(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Σ w[o, k, c] · x[n, t·stride + k·dilation − padding, c] + b[o] along a sequence.

    Shapes: x (N, T, C), weight (out, K, C/groups), bias (out,) → (N, T', out).

    Args:
        x: sequences, channels last.
        weight: one small window of weights per output channel.
        bias: one number per output channel.
        stride: how far the window moves.
        padding: zeros at both ends; "same" keeps the length, "valid" is none.
        dilation: distance of neighbouring places of the window.
        groups: parts of the channels that do not see each other.

    >>> import glassnet as gn
    >>> x, w = gn.tensor([[[1.0], [2.0], [4.0]]]), gn.tensor([[[-1.0], [1.0]]])
    >>> gn.ops.conv1d(x, w).numpy().tolist()
    [[[1.0], [2.0]]]
    """
    return _convolution(1, x, weight, bias, stride, padding, dilation, groups)


def conv2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """The same over an image; settings are one number, or (height, width).

    Shapes: x (N, H, W, C), weight (out, kh, kw, C/groups), bias (out,) → (N, H', W', out).

    >>> import glassnet as gn
    >>> x, w = gn.ops.reshape(gn.tensor([1.0, 2.0, 3.0, 4.0]), shape=(1, 2, 2, 1)), [[[[1.0]]] * 2]
    >>> gn.ops.conv2d(x, gn.tensor(w)).numpy().ravel().tolist()
    [4.0, 6.0]
    """
    return _convolution(2, x, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """The transpose of conv1d as a linear map: every number of x spreads the weights around it.

    Shapes: x (N, T, C), weight (C, K, out/groups), bias (out,) → (N, T', out) with
    T' = (T − 1)·stride − 2·padding + dilation·(K − 1) + output_padding + 1.

    >>> import glassnet as gn
    >>> x, w = gn.tensor([[[1.0], [10.0]]]), gn.tensor([[[1.0], [2.0]]])
    >>> gn.ops.conv_transpose1d(x, w, stride=2).numpy().ravel().tolist()
    [1.0, 2.0, 10.0, 20.0]
    """
    return _transposed(1, x, weight, bias, stride, padding, output_padding, dilation, groups)


def conv_transpose2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """The transpose of conv2d as a linear map; settings are one number, or (height, width).

    Shapes: x (N, H, W, C), weight (C, kh, kw, out/groups), bias (out,) → (N, H', W', out).

    >>> import glassnet as gn
    >>> x, w = gn.tensor([[[[3.0]]]]), gn.tensor([[[[1.0], [2.0]]]])
    >>> gn.ops.conv_transpose2d(x, w).numpy().ravel().tolist()
    [3.0, 6.0]
    """
    return _transposed(2, x, weight, bias, stride, padding, output_padding, dilation, groups)


def _convolution(
    rank: int,
    x: Any,
    weight: Any,
    bias: Any,
    stride: Sizes,
    padding: Padding,
    dilation: Sizes,
    groups: int,
) -> Tensor:
    weight = as_tensor(weight)
    steps, gaps = sizes(stride, rank, "stride"), sizes(dilation, rank, "dilation")
    around = paddings(padding, weight.shape[1:-1], steps, gaps)
    out = convolve(x, weight, stride=steps, padding=around, dilation=gaps, groups=groups)
    return out if bias is None else out + bias


def _transposed(
    rank: int,
    x: Any,
    weight: Any,
    bias: Any,
    stride: Sizes,
    padding: Sizes,
    output_padding: Sizes,
    dilation: Sizes,
    groups: int,
) -> Tensor:
    x, weight = as_tensor(x), as_tensor(weight)
    steps, gaps = sizes(stride, rank, "stride"), sizes(dilation, rank, "dilation")
    around = sizes(padding, rank, "padding", low=0)
    more = sizes(output_padding, rank, "output_padding", low=0)
    size = tuple(
        (n - 1) * s - 2 * p + d * (k - 1) + extra + 1
        for n, s, p, d, k, extra in zip(
            x.shape[1:-1], steps, around, gaps, weight.shape[1:-1], more, strict=False
        )
    )
    if any(extra >= max(s, d) for extra, s, d in zip(more, steps, gaps, strict=True)):
        raise ArgumentError(
            "the output is padded by more than a step",
            expected="output_padding below the stride or the dilation",
            received=f"{output_padding=}, {stride=}, {dilation=}",
        )
    pairs = tuple((p, p) for p in around)
    settings: Any = {"stride": steps, "padding": pairs, "dilation": gaps, "groups": groups}
    out = convolve_transposed(x, weight, size=size, **settings)
    return out if bias is None else out + bias
