"""`glassnet predict`: what a trained network says about new rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import DataError
from .options import Trained

WRITTEN = 500  # characters that a network adds to a text

if TYPE_CHECKING:
    import numpy as np

    from ..train import Predictor


def predict(
    run: Trained,
    data: Annotated[
        Path,
        typer.Argument(
            metavar="NEW-DATA",
            help="A row for each prediction: a table (.csv, .tsv, .parquet; with or without a line "
            "of names), an array (.npy, .npz), an image or a folder of images. For a network that "
            "learned a text: the beginning of one (.txt).",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Write the predictions to a .csv file.",
            show_default=False,
        ),
    ] = None,
) -> None:  # fmt: skip
    """Predict with a trained network, row by row.

    Prints a table in CSV form: the class and its probability, or the predicted numbers. Columns of
    a table are matched by their names where the network knows them; other columns are left aside.
    The rows are given in the units of the original data; scaling happens inside. A network that
    learned a text goes on writing.

    **Examples**

        glassnet predict runs/iris flowers.csv

        glassnet predict runs/digits scans.npy --out digits.csv

        glassnet predict runs/book beginning.txt
    """
    from ..files import load_predictor, write_atomically
    from .console import say
    from .rows import read_rows

    predictor = load_predictor(run)
    if predictor.vocabulary is not None:
        text = _written(predictor, data)
        size = f"{len(text):,} characters"
    else:
        inputs = read_rows(data, predictor)
        text, size = _as_csv(predictor, inputs), f"{len(inputs):,} rows"
    if out is None:
        print(text, end="")
    else:
        write_atomically(out, text.encode())
        say("written", f"{out}, {size}")


def _written(predictor: Predictor, path: Path) -> str:
    """The beginning in a file, and how the network goes on."""
    from ..data.text import read_text
    from ..models import GPT, generate

    words, model = predictor.vocabulary, predictor.model
    beginning = read_text(path)
    if words is None or not isinstance(model, GPT) or not beginning:
        raise DataError(
            "there is nothing to go on writing",
            expected="a network that predicts the next character, and the beginning of a text",
            received=f"{type(model).__name__} and a text of {len(beginning)} characters",
        )
    tokens = generate(model, words.encode(beginning), WRITTEN, temperature=0.8)
    return words.decode(tokens) + "\n"


def _as_csv(predictor: Predictor, inputs: np.ndarray) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if not predictor.classes:
        numbers = predictor.predict(inputs)
        width = numbers.shape[1]
        names = [f"prediction_{i + 1}" for i in range(width)] if width > 1 else ["prediction"]
        writer.writerow(names)
        writer.writerows([f"{x:.7g}" for x in row] for row in numbers)
    elif predictor.reading.probabilities is None:
        writer.writerow(["prediction"])
        writer.writerows([label] for label in predictor.labels(inputs))
    else:
        largest = predictor.probabilities(inputs).max(axis=1)
        writer.writerow(["prediction", "probability"])
        labels = predictor.labels(inputs)
        writer.writerows([label, f"{p:.4f}"] for label, p in zip(labels, largest, strict=True))
    return text.getvalue()
