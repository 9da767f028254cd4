"""What a variational autoencoder dreams: images for codes that no image had."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..models import VAE
from ..tensor import Seed, generator
from .board import MARGIN, TITLE, Board, Place, board, inches
from .coder import Coder
from .numbers import number
from .picture import Picture
from .plot import MUTED
from .subject import Network

Array = np.ndarray[Any, Any]

CELLS = 12  # of the plane, each way
EDGE = 0.04  # of the codes lie beyond the plane's border, on each side
ACROSS, SAMPLES = 12, 60  # images in a line; in all
SIDE = {True: 0.42, False: 0.5}  # inches of an image: in the plane, of samples
GAP = 0.06


def dreams(network: Network, count: int | None = None, *, seed: Seed = 0) -> Picture:
    """Images decoded from codes: over the whole plane of two numbers, or drawn from N(0, 1).

    Of a code of two numbers the plane is shown, in steps as likely as each other under N(0, 1):
    neighbours look alike, and one digit turns into the next. Longer codes are drawn at random.

    Args:
        network: a run, its predictor, or a module: a variational autoencoder of images.
        count: how many codes to draw; 60 for longer codes, and the plane for codes of two numbers,
            when left out.
        seed: of the draws.

    Raises:
        ArgumentError: no variational autoencoder, or a count below 1.
        DataError: not one of images.

    >>> from glassnet import models, view
    >>> view.dreams(models.vae((8, 8, 1), hidden=(16,), code=2).initialise(0))
    <picture: 144 images decoded from the plane of codes, z₁ and z₂ from −1.751 to 1.751.>
    """
    coder = Coder.of(network)
    if not isinstance(coder.model, VAE):
        raise ArgumentError(
            "a plain autoencoder's codes follow no known distribution",
            expected="models.vae",
            received=type(coder.model).__name__,
            mend="view.walk goes from one image to another",
        )
    if count is not None and count < 1:
        raise ArgumentError("there is at least one image to draw", received=f"{count=}")
    if count is None and coder.model.code == 2:
        return _plane(coder)
    count = SAMPLES if count is None else count
    codes = generator(seed).normal((count, coder.model.code), dtype=coder.model.dtype)
    alt = f"{count} images decoded from codes of {coder.model.code} numbers drawn from N(0, 1)."
    return _samples(coder, codes, alt)


def steps(cells: int = CELLS) -> Array:
    """Places on an axis between which N(0, 1) has equal shares, from low to high."""
    shares = np.linspace(EDGE, 1 - EDGE, cells)
    return np.array([NormalDist().inv_cdf(share) for share in shares])


def _plane(coder: Coder) -> Picture:
    places = steps()
    codes = np.array([(x, y) for y in places[::-1] for x in places])
    images = coder.decode(codes)
    low, high = number(float(places[0])), number(float(places[-1]))
    alt = f"{len(images)} images decoded from the plane of codes, z₁ and z₂ from {low} to {high}."
    side, left = SIDE[True], MARGIN + 0.5
    title = "What each code of the plane stands for"
    width = left + CELLS * (side + GAP) + MARGIN
    with board(width, TITLE + CELLS * (side + GAP) + 0.55, title) as drawn:
        _grid(drawn, coder, images, (left, TITLE), side, CELLS)
        bottom = TITLE + CELLS * (side + GAP)
        for i, place in enumerate(places):
            text, along = f"{place:.1f}".replace("-", "−"), (i + 0.5) * (side + GAP) - GAP / 2
            drawn.words(left + along, bottom + 0.08, text, colour=MUTED, size=8, align="center")
            drawn.words(
                left - 0.06, bottom - along - GAP, text, colour=MUTED, size=8, align="right"
            )
        drawn.words(left + CELLS * (side + GAP) / 2, bottom + 0.3, "z₁", align="center")
        drawn.words(MARGIN, (TITLE + bottom) / 2, "z₂")
        return drawn.picture(alt)


def _samples(coder: Coder, codes: Array, alt: str) -> Picture:
    side = SIDE[False]
    across = min(ACROSS, len(codes))
    lines, title = -(-len(codes) // ACROSS), f"{len(codes)} images drawn from N(0, 1)"
    width = max(2 * MARGIN + across * (side + GAP), inches(title, 11) + 2 * MARGIN)
    with board(width, TITLE + lines * (side + GAP) + MARGIN, title) as drawn:
        _grid(drawn, coder, coder.decode(codes), (MARGIN, TITLE), side, across)
        return drawn.picture(alt)


def _grid(
    drawn: Board, coder: Coder, images: Array, corner: tuple[float, float], side: float, across: int
) -> None:
    """Images in lines, with a little paper between them."""
    low, high = span(coder, images)
    height, width, channels = coder.shape
    lines, gap = -(-len(images) // across), max(1, round(min(height, width) * GAP / side))
    paper = np.full((lines * across, height + gap, width + gap, channels), low)
    paper[: len(images), :height, :width] = images
    rows = paper.reshape(lines, across, height + gap, width + gap, channels)
    whole = rows.transpose(0, 2, 1, 3, 4).reshape(lines * (height + gap), -1, channels)
    step = side + GAP
    place = Place(*corner, across * step, lines * step)
    drawn.image(whole, place.within(whole.shape), low, high)


def span(coder: Coder, images: Array) -> tuple[float, float]:
    """What is drawn as paper and what as ink: 0 and 1 of shares, else the images' own range."""
    if coder.predictor.reading.name == "reconstruction-logits":
        return 0.0, 1.0
    return float(images.min()), float(images.max())
