"""Saliency: by which pixels a class would change most."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff import gradients
from ..tensor import Tensor
from .evidence import evidence, told
from .picture import Picture
from .subject import Network, Subject, Target

Array = np.ndarray[Any, Any]


def saliency(network: Network, images: Any, target: Target = None) -> Picture:
    """max over channels of |∂yₖ/∂x|: how much each pixel would change the score yₖ of a class

    Source: Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks", 2014.

    Args:
        network: a run, its predictor, or a module: a classifier of images.
        images: one (height, width, channels) as the data has it, several, or a data set of them.
        target: k, an index or a name, for all or for each image; the predicted class when left out.

    Raises:
        ArgumentError: no such class, or more than 24 images.
        DataError: no classifier of images.
        ShapeError: images of another shape.

    >>> import glassnet as gn
    >>> from glassnet import models, view
    >>> image = gn.Generator(0).uniform((28, 28, 1))
    >>> view.saliency(models.lenet().initialise(0), image, target=3)  # doctest: +ELLIPSIS
    <picture: Saliency of an image; it is asked why 3. Largest at row ...>
    """
    subject = Subject.of(network, images)
    targets = subject.targets(target)
    maps = slopes(subject, targets)
    return evidence(
        subject, maps, targets, "Saliency: the pixels that would change the class most",
        "in the image: |gradient of the score|", f"Saliency {told(subject, maps, targets)}",
    )  # fmt: skip


def slopes(subject: Subject, targets: Array) -> Array:
    """max over channels of |∂yₖ/∂x| (N, height, width), of all images in one backward pass."""
    x = Tensor(subject.inputs, requires_grad=True)
    score = subject.score(subject.predictor.model(x, training=False), targets)
    (slope,) = gradients(score, [x])
    return abs(slope.reshape(subject.images.shape)).max(axis=-1).numpy()
