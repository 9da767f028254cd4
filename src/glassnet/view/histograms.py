"""How the values of weights, gradients, updates and activations were spread, step after step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..train import Series, Statistics
from .palette import ROLES
from .picture import Picture
from .plot import COLOURS, MUTED, plotting

Array = np.ndarray[Any, Any]
MOST = 9  # panels
RIDGES = 12  # readings drawn of a panel
PLACES = 96  # where a ridge's height is computed
OVERLAP = 2.4  # heights of a row that a ridge reaches up
TITLES = {
    "weight": "weights",
    "gradient": "gradients",
    "update": "updates",
    "activation": "outputs",
}
FILL = ROLES["leaf"].light
WIDTH, HEIGHT = 2.9, 2.7  # inches of a panel


def histograms(
    statistics: Statistics, kind: str = "weight", names: Sequence[str] | None = None
) -> Picture:
    """A panel for each layer: the histogram of its values at one reading below the other.

    Time runs down: the first reading stands at the back, on top, the last one in front. A ridge
    shows which values are frequent and which are rare in one reading; all ridges are equally tall.

    Args:
        statistics: of a run: `run.statistics`.
        kind: "weight", "gradient", "update" or "activation".
        names: parameters, or for activations layers; left out, weights without biases, or layers,
            at most nine.

    Raises:
        ArgumentError: nothing of that kind or name was measured.

    >>> import glassnet as gn
    >>> from glassnet import data, nn, view
    >>> model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    >>> run = gn.fit(model, data.moons(100, seed=0), epochs=20, statistics=True, watch_every=10)
    >>> view.histograms(run.statistics).alt[:60]
    'Histograms of the weights of 2 parameters over steps 1 to 71'
    """
    chosen = chosen_names(statistics, kind, names, MOST)
    columns = 2 if len(chosen) in (2, 4) else min(3, len(chosen))
    rows = -(-len(chosen) // columns)
    with plotting(
        max(WIDTH * columns, 4.2), HEIGHT * rows + 0.35, rows=rows, columns=columns, grid=False
    ) as plot:
        for place, panel in enumerate(plot.panels):
            if place >= len(chosen):
                panel.set_axis_off()
                continue
            _ridges(panel, statistics, statistics[kind, chosen[place]])
            panel.set_title(title_of(statistics, kind, chosen[place]))
            panel.set_ylabel("step" if place % columns == 0 else "")
            panel.set_xlabel(TITLES[kind] if place >= len(chosen) - columns else "")
        return plot.picture(_alt(statistics, kind, chosen))


def chosen_names(
    statistics: Statistics, kind: str, names: Sequence[str] | None, most: int
) -> tuple[str, ...]:
    """The names that are drawn: those asked for, or else so many at most."""
    if not len(statistics):
        raise ArgumentError(
            "there is no reading to draw",
            mend="fit(…, statistics=True) reads at step 1 and then every watch_every steps",
        )
    known = statistics.names(kind)
    if names is None:
        usual = known if kind == "activation" else statistics.matrices or known
        if len(usual) > most:  # some of them, from the first to the last
            usual = tuple(usual[i] for i in np.linspace(0, len(usual) - 1, most).astype(int))
        return usual
    for name in names:
        statistics[kind, name]  # says what is wrong with it
    return tuple(names)


def title_of(statistics: Statistics, kind: str, name: str) -> str:
    """`3 (ReLU)` for a layer, `0.weight` for a parameter."""
    if kind != "activation":
        return name
    layer = statistics.layers.get(name, "")
    return f"{name} ({layer})" if name else layer


def _ridges(panel: Any, statistics: Statistics, series: Series) -> None:
    readings = np.unique(np.linspace(0, len(statistics) - 1, RIDGES).round().astype(int))
    low, high = _extent(series)
    edges = np.linspace(low, high, PLACES + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    shares = _smooth(np.stack([np.diff(series.below(reading, edges)) for reading in readings]))
    heights = OVERLAP * shares / np.maximum(shares.max(axis=1, keepdims=True), 1e-12)
    across = np.concatenate([[low], middles, [high]])
    for row, height in enumerate(heights):
        ridge = row - np.concatenate([[0.0], height, [0.0]])
        panel.fill(
            across, ridge, facecolor=FILL, edgecolor=COLOURS[0], linewidth=1.0, zorder=2 + row
        )
    panel.set(xlim=(low, high), ylim=(len(readings) - 0.6, -OVERLAP - 0.2))
    shown = np.unique(np.linspace(0, len(readings) - 1, 4).round().astype(int))
    panel.set_yticks(shown, [f"{statistics.steps[readings[i]]:,}" for i in shown])
    panel.locator_params(axis="x", nbins=5)
    panel.tick_params(axis="y", length=0)
    panel.spines["left"].set_visible(False)
    if low < 0.0 < high:
        panel.axvline(0.0, color=MUTED, linewidth=0.6, zorder=0)


def _extent(series: Series) -> tuple[float, float]:
    """From where to where: what holds 99 % of the values of the widest reading."""
    lows, highs = [], []
    for reading in range(len(series.low)):
        places = np.linspace(series.low[reading], series.high[reading], 201)
        below = series.below(reading, places)
        lows.append(places[int(np.searchsorted(below, 0.005, side="right")) - 1])
        highs.append(places[min(int(np.searchsorted(below, 0.995)), 200)])
    low, high = float(min(lows)), float(max(highs))
    margin = 0.04 * (high - low) or 0.1 * abs(low) or 1.0
    return low - margin, high + margin


def _smooth(shares: Array) -> Array:
    """A mean over neighbours with weights 1, 2, 3, 2, 1: bins of a histogram have no corners."""
    kernel = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0
    return np.stack([np.convolve(row, kernel, mode="same") for row in shares])


def _alt(statistics: Statistics, kind: str, names: Sequence[str]) -> str:
    steps = statistics.steps
    parts = []
    for name in names:
        rms = statistics[kind, name].rms
        title = title_of(statistics, kind, name)
        parts.append(f"{title}: root mean square {rms[0]:.2g} at first, {rms[-1]:.2g} at last")
    what = "layers" if kind == "activation" else "parameters"
    return (
        f"Histograms of the {TITLES[kind]} of {len(names)} {what} over steps {steps[0]} to "
        f"{steps[-1]}. {'; '.join(parts)}."
    )
