"""How near networks of growing width come to a function, and the single units that add up to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..graph import no_grad
from ..tensor import Tensor, float32
from ..train.approximation import Approximation
from .numbers import number
from .picture import Picture
from .plot import COLOURS, INK, MUTED, plotting

Array = np.ndarray[Any, Any]

SHOWN = 4  # networks that have a column of their own
POINTS = 401  # of a curve
UNITS = 8  # a network with more of them is not drawn unit by unit, unless it is asked for
DOMAINS = ("", "²", "³")


def approximation(found: Approximation) -> Picture:
    """Target, networks and errors for growing width, and the curve of the largest error.

    Of a function of one number: for each of up to four widths the target with the network above,
    their difference below; then the largest error against the width. Of two or three numbers that
    curve alone.

    Args:
        found: what `gn.approximate` returned.
    """
    if found.dimensions > 1:
        with plotting(5.2, 3.6) as plot:
            _falling(plot.axes, found)
            plot.axes.set_title(_title(found))
            return plot.picture(_words(found))
    shown = _spread(found)
    size = (2.2 * len(shown) + 2.9, 4.2)
    ratios = [2.2] * len(shown) + [2.6]
    with plotting(*size, rows=2, columns=len(shown) + 1, width_ratios=ratios) as plot:
        upper, lower = plot.panels[: len(shown) + 1], plot.panels[len(shown) + 1 :]
        x = np.linspace(found.low, found.high, POINTS)[:, None]
        target = found.target(x)
        for above, below, index in zip(upper, lower, shown, strict=False):
            network = found.networks[index]
            values = network.model.predict(x)[:, 0]
            above.plot(x, target, color=INK, linewidth=1.2, linestyle="--", label=found.name)
            above.plot(x, values, color=COLOURS[0], linewidth=2, label="network", zorder=1)
            above.set_title(f"{network.width} unit{'s' * (network.width != 1)}")
            _error(below, x, values - target, network.error)
        upper[0].set_ylabel("f(x)")
        lower[0].set_ylabel("error")
        _falling(upper[-1], found)
        upper[-1].set_title("largest error")
        lower[-1].set_axis_off()
        plot.legend_below()
        return plot.picture(_words(found))


def units(found: Approximation, width: int | None = None) -> Picture:
    """The single units vⱼ σ(aⱼ x + bⱼ) of a network of one number, and how they add up.

    Left every unit by itself, right the sum after each of them, from the constant c to the whole
    network.

    Args:
        found: what `gn.approximate` returned, for a function of one number.
        width: which of its networks; the widest with at most 8 units when left out.

    Raises:
        ArgumentError: f has more than one variable, or there is no network of that width.
    """
    few = [one for one in found.widths if one <= UNITS] or [min(found.widths)]
    width = max(few) if width is None else width
    if found.dimensions > 1 or width not in found.widths:
        raise ArgumentError(
            "the units of this network are not drawn",
            expected=f"a function of one number, and one of the widths {found.widths}",
            received=f"{found.dimensions} dimensions and width {width}",
        )
    network = found.networks[found.widths.index(width)]
    x = np.linspace(found.low, found.high, POINTS)
    single, constant = contributions(network.model, x)
    sums = np.cumsum(np.concatenate([np.full((1, POINTS), constant), single]), axis=0)
    with plotting(8.4, 3.6, columns=2) as plot:
        left, right = plot.panels
        for index, curve in enumerate(single):
            left.plot(x, curve, color=COLOURS[index % len(COLOURS)], linewidth=1.6)
        for index, curve in enumerate(sums[1:-1]):
            right.plot(
                x, curve, color=COLOURS[index % len(COLOURS)], linewidth=1.0, alpha=0.7,
                label=None if index else "after each unit",
            )  # fmt: skip
        right.plot(x, sums[-1], color=COLOURS[0], linewidth=2.4, label="all: the network")
        right.plot(
            x, found.target(x[:, None]), color=INK, linewidth=1.2, linestyle="--", label=found.name
        )
        left.set(title=f"{width} units, vσ(ax + b)", ylabel="value")
        right.set(title=f"their sum, from c = {number(constant, 3)} on")
        for panel in plot.panels:
            panel.set(xlabel="x", xlim=(found.low, found.high))
        plot.legend_below()
        sizes = ", ".join(number(float(np.abs(curve).max()), 3) for curve in single)
        return plot.picture(
            f"The {width} sigmoid units whose sum approximates {found.name} to within "
            f"{number(network.error, 3)}. The largest value of each: {sizes}; constant "
            f"{number(constant, 3)}."
        )


def contributions(model: Any, x: Array) -> tuple[Array, float]:
    """What each hidden unit adds to the output at points x (rows,): (units, rows), and the rest."""
    with no_grad():
        hidden = model[1](model[0](Tensor(x[:, None].astype(float32)))).numpy()
    weights = model[2].weight.numpy()[0]
    return np.asarray((hidden * weights).T), float(model[2].bias.numpy()[0])


def _error(panel: Any, x: Array, error: Array, largest: float) -> None:
    panel.axhline(0.0, color=MUTED, linewidth=0.8)
    panel.plot(x, error, color=COLOURS[1], linewidth=1.6, label="network − target")
    for end in (-largest, largest):
        panel.axhline(
            end, color=COLOURS[1], linewidth=1.0, linestyle=":",
            label=None if end < 0 else "largest error",
        )  # fmt: skip
    panel.set(
        xlabel="x", ylim=(-1.25 * largest, 1.25 * largest), yticks=[-largest, 0.0, largest],
        yticklabels=[number(end, 2) for end in (-largest, 0.0, largest)],
    )  # fmt: skip


def _falling(panel: Any, found: Approximation) -> None:
    """The largest error against the width, both logarithmic."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

    panel.plot(found.widths, found.errors, "o-", color=COLOURS[1], linewidth=2, markersize=5)
    panel.set(xscale="log", yscale="log", xlabel="hidden units", ylabel="sup |network − f|")
    panel.set_xticks(found.widths)
    panel.xaxis.set_minor_locator(NullLocator())
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    if max(found.errors) < 100 * min(found.errors):  # few decades: 1, 2 and 5 of each
        panel.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    panel.yaxis.set_minor_formatter(NullFormatter())


def _spread(found: Approximation) -> Sequence[int]:
    """Up to four networks, evenly from the narrowest to the widest."""
    last = len(found.networks) - 1
    return sorted({round(i * last / max(1, SHOWN - 1)) for i in range(SHOWN)})


def _title(found: Approximation) -> str:
    low, high = number(found.low), number(found.high)
    return f"{found.name} on [{low}, {high}]{DOMAINS[found.dimensions - 1]}"


def _words(found: Approximation) -> str:
    errors = ", ".join(f"{number(one.error, 3)} with {one.width}" for one in found.networks)
    low, high = number(found.low), number(found.high)
    each = "" if found.dimensions == 1 else f" in each of {found.dimensions} directions"
    return (
        f"{found.name} from {low} to {high}{each}, approximated by sums of sigmoid units. "
        f"Largest error: {errors}."
    )
