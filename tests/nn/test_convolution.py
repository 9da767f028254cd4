"""What convolution and pooling layers refuse, and how their output sizes come about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn


def images(*shape: int) -> gn.Tensor:
    return gn.tensor(np.zeros(shape, np.float32))


REFUSED: list[tuple[type[gn.GlassnetError], str, Callable[[], Any]]] = [
    (gn.ArgumentError, "in_channels", lambda: nn.Conv2d(0, 3, 3)),
    (gn.ArgumentError, "kernel_size", lambda: nn.Conv2d(1, 3, 0)),
    (gn.ArgumentError, "kernel_size", lambda: nn.Conv2d(1, 3, (3, 3, 3))),
    (gn.ArgumentError, "stride", lambda: nn.Conv1d(1, 3, 3, stride=0)),
    (gn.ArgumentError, "same", lambda: nn.Conv2d(1, 3, 3, stride=2, padding="same")),
    (gn.ArgumentError, "padding", lambda: nn.Conv2d(1, 3, 3, padding=-1)),
    (gn.ArgumentError, "groups", lambda: nn.Conv2d(4, 3, 3, groups=2)),
    (
        gn.ArgumentError,
        "step",
        lambda: nn.ConvTranspose1d(1, 1, 3, output_padding=1)(images(1, 2, 1)),
    ),
    (gn.ArgumentError, "half the kernel", lambda: nn.MaxPool2d(3, padding=2)),
    (gn.ArgumentError, "stride", lambda: nn.AvgPool1d(3, stride=0)),
    (gn.ArgumentError, "scale_factor", lambda: nn.Upsample()),
    (gn.ArgumentError, "bilinear", lambda: nn.Upsample(2, mode="cubic")),
    (gn.ArgumentError, "linear", lambda: nn.Upsample(8, mode="linear")(images(1, 4, 4, 1))),
    (gn.ShapeError, "larger than its input", lambda: nn.MaxPool2d(3)(images(2, 2, 2, 1))),
    (gn.ShapeError, "batch axis", lambda: nn.AvgPool2d(2)(images(4, 4, 1))),
    (gn.ShapeError, "takes images", lambda: nn.GlobalAvgPool2d()(images(4, 4, 1))),
    (gn.ShapeError, "in_channels", lambda: nn.Conv2d(3, 8, 3)(images(2, 3, 5, 5))),
    (gn.ShapeError, "batch axis", lambda: nn.Conv2d(3, 8, 3)(images(5, 5, 3))),
    (gn.ShapeError, "larger than its input", lambda: nn.Conv2d(3, 8, 3)(images(2, 5, 2, 3))),
    (
        gn.ShapeError,
        "received another shape",
        lambda: nn.ConvTranspose2d(3, 8, 3)(images(2, 5, 5, 4)),
    ),
]


@pytest.mark.parametrize("position", range(len(REFUSED)))
def test_a_clear_error(position: int) -> None:
    error, words, call = REFUSED[position]
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


@pytest.mark.parametrize("size", [5, 6, 9])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2])
def test_a_transposed_layer_undoes_the_size(size: int, stride: int, dilation: int) -> None:
    settings: Any = {"stride": stride, "padding": 1, "dilation": dilation}
    small = nn.Conv1d(1, 1, 3, **settings)(images(1, size, 1))
    rest = (size + 2 - 2 * dilation - 1) % stride
    back = nn.ConvTranspose1d(1, 1, 3, output_padding=rest, **settings)(small)
    assert back.shape == (1, size, 1)


def test_the_gradient_of_equal_numbers_goes_to_the_first() -> None:
    x = gn.tensor(np.ones((1, 2, 2, 1), np.float32), requires_grad=True)
    nn.MaxPool2d(2)(x).sum().backward()
    assert x.grad is not None
    assert x.grad.numpy().ravel().tolist() == [1.0, 0.0, 0.0, 0.0]
