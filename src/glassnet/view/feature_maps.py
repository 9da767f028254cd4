"""What the layers of a network make of one image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, did_you_mean
from ..graph import no_grad
from ..tensor import Tensor
from .board import MARGIN, TITLE, Board, Place, board
from .numbers import number
from .picture import Picture
from .plot import MUTED
from .subject import Network, Subject, is_map, layer_outputs

Array = np.ndarray[Any, Any]

MOST = 16  # channels of a layer
ACROSS = 8  # maps in a line
SIDE, GAP, NAMES = 0.62, 0.1, 1.55  # inches
BELOW = 0.16  # a map's number, likewise


def feature_maps(
    network: Network, image: Any, layers: Sequence[str] | None = None, *, most: int = MOST
) -> Picture:
    """What each layer of a convolutional network puts out for one image, channel by channel.

    Every layer has a scale of its own: blue is positive, orange negative, and the largest number
    opaque. Of many channels those that answer most strongly are shown.

    Args:
        network: a run, its predictor, or a module.
        image: (height, width, channels) as the data has it, or a data set of one row.
        layers: paths of layers, such as ["0", "5.body.0"]; those of the outermost level when left
            out.
        most: maps of a layer.

    Raises:
        ArgumentError: no such layer, one that puts out no maps, or several images.
        DataError: the network was not trained on images.
        ShapeError: an image of another shape.

    >>> import glassnet as gn
    >>> from glassnet import models, view
    >>> image = gn.Generator(0).uniform((28, 28, 1))
    >>> view.feature_maps(models.lenet().initialise(0), image, ["3"])  # doctest: +ELLIPSIS
    <picture: Feature maps of 1 layer for an image of 28×28. Layer 3 (Conv2d): 16 maps of ...>
    """
    subject = Subject.of(network, image)
    if len(subject) != 1:
        raise ArgumentError(
            "feature maps are drawn for one image", expected="1", received=f"{len(subject)} images"
        )
    maps = _maps(subject, layers)
    told = [
        f"Layer {path} ({name}): {found.shape[2]} map{'s' * (found.shape[2] != 1)} of "
        f"{found.shape[0]}×{found.shape[1]}, {_range(found)}."
        for path, (name, found) in maps.items()
    ]
    height, width, _ = subject.shape
    alt = (
        f"Feature maps of {len(maps)} layer{'s' * (len(maps) != 1)} for an image of "
        f"{height}×{width}. {' '.join(told)}"
    )
    return _drawn(subject, maps, max(1, most), alt)


def _maps(subject: Subject, layers: Sequence[str] | None) -> dict[str, tuple[str, Array]]:
    """For each layer its class, and what it puts out (height, width, channels)."""
    with no_grad():
        _, outputs = layer_outputs(subject.predictor.model, Tensor(subject.inputs))
    found = {
        path: (type(layer).__name__, out.numpy()[0])
        for path, (layer, out) in outputs.items()
        if path and is_map(out)
    }
    if layers is None:
        outermost = min((path.count(".") for path in found), default=0)
        layers = [path for path in found if path.count(".") == outermost]
    wrong = [path for path in layers if path not in found]
    if wrong or not layers:
        raise ArgumentError(
            f'layer "{wrong[0]}" puts out no maps' if wrong else "no layer puts out maps",
            expected="layers that put out (N, height, width, channels)",
            received=", ".join(map(repr, layers)) or type(subject.predictor.model).__name__,
            mend=did_you_mean(wrong[0], found) if wrong else "",
        )
    return {path: found[path] for path in layers}


def _range(maps: Array) -> str:
    return f"{number(float(maps.min()))} … {number(float(maps.max()))}"


def _drawn(subject: Subject, maps: dict[str, tuple[str, Array]], most: int, alt: str) -> Picture:
    down = SIDE + BELOW + 0.06
    lines = {path: math.ceil(min(m.shape[2], most) / ACROSS) for path, (_, m) in maps.items()}
    height = TITLE + SIDE + 0.2 + sum(n * down + GAP for n in lines.values()) + 0.4
    width = 2 * MARGIN + NAMES + ACROSS * (SIDE + GAP)
    with board(width, height, "Feature maps, layer by layer") as drawn:
        first = Place(MARGIN + NAMES, TITLE, SIDE, SIDE).within(subject.shape)
        drawn.image(subject.images[0], first, *subject.range)
        drawn.box(first)
        shape = "×".join(map(str, subject.shape))
        _named(drawn, TITLE, "image", shape, "")
        y = TITLE + SIDE + 0.2
        for path, (name, found) in maps.items():
            _layer(drawn, y, found, most)
            size = "×".join(map(str, found.shape))
            cut = f"{most} of " if found.shape[2] > most else ""
            _named(drawn, y, f"{path}  {name}", f"{cut}{size}", _range(found))
            y += lines[path] * down + GAP
        drawn.bar(MARGIN, y + 0.1, "largest", "in the layer, either way")
        return drawn.picture(alt)


def _named(drawn: Board, y: float, name: str, size: str, values: str) -> None:
    drawn.words(MARGIN, y + 0.1, name)
    drawn.words(MARGIN, y + 0.27, size, colour=MUTED, size=8)
    drawn.words(MARGIN, y + 0.43, values, colour=MUTED, size=8)


def _layer(drawn: Board, y: float, maps: Array, most: int) -> None:
    largest = float(np.abs(maps).max())
    strength = np.abs(maps).mean(axis=(0, 1))
    shown = np.sort(np.argsort(-strength, kind="stable")[:most])
    for place, channel in enumerate(shown):
        line, column = divmod(place, ACROSS)
        x = MARGIN + NAMES + column * (SIDE + GAP)
        box = Place(x, y + line * (SIDE + BELOW + 0.06), SIDE, SIDE)
        inner = box.within(maps.shape)
        drawn.signed(maps[..., channel], inner, largest)
        drawn.box(inner)
        drawn.words(
            box.middle, box.end + 0.08, str(channel), colour=MUTED, size=7.5, align="center"
        )
