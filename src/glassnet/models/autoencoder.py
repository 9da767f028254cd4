"""An autoencoder: a network that puts out what it receives, through a narrow middle."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from ..errors import ArgumentError
from ..nn import Linear, Module, ReLU, Sequential
from ..tensor import Tensor


class Autoencoder(Module):
    """x̂ = decode(encode(x)); made by `models.autoencoder`

    Shape: (N, *shape) → (N, *shape); the code in the middle is (N, code).
    """

    encoder: Sequential
    decoder: Sequential

    def __init__(self, shape: Sequence[int], hidden: Sequence[int], code: int) -> None:
        self.shape = tuple(shape)
        self.encoder = layers(math.prod(shape), *hidden, code)
        self.decoder = layers(code, *reversed(hidden), math.prod(shape))

    def encode(self, x: Tensor) -> Tensor:
        """The code of each input."""
        code: Tensor = self.encoder(x.reshape((x.shape[0], -1)))
        return code

    def decode(self, code: Tensor) -> Tensor:
        """What each code stands for."""
        out: Tensor = self.decoder(code)
        return out.reshape((out.shape[0], *self.shape))

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))


def layers(*widths: int) -> Sequential:
    """Linear layers of these widths, ReLU between them.

    Raises:
        ArgumentError: a width below 1.
    """
    if not all(type(width) is int and width >= 1 for width in widths):
        raise ArgumentError(
            "every layer has at least one number", expected="widths ≥ 1", received=f"{widths}"
        )
    parts: list[Module] = []
    for inner, outer in itertools.pairwise(widths):
        parts += [Linear(inner, outer), ReLU()]
    return Sequential(*parts[:-1])


def autoencoder(
    shape: Sequence[int] = (28, 28, 1), *, hidden: Sequence[int] = (256, 64), code: int = 16
) -> Autoencoder:
    """Linear layers that narrow to a code and widen again; the last one's outputs are not bent.

    Trained to put out its inputs, it learns what they have in common: what is unlike them comes
    out worse. For pixels in [0, 1], outputs are logits of the binary cross-entropy.

    Shape: (N, *shape) → (N, *shape).

    Args:
        shape: of one input.
        hidden: widths between input and code; the decoder has them in reverse.
        code: numbers in the middle.

    >>> import glassnet as gn
    >>> from glassnet import models
    >>> model = models.autoencoder((8, 8), hidden=(32,), code=4)
    >>> x = gn.Generator(0).uniform((2, 8, 8))
    >>> model(x).shape, model.encode(gn.tensor(x)).shape
    ((2, 8, 8), (2, 4))
    """
    return Autoencoder(shape, hidden, code)
