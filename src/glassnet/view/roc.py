"""How well a number tells two kinds of rows apart: distributions, ROC curve, and its area."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DataError
from .numbers import number
from .picture import Picture
from .plot import COLOURS, INK, plotting

Array = np.ndarray[Any, Any]

BINS = 40


def roc(
    usual: Any,
    unusual: Any,
    *,
    names: tuple[str, str] = ("usual", "unusual"),
    measure: str = "score",
) -> Picture:
    """Both distributions of a score, and the share found against the share of false alarms.

    Each threshold of the score is a point of the curve: how many of the unusual rows lie above it,
    and how many of the usual ones. The area under it is the probability that an unusual row has the
    larger score; ½ is guessing, 1 perfect.
    Source: Hanley and McNeil, "The meaning and use of the area under a ROC curve", 1982.

    Args:
        usual: scores (N,) of rows that shall have small ones, such as reconstruction errors of
            clean images.
        unusual: scores (M,) of rows that shall have large ones.
        names: what both are called.
        measure: what the score is, with its unit.

    Raises:
        DataError: no scores, or NaN among them.

    >>> from glassnet import view
    >>> view.roc([1.0, 2.0, 3.0], [2.5, 4.0], names=("clean", "corrupted"))
    <picture: Score of 3 clean and 2 corrupted rows: medians 2 and 3.25. Area under the ROC curve \
0.8333; at 5 % false alarms 50 % are found.>
    """
    low, high = (
        _scores(values, name) for values, name in zip((usual, unusual), names, strict=True)
    )
    alarms, found = curve(low, high)
    area = auc(low, high)
    at_five = float(found[alarms <= 0.05].max())
    with plotting(8.2, 3.5, columns=2, width_ratios=(1.25, 1)) as plot:
        left, right = plot.panels
        edges = np.histogram_bin_edges(np.concatenate([low, high]), BINS)
        for values, name, colour, pattern in zip(
            (low, high), names, COLOURS, (None, "///"), strict=False
        ):
            shares = 100 * np.histogram(values, edges)[0] / len(values)
            left.stairs(
                shares, edges, fill=True, facecolor=colour, edgecolor=colour, alpha=0.35,
                linewidth=0, hatch=pattern,
            )  # fmt: skip
            left.stairs(shares, edges, color=colour, linewidth=1.6, label=f"{name} ({len(values)})")
        left.set(xlabel=measure, ylabel="rows in %", title="How the scores are distributed")
        left.legend(frameon=False, labelcolor=INK, fontsize=9.5)
        right.plot([0, 100], [0, 100], color=INK, linestyle=":", linewidth=1, label="guessing")
        label = f"area {area:.4g}"
        right.plot(100 * alarms, 100 * found, color=COLOURS[2], linewidth=2, label=label)
        right.set(
            xlabel=f"{names[0]}, taken for {names[1]}, in %", ylabel=f"{names[1]}, found, in %",
            title="ROC curve", xlim=(-2, 102), ylim=(-2, 102), aspect="equal",
        )  # fmt: skip
        right.legend(frameon=False, labelcolor=INK, fontsize=9.5, loc="lower right")
        medians = (number(float(np.median(values)), 3) for values in (low, high))
        return plot.picture(
            f"{measure.capitalize()} of {len(low)} {names[0]} and {len(high)} {names[1]} rows: "
            f"medians {' and '.join(medians)}. Area under the ROC curve {area:.4g}; at 5 % false "
            f"alarms {100 * at_five:.0f} % are found."
        )


def auc(usual: Any, unusual: Any) -> float:
    """P(unusual > usual) + ½ P(unusual = usual): the area under the ROC curve

    >>> auc([1.0, 2.0], [2.0, 3.0])
    0.875
    """
    low, high = (np.asarray(values, np.float64).ravel() for values in (usual, unusual))
    ordered = np.sort(low)
    below, equal = (np.searchsorted(ordered, high, side) for side in ("left", "right"))
    return float((below + equal).mean() / (2 * len(low)))


def curve(usual: Array, unusual: Array) -> tuple[Array, Array]:
    """Shares of both above every threshold, from the highest to the lowest: each from 0 to 1."""
    thresholds = np.unique(np.concatenate([usual, unusual]))[::-1]
    alarms, found = (
        np.append(0.0, 1.0 - np.searchsorted(np.sort(values), thresholds) / len(values))
        for values in (usual, unusual)
    )
    return alarms, found


def _scores(values: Any, name: str) -> Array:
    scores = np.asarray(values, np.float64).ravel()
    if not scores.size or not np.isfinite(scores).all():
        raise DataError(
            f"there are no scores of {name} rows to compare",
            expected="finite numbers, one at least",
            received=f"{scores.size} numbers, {int((~np.isfinite(scores)).sum())} not finite",
        )
    return scores
