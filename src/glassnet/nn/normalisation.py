"""Layers that normalise each example by itself: layer, root-mean-square and group normalisation."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..ops import rms_norm, standardise
from ..tensor import Tensor
from .module import Module
from .parameter import Parameter

Shape = tuple[int, ...]


class LayerNorm(Module):
    """y = w · (x − μ) / √(σ² + ε) + b, mean and variance over the last axes of each example

    Shape: (…, *normalized_shape) → the same; weight and bias normalized_shape.
    Source: Ba, Kiros, Hinton, "Layer normalization", 2016.

    Args:
        normalized_shape: the last axes, over which is normalised; a number for one axis.
        eps: ε, keeps the division finite.
        elementwise_affine: whether there are w and b.
        bias: whether there is a b.

    Raises:
        ArgumentError: an axis without elements.
        ShapeError: the input ends in another shape.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> nn.LayerNorm(2)(gn.tensor([[1.0, 5.0]])).numpy().round(3).tolist()
    [[-1.0, 1.0]]
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Shape | list[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
    ) -> None:
        self.normalized_shape = shape = _shape(normalized_shape)
        self.eps = eps
        self.weight = Parameter(shape, "ones") if elementwise_affine else None
        self.bias = Parameter(shape, "zeros") if elementwise_affine and bias else None

    def forward(self, x: Tensor) -> Tensor:
        _check_end(x, self.normalized_shape)
        axes = tuple(range(-len(self.normalized_shape), 0))
        return affine(standardise(x, axis=axes, eps=self.eps), self.weight, self.bias)


class RMSNorm(Module):
    """y = w · x / √(mean x² + ε), the mean over the last axes of each example

    Shape: (…, *normalized_shape) → the same; weight normalized_shape.
    Source: Zhang, Sennrich, "Root mean square layer normalization", 2019.

    Args:
        normalized_shape: the last axes, over which is normalised; a number for one axis.
        eps: ε; the machine epsilon of the input's type when left out.
        elementwise_affine: whether there is a w.

    Raises:
        ArgumentError: an axis without elements.
        ShapeError: the input ends in another shape.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> nn.RMSNorm(3)(gn.tensor([[1.0, -1.0, 1.0]])).numpy().round(3).tolist()
    [[1.0, -1.0, 1.0]]
    """

    weight: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Shape | list[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
    ) -> None:
        self.normalized_shape = _shape(normalized_shape)
        self.eps = eps
        self.weight = Parameter(self.normalized_shape, "ones") if elementwise_affine else None

    def forward(self, x: Tensor) -> Tensor:
        _check_end(x, self.normalized_shape)
        axes = tuple(range(-len(self.normalized_shape), 0))
        eps = float(np.finfo(x.dtype).eps) if self.eps is None else self.eps
        return affine(rms_norm(x, axis=axes, eps=eps), self.weight, None)


class GroupNorm(Module):
    """y = w · (x − μ) / √(σ² + ε) + b, mean and variance over positions and a group of channels

    Shape: (N, …, num_channels) → the same; weight and bias (num_channels,).
    Source: Wu, He, "Group normalization", 2018.

    Args:
        num_groups: how many groups the channels are cut into.
        num_channels: length of the last axis.
        eps: ε, keeps the division finite.
        affine: whether there are w and b.

    Raises:
        ArgumentError: channels that do not divide into the groups.
        ShapeError: the input has another number of channels.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> nn.GroupNorm(2, 4)(gn.tensor([[1.0, 5.0, 8.0, 6.0]])).numpy().round(3).tolist()
    [[-1.0, 1.0, 1.0, -1.0]]
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True
    ) -> None:
        if num_groups < 1 or num_channels < 1 or num_channels % num_groups:
            raise ArgumentError(
                "the channels do not divide into the groups",
                expected="num_groups ≥ 1 that divides num_channels",
                received=f"num_groups={num_groups}, num_channels={num_channels}",
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.weight = Parameter((num_channels,), "ones") if affine else None
        self.bias = Parameter((num_channels,), "zeros") if affine else None

    def forward(self, x: Tensor) -> Tensor:
        _check_end(x, (self.num_channels,))
        if x.ndim < 2:
            raise ShapeError("the input has no batch axis", received=f"{x.shape}")
        grouped = x.reshape((*x.shape[:-1], self.num_groups, -1))
        axes = (*range(1, x.ndim - 1), x.ndim)
        return affine(
            standardise(grouped, axis=axes, eps=self.eps).reshape(x.shape), self.weight, self.bias
        )


def affine(x: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """w · x + b, with what there is of them."""
    x = x if weight is None else x * weight
    return x if bias is None else x + bias


def _shape(normalized_shape: Any) -> Shape:
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if not shape or not all(type(n) is int and n >= 1 for n in shape):
        raise ArgumentError(
            "normalisation is over at least one axis, with at least one element",
            expected="an integer ≥ 1, or a tuple of them",
            received=f"normalized_shape={normalized_shape!r}",
        )
    return shape


def _check_end(x: Tensor, end: Shape) -> None:
    if x.shape[-len(end) :] != end:
        raise ShapeError(
            "a normalisation layer received another shape",
            expected=f"(…, {', '.join(map(str, end))})",
            received=f"{x.shape}",
        )
