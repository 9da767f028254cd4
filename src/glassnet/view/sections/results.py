"""What the network says about the data to judge by, as it fits the task."""

from __future__ import annotations

from html import escape

from ...models import GPT, generate
from ...train import Run
from ..boundary import boundary
from ..cards import image_cards, row_table
from ..confusion import confusion
from ..judged import MOST_WRONG, Judged
from ..reconstruction import reconstruction_cards
from ..regression import predicted_against_true
from .common import figure, section

MOST_CLASSES = 30  # of a confusion matrix that can be read
WRITTEN = 400  # tokens
MOST_POINTS = 2000  # of predicted against true
MOST_FEATURES = 12  # of a table of rows


def results(run: Run) -> list[str]:
    """Sections for the task: regions, confusion, rows; numbers; reconstructions; a text."""
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


def _numbers(run: Run) -> str:
    every = 1 + run.held_out.targets.size // MOST_POINTS
    few = run.held_out.subset(slice(None, None, every))
    predicted = run.predictor.predict(few)
    return section(
        "Predicted against true",
        figure(
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
        section("Reconstructed", words, worst, "<p>Some, from the worst to the best:</p>", usual)
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
    return [section("What it writes", "<p>The beginning in bold was given.</p>", said)]


def _regions(run: Run) -> str:
    learned = None if run.validation is None else run.train
    return section(
        "What it says about every point",
        figure(
            lambda: boundary(run.predictor, run.held_out, learned),
            "A region has the colour of the class the network would choose there; the fainter, the "
            "less certain. The line is where it changes its mind.",
        ),
    )


def _matrix(judged: Judged) -> str:
    data = judged.dataset
    return section(
        "Which class is taken for which",
        figure(
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
    return [section("Right and wrong", *parts)]
