"""A walk through the codes of an autoencoder: one image turns into another."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError
from .board import MARGIN, TITLE, Place, board
from .coder import Coder
from .dreams import span
from .picture import Picture
from .plot import MUTED
from .subject import Network

Array = np.ndarray[Any, Any]

STEPS = 9
MOST = 40  # images of a walk
SIDE, GAP = 0.66, 0.07  # inches
HEAD = "A walk between the codes of two images"


def walk(network: Network, first: Any, second: Any, *, steps: int = STEPS) -> Picture:
    """Images decoded on the straight line between the codes of two images: z = (1 − t) z₁ + t z₂

    Left and right stand the two images themselves, between them what their codes and those on the
    line stand for.

    Args:
        network: a run, its predictor, or a module: an autoencoder of images, variational or not.
        first: an image (height, width, channels), as the data has it.
        second: another.
        steps: images on the line, both ends among them.

    Raises:
        ArgumentError: no autoencoder, or not 2 to 40 steps.
        DataError: not one of images.
        ShapeError: images of another shape.

    >>> import glassnet as gn
    >>> from glassnet import models, view
    >>> model = models.vae((8, 8, 1), hidden=(16,), code=2).initialise(0)
    >>> first, second = gn.Generator(0).uniform((2, 8, 8, 1))
    >>> view.walk(model, first, second, steps=3)  # doctest: +ELLIPSIS
    <picture: A walk of 3 steps from one image to another, through codes ... apart.>
    """
    coder = Coder.of(network)
    if not 2 <= steps <= MOST:
        raise ArgumentError(
            "a walk has two ends", expected=f"2 to {MOST} steps", received=f"{steps=}"
        )
    rows = np.concatenate([coder.rows(first)[:1], coder.rows(second)[:1]])
    codes = coder.encode(rows)
    images = np.concatenate([coder.prepared(rows), coder.decode(line(codes, steps))])
    apart = float(np.linalg.norm(codes[1] - codes[0]))
    alt = f"A walk of {steps} steps from one image to another, through codes {apart:.2g} apart."
    step = SIDE + GAP
    with board(2 * MARGIN + (steps + 2) * step + 0.3, TITLE + SIDE + 0.42, HEAD) as drawn:
        low, high = span(coder, images)
        ends = (MARGIN, MARGIN + (steps + 1) * step + 0.3)
        xs = (*ends, *(MARGIN + 0.15 + (i + 1) * step for i in range(steps)))
        times = [f"{t:.2g}" for t in np.linspace(0, 1, steps)]
        for image, x, text in zip(images, xs, ("image", "image", *times), strict=True):
            place = Place(x, TITLE, SIDE, SIDE).within(coder.shape)
            drawn.image(image, place, low, high)
            drawn.box(place)
            words = text if text == "image" else f"t = {text}"
            drawn.words(x + SIDE / 2, place.end + 0.12, words, colour=MUTED, size=8, align="center")
        return drawn.picture(alt)


def line(codes: Array, steps: int) -> Array:
    """Codes (steps, numbers) on the straight line from the first to the second."""
    t = np.linspace(0, 1, steps)[:, None]
    return np.asarray((1 - t) * codes[0] + t * codes[1])
