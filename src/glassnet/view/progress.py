"""A training at a glance: loss, metric and learning rate over its steps and epochs."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..train import Run
from ..train.history import HELD_OUT
from .curves import TITLES, draw_column, measured, number_text, scale
from .picture import Picture
from .plot import COLOURS, MUTED, Plot, plotting

Array = np.ndarray[Any, Any]
WINDOW = 0.03  # of the training that the running mean of the loss looks back


def progress(run: Run, *, metric: bool = True) -> Picture:
    """Panels side by side: loss, the first metric, and the learning rate.

    The loss is drawn for every step, faintly, with its running mean, and for the data held out
    after every epoch; the metric after every epoch; the learning rate at every step.

    Args:
        run: what `fit` returned.
        metric: whether the metric has a panel.

    Raises:
        ArgumentError: no epoch was completed.

    >>> import glassnet as gn
    >>> from glassnet import data, nn, view
    >>> model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    >>> run = gn.fit(model, data.moons(100, seed=0), epochs=5, validation=0.2)
    >>> view.progress(run).alt[:33]
    'Training over 5 epochs, 15 steps.'
    """
    history = run.history
    if not len(history):
        raise ArgumentError("no epoch was completed, so there is nothing to draw")
    metrics = measured(history)[1:2] if metric else []
    with plotting(3.3 * (2 + len(metrics)), 3.3, columns=2 + len(metrics)) as plot:
        words = [_loss(plot, run)]
        for name in metrics:
            panel = plot.panels[1]
            draw_column(panel, history, name)
            panel.set(xlabel="epoch", title=TITLES.get(name, name))
            ends = [history.column(p + name)[-1] for p in _prefixes(run, name)]
            told = " and ".join(number_text(name, value) for value in ends)
            words.append(f"{TITLES.get(name, name).capitalize()} {told} at the end.")
        words.append(_rate(plot.panels[-1], run))
        plot.legend_below()
        count = f"Training over {len(history)} epochs, {len(run.losses):,} steps."
        return plot.picture(" ".join([count, *words]))


def _prefixes(run: Run, name: str) -> list[str]:
    return [p for p in ("", HELD_OUT) if p + name in run.history.columns]


def _loss(plot: Plot, run: Run) -> str:
    panel, losses, history = plot.axes, run.losses, run.history
    epochs = np.array(history.column("epoch"))
    drawn = list(history.column("loss"))
    if len(losses):
        steps = np.arange(1, len(losses) + 1)
        every = len(losses) / len(history)  # steps an epoch
        faint, mean = _fewer(steps, losses), _fewer(steps, smooth(losses))
        panel.plot(*faint, color=MUTED, linewidth=0.6, alpha=0.55, label="each step")
        panel.plot(*mean, color=COLOURS[0], linewidth=2, label="training")
        drawn += [*mean[1], *np.percentile(losses, [1, 99])]
    else:
        every = 1.0
        panel.plot(epochs, history.column("loss"), color=COLOURS[0], linewidth=2, label="training")
    if HELD_OUT + "loss" in history.columns:
        held = history.column(HELD_OUT + "loss")
        drawn += held
        panel.plot(
            epochs * every, held, color=COLOURS[1], linestyle="--", linewidth=2, label="held out"
        )
    scale(panel, "loss", drawn)
    finite = np.array([value for value in drawn if np.isfinite(value)])
    span = 0.05 * float(np.ptp(finite))
    if panel.get_yscale() == "linear" and span:
        panel.set_ylim(finite.min() - span, finite.max() + span)
    panel.set(xlabel="step" if len(losses) else "epoch", title="loss")
    panel.locator_params(axis="x", nbins=5)
    ends = [history.column(p + "loss") for p in _prefixes(run, "loss")]
    told = ", held out ".join(f"{v[0]:.3g} to {v[-1]:.3g}" for v in ends)
    return f"Loss {told}."


def _rate(panel: Any, run: Run) -> str:
    panel.set(xlabel="step", title="learning rate", ylim=(0, None))
    if not len(run.rates):
        panel.text(0.5, 0.5, "not known", transform=panel.transAxes, ha="center", color=MUTED)
        return "Learning rate not known."
    steps = np.arange(1, len(run.rates) + 1)
    panel.plot(*_fewer(steps, run.rates), color=COLOURS[2], linewidth=2, label="learning rate")
    panel.set_ylim(0, 1.08 * float(run.rates.max()) or 1.0)
    panel.locator_params(axis="x", nbins=5)
    first, last, most = run.rates[0], run.rates[-1], run.rates.max()
    if most == run.rates.min():
        return f"Learning rate {first:.3g} throughout."
    highest = f", at most {most:.3g}" if most > max(first, last) else ""
    return f"Learning rate {first:.3g} to {last:.3g}{highest}."


def smooth(values: Array) -> Array:
    """The mean over the last 3 % of the training at each step; over fewer where there are fewer."""
    window = max(1, round(WINDOW * len(values)))
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - window, 0)
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts))


def _fewer(steps: Array, values: Array, most: int = 1500) -> tuple[Array, Array]:
    """At most so many points, evenly spread: more than a screen can show make a file large."""
    if len(steps) <= most:
        return steps, values
    places = np.linspace(0, len(steps) - 1, most).round().astype(int)
    return steps[places], values[places]
