"""Filters: the weights drawn are the layer's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import models, nn, view
from glassnet.train import Run
from glassnet.view.board import NEGATIVE, POSITIVE

from .pixels import masks
from .visual import Looks

Texts = Callable[[view.Picture], list[str]]


def test_filters_of_the_first_layer(eyes: nn.Module, texts: Texts, looks: Looks) -> None:
    picture = view.filters(eyes)
    weight = eyes.named_parameters()["0.weight"].numpy()
    words = texts(picture)
    assert {"Layer 0: 4 filters of 3×3 over 1 channel", "0", "3"} <= set(words)
    assert words[-1].endswith("weight")
    up, down = masks(picture, POSITIVE), masks(picture, NEGATIVE)
    largest = np.abs(weight).max()
    for i in range(4):
        np.testing.assert_allclose((up[i] - down[i]) * largest, weight[i, ..., 0], atol=0.002)
    strongest = np.linalg.norm(weight.reshape(4, -1), axis=1).argmax()
    assert picture.alt.endswith(f"the strongest is filter {strongest}.")
    looks(picture, "filters")
    looks(picture, "filters-dark", dark=True)


def test_a_deeper_layer_has_a_row_for_each_filter(eyes: nn.Module, texts: Texts) -> None:
    words = texts(view.filters(eyes, "3"))
    assert {"Layer 3: 6 filters of 3×3 over 4 channels", "filter 0", "filter 5"} <= set(words)
    assert "filter 6" not in words


def test_of_many_the_strongest(texts: Texts) -> None:
    model = models.cnn().initialise(0)
    words = texts(view.filters(model, "2"))
    assert words[0] == "Layer 2: 64 filters of 3×3 over 32 channels; the strongest 16 × 16"
    assert sum(word.startswith("filter ") for word in words) == 16


def test_filters_over_three_colours_are_colour_images(texts: Texts) -> None:
    picture = view.filters(models.resnet(8).initialise(0))
    assert any(word.startswith("colours: weights from −") for word in texts(picture))
    assert picture.svg.count("data:image/png") == 16
    assert not masks(picture)


def test_units_of_a_linear_layer_on_images(digits_run: Run, texts: Texts) -> None:
    words = texts(view.filters(digits_run))
    assert words[0] == "Layer 0: 32 filters of 8×8 over 1 channel"


def test_layers_without_filters(eyes: nn.Module) -> None:
    with pytest.raises(gn.ArgumentError, match="no filters") as error:
        view.filters(eyes, "1")
    assert "Conv2d: 0, 3" in str(error.value)
    assert "ReLU" in str(error.value)
    with pytest.raises(gn.ArgumentError, match="this network has no filters"):
        view.filters(nn.Sequential(nn.Linear(2, 2)))
