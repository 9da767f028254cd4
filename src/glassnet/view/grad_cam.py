"""Grad-CAM: which places of the last feature maps speak for a class."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff import gradients
from ..errors import ArgumentError, did_you_mean
from ..nn import Conv2d, Module
from ..ops import relu, upsample
from ..tensor import Tensor
from .evidence import evidence, told
from .picture import Picture
from .subject import Network, Subject, Target, is_map, layer_outputs

Array = np.ndarray[Any, Any]
Outputs = dict[str, tuple[Module, Any]]


def grad_cam(
    network: Network, images: Any, target: Target = None, *, layer: str | None = None
) -> Picture:
    """ReLU(Σ αᶜ Aᶜ) over the channels c of a layer A, with αᶜ the mean of ∂yₖ/∂Aᶜ over all places

    Places that speak for the class, at the resolution of the layer, widened to the image.
    Source: Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based
    localization", 2017.

    Args:
        network: a run, its predictor, or a module: a convolutional classifier.
        images: one (height, width, channels) as the data has it, several, or a data set of them.
        target: k, an index or a name, for all or for each image; the predicted class when left out.
        layer: the path of A; when left out, the last layer at the last convolution's resolution.

    Raises:
        ArgumentError: no such class or layer, no convolution, or more than 24 images.
        DataError: no classifier of images.
        ShapeError: images of another shape.

    >>> import glassnet as gn
    >>> from glassnet import models, view
    >>> image = gn.Generator(0).uniform((28, 28, 1))
    >>> view.grad_cam(models.lenet().initialise(0), image, target=3)  # doctest: +ELLIPSIS
    <picture: Grad-CAM at layer 4 (10×10) of an image; it is asked why 3. Largest at row ...>
    """
    subject = Subject.of(network, images)
    targets = subject.targets(target)
    path, coarse = class_activation(subject, targets, layer)
    maps = widened(coarse, subject.shape[:2])
    place = f"layer {path} ({coarse.shape[1]}×{coarse.shape[2]})"
    return evidence(
        subject, maps, targets, f"Grad-CAM: what speaks for the class, seen at {place}",
        "in the image", f"Grad-CAM at {place} {told(subject, maps, targets)}",
    )  # fmt: skip


def class_activation(subject: Subject, targets: Array, layer: str | None) -> tuple[str, Array]:
    """The layer's path, and ReLU(Σ αᶜ Aᶜ) at each of its places (N, height, width)."""
    x = Tensor(subject.inputs, requires_grad=True)
    outputs, found = layer_outputs(subject.predictor.model, x)
    path = _chosen(found, layer)
    maps = found[path][1]
    (slope,) = gradients(subject.score(outputs, targets), [maps])
    weights = slope.mean(axis=(1, 2), keepdims=True)  # α (N, 1, 1, channels)
    return path, relu((weights * maps).sum(axis=-1)).numpy()


def widened(maps: Array, size: tuple[int, int]) -> Array:
    """Maps (N, h, w) at the resolution of the image, with straight lines between their numbers."""
    wide = upsample(Tensor(maps[..., None]), size=size, mode="bilinear")
    return wide.numpy()[..., 0]


def _chosen(found: Outputs, layer: str | None) -> str:
    maps = {path: out.shape[1:3] for path, (_, out) in found.items() if is_map(out)}
    if layer is not None and layer not in maps:
        raise ArgumentError(
            f'layer "{layer}" has no feature maps',
            expected=f"one of {', '.join(maps) or 'none'}",
            received=layer,
            mend=did_you_mean(layer, maps),
        )
    convolutions = [path for path in maps if isinstance(found[path][0], Conv2d)]
    if layer is None and not convolutions:
        raise ArgumentError(
            "Grad-CAM looks at the feature maps of a convolution",
            expected="a network with a Conv2d",
            received=", ".join({type(part).__name__ for part, _ in found.values()}),
            mend="view.saliency looks into any network",
        )
    if layer is not None:
        return layer
    size = maps[convolutions[-1]]
    return [path for path in maps if maps[path] == size][-1]
