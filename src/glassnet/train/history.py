"""What was measured, epoch by epoch."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from ..errors import ArgumentError, did_you_mean
from ..tensor import in_notebook

Row = dict[str, float]
HELD_OUT = "validation_"  # before the name of a column that tells of the data held out


class History:
    """A table with a row an epoch, such as loss, accuracy, validation_loss, seconds.

    `history["loss"]` is a column, `history[-1]` a row.

    >>> history = History()
    >>> history.append({"epoch": 1, "loss": 0.5})
    >>> history.append({"epoch": 2, "loss": 0.25})
    >>> history["loss"], history[-1]["epoch"]
    ([0.5, 0.25], 2)
    >>> print(history.csv(), end="")
    epoch,loss
    1,0.5
    2,0.25
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def append(self, row: Mapping[str, float]) -> None:
        """Adds the row of an epoch."""
        self.rows.append(dict(row))

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return list(self.rows[0]) if self.rows else []

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __getitem__(self, key: str | int) -> list[float] | Row:
        if isinstance(key, int):
            return self.rows[key]
        return self.column(key)

    def column(self, name: str) -> list[float]:
        """One number an epoch."""
        if name not in self.columns:
            raise ArgumentError(
                f'the history has no column "{name}"', mend=did_you_mean(name, self.columns)
            )
        return [row[name] for row in self.rows]

    def csv(self) -> str:
        """The table as text, each number with all its digits."""
        text = io.StringIO()
        writer = csv.DictWriter(text, self.columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue()

    def _repr_html_(self) -> str | None:
        return in_notebook(self)

    def __repr__(self) -> str:
        if not self.rows:
            return "History(no epoch yet)"
        last = ", ".join(f"{name}={value:.4g}" for name, value in self.rows[-1].items())
        return f"History({len(self)} epochs, last: {last})"
