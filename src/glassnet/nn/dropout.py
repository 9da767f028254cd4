"""Dropout."""

from __future__ import annotations

from ..errors import ArgumentError
from ..graph import SCOPE
from ..ops import dropout
from ..tensor import Tensor
from .context import next_stream
from .module import Module


class Dropout(Module):
    """x · m / (1 − p) in training, each m = 0 with probability p, else 1; x otherwise

    Shape: any. Source: Srivastava et al., "Dropout", 2014.

    Args:
        p: the probability that a number is set to 0.

    Raises:
        ArgumentError: p outside [0, 1); a call in training without a generator.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> layer, x = nn.Dropout(0.5), gn.tensor([1.0] * 8)
    >>> layer(x).sum().item()
    8.0
    >>> sorted(set(layer(x, training=True, generator=gn.Generator(0)).numpy().tolist()))
    [0.0, 2.0]
    """

    def __init__(self, p: float = 0.5) -> None:
        if not 0.0 <= p < 1.0:
            raise ArgumentError(
                "the dropout probability is out of range",
                expected="0 ≤ p < 1",
                received=f"p={p}",
            )
        self.p = p

    def drops(self) -> bool:
        """Whether a call here and now would change anything."""
        return SCOPE.get().training and self.p > 0.0

    def forward(self, x: Tensor) -> Tensor:
        scope = SCOPE.get()
        if not self.drops():
            return x
        if scope.key is None:
            raise ArgumentError(
                "dropout needs random numbers in training",
                expected="a generator",
                received="a call with training=True alone",
                mend="model(x, training=True, generator=gn.Generator(0))",
            )
        return dropout(x, scope.key, p=self.p, stream=next_stream())
