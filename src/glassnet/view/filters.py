"""The filters of a convolution: what each of its channels looks for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import ArgumentError, did_you_mean
from ..nn import Conv2d, Linear, Module
from .board import MARGIN, TITLE, Board, Place, board
from .numbers import number
from .picture import Picture
from .plot import MUTED
from .subject import Network, predictor_of

Array = np.ndarray[Any, Any]

MOST = 32  # filters of one or three channels
ROWS, COLUMNS = 16, 16  # filters and channels of a deeper layer
SIDE, SMALL = 0.62, 0.32  # inches
ACROSS = 8  # filters in a line
NAMES = 0.75  # inches for the names of rows


def filters(network: Network, layer: str | None = None) -> Picture:
    """The weights of a convolution as small images, one for each channel it puts out.

    A filter over one channel is a heat map of its weights, over the three colours of an image a
    colour image with grey for 0. Deeper layers have a row for each filter and a column for each
    channel it reads. Of many the strongest are shown, by the root of their sum of squares. The
    first linear layer of a network on images has its weights for each unit drawn alike.

    Args:
        network: a run, its predictor, or a module.
        layer: the path of a layer, such as "3" or "5.body.0"; the first that fits when left out.

    Raises:
        ArgumentError: no such layer, or one without filters.

    >>> from glassnet import models, view
    >>> view.filters(models.lenet().initialise(0))  # doctest: +ELLIPSIS
    <picture: Filters of layer 0: 6 of 5×5, over 1 channel. Weights from ...>
    """
    path, weights = _weights(network, layer)
    norms = np.sqrt((weights**2).sum(axis=(1, 2, 3)))
    count, height, width, channels = weights.shape
    alt = (
        f"Filters of layer {path}: {count} of {height}×{width}, over {channels} "
        f"channel{'s' * (channels != 1)}. Weights from {number(float(weights.min()))} to "
        f"{number(float(weights.max()))}; the strongest is filter {norms.argmax()}."
    )
    title = f"Layer {path}: {count} filters of {height}×{width} over {channels} channel"
    title += "s" * (channels != 1)
    colours = channels == 3 and min(height, width) > 1
    if channels == 1 or colours:
        return _few(weights, _strongest(norms, MOST), title, alt, colours=colours)
    return _many(weights, _strongest(norms, ROWS), title, alt)


def _weights(network: Network, layer: str | None) -> tuple[str, Array]:
    """The path of a layer, and its weights (filters, height, width, channels)."""
    predictor = predictor_of(network, ())
    parts = predictor.model.named_modules()
    found = {path: _kernels(part, predictor.image_shape) for path, part in parts.items()}
    known = {path: weights for path, weights in found.items() if weights is not None}
    path = next(iter(known), "") if layer is None else layer
    if path not in known:
        raise ArgumentError(
            "this network has no filters" if layer is None else f'layer "{layer}" has no filters',
            expected="a Conv2d" + (f": {', '.join(known)}" if known else ""),
            received=type(predictor.model if layer is None else parts.get(path)).__name__,
            mend=did_you_mean(path, known) if known else "",
        )
    return path, known[path]


def _kernels(part: Module, image: tuple[int, ...] | None) -> Array | None:
    """The weights of a layer as images; None where it has none."""
    if isinstance(part, Conv2d):
        return part.weight.numpy()
    if isinstance(part, Linear) and image is not None:
        weight = part.weight.numpy()
        if weight.shape[1] == math.prod(image):
            return weight.reshape(-1, *image)
    return None


def _strongest(norms: Array, most: int) -> Array:
    """The strongest so many, in their own order."""
    return np.sort(np.argsort(-norms, kind="stable")[:most])


def _few(weights: Array, shown: Array, title: str, alt: str, *, colours: bool) -> Picture:
    """Filters as single images, some in a line."""
    lines = math.ceil(len(shown) / ACROSS)
    step, down = SIDE + 0.12, SIDE + 0.3
    if len(shown) < len(weights):
        title += f", the {len(shown)} strongest"
    largest = float(np.abs(weights[shown]).max())
    width = 2 * MARGIN + max(min(len(shown), ACROSS) * step, 5.2)
    with board(width, TITLE + lines * down + 0.45, title) as drawn:
        for place, index in enumerate(shown):
            line, column = divmod(place, ACROSS)
            box = Place(MARGIN + column * step, TITLE + 0.05 + line * down, SIDE, SIDE)
            _tile(drawn, weights[index], box, largest, colours=colours)
            drawn.words(
                box.middle, box.end + 0.09, str(index), colour=MUTED, size=7.5, align="center"
            )
        bottom = TITLE + lines * down + 0.22
        if colours:
            words = f"colours: weights from −{number(largest, 2)} (black) over 0 (grey) to white"
            drawn.words(MARGIN, bottom, words, colour=MUTED)
        else:
            drawn.bar(MARGIN, bottom, largest, "weight")
        return drawn.picture(alt)


def _tile(drawn: Board, kernel: Array, box: Place, largest: float, *, colours: bool) -> None:
    inner = box.within(kernel.shape)
    if colours:
        drawn.image(kernel, inner, -largest, largest)
    else:
        drawn.signed(kernel[..., 0], inner, largest)
    drawn.box(inner)


def _many(weights: Array, rows: Array, title: str, alt: str) -> Picture:
    """A row for each filter, a column for each channel it reads."""
    columns = _strongest(np.sqrt((weights[rows] ** 2).sum(axis=(0, 1, 2))), COLUMNS)
    if len(rows) < len(weights) or len(columns) < weights.shape[3]:
        title += f"; the strongest {len(rows)} × {len(columns)}"
    largest, step = float(np.abs(weights[rows][..., columns]).max()), SMALL + 0.06
    left, top = MARGIN + NAMES, TITLE + 0.32
    width = max(left + len(columns) * step + MARGIN, 5.4)
    with board(width, top + len(rows) * step + 0.45, title) as drawn:
        drawn.words(MARGIN, TITLE + 0.18, "channel", colour=MUTED, size=8)
        for column, channel in enumerate(columns):
            x = left + column * step + SMALL / 2
            drawn.words(x, TITLE + 0.18, str(channel), colour=MUTED, size=7.5, align="center")
        for line, index in enumerate(rows):
            y = top + line * step
            drawn.words(MARGIN, y + SMALL / 2, f"filter {index}", colour=MUTED, size=8)
            for column, channel in enumerate(columns):
                kernel = weights[index, :, :, channel : channel + 1]
                box = Place(left + column * step, y, SMALL, SMALL)
                _tile(drawn, kernel, box, largest, colours=False)
        drawn.bar(MARGIN, top + len(rows) * step + 0.2, largest, "weight")
        return drawn.picture(alt)
