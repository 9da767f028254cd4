"""How it learned: the curves, and what is to see in them."""

from __future__ import annotations

from ...train import Run
from ...train.history import HELD_OUT
from ..curves import SMALL_IS_GOOD, TITLES, curves, measured, number_text
from ..progress import progress
from .common import figure, section


def training(run: Run) -> list[str]:
    """The curves of loss and metrics; the loss of every step with its learning rate, if known."""
    if not len(run.history):
        return [section("Training", "<p>No epoch was completed.</p>")]
    names, figures = measured(run.history), []
    if len(run.losses):
        loss, *names = names
        figures.append(figure(lambda: progress(run, metric=False), _lesson(run, loss), wide=True))
    figures += [
        figure(lambda name=name: curves(run.history, name), _lesson(run, name))  # type: ignore[misc]
        for name in names
    ]
    return [section("How it learned", f'<div class="figures">{"".join(figures)}</div>')]


def _lesson(run: Run, name: str) -> str:
    """What to see in a curve, said from its numbers."""
    title = TITLES.get(name, name).capitalize()
    held = HELD_OUT + name
    values = run.history.column(name)
    if held not in run.history.columns:
        return f"{title} on the training data: {number_text(name, values[-1])} at the end."
    seen = run.history.column(held)
    pick = min if name in SMALL_IS_GOOD else max
    best = seen.index(pick(seen))
    text = (
        f"{title} at the end: {number_text(name, values[-1])} on the training data, "
        f"{number_text(name, seen[-1])} on the data held out."
    )
    if name == "loss" and seen[-1] > 1.2 * seen[best]:
        epoch = run.history.column("epoch")[best]
        text += f" Held out it was lowest after epoch {epoch:.0f}: since then it learned by heart."
    return text
