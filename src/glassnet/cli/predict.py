"""`glassnet predict`: what a trained network says about new rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import numpy as np

    from ..train import Predictor


def predict(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN", help="A run folder, or a model file saved from a run.",
            show_default=False,
        ),
    ],
    data: Annotated[
        Path,
        typer.Argument(
            metavar="NEW-DATA",
            help="A row for each prediction: a table (.csv, with or without a line of names) or an "
            "array (.npy, .npz).",
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
    The rows are given in the units of the original data; scaling happens inside.

    **Examples**

        glassnet predict runs/iris flowers.csv

        glassnet predict runs/digits scans.npy --out digits.csv
    """
    from ..files import load_predictor, write_atomically
    from .console import say
    from .table import read_rows

    predictor = load_predictor(run)
    inputs = read_rows(data, predictor)
    text = _as_csv(predictor, inputs)
    if out is None:
        print(text, end="")
    else:
        write_atomically(out, text.encode())
        say("written", f"{out}, {len(inputs):,} rows")


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
