"""What convolution layers refuse, and how their output sizes come about."""

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
