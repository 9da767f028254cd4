"""Upsampling: an image or a sequence with more places than before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..tensor import Tensor, as_tensor
from .indexing import gather
from .move import broadcast_to

Array = np.ndarray[Any, Any]
MODES = {"nearest": None, "linear": 1, "bilinear": 2}  # and for how many axes


def upsample(
    x: Any,
    *,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool = False,
) -> Tensor:
    """x at new places along its middle axes: copies of the nearest number, or straight lines.

    A new place i lies at (i + ½) / scale − ½ of the old axis; with `align_corners` the first and
    the last place stay where they are.

    Shapes: x (N, T, C) or (N, H, W, C) → the same with other middle axes.

    Args:
        x: sequences or images, channels last.
        size: of the middle axes; or
        scale_factor: how many times as many places.
        mode: "nearest", "linear" (sequences) or "bilinear" (images).
        align_corners: for the straight lines.

    Raises:
        ArgumentError: an unknown mode, or not one of size and scale_factor.

    >>> import glassnet as gn
    >>> x = gn.tensor([[[0.0], [4.0]]])
    >>> gn.ops.upsample(x, scale_factor=2).numpy().ravel().tolist()
    [0.0, 0.0, 4.0, 4.0]
    >>> gn.ops.upsample(x, scale_factor=2, mode="linear").numpy().ravel().tolist()
    [0.0, 1.0, 3.0, 4.0]
    """
    value = as_tensor(x)
    rank = value.ndim - 2
    if rank < 1:
        raise ShapeError("nothing to enlarge", expected="(N, …, C)", received=f"{value.shape}")
    if mode not in MODES or MODES[mode] not in (None, rank):
        raise ArgumentError(
            "there is no such way of upsampling",
            expected='"nearest", "linear" for sequences or "bilinear" for images',
            received=f"mode={mode!r} for shape {value.shape}",
        )
    if (size is None) == (scale_factor is None):
        raise ArgumentError("upsampling needs a size or a scale_factor, and not both")
    scales, lengths = _target(value.shape[1:-1], size, scale_factor)
    for axis, (scale, length) in enumerate(zip(scales, lengths, strict=True), 1):
        if mode == "nearest":
            value = _nearest(value, axis, scale, length)
        else:
            value = _straight(value, axis, scale, length, align_corners)
    return value


def _target(old: tuple[int, ...], size: Any, scale_factor: Any) -> tuple[list[float], list[int]]:
    """The scale and the new length of each axis."""
    given = size if scale_factor is None else scale_factor
    each = [given] * len(old) if isinstance(given, int | float) else list(given)
    if len(each) != len(old) or not all(isinstance(n, int | float) and n > 0 for n in each):
        raise ArgumentError(
            "this is no size to upsample to",
            expected=f"a positive number, or {len(old)} of them",
            received=repr(given),
        )
    if scale_factor is None:
        return [new / n for new, n in zip(each, old, strict=True)], [int(n) for n in each]
    return [float(s) for s in each], [math.floor(n * s) for n, s in zip(old, each, strict=True)]


def _nearest(x: Tensor, axis: int, scale: float, length: int) -> Tensor:
    old = x.shape[axis]
    if scale == length // old:  # every number is repeated equally often
        before, after = x.shape[: axis + 1], x.shape[axis + 1 :]
        apart = x.reshape((*before, 1, *after))
        wide = broadcast_to(apart, shape=(*before, length // old, *after))
        return wide.reshape((*x.shape[:axis], length, *after))
    places = np.minimum(np.floor(np.arange(length) / scale), old - 1)
    return gather(x, places.astype(np.int64), axis=axis)


def _straight(x: Tensor, axis: int, scale: float, length: int, align_corners: bool) -> Tensor:
    old = x.shape[axis]
    if align_corners:
        at = np.linspace(0.0, old - 1.0, length) if length > 1 else np.zeros(1)
    else:
        at = np.maximum((np.arange(length) + 0.5) / scale - 0.5, 0.0)
    first = np.minimum(np.floor(at).astype(np.int64), old - 1)
    second = np.minimum(first + 1, old - 1)
    share: Array = (at - first).astype(x.dtype)
    shape = (length,) + (1,) * (x.ndim - 1 - axis)
    weight = Tensor(share.reshape(shape))
    low, high = gather(x, first, axis=axis), gather(x, second, axis=axis)
    return low * (1.0 - weight) + high * weight
