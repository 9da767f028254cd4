"""Occlusion: what a network says once a part of the image is hidden."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError
from .evidence import evidence, told
from .picture import Picture
from .subject import Network, Subject, Target

Array = np.ndarray[Any, Any]
AT_ONCE = 2048  # images that are computed together


def occlusion(
    network: Network,
    images: Any,
    target: Target = None,
    *,
    size: int | None = None,
    step: int | None = None,
) -> Picture:
    """pₖ(x) − pₖ(x with a grey square over it): how much the probability of a class hangs on a part

    A pixel has the mean over all squares that hid it. Blue parts are needed for the class; where it
    is orange, the class is more probable without them.
    Source: Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014.

    Args:
        network: a run, its predictor, or a module: a classifier of images.
        images: one (height, width, channels) as the data has it, several, or a data set of them.
        target: k, an index or a name, for all or for each image; the predicted class when left out.
        size: of the square in pixels; a quarter of the image when left out.
        step: pixels from square to square; a third of the size when left out.

    Raises:
        ArgumentError: no such class, more than 24 images, or a square that does not fit.
        DataError: no classifier of images with probabilities.
        ShapeError: images of another shape.

    >>> import glassnet as gn
    >>> from glassnet import models, view
    >>> image = gn.Generator(0).uniform((28, 28, 1))
    >>> view.occlusion(models.lenet().initialise(0), image, size=14, step=14)  # doctest: +ELLIPSIS
    <picture: Occlusion by squares of 14 pixels of an image; it is asked why ...>
    """
    subject = Subject.of(network, images)
    targets = subject.targets(target)
    size, step = _squares(subject, size, step)
    maps = drops(subject, targets, size, step)
    largest = float(np.abs(maps).max())
    alt = (
        f"Occlusion by squares of {size} pixels {told(subject, maps, targets)} Without its most "
        f"needed part the probability falls by {maps[0].max():.3g}."
    )
    title = f"Occlusion: what a hidden square of {size}×{size} pixels takes from the class"
    return evidence(
        subject, maps, targets, title, "fall of the probability when hidden", alt, largest=largest
    )


def drops(subject: Subject, targets: Array, size: int, step: int) -> Array:
    """By how much pₖ falls with a square over each pixel (N, height, width), in the mean."""
    read = subject.predictor.reading.probabilities
    if read is None:
        raise DataError(
            "occlusion measures probabilities, and these outputs tell none",
            expected="a network trained with losses.cross_entropy",
            received=f"outputs that are {subject.predictor.reading.name}",
        )
    height, width, channels = subject.shape
    model = subject.predictor.model
    whole = read(model.predict(subject.inputs))
    corners = [(y, x) for y in _starts(height, size, step) for x in _starts(width, size, step)]
    images = subject.inputs.reshape(len(subject), height, width, channels)
    grey = images.mean(axis=(1, 2), keepdims=True)
    total, seen = np.zeros((len(subject), height, width)), np.zeros((height, width))
    rows, every = np.arange(len(subject)), max(1, AT_ONCE // len(subject))
    for first in range(0, len(corners), every):
        some = corners[first : first + every]
        hidden = np.repeat(images[None], len(some), axis=0)  # (squares, N, height, width, channels)
        for covered, (y, x) in zip(hidden, some, strict=True):
            covered[:, y : y + size, x : x + size] = grey
        said = read(model.predict(hidden.reshape(-1, *subject.inputs.shape[1:])))
        left = said.reshape(len(some), len(subject), -1)[:, rows, targets]
        for (y, x), probability in zip(some, left, strict=True):
            fall = whole[rows, targets] - probability
            total[:, y : y + size, x : x + size] += fall[:, None, None]
            seen[y : y + size, x : x + size] += 1
    return total / seen


def _squares(subject: Subject, size: int | None, step: int | None) -> tuple[int, int]:
    least = min(subject.shape[:2])
    size = max(1, round(least / 4)) if size is None else size
    step = max(1, size // 3) if step is None else step
    if not (1 <= size <= least and 1 <= step <= size):
        raise ArgumentError(
            "the square does not fit",
            expected=f"a size from 1 to {least}, and a step from 1 to the size",
            received=f"{size=}, {step=}",
        )
    return size, step


def _starts(length: int, size: int, step: int) -> list[int]:
    """Where squares begin along a side, the last one at its end."""
    return sorted({*range(0, length - size + 1, step), length - size})
