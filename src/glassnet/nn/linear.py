"""The linear layer."""

from __future__ import annotations

import math

from ..errors import ArgumentError
from ..ops import linear
from ..tensor import Seed, Tensor
from .init import Initialiser, fan_in_uniform, uniform, zeros
from .module import Module
from .parameter import Parameter


class Linear(Module):
    """y = Wx + b, for each vector x of a batch

    Shape: (…, in_features) → (…, out_features); weight (out_features, in_features),
    bias (out_features,).

    Args:
        in_features: length of x.
        out_features: length of y.
        bias: whether there is a b.
        init: initialiser of W, a name or a function; uniform on ±1/√in_features by default, as is
            the bias always unless an initialiser is given, which leaves it at 0.
        seed: draws the numbers at once; otherwise they are drawn when first needed.

    Raises:
        ArgumentError: a number of features below 1, an unknown initialiser.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> layer = nn.Linear(2, 3, init="ones")
    >>> layer(gn.tensor([[1.0, 2.0]])).numpy().tolist()
    [[3.0, 3.0, 3.0]]
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        init: str | Initialiser | None = None,
        seed: Seed | None = None,
    ) -> None:
        for name, features in (("in_features", in_features), ("out_features", out_features)):
            if type(features) is not int or features < 1:
                raise ArgumentError(
                    f"Linear has at least one of its {name}",
                    expected="an integer ≥ 1",
                    received=f"{name}={features!r}",
                )
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(
            (out_features, in_features), fan_in_uniform if init is None else init
        )
        bound = 1.0 / math.sqrt(in_features)
        start = uniform(-bound, bound) if init is None else zeros
        self.bias = Parameter((out_features,), start) if bias else None
        if seed is not None:
            self.initialise(seed)

    def forward(self, x: Tensor) -> Tensor:
        return linear(x, self.weight, self.bias)
