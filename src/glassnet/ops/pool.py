"""Pooling as layers know it: numbers or tuples for settings, the kernel as the usual stride."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..tensor import Tensor, as_tensor
from .operation import Shape
from .pooling import max_pool, sum_pool
from .windows import Pairs, Sizes, sizes


def max_pool1d(
    x: Any, kernel_size: Sizes, *, stride: Sizes | None = None, padding: Sizes = 0
) -> Tensor:
    """The largest number of every window along a sequence, for each channel.

    Shapes: x (N, T, C) → (N, T', C).

    Args:
        x: sequences, channels last.
        kernel_size: length of the window.
        stride: how far the window moves; its length when left out.
        padding: how far the first and the last window reach over the ends.

    >>> import glassnet as gn
    >>> gn.ops.max_pool1d(gn.tensor([[[1.0], [3.0], [2.0], [0.0]]]), 2).numpy().ravel().tolist()
    [3.0, 2.0]
    """
    return _max(1, x, kernel_size, stride, padding)


def max_pool2d(
    x: Any, kernel_size: Sizes, *, stride: Sizes | None = None, padding: Sizes = 0
) -> Tensor:
    """The largest number of every window of an image, for each channel.

    Shapes: x (N, H, W, C) → (N, H', W', C). Settings are one number, or (height, width).

    >>> import glassnet as gn
    >>> gn.ops.max_pool2d(gn.tensor([[[[1.0], [3.0]], [[2.0], [0.0]]]]), 2).item()
    3.0
    """
    return _max(2, x, kernel_size, stride, padding)


def avg_pool1d(
    x: Any,
    kernel_size: Sizes,
    *,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of every window along a sequence, for each channel.

    Shapes: x (N, T, C) → (N, T', C).

    Args:
        x: sequences, channels last.
        kernel_size: length of the window.
        stride: how far the window moves; its length when left out.
        padding: zeros at both ends.
        count_include_pad: whether the mean counts them.

    >>> import glassnet as gn
    >>> gn.ops.avg_pool1d(gn.tensor([[[1.0], [3.0], [2.0], [0.0]]]), 2).numpy().ravel().tolist()
    [2.0, 1.0]
    """
    return _average(1, x, kernel_size, stride, padding, count_include_pad)


def avg_pool2d(
    x: Any,
    kernel_size: Sizes,
    *,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of every window of an image, for each channel.

    Shapes: x (N, H, W, C) → (N, H', W', C). Settings are one number, or (height, width).

    >>> import glassnet as gn
    >>> gn.ops.avg_pool2d(gn.tensor([[[[1.0], [3.0]], [[2.0], [0.0]]]]), 2).item()
    1.5
    """
    return _average(2, x, kernel_size, stride, padding, count_include_pad)


def _settings(
    rank: int, kernel_size: Sizes, stride: Sizes | None, padding: Sizes
) -> tuple[Shape, Shape, Pairs]:
    kernel = sizes(kernel_size, rank, "kernel_size")
    steps = kernel if stride is None else sizes(stride, rank, "stride")
    return kernel, steps, tuple((n, n) for n in sizes(padding, rank, "padding", low=0))


def _max(rank: int, x: Any, kernel_size: Sizes, stride: Sizes | None, padding: Sizes) -> Tensor:
    kernel, steps, pairs = _settings(rank, kernel_size, stride, padding)
    return max_pool(x, kernel=kernel, stride=steps, padding=pairs)


def _average(
    rank: int, x: Any, kernel_size: Sizes, stride: Sizes | None, padding: Sizes, with_padding: bool
) -> Tensor:
    kernel, steps, pairs = _settings(rank, kernel_size, stride, padding)
    value = as_tensor(x)
    total = sum_pool(value, kernel=kernel, stride=steps, padding=pairs)
    if with_padding or not any(map(any, pairs)):
        return total * (1.0 / math.prod(kernel))
    ones = np.ones((1, *value.shape[1:-1], 1), total.dtype)
    return total / sum_pool(ones, kernel=kernel, stride=steps, padding=pairs)
