"""Which characters of a text surprise a network that predicts the next one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import ArgumentError
from .board import MARGIN, TITLE, Board, Place, board
from .next_token import log_probabilities
from .passage import Passage
from .picture import Picture
from .plot import COLOURS, INK, MUTED
from .subject import Network

Array = np.ndarray[Any, Any]

LONGEST = 1200  # characters of a text
ACROSS = 56  # characters in a line
CELL, LINE = 0.125, 0.25  # inches of a character
STRONGEST = 0.62  # opacity of the largest surprise: the character on it stays readable
FULL = 8.0  # bits of a surprise that is drawn strongest
HOT = COLOURS[1]


def surprise(network: Network, sequence: Any) -> Picture:
    """−log₂ p of every character given those before it: how many bits it surprises the network

    The deeper the colour, the greater the surprise; the mean is the cross-entropy in bits, and 2 to
    the power of it the perplexity. Of a text longer than the network's context each character is
    judged by half a context before it at least. The first one follows nothing and is not judged.

    Args:
        network: a run on a text, its predictor, or a module that puts out (N, T, tokens).
        sequence: a text, or tokens (T,); two at least and 1,200 at most.

    Raises:
        ArgumentError: too short or too long.
        DataError: a text for a network that knows no characters.
        ShapeError: the network puts out no scores for the next token.

    >>> from glassnet import models, view
    >>> model = models.gpt(5, 8, layers=1, heads=1, width=8).initialise(0)
    >>> view.surprise(model, [3, 1, 4])  # doctest: +ELLIPSIS
    <picture: Surprise over 3 tokens: 2.3... bits each on average, perplexity ...>
    """
    passage = Passage.of(network, sequence)
    if not 2 <= len(passage) <= LONGEST:
        raise ArgumentError(
            "this text is too short or too long to draw",
            expected=f"2 to {LONGEST} characters",
            received=f"{len(passage)}",
        )
    found = bits(passage)
    worst = 1 + np.argsort(-found, kind="stable")[:3]
    told = ", ".join(
        f"{passage.labels[i]} at {i + 1} ({found[i - 1]:.1f} bits)" for i in map(int, worst)
    )
    mean = float(found.mean())
    kind = "characters" if passage.predictor.vocabulary is not None else "tokens"
    alt = (
        f"Surprise over {len(passage)} {kind}: {mean:.2f} bits each on average, perplexity "
        f"{2**mean:.2f}. Most surprising: {told}."
    )
    wide = max(map(len, passage.labels)) if passage.predictor.vocabulary is None else 1
    across = max(1, ACROSS // (wide + (wide > 1)))
    lines = math.ceil(len(passage) / across)
    cell = CELL * (wide + (wide > 1))
    height = TITLE + lines * LINE + 0.5
    title = f"Surprise: {mean:.2f} bits a {kind[:-1]}, perplexity {2**mean:.2f}"
    with board(2 * MARGIN + max(min(across, len(passage)) * cell, 5.4), height, title) as drawn:
        for line in range(lines):
            rows = slice(line * across, (line + 1) * across)
            y = TITLE + line * LINE
            _line(drawn, passage.labels[rows], np.insert(found, 0, 0.0)[rows], y, cell)
        y = TITLE + lines * LINE + 0.2
        drawn.bar(MARGIN, y, f"{FULL:g} or more", "bits", colour=HOT, strongest=STRONGEST)
        return drawn.picture(alt)


def bits(passage: Passage) -> Array:
    """−log₂ p of each token but the first (T − 1,)."""
    tokens, found = passage.inputs[0], np.empty(len(passage) - 1)
    for start, first, stop in _windows(len(passage), _context(passage)):
        logs = log_probabilities(passage, slice(start, stop))
        judged = np.arange(first, stop)
        found[judged - 1] = -logs[judged - 1 - start, tokens[judged]] / math.log(2)
    return found


def _windows(length: int, context: int) -> Iterator[tuple[int, int, int]]:
    """Windows of a text: where each begins, its first token that is judged, and where it ends."""
    start, first = 0, 1
    while first < length:
        stop = min(start + context, length)
        yield start, first, stop
        start, first = stop - max(1, context // 2), stop


def _context(passage: Passage) -> int:
    """How many tokens the network sees at once."""
    return max(2, getattr(passage.predictor.model, "context", len(passage)))


def _line(drawn: Board, labels: tuple[str, ...], found: Array, y: float, cell: float) -> None:
    """A line of characters on the colour of their surprise."""
    place = Place(MARGIN, y, len(labels) * cell, LINE - 0.03)
    drawn.mask(STRONGEST * np.minimum(found / FULL, 1.0)[None], HOT, place)
    for column, label in enumerate(labels):
        x, middle = MARGIN + (column + 0.5) * cell, y + LINE / 2 - 0.015
        faint = label in ("␣", "↵", "⇥")
        drawn.words(
            x, middle, label, align="center", size=7.0 if faint else 9.5,
            colour=MUTED if faint else INK,
        )  # fmt: skip
