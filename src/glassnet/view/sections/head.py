"""What comes first: what was trained on what, and how good it became."""

from __future__ import annotations

from html import escape

from ...train import Run
from ...train.history import HELD_OUT
from ..curves import TITLES, measured, number_text
from .common import duration

HEADLINES = ("accuracy", "f1_micro", "r2", "mae")  # what a result is told by, the first there is


def judged_by(run: Run) -> str:
    """What the numbers are about: rows held out, or those learned from."""
    if run.validation is None:
        return f"the {len(run.train):,} rows it learned from"
    return f"{len(run.validation):,} rows it had never seen"


def headline(run: Run) -> str:
    """The result in a few words."""
    data, predictor = run.held_out, run.predictor
    if data.task == "classification" and data.targets.ndim == 1:
        right = int((predictor.predict(data) == data.targets).sum())
        return f"{right} of {len(data)} right ({100 * right / len(data):.1f} %)"
    last = run.result
    prefix = HELD_OUT if run.validation is not None else ""
    known = [name for name in (*HEADLINES, "loss") if prefix + name in last]
    return ", ".join(
        f"{TITLES[name]} {number_text(name, last[prefix + name])}" for name in known[:2]
    )


def head(run: Run) -> str:
    """The name, the result in a sentence, and tiles with its numbers."""
    parameters = sum(p.size for p in run.model.parameters())
    rows = f"{len(run.train):,} rows"
    stopped = " It was stopped early." if run.interrupted else ""
    lead = (
        f"A network of {parameters:,} numbers learned from {rows} in {duration(run.seconds)}."
        f"{stopped} On {judged_by(run)}: <b>{escape(headline(run))}</b>."
    )
    tiles = [
        (value, name)
        for value, name in (
            *_numbers(run),
            (f"{len(run.history):,}", "epochs"),
            (duration(run.seconds), "of training"),
            (f"{parameters:,}", "parameters"),
        )
        if value
    ]
    cells = "".join(f"<li><b>{escape(v)}</b><span>{escape(n)}</span></li>" for v, n in tiles)
    return (
        f'<header>\n<p class="eyebrow">{_task(run)}</p>\n<h1>{escape(run.train.name or "A run")}'
        f'</h1>\n<p class="lead">{lead}</p>\n<ul class="tiles">{cells}</ul>\n</header>'
    )


def _task(run: Run) -> str:
    data = run.train
    match data.task:
        case "classification":
            return f"Classification into {len(data.classes)} classes"
        case "multilabel":
            return f"Any of {len(data.classes)} labels a row"
        case "reconstruction":
            return "Reconstruction, without labels"
    return "Regression"


def _numbers(run: Run) -> list[tuple[str, str]]:
    """Loss and metrics on the data to judge by, of the weights the model has."""
    last = run.result
    if not last:
        return []
    prefix, where = (HELD_OUT, "held out") if run.validation is not None else ("", "training")
    loss, *metrics = measured(run.history)
    return [
        (number_text(name, last[prefix + name]), f"{TITLES.get(name, name)}, {where}")
        for name in (*metrics, loss)
        if prefix + name in last
    ]
