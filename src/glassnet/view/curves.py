"""How training went: a number of the history over the epochs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..train import METRICS, History
from ..train.history import HELD_OUT
from .picture import Picture
from .plot import COLOURS, INK, logarithmic, plotting

TITLES = {
    "loss": "loss",
    "r2": "R²",
    "mae": "mean absolute error",
    **{name: name.replace("_", " ") for name in METRICS if name not in ("r2", "mae")},
}
SMALL_IS_GOOD = {"loss", *(name for name, one in METRICS.items() if not one.higher_is_better)}
SHARES = ("accuracy", "top", "precision", "recall", "f1")
PERCENT = {name for name in METRICS if name.startswith(SHARES)}


def curves(history: History, name: str = "loss", *, small_is_good: bool | None = None) -> Picture:
    """A number of the history, epoch by epoch, for the training data and for the data held out.

    The best epoch on the data held out is marked. A loss that falls to a twentieth or less is drawn
    on a logarithmic axis.

    Args:
        history: of a run.
        name: a column, such as "loss" or "accuracy"; its `validation_` twin is drawn with it.
        small_is_good: whether the best is the smallest; known for the usual numbers.

    Raises:
        ArgumentError: the history has no such column.
    """
    title = TITLES.get(name, name)
    with plotting() as plot:
        lines = draw_column(plot.axes, history, name, small_is_good=small_is_good)
        plot.axes.set(xlabel="epoch", ylabel=title)
        plot.legend()
        return plot.picture(_alt(title, name, lines))


def draw_column(
    axes: Any, history: History, name: str, *, small_is_good: bool | None = None
) -> dict[str, list[float]]:
    """Draws a column and its twin into a panel, the best epoch marked; what it has drawn."""
    lines = {"training": history.column(name)}
    if HELD_OUT + name in history.columns:
        lines["held out"] = history.column(HELD_OUT + name)
    epochs = history.column("epoch")
    best = min if (name in SMALL_IS_GOOD if small_is_good is None else small_is_good) else max
    for (label, values), colour, dash in zip(lines.items(), COLOURS, ("-", "--"), strict=False):
        marker = "o" if len(values) == 1 else None
        axes.plot(
            epochs, values, color=colour, linestyle=dash, linewidth=2, label=label, marker=marker
        )
    label, values = list(lines.items())[-1]
    finite = [(value, epoch) for value, epoch in zip(values, epochs, strict=True) if _ok(value)]
    if finite:
        value, epoch = best(finite, key=lambda pair: pair[0])
        text = f"best {label}: {number_text(name, value)}, epoch {epoch:.0f}"
        colour = COLOURS[len(lines) - 1]
        axes.plot(epoch, value, "o", color=colour, markersize=7, markeredgecolor=INK, label=text)
    scale(axes, name, [v for line in lines.values() for v in line])
    axes.set_xlim(min(epochs) - 0.02 * len(epochs), max(epochs) + 0.02 * len(epochs) + 0.01)
    axes.xaxis.get_major_locator().set_params(integer=True)
    return lines


def measured(history: History) -> list[str]:
    """The columns that are numbers of the network on its training data, the loss first."""
    return [
        name
        for name in history.columns
        if name not in ("epoch", "seconds") and not name.startswith(HELD_OUT)
    ]


def scale(axes: Any, name: str, values: Sequence[float]) -> None:
    """The axis that suits a column: per cent, logarithmic, or as it is."""
    from matplotlib.ticker import FuncFormatter

    finite = np.array([v for v in values if _ok(v)])
    if name in PERCENT:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.4g} %"))
    elif name == "loss" and finite.size and finite.min() > 0 and finite.max() > 20 * finite.min():
        logarithmic(axes, "y")


def _ok(value: float) -> bool:
    return math.isfinite(value)


def number_text(name: str, value: float) -> str:
    """A number of a column in short."""
    return f"{100 * value:.1f} %" if name in PERCENT else f"{value:.3g}"


def _alt(title: str, name: str, lines: dict[str, list[float]]) -> str:
    parts = [
        f"{label} from {number_text(name, values[0])} to {number_text(name, values[-1])}"
        for label, values in lines.items()
    ]
    count = len(next(iter(lines.values())))
    return f"{title.capitalize()} over {count} epochs: {', '.join(parts)}."
