"""How the columns of a table become features, learned once and kept with the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DataError

if TYPE_CHECKING:
    from .table import Table

Array = np.ndarray[Any, Any]
MISSING = ("", "na", "n/a", "nan", "null", "none", "?")


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: its title.
        words: what it may hold, sorted; empty where it holds numbers.
        fill: the number that stands in for a missing one; for words 0, where "none of them" is
            allowed; None where every cell must have a value.
    """

    name: str
    words: tuple[str, ...] = ()
    fill: float | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that a network learned from, in order.

    Attributes:
        columns: each with its meaning.
        codes: whether a word becomes its number; otherwise a 0/1 feature for each word.

    >>> columns = Columns((Column("weight"), Column("colour", ("blue", "red"))))
    >>> columns.features
    ('weight', 'colour = blue', 'colour = red')
    """

    columns: tuple[Column, ...]
    codes: bool = False

    @staticmethod
    def of_numbers(names: Sequence[str]) -> Columns:
        """Columns that hold a number each."""
        return Columns(tuple(Column(name) for name in names))

    @property
    def features(self) -> tuple[str, ...]:
        """What the features are called."""
        return tuple(
            name
            for column in self.columns
            for name in (
                [column.name]
                if self.codes or not column.words
                else [f"{column.name} = {word}" for word in column.words]
            )
        )

    def encode(self, table: Table) -> Array:
        """The table's rows as float64 (rows, features).

        A table without names, or with other names for as many columns, is taken in order.

        Raises:
            DataError: a column is missing; a cell that is missing or unknown, with line and column.
        """
        places = self._places(table)
        parts = [
            self._encode(column, table, at) for column, at in zip(self.columns, places, strict=True)
        ]
        return np.concatenate(parts, axis=1) if parts else np.empty((len(table), 0))

    def _places(self, table: Table) -> Sequence[int]:
        found = [table.find(column.name) for column in self.columns]
        strange = all(at is None for at in found)
        if strange and len(table.cells) == len(self.columns):
            return range(len(self.columns))
        if not table.names:
            raise DataError(
                f"{table.path.name} has another number of columns than the network was trained on",
                expected=f"{len(self.columns)} columns, or a line of names",
                received=f"{len(table.cells)} columns",
            )
        missing = [c.name for c, at in zip(self.columns, found, strict=True) if at is None]
        if missing:
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            raise DataError(
                f"{table.path.name} lacks columns that the network was trained on",
                expected=", ".join(missing[:3]) + more,
                received=", ".join(table.names[:8]),
                mend="rename the columns, or leave the line of names out and keep their order",
            )
        return [at for at in found if at is not None]

    def _encode(self, column: Column, table: Table, at: int) -> Array:
        cells = table.cells[at]
        if column.words:
            values, good = _indices(cells, column.words)
        else:
            values, good = numbers_of(cells)
        gaps = np.isin(np.char.lower(cells.astype(str)), MISSING)
        wrong = ~good & ~(gaps if column.fill is not None else np.zeros_like(gaps))
        if wrong.any():
            row = int(np.argmax(wrong))
            words = ", ".join(column.words[:8])
            raise DataError(
                "a cell holds no known word" if column.words else "a cell holds no number",
                expected=f"one of {words}" if column.words else "a number",
                received="nothing" if not str(cells[row]) else repr(str(cells[row])),
                where=table.place(row, at, column.name),
                mend='missing="fill" or "drop" deals with missing cells' if gaps[row] else "",
            )
        if column.words and not self.codes:
            hits: Array = values[:, None] == np.arange(len(column.words))
            return hits.astype(np.float64)
        fill = column.fill if column.fill is not None else 0.0
        return np.where(good, values, -1.0 if column.words else fill)[:, None]

    def plain(self) -> dict[str, Any]:
        """Lists and texts, for a file."""
        columns = [{"name": c.name, "words": list(c.words), "fill": c.fill} for c in self.columns]
        return {"columns": columns, "codes": self.codes}

    @staticmethod
    def from_plain(plain: Mapping[str, Any]) -> Columns:
        """The columns that `plain` wrote down; DataError if they cannot be."""
        try:
            columns = tuple(
                Column(
                    str(c["name"]),
                    tuple(map(str, c["words"])),
                    None if c["fill"] is None else float(c["fill"]),
                )
                for c in plain["columns"]
            )
            codes = plain["codes"]
        except (KeyError, TypeError, ValueError):
            codes = None
        if not isinstance(codes, bool):
            raise DataError("these are no columns of a table", received=f"{plain!r}"[:80])
        return Columns(columns, codes)


def numbers_of(cells: Array) -> tuple[Array, Array]:
    """The cells as floats, and which of them are numbers."""
    if cells.dtype.kind == "f":
        return cells, np.isfinite(cells)
    numbers = np.full(len(cells), np.nan)
    for i, cell in enumerate(cells.tolist()):
        try:
            numbers[i] = float(cell)
        except ValueError:
            continue
    return numbers, np.isfinite(numbers)


def _indices(cells: Array, words: tuple[str, ...]) -> tuple[Array, Array]:
    known = {word: i for i, word in enumerate(words)}
    indices = np.array([known.get(cell, -1) for cell in cells.astype(str).tolist()])
    return indices, indices >= 0
