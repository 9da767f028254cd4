"""Layers that tell a network where in a sequence a vector stands."""

from __future__ import annotations

from ..errors import ArgumentError, ShapeError
from ..ops import angles, cos, rotary, sin, sinusoidal_positions
from ..ops.position import BASE
from ..tensor import Tensor
from .init import Initialiser
from .module import Module
from .parameter import Parameter


class LearnedPositions(Module):
    """y_t = x_t + W_t: a learned vector for each position

    Shape: (…, T, features) → the same, T ≤ max_length; weight (max_length, features).

    Args:
        max_length: how many positions there are.
        features: length of each vector.
        init: initialiser of W, a name or a function.

    Raises:
        ArgumentError: no positions or no features.
        ShapeError: the sequence is longer, or has other features.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> nn.LearnedPositions(8, 2, init="ones")(gn.tensor([[[0.0, 1.0]]])).numpy().tolist()
    [[[1.0, 2.0]]]
    """

    weight: Parameter

    def __init__(
        self, max_length: int, features: int, *, init: str | Initialiser = "normal"
    ) -> None:
        if max_length < 1 or features < 1:
            raise ArgumentError(
                "there is at least one position and one feature",
                received=f"{max_length=}, {features=}",
            )
        self.max_length = max_length
        self.features = features
        self.weight = Parameter((max_length, features), init)

    def forward(self, x: Tensor, *, start: int = 0) -> Tensor:
        stop = start + _length(x, self.features)
        if stop > self.max_length:
            raise ShapeError(
                "the sequence is longer than there are positions",
                expected=f"at most {self.max_length} positions",
                received=f"{stop}",
                mend="make max_length larger, or give the network the last part of the sequence",
            )
        return x + self.weight[start:stop]


class SinusoidalPositions(Module):
    """y_t = x_t + p(t): sines and cosines of wavelengths from 2π to 2π · base

    Shape: (…, T, features) → the same.
    Source: Vaswani et al., "Attention is all you need", 2017.

    Args:
        features: length of each vector, an even number.
        base: of the wavelengths.

    Raises:
        ArgumentError: an odd number of features.
        ShapeError: vectors of another length.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> nn.SinusoidalPositions(2)(gn.tensor([[[1.0, 1.0]]])).numpy().tolist()
    [[[1.0, 2.0]]]
    """

    def __init__(self, features: int, base: float = BASE) -> None:
        angles(1, features)  # checks them
        self.features = features
        self.base = base

    def forward(self, x: Tensor, *, start: int = 0) -> Tensor:
        length = _length(x, self.features)
        return x + sinusoidal_positions(
            length, self.features, start=start, base=self.base, dtype=x.dtype
        )


class RotaryPositions(Module):
    """y_t = x_t turned by the angles t / base^(2i/features), for queries and keys of attention

    Shape: (…, T, features) → the same. The product of a query and a key then depends on how far
    they stand apart, and not on where.
    Source: Su et al., "RoFormer", 2021; feature i is paired with feature i + features/2.

    Args:
        features: length of each vector, an even number.
        base: of the wavelengths.

    Raises:
        ArgumentError: an odd number of features.
        ShapeError: vectors of another length.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> nn.RotaryPositions(2)(gn.tensor([[[1.0, 0.0], [1.0, 0.0]]])).numpy().round(3).tolist()
    [[[1.0, 0.0], [0.5400000214576721, 0.8410000205039978]]]
    """

    def __init__(self, features: int, base: float = BASE) -> None:
        angles(1, features)  # checks them
        self.features = features
        self.base = base

    def forward(self, x: Tensor, *, start: int | Tensor = 0) -> Tensor:
        length = _length(x, self.features)
        phi = angles(length, self.features, start=start, base=self.base, dtype=x.dtype)
        return rotary(x, cos(phi), sin(phi))


def _length(x: Tensor, features: int) -> int:
    """The number of positions; ShapeError unless each has these features."""
    if x.ndim < 2 or x.shape[-1] != features:
        raise ShapeError(
            "a sequence has a vector for each position",
            expected=f"(…, T, {features})",
            received=f"{x.shape}",
        )
    return x.shape[-2]
