"""Pooling and upsampling layers: fewer places, or more of them, channel by channel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from ..errors import ArgumentError, ShapeError
from ..ops import (
    avg_pool1d,
    avg_pool2d,
    expand_dims,
    max_pool1d,
    max_pool2d,
    mean,
    upsample,
    where,
)
from ..ops.upsampling import MODES
from ..ops.windows import Sizes, sizes
from ..tensor import Tensor, as_tensor
from .lengths import within
from .module import Module


class Pool(Module):
    """One number for every window: what the pooling layers share."""

    rank: ClassVar[int]
    function: ClassVar[Callable[..., Tensor]]

    def __init__(self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> None:
        kernel = sizes(kernel_size, self.rank, "kernel_size")
        around = sizes(padding, self.rank, "padding", low=0)
        if stride is not None:
            sizes(stride, self.rank, "stride")
        if any(2 * p > k for p, k in zip(around, kernel, strict=True)):
            raise ArgumentError(
                "a window would lie outside its input",
                expected="padding of at most half the kernel",
                received=f"{padding=}, {kernel_size=}",
            )
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, x: Tensor) -> Tensor:
        return type(self).function(x, self.kernel_size, stride=self.stride, padding=self.padding)


class MaxPool1d(Pool):
    """y[t, c] = max over k of x[t·stride + k − padding, c]

    The gradient goes to the first maximum of each window.

    Shape: (N, T, C) → (N, T', C) with T' = ⌊(T + 2·padding − K) / stride⌋ + 1.

    Args:
        kernel_size: K, the length of the window.
        stride: how far the window moves; its length when left out.
        padding: how far the first and the last window reach over the ends, at most K/2.

    Raises:
        ArgumentError: a setting out of its range.
        ShapeError: an input shorter than the window.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> nn.MaxPool1d(2)(gn.tensor([[[1.0], [3.0], [2.0], [0.0]]])).numpy().ravel().tolist()
    [3.0, 2.0]
    """

    rank: ClassVar[int] = 1
    function: ClassVar[Callable[..., Tensor]] = staticmethod(max_pool1d)


class MaxPool2d(Pool):
    """y[p, c] = max over k of x[p·stride + k − padding, c]

    The gradient goes to the first maximum of each window. Each setting is one number for both
    axes, or (height, width).

    Shape: (N, H, W, C) → (N, H', W', C) with H' = ⌊(H + 2·padding − kh) / stride⌋ + 1.

    Args:
        kernel_size: kh and kw, the size of the window.
        stride: how far the window moves; its size when left out.
        padding: how far the outer windows reach over the edge, at most half the kernel.

    Raises:
        ArgumentError: a setting out of its range.
        ShapeError: an input smaller than the window.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> nn.MaxPool2d(2)(gn.tensor([[[[1.0], [3.0]], [[2.0], [0.0]]]])).item()
    3.0
    """

    rank: ClassVar[int] = 2
    function: ClassVar[Callable[..., Tensor]] = staticmethod(max_pool2d)


class AveragePool(Pool):
    """The mean of every window: what AvgPool1d and AvgPool2d share."""

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding)
        self.count_include_pad = count_include_pad

    def forward(self, x: Tensor) -> Tensor:
        return type(self).function(
            x,
            self.kernel_size,
            stride=self.stride,
            padding=self.padding,
            count_include_pad=self.count_include_pad,
        )


class AvgPool1d(AveragePool):
    """y[t, c] = mean over k of x[t·stride + k − padding, c]

    Shape: (N, T, C) → (N, T', C) with T' = ⌊(T + 2·padding − K) / stride⌋ + 1.

    Args:
        kernel_size: K, the length of the window.
        stride: how far the window moves; its length when left out.
        padding: zeros at both ends, at most K/2.
        count_include_pad: whether the mean counts them.

    Raises:
        ArgumentError: a setting out of its range.
        ShapeError: an input shorter than the window.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> nn.AvgPool1d(2)(gn.tensor([[[1.0], [3.0], [2.0], [0.0]]])).numpy().ravel().tolist()
    [2.0, 1.0]
    """

    rank: ClassVar[int] = 1
    function: ClassVar[Callable[..., Tensor]] = staticmethod(avg_pool1d)


class AvgPool2d(AveragePool):
    """y[p, c] = mean over k of x[p·stride + k − padding, c]

    Each setting is one number for both axes, or (height, width).

    Shape: (N, H, W, C) → (N, H', W', C) with H' = ⌊(H + 2·padding − kh) / stride⌋ + 1.

    Args:
        kernel_size: kh and kw, the size of the window.
        stride: how far the window moves; its size when left out.
        padding: zeros on all sides, at most half the kernel.
        count_include_pad: whether the mean counts them.

    Raises:
        ArgumentError: a setting out of its range.
        ShapeError: an input smaller than the window.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> nn.AvgPool2d(2)(gn.tensor([[[[1.0], [3.0]], [[2.0], [0.0]]]])).item()
    1.5
    """

    rank: ClassVar[int] = 2
    function: ClassVar[Callable[..., Tensor]] = staticmethod(avg_pool2d)


class GlobalAvgPool2d(Module):
    """y[c] = mean of x[p, c] over all places p of the image: one number per channel

    Shape: (N, H, W, C) → (N, C), whatever the size of the image.

    Raises:
        ShapeError: an input that is no batch of images.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> nn.GlobalAvgPool2d()(gn.tensor([[[[1.0], [3.0]], [[2.0], [0.0]]]])).numpy().tolist()
    [[1.5]]
    """

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim != 4:
            raise ShapeError(
                "GlobalAvgPool2d takes images", expected="(N, H, W, C)", received=f"{x.shape}"
            )
        return mean(x, axis=(1, 2))


class GlobalAvgPool1d(Module):
    """y[c] = mean of x[t, c] over all steps t of the sequence: one number per channel

    Shape: (N, T, C) → (N, C). A call takes the `lengths` (N,) of padded sequences, whose mean is
    over the steps that are there.

    Raises:
        ShapeError: an input that is no batch of sequences.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> x = gn.tensor([[[1.0], [3.0], [8.0]]])
    >>> nn.GlobalAvgPool1d()(x).item(), nn.GlobalAvgPool1d()(x, lengths=gn.tensor([2])).item()
    (4.0, 2.0)
    """

    def forward(self, x: Tensor, *, lengths: Any = None) -> Tensor:
        if x.ndim != 3:
            raise ShapeError(
                "GlobalAvgPool1d takes sequences", expected="(N, T, C)", received=f"{x.shape}"
            )
        if lengths is None:
            return mean(x, axis=1)
        steps = expand_dims(within(lengths, x), 2)  # (N, T, 1)
        return where(steps, x, 0.0).sum(1) / expand_dims(as_tensor(lengths), 1).astype(x.dtype)


class Upsample(Module):
    """y = x at more places: copies of the nearest number, or straight lines between neighbours

    Shape: (N, T, C) or (N, H, W, C) → the same with larger middle axes.

    Args:
        size: of the middle axes; or
        scale_factor: how many times as many places.
        mode: "nearest", "linear" (sequences) or "bilinear" (images).
        align_corners: whether the first and the last place stay where they are; for lines.

    Raises:
        ArgumentError: an unknown mode, or not one of size and scale_factor.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> nn.Upsample(scale_factor=2)(gn.tensor([[[0.0], [4.0]]])).numpy().ravel().tolist()
    [0.0, 0.0, 4.0, 4.0]
    """

    def __init__(
        self,
        size: int | Sequence[int] | None = None,
        scale_factor: float | Sequence[float] | None = None,
        mode: str = "nearest",
        align_corners: bool = False,
    ) -> None:
        if (size is None) == (scale_factor is None) or mode not in MODES:
            raise ArgumentError(
                "Upsample cannot be made with these settings",
                expected="a size or a scale_factor, and a mode of " + ", ".join(MODES),
                received=f"{size=}, {scale_factor=}, {mode=}",
            )
        self.settings: dict[str, Any] = {
            "size": size,
            "scale_factor": scale_factor,
            "mode": mode,
            "align_corners": align_corners,
        }

    def forward(self, x: Tensor) -> Tensor:
        return upsample(x, **self.settings)
