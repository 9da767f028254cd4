"""Which class is taken for which: the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import DataError, ShapeError
from .picture import Picture
from .plot import COLOURS, INK, MUTED, plotting

Array = np.ndarray[Any, Any]

RIGHT, WRONG = COLOURS[0], COLOURS[1]
ENDS = 1.0  # inches for what stands at the ends of rows
STRONGEST = 0.55  # opacity of a full cell: the number on it stays readable


def confusion(truth: Any, predicted: Any = None, classes: Sequence[str] = ()) -> Picture:
    """How many rows of each true class were taken for which class.

    Right ones stand on the diagonal; the stronger a cell's colour, the larger its share of its
    row. At the end of a row stands the share of that class that was recognised.

    Args:
        truth: class indices (N,); or, without `predicted`, the counts (classes, classes), such as
            `run.matrices["confusion"][-1]`.
        predicted: class indices (N,).
        classes: the classes' names; their numbers where counts are given without names.

    Raises:
        DataError: an index without a name, or unequal numbers of rows.
        ShapeError: counts that are no square of integers.

    >>> from glassnet import view
    >>> view.confusion([0, 0, 1], [0, 1, 1], classes=["cat", "dog"])
    <picture: Confusion matrix of 3 rows: 2 right, 1 wrong. Most often cat was taken for dog (1).>
    """
    if predicted is None:
        counts = _square(truth, classes)
        classes = classes or [str(i) for i in range(len(counts))]
    else:
        counts = count(truth, predicted, len(classes))
    cell = min(max(5.2 / len(classes), 0.45), 0.75)  # inches
    names = 0.1 * max(map(len, classes)) + 0.4
    side = cell * len(classes)
    with plotting(names + side + ENDS, names + side + 0.3, grid=False) as plot:
        axes = plot.axes
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        for (row, column), number in np.ndenumerate(counts):
            _cell(axes, row, column, int(number), float(shares[row, column]))
        ends = [f"{100 * shares[i, i]:.0f} %" for i in range(len(classes))]
        _frame(axes, classes, ends, room=ENDS / cell)
        return plot.picture(_alt(counts, classes))


def _square(counts: Any, classes: Sequence[str]) -> Array:
    """The counts (classes, classes); ShapeError unless they are that."""
    found: Array = np.asarray(counts)
    size = len(classes) or len(found)
    if found.shape != (size, size) or found.dtype.kind not in "iu":
        raise ShapeError(
            "there is a count for each pair of a true and a predicted class",
            expected=f"integers ({size}, {size})",
            received=f"{found.dtype} {found.shape}",
            mend="confusion(truth, predicted, classes) counts labels itself",
        )
    return found


def count(truth: Any, predicted: Any, classes: int) -> Array:
    """Counts (classes, classes): a row for each true class, a column for each predicted one."""
    pair = [np.asarray(labels).ravel() for labels in (truth, predicted)]
    if pair[0].shape != pair[1].shape:
        raise DataError(
            "each row has a true and a predicted class",
            expected=f"{len(pair[0])} predictions",
            received=f"{len(pair[1])}",
        )
    labels = np.concatenate(pair)
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise DataError(
            "a label has no name",
            expected=f"labels from 0 to {classes - 1}",
            received=f"{labels.min()} … {labels.max()}",
        )
    return np.bincount(pair[0] * classes + pair[1], minlength=classes**2).reshape(classes, classes)


def _cell(axes: Any, row: int, column: int, number: int, share: float) -> None:
    from matplotlib.patches import Rectangle

    colour = RIGHT if row == column else WRONG
    # A mistake is seen even where it is rare.
    strength = share if row == column else min(1.0, 0.4 + 2.0 * share) if number else 0.0
    axes.add_patch(
        Rectangle(
            (column - 0.47, row - 0.47), 0.94, 0.94,
            facecolor=colour, alpha=STRONGEST * strength, linewidth=0,
        )
    )  # fmt: skip
    if number:
        weight = "bold" if row == column else "normal"
        axes.text(column, row, str(number), ha="center", va="center", color=INK, weight=weight)


def _frame(axes: Any, classes: Sequence[str], ends: list[str], room: float) -> None:
    """Names of the classes, and with this room (in cells) what stands at the ends of rows."""
    places, edge = np.arange(len(classes)), len(classes) - 0.5
    axes.set(
        xlim=(-0.5, edge + room), ylim=(edge, -0.5 - 0.3 * room), aspect="equal", ylabel="true"
    )
    axes.set_xlabel("predicted", x=len(classes) / (2 * (len(classes) + room)))
    slanted = max(map(len, classes)) > 3
    axes.set_xticks(
        places, classes, rotation=30 if slanted else 0, ha="right" if slanted else "center"
    )
    axes.set_yticks(places, classes)
    axes.tick_params(length=0, labelcolor=INK)
    for side in axes.spines.values():
        side.set_visible(False)
    for place, text in zip([-0.5 - 0.15 * room, *places], ["recognised", *ends], strict=True):
        axes.text(edge + 0.1 * room, place, text, va="center", color=MUTED, fontsize=9)


def _alt(counts: Array, classes: Sequence[str]) -> str:
    right, total = int(np.trace(counts)), int(counts.sum())
    text = f"Confusion matrix of {total} rows: {right} right, {total - right} wrong."
    mistakes = counts - np.diag(np.diag(counts))
    if mistakes.any():
        row, column = divmod(int(mistakes.argmax()), len(classes))
        worst = mistakes[row, column]
        text += f" Most often {classes[row]} was taken for {classes[column]} ({worst})."
    return text
