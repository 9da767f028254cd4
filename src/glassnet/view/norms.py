"""How large gradients, weights and updates were while a network learned, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..train import Statistics
from .histograms import chosen_names
from .picture import Picture
from .plot import COLOURS, DASHES, INK, MUTED, logarithmic, plotting

MOST_LINES = 8
USUAL = 1e-3  # of itself that a step changes a weight


def norms(statistics: Statistics, names: Sequence[str] | None = None) -> Picture:
    """Three panels over the steps, a line for each weight: gradients, weights, and their ratio.

    Left the root mean square of the gradient, in the middle that of the weight, right
    ‖update‖ / ‖weight‖: by how much of itself a step changed the weight, where about 0.001 is
    usual. The axes of gradients and ratios are logarithmic: layers whose gradients vanish lie far
    below the others.

    Args:
        statistics: of a run: `run.statistics`.
        names: of parameters; left out, weights without biases, at most eight.

    Raises:
        ArgumentError: nothing of that name was measured.

    >>> import glassnet as gn
    >>> from glassnet import data, nn, view
    >>> model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    >>> run = gn.fit(model, data.moons(100, seed=0), epochs=20, statistics=True, watch_every=10)
    >>> view.norms(run.statistics).alt[:66]
    'Gradients, weights and updates over steps 1 to 71. 0.weight: gradi'
    """
    chosen = chosen_names(statistics, "gradient", names, MOST_LINES)
    steps = statistics.steps
    lines = {
        name: (
            statistics["gradient", name].rms,
            statistics["weight", name].rms,
            statistics.ratio(name),
        )
        for name in chosen
    }
    with plotting(9.6, 3.5, columns=3) as plot:
        titles = ("gradient, root mean square", "weight, root mean square", "‖update‖ / ‖weight‖")
        for column, (panel, title) in enumerate(zip(plot.panels, titles, strict=True)):
            for place, (name, found) in enumerate(lines.items()):
                values = np.where(found[column] > 0, found[column], np.nan)  # 0 has no logarithm
                panel.plot(
                    steps, values, color=COLOURS[place % len(COLOURS)], label=name,
                    linestyle=DASHES[place % len(DASHES)], linewidth=1.7,
                    marker="o" if len(steps) == 1 else None,
                )  # fmt: skip
            if column != 1:
                logarithmic(panel, "y")
            panel.set(xlabel="step", title=title)
            panel.locator_params(axis="x", nbins=5)
        last = plot.panels[2]
        last.axhline(USUAL, color=MUTED, linewidth=1.0, linestyle=":")
        last.annotate(
            "usual", (1.0, USUAL), xycoords=("axes fraction", "data"), color=INK, fontsize=8,
            ha="right", va="bottom",
        )  # fmt: skip
        plot.legend_below()
        parts = [
            f"{name}: gradient {g[0]:.2g} to {g[-1]:.2g}, weight {w[0]:.2g} to {w[-1]:.2g}, "
            f"a step changed it by {100 * float(np.median(r)):.2g} % of itself"
            for name, (g, w, r) in lines.items()
        ]
        return plot.picture(
            f"Gradients, weights and updates over steps {steps[0]} to {steps[-1]}. "
            f"{'; '.join(parts)}."
        )
