"""Gradient descent beside stochastic gradient descent: their losses, and the gradients' scatter."""

from __future__ import annotations

import numpy as np

from ..train import GradientNoise
from .picture import Picture
from .plot import COLOURS, INK, MUTED, logarithmic, plotting


def noise(found: GradientNoise) -> Picture:
    """Left the loss of all rows after each step; right how far a batch's gradient lies off.

    Args:
        found: what `gn.gradient_noise` returned.
    """
    with plotting(8.6, 3.7, columns=2) as plot:
        left, right = plot.panels
        steps = np.arange(found.losses.shape[1])
        for place, (size, curve) in enumerate(zip(found.sizes, found.losses, strict=True)):
            whole = place == len(found.sizes) - 1
            name = f"all {size:,} rows" if whole else f"{size:,} row{'s' * (size > 1)} a step"
            left.plot(
                steps, curve, color=INK if whole else COLOURS[place % len(COLOURS)], label=name,
                linewidth=2.2 if whole else 1.2, linestyle="--" if whole else "-",
                zorder=4 if whole else 2,
            )  # fmt: skip
        left.set(xlabel="step", title="loss over all rows")
        sizes = np.array(found.sizes[:-1])
        places = np.geomspace(1, 0.995 * found.sizes[-1], 200)
        law = found.expected(places)
        right.plot(
            places, law, color=MUTED, linewidth=1.4, label="theory: σ/√M, without replacement"
        )
        for place, (size, spread) in enumerate(zip(sizes, found.spreads[:-1], strict=True)):
            right.plot(size, spread, "o", color=COLOURS[place % len(COLOURS)], markersize=7)
        logarithmic(right, "x", "y")
        right.set(xlabel="rows a step, M", title="error of a batch's gradient ÷ gradient")
        right.set_ylim(0.4 * found.spreads[:-1].min(), 2.0 * max(law[0], found.spreads.max()))
        plot.legend_below()
        ends = ", ".join(
            f"{size:,} row{'s' * (size > 1)} a step {curve[-1]:.3g}"
            for size, curve in zip(found.sizes, found.losses, strict=True)
        )
        spreads = ", ".join(
            f"{size:,}: {spread:.2g}"
            for size, spread in zip(sizes, found.spreads[:-1], strict=True)
        )
        return plot.picture(
            f"Descents with a learning rate of {found.rate:g} and batches of several sizes. Loss "
            f"after {len(steps) - 1} steps: {ends}. Error of a batch's gradient, relative to the "
            f"gradient of all rows, by its size: {spreads}."
        )
