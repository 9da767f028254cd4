"""The report of a run: one page that needs no network, to be read on any screen or printed."""

from __future__ import annotations

import os
from collections.abc import Callable
from html import escape
from importlib.resources import files as package_files
from pathlib import Path

from ..errors import ArgumentError, MissingDependencyError, ShapeError
from ..files import write_atomically
from ..models import GPT, generate
from ..nn.summary import output_shapes
from ..tensor import int64
from ..train import Run
from .boundary import boundary
from .cards import image_cards, row_table
from .confusion import confusion
from .curves import PERCENT, SMALL_IS_GOOD, TITLES, curves
from .inside import looks
from .judged import MOST_WRONG, Judged
from .picture import Picture
from .reconstruction import reconstruction_cards
from .regression import predicted_against_true

MOST_CLASSES = 30  # of a confusion matrix that can be read
WRITTEN = 400  # tokens
MOST_POINTS = 2000  # of predicted against true
HEADLINES = (
    "accuracy",
    "f1_micro",
    "r2",
    "mae",
)  # what a result is told by, the first that is there
MOST_FEATURES = 12  # of a table of rows


def report(run: Run, path: str | os.PathLike[str]) -> Path:
    """Writes the report of a run as one HTML file; returns its path.

    It says what was trained on what, shows the curves of training, and then what fits the task:
    the confusion matrix, images or rows that are right and wrong, the decision regions of two
    features, or predicted against true numbers. Where matplotlib is missing, it says so in the
    places of the pictures.

    Raises:
        OutputError: the file cannot be written.
    """
    return write_atomically(path, html(run).encode())


def html(run: Run) -> str:
    """The report as text."""
    style = package_files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    title = f"{run.train.name or 'A run'}: {_headline(run)}"
    parts = [
        _head(run),
        _training(run),
        *_results(run),
        *_inside(run),
        _network(run),
        _settings(run),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n<footer>Made by glassnet. This page is one file and fetches nothing.</footer>\n"
        "</body>\n</html>\n"
    )


# -- what comes first ----------------------------------------------------------------------------
def _judged(run: Run) -> str:
    """What the numbers are about: rows held out, or those learned from."""
    if run.validation is None:
        return f"the {len(run.train):,} rows it learned from"
    return f"{len(run.validation):,} rows it had never seen"


def _headline(run: Run) -> str:
    """The result in a few words."""
    data, predictor = run.held_out, run.predictor
    if data.task == "classification" and data.targets.ndim == 1:
        right = int((predictor.predict(data) == data.targets).sum())
        return f"{right} of {len(data)} right ({100 * right / len(data):.1f} %)"
    last = run.history.rows[-1] if len(run.history) else {}
    prefix = "validation_" if run.validation is not None else ""
    known = [name for name in (*HEADLINES, "loss") if prefix + name in last]
    return ", ".join(f"{TITLES[name]} {_number(name, last[prefix + name])}" for name in known[:2])


