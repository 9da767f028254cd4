"""Residual networks in the form made for CIFAR: three stages of ever smaller, deeper images."""

from __future__ import annotations

from ..errors import ArgumentError
from ..nn import BatchNorm2d, Conv2d, GlobalAvgPool2d, Identity, Linear, Module, ReLU, Sequential
from ..tensor import Tensor


class ResidualBlock(Module):
    """ReLU(f(x) + shortcut(x)), f two 3×3 convolutions with batch normalisation

    The shortcut is the identity, or a 1×1 convolution where the shape changes.

    Shape: (N, H, W, inner) → (N, H/stride, W/stride, outer).
    """

    body: Sequential
    shortcut: Module

    def __init__(self, inner: int, outer: int, stride: int = 1) -> None:
        self.body = Sequential(
            Conv2d(inner, outer, 3, stride, 1, bias=False),
            BatchNorm2d(outer),
            ReLU(),
            Conv2d(outer, outer, 3, 1, 1, bias=False),
            BatchNorm2d(outer),
        )
        same = stride == 1 and inner == outer
        self.shortcut = (
            Identity()
            if same
            else Sequential(Conv2d(inner, outer, 1, stride, bias=False), BatchNorm2d(outer))
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.body(x) + self.shortcut(x)
        return out.relu()


def resnet(
    depth: int = 20, classes: int = 10, *, in_channels: int = 3, width: int = 16
) -> Sequential:
    """ResNet-8, -14, -20, …: one convolution, three stages of residual blocks, a linear head.

    Shape: (N, H, W, in_channels) → logits (N, classes), for images of any size.
    Source: He et al., "Deep residual learning for image recognition", 2016, section 4.2.

    Args:
        depth: number of weight layers, 6n + 2 for n blocks per stage.
        classes: how many there are.
        in_channels: of the images.
        width: channels of the first stage; each stage doubles them.

    Raises:
        ArgumentError: a depth that is not 6n + 2.

    >>> import glassnet as gn
    >>> from glassnet import models
    >>> models.resnet(8)(gn.Generator(0).normal((2, 32, 32, 3))).shape
    (2, 10)
    """
    blocks, rest = divmod(depth - 2, 6)
    if rest or blocks < 1:
        raise ArgumentError(
            "a residual network of this form has 6n + 2 layers",
            expected="8, 14, 20, 26, 32, …",
            received=f"depth={depth}",
        )
    layers: list[Module] = [
        Conv2d(in_channels, width, 3, padding=1, bias=False),
        BatchNorm2d(width),
        ReLU(),
    ]
    inner = width
    for stage in range(3):
        outer = width * 2**stage
        for block in range(blocks):
            layers.append(ResidualBlock(inner, outer, 2 if stage and not block else 1))
            inner = outer
    return Sequential(*layers, GlobalAvgPool2d(), Linear(inner, classes))
