"""Attention: where each head looks, from every position of a sequence."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..graph import no_grad
from ..nn.attention import AttentionWeights
from ..tensor import Tensor
from .board import MARGIN, TITLE, Board, Place, board, inches
from .passage import Passage, symbol
from .picture import Picture
from .plot import COLOURS, MUTED
from .subject import Network, layer_outputs

Array = np.ndarray[Any, Any]

SMALL, LARGE = (1.15, 1.9), (2.6, 6.4)  # inches: the least and the most, of many heads and of one
CELL = {True: 0.2, False: 0.085}  # inches that a position should have: of one head, of many
LETTER = 0.065  # inches a position needs to be named
LOOK = COLOURS[0]
HABITS = ("itself", "the one before", "the first")


def attention(
    network: Network, sequence: Any, *, layer: int | None = None, head: int | None = None
) -> Picture:
    """The weights of every attention head as heat maps: a row for each position that looks.

    All layers and heads stand side by side; one of them is drawn large, with both axes named.

    Args:
        network: a run on a text, its predictor, or a module.
        sequence: a text; or tokens (T,) or vectors (T, features).
        layer: only this layer, counted from 1.
        head: only this head, counted from 1.

    Raises:
        ArgumentError: a network without attention, or no such layer or head.
        DataError: a text for a network that knows no characters, or nothing to read.
        ShapeError: more than the network can see.

    >>> from glassnet import models, view
    >>> model = models.gpt(10, 8, layers=2, heads=2, width=8).initialise(0)
    >>> view.attention(model, [3, 1, 4, 1, 5])  # doctest: +ELLIPSIS
    <picture: Attention of 2 layers × 2 heads over 5 tokens. Strongest habits: ...>
    """
    passage = Passage.of(network, sequence)
    every = weights(passage)
    _check("layer", layer, len(every))
    _check("head", head, max(map(len, every.values())))
    chosen = {
        (i, j): found
        for i, heads in enumerate(every.values(), 1)
        for j, found in enumerate(heads, 1)
        if layer in (None, i) and head in (None, j)
    }
    return _drawn(passage, chosen, _alt(passage, chosen, len(every)))


def weights(passage: Passage) -> dict[str, Array]:
    """For each attention layer by path its weights (heads, T, S)."""
    with no_grad():
        _, found = layer_outputs(passage.predictor.model, Tensor(passage.inputs))
    every = {
        path: out.numpy()[0]
        for path, (layer, out) in found.items()
        if isinstance(layer, AttentionWeights)
    }
    if not every:
        raise ArgumentError(
            "this network has no attention",
            expected="a network with nn.MultiHeadAttention, such as models.gpt makes",
            received=type(passage.predictor.model).__name__,
        )
    return every


def _check(what: str, number: int | None, count: int) -> None:
    if number is not None and not 1 <= number <= count:
        raise ArgumentError(
            f"there is no {what} {number}", expected=f"1 to {count}", received=f"{what}={number}"
        )


def _drawn(passage: Passage, chosen: dict[tuple[int, int], Array], alt: str) -> Picture:
    layers, heads = (sorted({key[i] for key in chosen}) for i in range(2))
    single = len(chosen) == 1
    least, most = LARGE if single else SMALL
    side = min(max(CELL[single] * len(passage), least), most)
    named = side / len(passage) >= LETTER
    room = 0.1 + max(map(inches, passage.labels)) if named else 0.1  # inches for names
    left, top = MARGIN + 0.75 + room, TITLE + 0.22 + (0.14 if named else 0)
    step, down = side + 0.16, side + 0.2
    title = "Attention: where each position looks"
    width = max(left + len(heads) * step + MARGIN, inches(title, 11) + 2 * MARGIN, 4.8)
    largest = max(float(found.max()) for found in chosen.values())
    with board(width, top + len(layers) * down + 0.5, title) as drawn:
        for (i, j), found in chosen.items():
            line, column = layers.index(i), heads.index(j)
            place = Place(left + column * step, top + line * down, side, side)
            drawn.mask(found / largest, LOOK, place)
            drawn.box(place)
            if line == 0:
                drawn.words(place.middle, TITLE + 0.05, f"head {j}", align="center")
            if column == 0:
                drawn.words(MARGIN, place.y + side / 2, f"layer {i}")
            if named:
                _names(drawn, passage, place, below=line == 0, beside=column == 0)
        y = top + len(layers) * down
        words = f"down: the {passage.steps[:-1]} that looks; across: what it looks at"
        drawn.words(left, y, words if named else f"{words}; {_short(passage.text)}", colour=MUTED)
        drawn.bar(MARGIN, y + 0.28, largest, "attention weight; each row sums to 1", colour=LOOK)
        return drawn.picture(alt)


def _short(text: str, most: int = 60) -> str:
    """A text in one line, its end left out where it is long."""
    line = "".join(map(symbol, text)).replace("␣", " ")
    return line if len(line) <= most else f"{line[:most]} …"


def _names(drawn: Board, passage: Passage, place: Place, *, below: bool, beside: bool) -> None:
    """What stands at each position: above a map, and on its left."""
    cell = place.width / len(passage)
    size = min(9.0, 72 * cell / 1.05)
    for number, label in enumerate(passage.labels):
        middle = (number + 0.5) * cell
        if below:
            drawn.words(
                place.x + middle, place.y - 0.09, label, colour=MUTED, size=size, align="center"
            )
        if beside:
            drawn.words(
                place.x - 0.06, place.y + middle, label, colour=MUTED, size=size, align="right"
            )


def habits(found: Array) -> tuple[float, float, float]:
    """The mean weight on the position itself, on the one before it, and on the first.

    Of positions from the third on, where these are three different ones.
    """
    rows = np.arange(2, len(found))
    if not len(rows) or found.shape[0] != found.shape[1]:
        return 0.0, 0.0, 0.0
    return (
        float(found[rows, rows].mean()),
        float(found[rows, rows - 1].mean()),
        float(found[rows, 0].mean()),
    )


def _alt(passage: Passage, chosen: dict[tuple[int, int], Array], layers: int) -> str:
    heads = max(key[1] for key in chosen)
    if len(chosen) == 1:
        ((layer, head),) = chosen
        what = f"Attention of layer {layer}, head {head},"
    else:
        what = f"Attention of {layers} layer{'s' * (layers != 1)} × {heads} heads"
    told = []
    for kind, name in enumerate(HABITS):
        (layer, head), found = max(chosen.items(), key=lambda pair: habits(pair[1])[kind])
        share = f"{100 * habits(found)[kind]:.0f} %"
        told.append(f"{share} on {name}" + (f" (layer {layer}, head {head})" * (len(chosen) > 1)))
    most = "On average" if len(chosen) == 1 else "Strongest habits"
    return f"{what} over {passage.text}. {most}: {', '.join(told)}."