def _head(run: Run) -> str:
    parameters = sum(p.size for p in run.model.parameters())
    rows = f"{len(run.train):,} rows"
    stopped = " It was stopped early." if run.interrupted else ""
    lead = (
        f"A network of {parameters:,} numbers learned from {rows} in {_time(run.seconds)}."
        f"{stopped} On {_judged(run)}: <b>{escape(_headline(run))}</b>."
    )
    tiles = [
        (value, name)
        for value, name in (
            *_last_numbers(run),
            (f"{len(run.history):,}", "epochs"),
            (_time(run.seconds), "of training"),
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


def _last_numbers(run: Run) -> list[tuple[str, str]]:
    """The last row of the history: loss and metrics on the data to judge by."""
    if not len(run.history):
        return []
    last = run.history.rows[-1]
    prefix, where = ("validation_", "held out") if run.validation is not None else ("", "training")
    loss, *metrics = _measured(run)
    return [
        (_number(name, last[prefix + name]), f"{TITLES.get(name, name)}, {where}")
        for name in (*metrics, loss)
        if prefix + name in last
    ]


def _measured(run: Run) -> list[str]:
    """The columns of the history that are numbers of the network, the loss first."""
    return [
        name
        for name in run.history.columns
        if name not in ("epoch", "seconds") and not name.startswith("validation_")
    ]


def _number(name: str, value: float) -> str:
    return f"{100 * value:.1f} %" if name in PERCENT else f"{value:.3g}"


def _time(seconds: float) -> str:
    """A duration as people say it.

    >>> _time(0.25), _time(9.71), _time(200)
    ('0.25 s', '9.7 s', '3 min 20 s')
    """
    if seconds < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


# -- the sections --------------------------------------------------------------------------------
def _figure(make: Callable[[], Picture], caption: str) -> str:
    """A picture with a caption; a note in its place where its library is missing."""
    try:
        picture = make()
    except MissingDependencyError as error:
        return f'<p class="note">{escape(error.what)}: <code>{escape(error.mend)}</code></p>'
    return f"<figure>{picture.image()}<figcaption>{caption}</figcaption></figure>"


def _section(title: str, *parts: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n" + "\n".join(parts) + "\n</section>"


def _training(run: Run) -> str:
    if not len(run.history):
        return _section("Training", "<p>No epoch was completed.</p>")
    figures = [
        _figure(lambda name=name: curves(run.history, name), _lesson(run, name))  # type: ignore[misc]
        for name in _measured(run)
    ]
    return _section("How it learned", f'<div class="figures">{"".join(figures)}</div>')


def _lesson(run: Run, name: str) -> str:
    """What to see in a curve, said from its numbers."""
    title = TITLES.get(name, name).capitalize()
    held = "validation_" + name
    values = run.history.column(name)
    if held not in run.history.columns:
        return f"{title} on the training data: {_number(name, values[-1])} at the end."
    seen = run.history.column(held)
    pick = min if name in SMALL_IS_GOOD else max
    best = seen.index(pick(seen))
    text = (
        f"{title} at the end: {_number(name, values[-1])} on the training data, "
        f"{_number(name, seen[-1])} on the data held out."
    )
    if name == "loss" and seen[-1] > 1.2 * seen[best]:
        epoch = run.history.column("epoch")[best]
        text += f" Held out it was lowest after epoch {epoch:.0f}: since then it learned by heart."
    return text


def _results(run: Run) -> list[str]:
    data = run.held_out
    if data.task == "regression":
        return [_numbers(run)]
    if data.task == "reconstruction":
        return _reconstructions(run)
    if data.task == "multilabel":
        return []
    if data.targets.ndim > 1:
        return _written(run)
    judged = Judged.of(run.predictor, data)
    parts = []
    if data.inputs.shape[1:] == (2,):
        parts.append(_regions(run))
    if len(data.classes) <= MOST_CLASSES:
        parts.append(_matrix(judged))
    parts += _right_and_wrong(judged)
    return parts


def _inside(run: Run) -> list[str]:
    """What goes on in the network, where there is a picture that fits it."""
    parts = []
    for look in looks(run):
        try:
            parts.append(_section(look.title, _figure(look.draw, look.caption)))
        except (ArgumentError, ShapeError):  # a network of a form of its own is reported without
            continue
    return parts


def _numbers(run: Run) -> str:
    every = 1 + run.held_out.targets.size // MOST_POINTS
    few = run.held_out.subset(slice(None, None, every))
    predicted = run.predictor.predict(few)
    return _section(
        "Predicted against true",
        _figure(
            lambda: predicted_against_true(few.targets, predicted),
            "Each point is a row; on the line, the prediction is exact.",
        ),
    )


def _reconstructions(run: Run) -> list[str]:
    if run.held_out.image_shape is None:
        return []
    worst, usual = reconstruction_cards(run.predictor, run.held_out)
    words = "<p>Above an image, below what the network makes of it. The worst:</p>"
    return [
        _section("Reconstructed", words, worst, "<p>Some, from the worst to the best:</p>", usual)
    ]


def _written(run: Run) -> list[str]:
    """A text of a network that predicts the next token, where it can write one."""
    words, data = run.predictor.vocabulary, run.held_out
    if words is None or not isinstance(run.model, GPT):
        return []
    prompt = data.inputs[0]
    text = words.decode(generate(run.model, prompt, WRITTEN, temperature=0.8))
    start = escape(words.decode(prompt))
    said = f"<pre><b>{start}</b>{escape(text[len(words.decode(prompt)) :])}</pre>"
    return [_section("What it writes", "<p>The beginning in bold was given.</p>", said)]


def _regions(run: Run) -> str:
    learned = None if run.validation is None else run.train
    return _section(
        "What it says about every point",
        _figure(
            lambda: boundary(run.predictor, run.held_out, learned),
            "A region has the colour of the class the network would choose there; the fainter, the "
            "less certain. The line is where it changes its mind.",
        ),
    )


def _matrix(judged: Judged) -> str:
    data = judged.dataset
    return _section(
        "Which class is taken for which",
        _figure(
            lambda: confusion(data.targets, judged.labels, data.classes),
            "A row for each true class. Blue is right, orange is a mistake; at the end of a row, "
            "the share of that class that was recognised.",
        ),
    )


def _right_and_wrong(judged: Judged) -> list[str]:
    worst, data = judged.worst(), judged.dataset
    images = data.image_shape is not None
    if not images and data.inputs[0].size > MOST_FEATURES:
        return []
    shown = worst[:MOST_WRONG]
    count = f"{len(worst)} wrong" if len(worst) > len(shown) else f"All {len(worst)} it got wrong"
    more = f", the first {len(shown)} here" if len(worst) > len(shown) else ""
    parts = []
    if len(worst):
        listed = image_cards(judged, shown) if images else row_table(judged, map(int, shown))
        order = ", the most certain mistake first" if judged.certainty is not None else ""
        parts += [f"<p>{count}{more}{order}.</p>", listed]
    else:
        parts.append("<p>It got nothing wrong.</p>")
    if images:
        parts += ["<p>Some it got right.</p>", image_cards(judged, judged.typical())]
    return [_section("Right and wrong", *parts)]


# -- what it is ----------------------------------------------------------------------------------
def _network(run: Run) -> str:
    dtype = None if run.predictor.vocabulary is None else int64
    shapes = output_shapes(run.model, run.predictor.input_shape, dtype=dtype)
    rows = [
        (name, repr(part), shapes.get(id(part)), sum(p.size for p in part.parameters()))
        for name, part in run.model.named_modules().items()
        if name and "\n" not in repr(part)
    ]
    body = "".join(
        f"<tr><td>{escape(name)}</td><td><code>{escape(text)}</code></td>"
        f'<td class="number">{_shape(shape)}</td><td class="number">{count:,}</td></tr>'
        for name, text, shape, count in rows
    )
    table = (
        '<div class="wide"><table><thead><tr><th></th><th>layer</th>'
        '<th class="number">output</th><th class="number">parameters</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
    return _section("The network", table if rows else f"<pre>{escape(repr(run.model))}</pre>")


def _shape(shape: tuple[int, ...] | None) -> str:
    """Of one row, without the batch."""
    return "" if shape is None else " × ".join(map(str, shape[1:])) or "1"


def _settings(run: Run) -> str:
    facts = {
        "data": repr(run.train),
        "held out": "" if run.validation is None else repr(run.validation),
        **{name.replace("_", " "): str(value) for name, value in run.settings.items()},
    }
    body = "".join(
        f"<tr><th>{escape(name)}</th><td><code>{escape(text)}</code></td></tr>"
        for name, text in facts.items()
        if text
    )
    return _section("What it was made with", f'<div class="wide"><table>{body}</table></div>')
