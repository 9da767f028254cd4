"""A table with a row an epoch."""

from __future__ import annotations

import csv
import io

import pytest

from glassnet.errors import ArgumentError
from glassnet.train import History


def filled() -> History:
    history = History()
    history.append({"epoch": 1, "loss": 1 / 3, "accuracy": 0.5})
    history.append({"epoch": 2, "loss": 0.1, "accuracy": 0.75})
    return history


def test_columns_and_rows() -> None:
    history = filled()
    assert history.columns == ["epoch", "loss", "accuracy"]
    assert history["accuracy"] == history.column("accuracy") == [0.5, 0.75]
    assert history[-1] == {"epoch": 2, "loss": 0.1, "accuracy": 0.75}
    assert [row["epoch"] for row in history] == [1, 2]
    assert repr(history) == "History(2 epochs, last: epoch=2, loss=0.1, accuracy=0.75)"


def test_csv_keeps_every_digit() -> None:
    rows = list(csv.DictReader(io.StringIO(filled().csv())))
    assert [float(row["loss"]) for row in rows] == [1 / 3, 0.1]


def test_unknown_column() -> None:
    with pytest.raises(ArgumentError, match='no column "acuracy"') as caught:
        filled().column("acuracy")
    assert 'did you mean "accuracy"?' in str(caught.value)


def test_before_the_first_epoch() -> None:
    assert History().columns == []
    assert repr(History()) == "History(no epoch yet)"
