"""Initialisers: the numbers a parameter starts with.

An initialiser is a function (shape, generator) → array. Fans are counted for weights stored as
(out, …, in): fan_in is the number of inputs to one output, fan_out the number of outputs one
input reaches.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError, did_you_mean
from ..tensor import Generator, float64

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]
Initialiser = Callable[[Shape, Generator], Array]


def fans(shape: Shape) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight (out, …, in).

    >>> fans((16, 3, 3, 8))
    (72, 144)
    """
    if len(shape) < 2:
        raise ShapeError(
            "only a weight with inputs and outputs has fans",
            expected="a shape (out, …, in)",
            received=f"{shape}",
            mend='use "zeros", "ones", "uniform" or "normal" for vectors and numbers',
        )
    field = math.prod(shape[1:-1])
    return field * shape[-1], field * shape[0]


def zeros(shape: Shape, _rng: Generator) -> Array:
    """0 everywhere; for biases."""
    return np.zeros(shape)


def ones(shape: Shape, _rng: Generator) -> Array:
    """1 everywhere; for scales."""
    return np.ones(shape)


def constant(value: float) -> Initialiser:
    """The initialiser with one value everywhere."""
    return partial(_constant, value=value)


def uniform(low: float = 0.0, high: float = 1.0) -> Initialiser:
    """The initialiser that draws uniformly from [low, high)."""
    return partial(_uniform, low=low, high=high)


def normal(mean: float = 0.0, deviation: float = 1.0) -> Initialiser:
    """The initialiser that draws from the normal distribution."""
    return partial(_normal, mean=mean, deviation=deviation)


def _constant(shape: Shape, _rng: Generator, *, value: float) -> Array:
    return np.full(shape, value)


def _uniform(shape: Shape, rng: Generator, *, low: float, high: float) -> Array:
    return rng.uniform(shape, low, high, dtype=float64)


def _normal(shape: Shape, rng: Generator, *, mean: float, deviation: float) -> Array:
    return rng.normal(shape, mean, deviation, dtype=float64)


def _uniform_of(variance: float, shape: Shape, rng: Generator) -> Array:
    bound = math.sqrt(3.0 * variance)  # a uniform number on ±b has the variance b²/3
    return _uniform(shape, rng, low=-bound, high=bound)


def _normal_of(variance: float, shape: Shape, rng: Generator) -> Array:
    return _normal(shape, rng, mean=0.0, deviation=math.sqrt(variance))


def glorot_uniform(shape: Shape, rng: Generator) -> Array:
    """Uniform with variance 2 / (fan_in + fan_out): for tanh and sigmoid (Glorot, Bengio 2010)."""
    return _uniform_of(2.0 / sum(fans(shape)), shape, rng)


def glorot_normal(shape: Shape, rng: Generator) -> Array:
    """Normal with variance 2 / (fan_in + fan_out) (Glorot, Bengio 2010)."""
    return _normal_of(2.0 / sum(fans(shape)), shape, rng)


def he_uniform(shape: Shape, rng: Generator) -> Array:
    """Uniform with variance 2 / fan_in: for ReLU, which halves the variance (He et al. 2015)."""
    return _uniform_of(2.0 / fans(shape)[0], shape, rng)


def he_normal(shape: Shape, rng: Generator) -> Array:
    """Normal with variance 2 / fan_in: for ReLU (He et al. 2015)."""
    return _normal_of(2.0 / fans(shape)[0], shape, rng)


def lecun_uniform(shape: Shape, rng: Generator) -> Array:
    """Uniform with variance 1 / fan_in (LeCun et al. 1998)."""
    return _uniform_of(1.0 / fans(shape)[0], shape, rng)


def lecun_normal(shape: Shape, rng: Generator) -> Array:
    """Normal with variance 1 / fan_in (LeCun et al. 1998)."""
    return _normal_of(1.0 / fans(shape)[0], shape, rng)


def fan_in_uniform(shape: Shape, rng: Generator) -> Array:
    """Uniform on ±1/√fan_in, variance 1 / (3 fan_in): PyTorch's default of linear layers."""
    return _uniform_of(1.0 / (3.0 * fans(shape)[0]), shape, rng)


def orthogonal(shape: Shape, rng: Generator) -> Array:
    """Orthonormal rows or columns, whichever are fewer (Saxe et al. 2014).

    The Q of a normal matrix's QR decomposition, with signs such that every orthogonal matrix is
    equally likely (Mezzadri 2007).
    """
    fans(shape)  # a vector has no rows
    rows, columns = shape[0], math.prod(shape[1:])
    tall = rng.normal((max(rows, columns), min(rows, columns)), dtype=float64)
    q, r = np.linalg.qr(tall)
    q = q * np.where(np.diag(r) < 0.0, -1.0, 1.0)
    return (q if rows >= columns else q.T).reshape(shape)


INITIALISERS: dict[str, Initialiser] = {
    "fan_in_uniform": fan_in_uniform,
    "glorot_normal": glorot_normal,
    "glorot_uniform": glorot_uniform,
    "he_normal": he_normal,
    "he_uniform": he_uniform,
    "kaiming_normal": he_normal,
    "kaiming_uniform": he_uniform,
    "lecun_normal": lecun_normal,
    "lecun_uniform": lecun_uniform,
    "normal": normal(),
    "ones": ones,
    "orthogonal": orthogonal,
    "uniform": uniform(),
    "xavier_normal": glorot_normal,
    "xavier_uniform": glorot_uniform,
    "zeros": zeros,
}


def initialiser(init: str | Initialiser) -> Initialiser:
    """The initialiser of that name, or the function itself.

    Raises:
        ArgumentError: no initialiser has the name.
    """
    if callable(init):
        return init
    if init not in INITIALISERS:
        raise ArgumentError(
            f'there is no initialiser "{init}"',
            mend=did_you_mean(str(init), INITIALISERS),
        )
    return INITIALISERS[init]
