"""Activations: the bends between the layers."""

from __future__ import annotations

import math
from typing import Any

from ..tensor import Generator, Tensor, float64
from .comparison import less, where
from .exponential import Smooth, erf, exp
from .operation import Engine_, Gradients, Sample, sample


class Sigmoid(Smooth):
    """σ(a) = 1 / (1 + e⁻ᵃ)

    d/da = σ(a) · (1 − σ(a))
    """

    name = "sigmoid"
    symbol = "σ"

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.logistic(a)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (grad * out * (1.0 - out),)


class Softplus(Smooth):
    """softplus(a) = ln(1 + eᵃ)

    d/da = σ(a)
    """

    name = "softplus"
    symbol = "softplus"

    def forward(self, xp: Engine_, a: Any) -> Any:
        tail = xp.log1p(xp.exp(xp.negative(xp.absolute(a))))
        return xp.add(xp.maximum(a, 0.0), tail)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (grad * sigmoid(a),)


class Silu(Smooth):
    """SiLU(a) = a · σ(a)

    d/da = σ(a) · (1 + a · (1 − σ(a)))
    """

    name = "silu"
    symbol = "SiLU"

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.multiply(a, sigmoid.forward(xp, a))

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        s = sigmoid(a)
        return (grad * s * (1.0 + a * (1.0 - s)),)


class Gelu(Smooth):
    """GELU(a) = a · Φ(a), with Φ(a) = ½ (1 + erf(a/√2)) the normal distribution

    d/da = Φ(a) + a · e^(−a²/2) / √(2π)
    """

    name = "gelu"
    symbol = "GELU"

    def forward(self, xp: Engine_, a: Any) -> Any:
        phi = xp.multiply(xp.add(xp.erf(xp.multiply(a, math.sqrt(0.5))), 1.0), 0.5)
        return xp.multiply(a, phi)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        phi = (erf(a * math.sqrt(0.5)) + 1.0) * 0.5
        density = exp(a * a * -0.5) * (1.0 / math.sqrt(2.0 * math.pi))
        return (grad * (phi + a * density),)


class Kinked(Smooth, abstract=True):
    """An activation with a kink at 0, from which its samples keep away."""

    def samples(self, rng: Generator) -> list[Sample]:
        away = rng.uniform((3, 4), 0.5, 2.0, dtype=float64)
        return [sample(away), sample(-away)]


class Relu(Kinked):
    """ReLU(a) = max(a, 0)

    d/da = 1 where a > 0, else 0
    """

    name = "relu"
    symbol = "ReLU"

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.maximum(a, 0.0)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (where(less(0.0, out), grad, 0.0),)


class LeakyRelu(Kinked):
    """LeakyReLU(a) = a where a > 0, else slope · a

    d/da = 1 where a > 0, else slope
    """

    name = "leaky_relu"
    symbol = "LeakyReLU"

    def forward(self, xp: Engine_, a: Any, *, negative_slope: float = 0.01) -> Any:
        return xp.where(xp.less(0.0, a), a, xp.multiply(a, negative_slope))

    def backward(self, grad: Tensor, out: Tensor, a: Tensor, *, negative_slope: float) -> Gradients:
        return (where(less(0.0, a), grad, grad * negative_slope),)


class Elu(Kinked):
    """ELU(a) = a where a > 0, else α · (eᵃ − 1)

    d/da = 1 where a > 0, else α · eᵃ
    """

    name = "elu"
    symbol = "ELU"

    def forward(self, xp: Engine_, a: Any, *, alpha: float = 1.0) -> Any:
        below = xp.multiply(xp.expm1(xp.minimum(a, 0.0)), alpha)
        return xp.where(xp.less(0.0, a), a, below)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor, *, alpha: float) -> Gradients:
        return (where(less(0.0, a), grad, grad * (out + alpha)),)


sigmoid = Sigmoid()
softplus = Softplus()
silu = Silu()
gelu = Gelu()
relu = Relu()
leaky_relu = LeakyRelu()
elu = Elu()
