"""Feature maps: what is drawn is what the layers put out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import models, nn, view
from glassnet.data import Dataset
from glassnet.train import Run
from glassnet.view.board import NEGATIVE, POSITIVE

from .pixels import masks
from .visual import Looks

Texts = Callable[[view.Picture], list[str]]


def test_each_layer_of_the_outermost_level(
    eyes: nn.Module, eights: Dataset, texts: Texts, looks: Looks
) -> None:
    picture = view.feature_maps(eyes, eights.inputs[0])
    words = texts(picture)
    assert {"0  Conv2d", "1  ReLU", "2  MaxPool2d", "3  Conv2d", "4  ReLU"} <= set(words)
    assert {"8×8×1", "8×8×4", "4×4×6"} <= set(words)
    assert picture.alt.startswith("Feature maps of 5 layers for an image of 8×8. Layer 0 (Conv2d)")
    looks(picture, "feature-maps")


def test_the_numbers_drawn(eyes: nn.Module, eights: Dataset) -> None:
    assert isinstance(eyes, nn.Sequential)
    picture = view.feature_maps(eyes, eights.inputs[0], layers=["3"])
    found = eyes[:4](eights.inputs[:1]).numpy()[0]
    largest = np.abs(found).max()
    for colour, part in ((POSITIVE, found), (NEGATIVE, -found)):
        shares = [part[..., i] / largest for i in range(6)]
        wanted = [share for share in shares if np.rint(255 * share).max() >= 1]
        for drawn, numbers in zip(masks(picture, colour), wanted, strict=False):
            np.testing.assert_allclose(drawn, np.maximum(numbers, 0), atol=1 / 255)
        assert len(masks(picture, colour)) == len(wanted) + 1  # the bar


def test_of_many_channels_the_strongest(eyes: nn.Module, eights: Dataset, texts: Texts) -> None:
    words = texts(view.feature_maps(eyes, eights.inputs[0], layers=["0"], most=2))
    assert "2 of 8×8×4" in words


def test_layers_inside_blocks() -> None:
    model, image = models.resnet(8).initialise(0), gn.Generator(0).uniform((32, 32, 3))
    picture = view.feature_maps(model, image, ["4", "4.body.0", "4.shortcut.0"])
    assert "Layer 4.body.0 (Conv2d): 32 maps of 16×16" in picture.alt


def test_what_has_no_maps(eyes: nn.Module, eights: Dataset, digits_run: Run) -> None:
    with pytest.raises(gn.ArgumentError, match='layer "6" puts out no maps'):
        view.feature_maps(eyes, eights.inputs[0], layers=["6"])
    with pytest.raises(gn.ArgumentError, match="for one image"):
        view.feature_maps(eyes, eights.inputs[:2])
    with pytest.raises(gn.ArgumentError, match="no layer puts out maps"):
        view.feature_maps(digits_run, digits_run.train.inputs[0])
