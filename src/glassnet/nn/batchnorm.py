"""Batch normalisation: by the batch's statistics in training, by their running means otherwise."""

from __future__ import annotations

from typing import ClassVar

from ..errors import ArgumentError, ShapeError
from ..graph import SCOPE, no_grad
from ..ops import standardise, var
from ..tensor import Tensor
from .module import Module
from .normalisation import affine
from .parameter import Parameter


class BatchNorm(Module):
    """y = w · (x − μ) / √(σ² + ε) + b for each channel; what BatchNorm1d and BatchNorm2d share.

    In training μ and σ² are the mean and the biased variance over batch and positions, and the
    running statistics move towards them (towards the unbiased variance, as in PyTorch):
    r ← (1 − momentum) · r + momentum · new. Otherwise the running statistics are used.
    """

    weight: Parameter | None
    bias: Parameter | None
    running_mean: Parameter | None
    running_var: Parameter | None
    ranks: ClassVar[dict[int, str]]  # the inputs it takes: number of axes → their names

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
    ) -> None:
        if type(num_features) is not int or num_features < 1:
            raise ArgumentError(
                f"{type(self).__name__} has at least one channel",
                expected="an integer ≥ 1",
                received=f"num_features={num_features!r}",
            )
        if not 0.0 <= momentum <= 1.0:
            raise ArgumentError(
                "momentum is the weight of the newest batch",
                expected="0 ≤ momentum ≤ 1",
                received=f"{momentum=}",
            )
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        channels = (num_features,)
        self.weight = Parameter(channels, "ones") if affine else None
        self.bias = Parameter(channels, "zeros") if affine else None
        self.running_mean = self.running_var = None
        if track_running_stats:
            self.running_mean = Parameter(channels, "zeros", trainable=False)
            self.running_var = Parameter(channels, "ones", trainable=False)

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim not in self.ranks or x.shape[-1] != self.num_features:
            shapes = " or ".join(self.ranks.values()).replace("C", str(self.num_features))
            raise ShapeError(
                f"{type(self).__name__} received another shape",
                expected=shapes,
                received=f"{x.shape}",
                mend="channels come last",
            )
        training = SCOPE.get().training
        if self.running_mean is None or self.running_var is None:
            return self._by_batch(x)
        if training:
            y = self._by_batch(x)
            self._follow(x, self.running_mean, self.running_var)
            return y
        scale = (self.running_var + self.eps) ** -0.5
        scale = scale if self.weight is None else scale * self.weight
        shift = -self.running_mean * scale
        return x * scale + (shift if self.bias is None else shift + self.bias)

    def _by_batch(self, x: Tensor) -> Tensor:
        axes = tuple(range(x.ndim - 1))
        if x.size == x.shape[-1]:
            raise ShapeError(
                "one number per channel has no variance to normalise by",
                expected="more than one number per channel in training",
                received=f"{x.shape}",
                mend="train with a larger batch, or call with training=False",
            )
        return affine(standardise(x, axis=axes, eps=self.eps), self.weight, self.bias)

    def _follow(self, x: Tensor, running_mean: Tensor, running_var: Tensor) -> None:
        """Moves the running statistics towards those of the batch."""
        axes = tuple(range(x.ndim - 1))
        with no_grad():
            for running, new in (
                (running_mean, x.mean(axes)),
                (running_var, var(x, axis=axes)),
            ):
                moved = running * (1.0 - self.momentum) + new * self.momentum
                running.array = moved.array


class BatchNorm1d(BatchNorm):
    """y = w · (x − μ) / √(σ² + ε) + b for each channel, over the batch in training

    In training μ and σ² are those of the batch, over all axes but the last, and the running
    statistics follow them; otherwise the running statistics are used.

    Shape: (N, C) or (N, T, C) → the same; weight, bias, running_mean and running_var (C,).
    Source: Ioffe, Szegedy, "Batch normalization", 2015.

    Args:
        num_features: C, the number of channels.
        eps: ε, keeps the division finite.
        momentum: how far the running statistics move towards those of each batch.
        affine: whether there are w and b.
        track_running_stats: whether there are running statistics; without them, those of the
            batch are always used.

    Raises:
        ArgumentError: no channel, or a momentum outside [0, 1].
        ShapeError: another shape; a training batch with one number per channel.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> layer = nn.BatchNorm1d(1)
    >>> layer(gn.tensor([[1.0], [5.0]]), training=True).numpy().round(3).tolist()
    [[-1.0], [1.0]]
    >>> round(layer.running_mean[0].item(), 3)  # 0.9 · 0 + 0.1 · 3
    0.3
    """

    ranks: ClassVar[dict[int, str]] = {2: "(N, C)", 3: "(N, T, C)"}


class BatchNorm2d(BatchNorm):
    """y = w · (x − μ) / √(σ² + ε) + b for each channel, over batch and pixels in training

    In training μ and σ² are those of the batch, over all axes but the last, and the running
    statistics follow them; otherwise the running statistics are used.

    Shape: (N, H, W, C) → the same; weight, bias, running_mean and running_var (C,).
    Source: Ioffe, Szegedy, "Batch normalization", 2015.

    Args:
        num_features: C, the number of channels.
        eps: ε, keeps the division finite.
        momentum: how far the running statistics move towards those of each batch.
        affine: whether there are w and b.
        track_running_stats: whether there are running statistics; without them, those of the
            batch are always used.

    Raises:
        ArgumentError: no channel, or a momentum outside [0, 1].
        ShapeError: another shape; a training batch with one number per channel.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> nn.BatchNorm2d(3)(gn.tensor([[[[1.0, 2.0, 3.0]]]])).shape
    (1, 1, 1, 3)
    """

    ranks: ClassVar[dict[int, str]] = {4: "(N, H, W, C)"}
