"""How the loss answers to the learning rate."""

from __future__ import annotations

from ..train import RateCurve
from .picture import Picture
from .plot import COLOURS, MUTED, plotting


def rates(curve: RateCurve) -> Picture:
    """The loss against a growing learning rate, with the suggested one marked.

    Args:
        curve: what `gn.find_rate` returned.
    """
    with plotting() as plot:
        axes = plot.axes
        axes.plot(curve.rates, curve.losses, color=MUTED, linewidth=1, label="each step")
        axes.plot(curve.rates, curve.smoothed, color=COLOURS[0], linewidth=2, label="smoothed")
        text = f"suggested: {curve.suggestion:.2g}"
        axes.axvline(curve.suggestion, color=COLOURS[1], linewidth=2, linestyle="--", label=text)
        axes.set(xscale="log", xlabel="learning rate", ylabel="loss")
        low, high = float(curve.smoothed.min()), float(curve.smoothed.max())
        axes.set_ylim(low - 0.1 * (high - low), high + 0.1 * (high - low))
        plot.legend()
        return plot.picture(
            f"Loss for learning rates from {curve.rates[0]:.2g} to {curve.rates[-1]:.2g}: lowest "
            f"{low:.3g}; {text}."
        )
