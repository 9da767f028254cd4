"""Images with what a network says about them and what they are; the worst mistakes first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..data import Dataset
from ..errors import ArgumentError, DataError
from .board import MARGIN, TITLE, Place, board, inches
from .evidence import captions
from .judged import MOST_WRONG, Judged
from .picture import Picture
from .subject import MOST, Network, Subject, predictor_of

Array = np.ndarray[Any, Any]

ACROSS = 8  # images in a line
SIDE = 0.85  # inches


def samples(network: Network, dataset: Dataset, rows: Sequence[int] | None = None) -> Picture:
    """Images, each with the predicted class, its probability, and the true class where it is wrong.

    Args:
        network: a run, its predictor, or a module.
        dataset: labelled images.
        rows: which of them; 24 spread evenly over the data when left out.

    Raises:
        ArgumentError: more than 24 rows, or none.
        DataError: the data set has no labelled images.

    >>> from glassnet import data, models, view
    >>> model = models.mlp(64, [], 10).initialise(0)  # it guesses
    >>> view.samples(model, data.digits(), rows=[0, 1, 2])
    <picture: 3 images: 0 right, 3 wrong.>
    """
    if rows is None:
        rows = np.linspace(0, len(dataset) - 1, min(MOST, len(dataset))).astype(int).tolist()
    subject = _subject(network, dataset, rows)
    wrong = int((subject.predicted() != subject.truth).sum())
    alt = f"{len(subject)} images: {len(subject) - wrong} right, {wrong} wrong."
    return _grid(subject, f"{len(subject)} images with what the network says", alt)


def mistakes(network: Network, dataset: Dataset, most: int = MOST_WRONG) -> Picture:
    """The images that a network gets wrong, the most certain mistake first.

    Args:
        network: a run, its predictor, or a module.
        dataset: labelled images.
        most: how many are shown, 24 at most.

    Raises:
        ArgumentError: more than 24.
        DataError: the data set has no labelled images, or nothing is wrong.
    """
    predictor = predictor_of(network, dataset)
    _check(dataset)
    judged = Judged.of(predictor, dataset)
    worst = judged.worst()
    if not len(worst):
        raise DataError(
            "there are no mistakes to show", received=f"{len(dataset)} rows, all of them right"
        )
    subject = _subject(network, dataset, worst[:most].tolist())
    first = int(worst[0])
    said, true = (subject.name(int(x[first])) for x in (judged.labels, dataset.targets))
    alt = (
        f"The worst of {len(worst)} mistakes in {len(dataset)} images: first {true}, taken for "
        f"{said}"
    )
    if judged.certainty is not None:
        alt += f" with {100 * judged.certainty[worst[0]]:.1f} % certainty"
    shown = f", the {len(subject)} worst" if len(subject) < len(worst) else ""
    return _grid(subject, f"{len(worst)} of {len(dataset)} wrong{shown}", f"{alt}.")


def _subject(network: Network, dataset: Dataset, rows: Sequence[int]) -> Subject:
    _check(dataset)
    if not len(rows):
        raise ArgumentError("there are no rows to show", received="rows=[]")
    return Subject.of(network, dataset.subset(list(rows)))


def _check(dataset: Dataset) -> None:
    if dataset.task != "classification" or dataset.image_shape is None:
        raise DataError(
            "these are no images with a class each",
            expected="classification of rows with an image_shape",
            received=repr(dataset),
        )


def _grid(subject: Subject, title: str, alt: str) -> Picture:
    words = captions(subject)
    widest = max(inches(text, 8.5) for lines in words for text, _ in lines)
    step, down = max(SIDE, widest) + 0.12, SIDE + 0.48
    across = min(ACROSS, len(subject))
    lines = -(-len(subject) // ACROSS)
    width = max(2 * MARGIN + across * step, inches(title, 11) + 2 * MARGIN)
    with board(width, TITLE + lines * down + 0.05, title) as drawn:
        for index, said in enumerate(words):
            line, column = divmod(index, ACROSS)
            x, y = MARGIN + column * step, TITLE + line * down
            place = Place(x, y, step - 0.12, SIDE).within(subject.shape)
            drawn.image(subject.images[index], place, *subject.range)
            drawn.box(place)
            for number, (text, colour) in enumerate(said):
                drawn.words(
                    place.middle, y + SIDE + 0.12 + 0.16 * number, text,
                    colour=colour, size=8.5, align="center",
                )  # fmt: skip
        return drawn.picture(alt)
