"""A variational autoencoder: codes are distributions, and new examples are drawn from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..graph import SCOPE, no_grad
from ..nn import Linear, Module, ReLU, Sequential
from ..nn.context import next_stream
from ..ops import normal, sigmoid
from ..tensor import Seed, Tensor, generator
from .autoencoder import layers


class VAE(Module):
    """x ↦ (logits of x̂, μ, ln σ²); made by `models.vae`

    In training the code is drawn, z = μ + σ·ε with ε ~ N(0, 1); otherwise it is μ.

    Shape: (N, *shape) → ((N, *shape), (N, code), (N, code)).
    """

    body: Sequential
    mean: Linear
    log_variance: Linear
    decoder: Sequential

    def __init__(self, shape: Sequence[int], hidden: Sequence[int], code: int) -> None:
        self.shape, self.code = tuple(shape), code
        self.body = Sequential(*layers(math.prod(shape), *hidden), ReLU())
        self.mean, self.log_variance = Linear(hidden[-1], code), Linear(hidden[-1], code)
        self.decoder = layers(code, *reversed(hidden), math.prod(shape))

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """μ and ln σ² of each input's code."""
        features = self.body(x.reshape((x.shape[0], -1)))
        return self.mean(features), self.log_variance(features)

    def decode(self, code: Tensor) -> Tensor:
        """The logits of what each code stands for."""
        out: Tensor = self.decoder(code)
        return out.reshape((out.shape[0], *self.shape))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean, log_variance = self.encode(x)
        return self.decode(self._drawn(mean, log_variance)), mean, log_variance

    def _drawn(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        """The reparameterisation: noise that no gradient reaches, moved by what it does."""
        scope = SCOPE.get()
        if not scope.training:
            return mean
        if scope.key is None:
            raise ArgumentError(
                "a variational autoencoder needs random numbers in training",
                expected="a generator",
                received="a call with training=True alone",
                mend="model(x, training=True, generator=gn.Generator(0))",
            )
        noise = normal(scope.key, size=mean.shape, stream=next_stream(), dtype=mean.dtype)
        return mean + (log_variance * 0.5).exp() * noise

    def generate(self, count: int, *, seed: Seed) -> np.ndarray[Any, Any]:
        """New examples, decoded from codes drawn from N(0, 1): numbers in [0, 1]."""
        code = Tensor(generator(seed).normal((count, self.code), dtype=self.dtype))
        with no_grad():
            return sigmoid(self.decode(code)).numpy()


def vae(
    shape: Sequence[int] = (28, 28, 1), *, hidden: Sequence[int] = (256,), code: int = 16
) -> VAE:
    """A variational autoencoder of linear layers, trained with `losses.negative_elbo`.

    Shape: (N, *shape) → (logits (N, *shape), μ (N, code), ln σ² (N, code)).
    Source: Kingma, Welling, "Auto-encoding variational Bayes", 2014.

    Args:
        shape: of one input.
        hidden: widths between input and code, at least one; the decoder has them in reverse.
        code: numbers in the middle.

    Raises:
        ArgumentError: no hidden layer.

    >>> import glassnet as gn
    >>> from glassnet import models
    >>> model = models.vae((8, 8), hidden=(32,), code=4)
    >>> [out.shape for out in model(gn.Generator(0).uniform((2, 8, 8)))]
    [(2, 8, 8), (2, 4), (2, 4)]
    >>> model.generate(3, seed=0).shape
    (3, 8, 8)
    """
    if not hidden:
        raise ArgumentError("a variational autoencoder has at least one hidden layer")
    return VAE(shape, hidden, code)
