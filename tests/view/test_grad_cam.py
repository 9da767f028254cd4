"""Grad-CAM: checked where its formula can be written down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import models, nn, view
from glassnet.data import Dataset
from glassnet.train import Run
from glassnet.view.grad_cam import class_activation, widened
from glassnet.view.subject import Subject

from .visual import Looks

Texts = Callable[[view.Picture], list[str]]


def test_before_a_global_mean_it_is_the_class_activation_map(eights: Dataset) -> None:
    head = (nn.GlobalAvgPool2d(), nn.Linear(5, 10))
    model = nn.Sequential(nn.Conv2d(1, 5, 3), nn.ReLU(), *head).initialise(0)
    subject = Subject.of(model, eights.inputs[:2])
    path, found = class_activation(subject, np.array([3, 7]), None)
    maps = model[:2](eights.inputs[:2]).numpy()  # A (2, 6, 6, 5)
    weight = model[3].weight.numpy()[[3, 7]]  # ∂y/∂A = w / 36 everywhere
    wanted = np.maximum(np.einsum("nhwc,nc->nhw", maps, weight) / 36, 0)
    assert path == "1"
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(
    ("model", "path"), [(models.lenet(), "4"), (models.cnn(), "3"), (models.resnet(8), "5")]
)
def test_the_layer_it_looks_at(model: nn.Module, path: str) -> None:
    side, channels = (32, 3) if path == "5" else (28, 1)
    image = gn.Generator(0).uniform((side, side, channels))
    found, _ = class_activation(Subject.of(model.initialise(0), image), np.array([1]), None)
    assert found == path


def test_a_frozen_network_shows_the_same(eyes: nn.Module, eights: Dataset) -> None:
    subject, target = Subject.of(eyes, eights.inputs[0]), np.array([2])
    free = class_activation(subject, target, None)[1]
    eyes.freeze()
    try:
        np.testing.assert_array_equal(class_activation(subject, target, None)[1], free)
    finally:
        eyes.unfreeze()


def test_maps_are_widened_to_the_image() -> None:
    wide = widened(np.array([[[0.0, 1.0], [0.0, 1.0]]], np.float32), (4, 8))
    assert wide.shape == (1, 4, 8)
    assert wide[0, 0, 0] == 0.0
    assert wide[0, 3, 7] == 1.0
    assert (np.diff(wide[0, 0]) >= 0).all()


def test_what_is_drawn(eyes: nn.Module, eights: Dataset, texts: Texts, looks: Looks) -> None:
    picture = view.grad_cam(eyes, eights.subset([0, 1, 2]), target=3)
    assert texts(picture)[0] == "Grad-CAM: what speaks for the class, seen at layer 4 (4×4)"
    assert "of 3 images; the first is asked why 3" in picture.alt
    looks(picture, "grad-cam")


def test_where_nothing_speaks_for_a_class(eights: Dataset) -> None:
    head = (nn.GlobalAvgPool2d(), nn.Linear(2, 10, init="zeros"))
    model = nn.Sequential(nn.Conv2d(1, 2, 3), *head).initialise(0)
    assert view.grad_cam(model, eights.inputs[0], 1).alt.endswith("why 1. Nothing speaks for it.")


def test_layers_without_maps(eyes: nn.Module, eights: Dataset, digits_run: Run) -> None:
    with pytest.raises(gn.ArgumentError, match='layer "6" has no feature maps'):
        view.grad_cam(eyes, eights.inputs[0], layer="6")
    with pytest.raises(gn.ArgumentError, match="feature maps of a convolution"):
        view.grad_cam(digits_run, digits_run.train.inputs[0])
