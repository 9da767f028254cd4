"""What `glassnet train` says when it has ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .console import say

if TYPE_CHECKING:
    from ..train import Run


def conclude(run: Run, folder: Path) -> None:
    """The result on the data held out, where the run lies, and how to use it."""
    epochs = f"{len(run.history)} epochs in {run.seconds:.1f} s"
    if run.interrupted:
        say("stopped", f"after {epochs}; what was learned is kept")
    if len(run.history):
        say("result", f"{_result(run)}, {epochs}")
    say("run", f"{folder}")
    report = folder / "report.html"
    if report.exists():
        say("report", f"{report}")
    text = run.held_out.vocabulary is not None
    new = "NEW-TEXT.txt" if text else "NEW-DATA.npy" if run.train.image_shape else "NEW-DATA.csv"
    say("use it", f"glassnet predict {folder} {new}")


def _result(run: Run) -> str:
    held, last = run.held_out, run.history.rows[-1]
    if held.vocabulary is not None:
        right, loss = 100 * last["validation_accuracy"], last["validation_loss"]
        return f"{right:.1f} % of the next characters right, loss {loss:.4g} on the part held out"
    if held.task == "classification":
        right = int((run.predict(held) == held.targets).sum())
        share = f"{100 * right / len(held):.1f} % right on the {len(held):,} rows held out"
        return f"{share} ({len(held) - right} wrong)"
    numbers = (last["validation_r2"], last["validation_mae"])
    return "R² {:.4g}, mean absolute error {:.4g} on the rows held out".format(*numbers)
