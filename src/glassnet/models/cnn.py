"""A plain convolutional network for small images."""

from __future__ import annotations

from ..nn import Conv2d, Dropout, Flatten, Linear, MaxPool2d, Module, ReLU, Sequential


def cnn(classes: int = 10, *, in_channels: int = 1, dropout: float = 0.0) -> Sequential:
    """Two 3×3 convolutions, one pooling, two linear layers, for images of 28×28.

    Shape: (N, 28, 28, in_channels) → logits (N, classes).

    Args:
        classes: how many there are.
        in_channels: of the images.
        dropout: the probability of dropout before each linear layer.

    >>> import glassnet as gn
    >>> from glassnet import models
    >>> models.cnn()(gn.Generator(0).normal((2, 28, 28, 1))).shape
    (2, 10)
    """
    features: list[Module] = [
        Conv2d(in_channels, 32, 3),
        ReLU(),
        Conv2d(32, 64, 3),
        ReLU(),
        MaxPool2d(2),
        Flatten(),
    ]
    hidden, out = Linear(9216, 128), Linear(128, classes)
    if not dropout:
        return Sequential(*features, hidden, ReLU(), out)
    return Sequential(*features, Dropout(dropout), hidden, ReLU(), Dropout(dropout), out)
