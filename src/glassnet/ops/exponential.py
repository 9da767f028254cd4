"""Exponentials, logarithms, the error function, and the trigonometric and hyperbolic functions."""

from __future__ import annotations

import math
from typing import Any

from ..tensor import Generator, Tensor, float64
from .operation import Elementwise, Engine_, Gradients, Sample, sample


class Smooth(Elementwise, abstract=True):
    """A smooth function of one float."""

    floats_only = True

    def samples(self, rng: Generator) -> list[Sample]:
        return [sample(rng.normal((3, 4), dtype=float64)), sample(rng.normal((), dtype=float64))]


class Exp(Smooth):
    """eᵃ

    d/da = eᵃ
    """

    name = "exp"
    symbol = "exp"

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.exp(a)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (grad * out,)


class Expm1(Smooth):
    """eᵃ − 1, exact near 0

    d/da = eᵃ
    """

    name = "expm1"
    symbol = "exp−1"

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.expm1(a)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (grad * (out + 1.0),)


class Log(Smooth):
    """ln a

    d/da = 1/a
    """

    name = "log"
    symbol = "ln"

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.log(a)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (grad / a,)

    def samples(self, rng: Generator) -> list[Sample]:
        return [sample(rng.uniform((3, 4), 0.5, 3.0, dtype=float64))]


class Log1p(Smooth):
    """ln(1 + a), exact near 0

    d/da = 1 / (1 + a)
    """

    name = "log1p"
    symbol = "ln(1+·)"

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.log1p(a)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (grad / (a + 1.0),)

    def samples(self, rng: Generator) -> list[Sample]:
        return [sample(rng.uniform((3, 4), -0.5, 2.0, dtype=float64))]


class Tanh(Smooth):
    """tanh a = (eᵃ − e⁻ᵃ) / (eᵃ + e⁻ᵃ)

    d/da = 1 − tanh² a
    """

    name = "tanh"
    symbol = "tanh"

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.tanh(a)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (grad * (1.0 - out * out),)


class Erf(Smooth):
    """erf a = 2/√π ∫₀ᵃ e^(−t²) dt

    d/da = 2/√π · e^(−a²)
    """

    name = "erf"
    symbol = "erf"

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.erf(a)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (grad * (2.0 / math.sqrt(math.pi)) * exp(-(a * a)),)


class Sin(Smooth):
    """sin a

    d/da = cos a
    """

    name = "sin"
    symbol = "sin"

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.sin(a)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (grad * cos(a),)


class Cos(Smooth):
    """cos a

    d/da = −sin a
    """

    name = "cos"
    symbol = "cos"

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.cos(a)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (-(grad * sin(a)),)


exp = Exp()
expm1 = Expm1()
log = Log()
log1p = Log1p()
tanh = Tanh()
erf = Erf()
sin = Sin()
cos = Cos()
