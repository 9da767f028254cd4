"""What `glassnet train` says when it has ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from .console import LABEL, say

if TYPE_CHECKING:
    from ..data import Dataset, Vocabulary
    from ..models import GPT
    from ..train import Run

BEGINNING, WRITTEN = 16, 240  # characters of a text: that are given, and that are added


def conclude(run: Run, folder: Path) -> None:
    """The result on the data held out, where the run lies, and how to use it."""
    epochs = f"{len(run.history)} epochs in {run.seconds:.1f} s"
    if run.kept is not None:
        epochs += f", the weights of epoch {run.kept + 1} kept"
    if run.interrupted:
        say("stopped", f"after {epochs}; what was learned is kept")
    if len(run.history):
        say("result", f"{_result(run)}, {epochs}")
    words = run.held_out.vocabulary
    if len(run.history) and words is not None:
        say("it writes", _written(cast("GPT", run.model), words, run.held_out))
    say("run", f"{folder}")
    report = folder / "report.html"
    if report.exists():
        say("report", f"{report}")
    say("use it", f"glassnet predict {folder} {_new_data(run)}")


def _new_data(run: Run) -> str:
    """What a file for `glassnet predict` might be called."""
    if run.held_out.vocabulary is not None:
        return "NEW-TEXT.txt"
    return "NEW-DATA.npy" if run.train.image_shape else "NEW-DATA.csv"


def _result(run: Run) -> str:
    held, last = run.held_out, run.result
    if held.vocabulary is not None:
        right, loss = 100 * last["validation_accuracy"], last["validation_loss"]
        return f"{right:.1f} % of the next characters right, loss {loss:.4g} on the part held out"
    if held.task == "classification":
        right = int((run.predict(held) == held.targets).sum())
        share = f"{100 * right / len(held):.1f} % right on the {len(held):,} rows held out"
        return f"{share} ({len(held) - right} wrong)"
    numbers = (last["validation_r2"], last["validation_mae"])
    return "R² {:.4g}, mean absolute error {:.4g} on the rows held out".format(*numbers)


def _written(model: GPT, words: Vocabulary, held: Dataset) -> str:
    """How the network goes on after the beginning of the text held out; indented as facts are."""
    from ..models import generate

    beginning = held.inputs[0][:BEGINNING]
    tokens = generate(model, beginning, WRITTEN, temperature=0.8, seed=0)
    written = f"after {words.decode(beginning)!r}: {words.decode(tokens[BEGINNING:])}"
    return written.replace("\n", "\n" + " " * (LABEL + 1))
