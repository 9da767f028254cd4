"""LeNet: the convolutional network that read digits first."""

from __future__ import annotations

from ..nn import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential


def lenet(classes: int = 10, *, in_channels: int = 1) -> Sequential:
    """LeNet-5 with ReLU and max pooling, for images of 28×28.

    Shape: (N, 28, 28, in_channels) → logits (N, classes).
    Source: LeCun et al., "Gradient-based learning applied to document recognition", 1998.

    Args:
        classes: how many there are.
        in_channels: of the images.

    >>> import glassnet as gn
    >>> from glassnet import models
    >>> models.lenet()(gn.Generator(0).normal((2, 28, 28, 1))).shape
    (2, 10)
    """
    return Sequential(
        Conv2d(in_channels, 6, 5, padding=2),
        ReLU(),
        MaxPool2d(2),
        Conv2d(6, 16, 5),
        ReLU(),
        MaxPool2d(2),
        Flatten(),
        Linear(400, 120),
        ReLU(),
        Linear(120, 84),
        ReLU(),
        Linear(84, classes),
    )
