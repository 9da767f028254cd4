"""The multilayer perceptron: linear layers with an activation between them."""

from __future__ import annotations

from collections.abc import Sequence

from ..nn import Dropout, Flatten, Linear, Module, Sequential
from ..nn import activation as activation_named


def mlp(
    features: int,
    hidden: Sequence[int],
    outputs: int,
    *,
    activation: str = "relu",
    dropout: float = 0.0,
    flatten: bool = False,
) -> Sequential:
    """Wₙ·a(… a(W₁x + b₁) …) + bₙ, with one hidden layer for each width.

    Shape: (N, features) → (N, outputs); with `flatten`, any (N, …) of as many numbers a row.
    Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors",
    1986.

    Args:
        features: numbers in a row.
        hidden: widths of the hidden layers; none makes a linear model.
        outputs: classes, or numbers to predict.
        activation: between the layers, by name; see `nn.ACTIVATIONS`.
        dropout: the share of each hidden layer that is left out in training.
        flatten: whether rows have more axes than one, such as images.

    >>> import glassnet as gn
    >>> from glassnet import models
    >>> models.mlp(784, [64, 32], 10, flatten=True)(gn.Generator(0).normal((2, 28, 28, 1))).shape
    (2, 10)
    """
    layers: list[Module] = [Flatten()] if flatten else []
    for width, units in zip((features, *hidden), hidden, strict=False):
        layers += [Linear(width, units), activation_named(activation)]
        layers += [Dropout(dropout)] if dropout else []
    return Sequential(*layers, Linear((features, *hidden)[-1], outputs))
