"""Activations as layers, for `Sequential`; their formulas stand in `ops/activation.py`."""

from __future__ import annotations

from .. import ops
from ..errors import ArgumentError, did_you_mean
from ..tensor import Tensor
from .flatten import Identity
from .module import Module


class Sigmoid(Module):
    """σ(x) = 1 / (1 + e⁻ˣ). Shape: any."""

    def forward(self, x: Tensor) -> Tensor:
        return ops.sigmoid(x)


class Tanh(Module):
    """tanh x = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ). Shape: any."""

    def forward(self, x: Tensor) -> Tensor:
        return ops.tanh(x)


class ReLU(Module):
    """max(x, 0). Shape: any."""

    def forward(self, x: Tensor) -> Tensor:
        return ops.relu(x)


class LeakyReLU(Module):
    """x where x > 0, else slope · x. Shape: any. Source: Maas et al., 2013.

    Args:
        negative_slope: the slope below 0.
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Tensor) -> Tensor:
        return ops.leaky_relu(x, negative_slope=self.negative_slope)


class ELU(Module):
    """x where x > 0, else α · (eˣ − 1). Shape: any. Source: Clevert et al., 2015.

    Args:
        alpha: −α is the value far below 0.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: Tensor) -> Tensor:
        return ops.elu(x, alpha=self.alpha)


class GELU(Module):
    """x · Φ(x), Φ the normal distribution. Shape: any. Source: Hendrycks and Gimpel, 2016."""

    def forward(self, x: Tensor) -> Tensor:
        return ops.gelu(x)


class SiLU(Module):
    """x · σ(x). Shape: any. Source: Elfwing et al., 2017."""

    def forward(self, x: Tensor) -> Tensor:
        return ops.silu(x)


class Softplus(Module):
    """ln(1 + eˣ). Shape: any."""

    def forward(self, x: Tensor) -> Tensor:
        return ops.softplus(x)


class Softmax(Module):
    """e^xᵢ / Σⱼ e^xⱼ along an axis: positive, sums to 1, keeps the order. Shape: any.

    Args:
        dim: the axis.
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return ops.softmax(x, axis=self.dim)


class LogSoftmax(Module):
    """xᵢ − ln Σⱼ e^xⱼ along an axis, stable for any x. Shape: any.

    Args:
        dim: the axis.
    """

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return ops.log_softmax(x, axis=self.dim)


ACTIVATIONS: dict[str, type[Module]] = {
    "elu": ELU,
    "gelu": GELU,
    "identity": Identity,
    "leaky_relu": LeakyReLU,
    "log_softmax": LogSoftmax,
    "relu": ReLU,
    "sigmoid": Sigmoid,
    "silu": SiLU,
    "softmax": Softmax,
    "softplus": Softplus,
    "tanh": Tanh,
}


def activation(name: str) -> Module:
    """A new activation layer by name.

    Raises:
        ArgumentError: there is none of that name.

    >>> from glassnet import nn
    >>> nn.activation("tanh")
    Tanh()
    """
    if name not in ACTIVATIONS:
        raise ArgumentError(
            f'there is no activation "{name}"', mend=did_you_mean(name, ACTIVATIONS)
        )
    return ACTIVATIONS[name]()
