"""Images with heat maps over them: where in an image lies what a network decides by."""

from __future__ import annotations

from typing import Any

import numpy as np

from .board import MARGIN, TITLE, Board, Place, board, inches
from .numbers import percent
from .palette import ROLES
from .picture import Picture
from .plot import COLOURS, MUTED
from .subject import Subject

Array = np.ndarray[Any, Any]

LARGE, SMALL = 2.1, 1.05  # inches: of a single image, and of several
ACROSS = 6  # images in a line
FAINT = 0.4  # opacity of the image below a heat map
HOT = COLOURS[1]
GOOD, BAD = ROLES["forward"].light, ROLES["backward"].light


def evidence(
    subject: Subject,
    maps: Array,
    targets: Array,
    title: str,
    meaning: str,
    alt: str,
    largest: float | None = None,
) -> Picture:
    """Each image, and below or beside it the same with a heat map over it.

    Args:
        subject: the images.
        maps: numbers for their pixels (N, height, width).
        targets: the classes asked about (N,).
        title: of the picture.
        meaning: of the numbers.
        alt: what is to see.
        largest: of a common scale of numbers on both sides of 0; left out, each image has its own.
    """
    single, words = len(subject) == 1, captions(subject, targets)
    side = LARGE if single else SMALL
    lines, step = -(-len(subject) // ACROSS), side + 0.25
    below = 0.16 * max(map(len, words)) + 0.2  # inches for the words
    row = (side if single else 2 * side + 0.08) + below
    columns = 2 if single else min(len(subject), ACROSS)
    width = max(2 * MARGIN + columns * step - 0.25, inches(title, 10.5) + 2 * MARGIN, 4.6)
    with board(width, TITLE + lines * row + 0.35, title) as drawn:
        for index in range(len(subject)):
            line, column = divmod(index, ACROSS)
            x, y = MARGIN + column * step, TITLE + line * row
            first = Place(x, y, side, side).within(subject.shape)
            corner = (x + step, y) if single else (x, y + side + 0.08)
            second = Place(*corner, side, side).within(subject.shape)
            _pair(drawn, subject, index, maps[index], (first, second), largest)
            bottom = (second if not single else first).end
            for number, (text, colour) in enumerate(words[index]):
                drawn.words(
                    first.middle, bottom + 0.12 + 0.16 * number, text,
                    colour=colour, size=8.5, align="center",
                )  # fmt: skip
        y = TITLE + lines * row + 0.1
        if largest is None:
            drawn.bar(MARGIN, y, "largest", meaning, colour=HOT)
        else:
            drawn.bar(MARGIN, y, largest, meaning)
        return drawn.picture(alt)


def _pair(
    drawn: Board,
    subject: Subject,
    index: int,
    heat: Array,
    places: tuple[Place, Place],
    largest: float | None,
) -> None:
    image, (low, high) = subject.images[index], subject.range
    drawn.image(image, places[0], low, high)
    drawn.image(image, places[1], low, high, alpha=FAINT)
    if largest is None:
        drawn.mask(heat / (heat.max() or 1.0), HOT, places[1])
    else:
        drawn.signed(heat, places[1], largest)
    for place in places:
        drawn.box(place)


def captions(subject: Subject, targets: Array | None = None) -> list[list[tuple[str, str]]]:
    """For each image lines of words with their colours: what the network says, and what is true.

    Where another class than the predicted one is asked about, that one too.
    """
    predicted, sure = subject.predicted(), subject.probabilities()
    found = []
    for index, label in enumerate(predicted):
        true = None if subject.truth is None else int(subject.truth[index])
        colour = MUTED if true is None else GOOD if true == label else BAD
        lines = [(f"says {_with(subject, index, int(label), sure)}", colour)]
        if true is not None and true != label:
            lines.append((f"is {subject.name(true)}", MUTED))
        if targets is not None and targets[index] != label:
            asked = f"why {_with(subject, index, int(targets[index]), sure)}?"
            lines.append((asked, HOT))
        found.append(lines)
    return found


def _with(subject: Subject, index: int, label: int, sure: Array | None) -> str:
    """The class and its probability in per cent."""
    name = subject.name(label)
    return name if sure is None else f"{name}, {percent(float(sure[index, label]))}"


def told(subject: Subject, maps: Array, targets: Array) -> str:
    """The class asked about and where the first image's map is largest, in words."""
    heat = np.abs(maps[0])
    row, column = np.unravel_index(int(heat.argmax()), heat.shape)
    ordered = np.sort(heat.ravel())[::-1]
    count = f"{len(subject)} images" if len(subject) > 1 else "an image"
    first = "the first" if len(subject) > 1 else "it"
    asked = f"of {count}; {first} is asked why {subject.name(int(targets[0]))}."
    if not ordered[0]:
        return f"{asked} Nothing speaks for it."
    half = 1 + int(np.searchsorted(np.cumsum(ordered), 0.5 * ordered.sum()))
    share = 100 * half / heat.size
    return (
        f"{asked} Largest at row {row}, column {column}; half of it lies in {share:.0f} % of the "
        "pixels."
    )
