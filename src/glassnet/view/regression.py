"""How close predicted numbers come to the true ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError
from .picture import Picture
from .plot import COLOURS, INK, MARKERS, plotting


def predicted_against_true(truth: Any, predicted: Any, *, name: str = "target") -> Picture:
    """A point for each row: the true number across, the predicted one up; right ones on the line.

    Args:
        truth: (N,) or (N, outputs).
        predicted: of the same shape.
        name: what the number is, with its unit.

    Raises:
        ShapeError: the shapes differ.

    >>> from glassnet import view
    >>> view.predicted_against_true([1.0, 2.0], [1.5, 2.0])
    <picture: Predicted against true target for 2 rows; mean absolute error 0.25.>
    """
    true, found = (np.asarray(x, np.float64) for x in (truth, predicted))
    if true.shape != found.shape:
        raise ShapeError(
            "each true number has a predicted one",
            expected=f"predictions of shape {true.shape}",
            received=f"{found.shape}",
        )
    true, found = true.reshape(len(true), -1), found.reshape(len(found), -1)
    low, high = min(true.min(), found.min()), max(true.max(), found.max())
    margin = 0.04 * (high - low) or 1.0
    ends = [low - margin, high + margin]
    error = float(np.abs(true - found).mean())
    with plotting(4.6, 4.4) as plot:
        plot.axes.plot(ends, ends, color=INK, linewidth=1.2, label="predicted = true", zorder=1)
        together = true.shape[1] == 1 or true.shape[1] > len(MARKERS)  # too many to tell apart
        columns = [slice(None)] if together else [slice(i, i + 1) for i in range(true.shape[1])]
        for i, column in enumerate(columns):
            plot.axes.scatter(
                true[:, column], found[:, column], s=18, alpha=0.6, linewidths=0, zorder=2,
                color=COLOURS[i], marker=MARKERS[i],
                label="held-out row" if together else f"output {i + 1}",
            )  # fmt: skip
        plot.axes.set(
            xlim=ends, ylim=ends, aspect="equal", xlabel=f"true {name}", ylabel=f"predicted {name}"
        )
        plot.legend(loc="upper left")
        return plot.picture(
            f"Predicted against true {name} for {len(true)} rows; mean absolute error {error:.3g}."
        )
