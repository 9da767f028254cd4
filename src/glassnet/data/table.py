"""Tables from files: columns of numbers and of words, a row for each example."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from ..errors import ArgumentError, DataError, FileFormatError, MissingDependencyError, did_you_mean
from .columns import MISSING, Column, Columns, numbers_of
from .dataset import Dataset, Task
from .libraries import pandas
from .places import Readable

if TYPE_CHECKING:
    from pandas import DataFrame, Series

Array = np.ndarray[Any, Any]
Missing = Literal["error", "fill", "drop"]
ENDINGS = (".csv", ".tsv", ".parquet")
MOST_CLASSES = 20  # whole numbers with more values than this are numbers, not classes


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds, before it is known what its columns mean.

    Attributes:
        path: of the file.
        names: of the columns; empty where the file has no line of names.
        cells: a column each: texts, stripped, or floats with NaN where one is missing.
        lines: the line of the file that each row stands on, from 1; of a Parquet file the row.
    """

    path: Path
    names: tuple[str, ...]
    cells: list[Array]
    lines: Array

    def __len__(self) -> int:
        return len(self.lines)

    def place(self, row: int, column: int, name: str = "") -> str:
        """Where a cell stands, in words."""
        name = name or (self.names[column] if self.names else "")
        title = f' "{name}"' if name else ""
        return f"{self.path.name}, line {self.lines[row]}, column {column + 1}{title}"

    def find(self, name: str) -> int | None:
        """The place of the column of this name; capitals and blanks around it do not count."""
        known = [n.strip().lower() for n in self.names]
        return known.index(name.strip().lower()) if name.strip().lower() in known else None


def read_table(path: str | os.PathLike[str]) -> Table:
    """The columns of a CSV, TSV or Parquet file.

    The first line holds names if none of its cells is a number. Blank lines are left out.

    Raises:
        FileFormatError: it cannot be read, or is no table.
        MissingDependencyError: pandas is not installed.
    """
    place = Path(path)
    ending = place.suffix.lower()
    if ending not in ENDINGS:
        raise FileFormatError(
            f"{place.name} is no table that can be read",
            expected=f"a name that ends in {', '.join(ENDINGS)}",
            received=ending or "no ending",
        )
    with Readable(place, "a table"):
        return _parquet(place) if ending == ".parquet" else _text(place, ending)


def table(
    path: str | os.PathLike[str],
    target: str | None = None,
    *,
    task: Task | None = None,
    leave: Sequence[str] = (),
    missing: Missing = "error",
    codes: bool = False,
) -> Dataset:
    """A table as a data set: one column is learned, from all the others.

    Columns of words become a 0/1 feature for each of their words. How columns become features is
    remembered, so that a trained network takes new tables as they are.

    Args:
        path: a CSV or TSV file in UTF-8, or a Parquet file.
        target: the column to learn; the last one when left out.
        task: left out, a target of words, or of whole numbers with at most 20 different values,
            means classification.
        leave: columns to leave out, such as an identifier.
        missing: what becomes of cells that are empty, NA, NaN, null or ?: "error"; "fill" numbers
            with the column's mean and words with none; or "drop" the row.
        codes: whether words become their number in the alphabet instead of a feature each.

    Raises:
        FileFormatError: the file cannot be read, or is no table.
        DataError: a missing or strange cell, with its line and column.
        ArgumentError: a column or setting that does not exist.
        MissingDependencyError: pandas is not installed.
    """
    if missing not in get_args(Missing):
        raise ArgumentError(f'no way "{missing}"', mend=did_you_mean(missing, get_args(Missing)))
    found = read_table(path)
    if not len(found) or len(found.cells) < 2:
        raise DataError(
            "there is nothing to learn from",
            expected="at least one row and two columns",
            received=f"{len(found)} rows, {len(found.cells)} columns",
            where=str(found.path),
        )
    names = found.names or tuple(f"column {i + 1}" for i in range(len(found.cells)))
    found = Table(found.path, names, found.cells, found.lines)
    goal = _column(found, target) if target is not None else len(names) - 1
    left = {goal, *(_column(found, name) for name in leave)}
    used = [i for i in range(len(names)) if i not in left]
    if missing == "drop":
        found = _without_gaps(found, [*used, goal])
    columns = Columns(tuple(_learn(found, i, missing == "fill") for i in used), codes)
    targets, classes, task = _targets(found, goal, task)
    return Dataset(
        columns.encode(found), targets, name=found.path.stem, task=task, classes=classes,
        features=columns.features, columns=columns,
    )  # fmt: skip


def _text(path: Path, ending: str) -> Table:
    library = pandas("reading a table")
    try:
        frame: DataFrame = library.read_csv(
            path, sep="\t" if ending == ".tsv" else ",", header=None, dtype=str,
            keep_default_na=False, skip_blank_lines=False, encoding="utf-8-sig",
            skipinitialspace=True,
        )  # fmt: skip
    except library.errors.EmptyDataError:
        return Table(path, (), [], np.arange(0))
    except (library.errors.ParserError, UnicodeDecodeError) as error:
        raise FileFormatError(
            f"{path.name} is not a table of text",
            expected="CSV in UTF-8, as many cells in each line",
            received=str(error).replace("Error tokenizing data. C error: ", "").strip(),
            where=str(path),
        ) from None
    cells = np.char.strip(frame.fillna("").to_numpy(dtype=str))
    lines = np.arange(1, len(cells) + 1)
    kept = (cells != "").any(axis=1)
    cells, lines = cells[kept], lines[kept]
    named = len(cells) and not any(map(_is_number, cells[0]))
    names = tuple(map(str, cells[0])) if named else ()
    body = cells[1:] if named else cells
    return Table(path, names, list(body.T), lines[1:] if named else lines)


def _parquet(path: Path) -> Table:
    library = pandas("reading a table")
    try:
        frame: DataFrame = library.read_parquet(path)
    except ImportError:
        raise MissingDependencyError("pyarrow", "data", "reading a Parquet file") from None
    except (ValueError, TypeError, NotImplementedError) as error:  # pyarrow's are of these
        raise FileFormatError(
            f"{path.name} is not a Parquet file",
            expected="a table in the Parquet format",
            received=str(error).partition("\n")[0][:80],
            where=str(path),
        ) from None
    cells = [_typed(frame[name], str(name), path) for name in frame.columns]
    return Table(path, tuple(map(str, frame.columns)), cells, np.arange(1, len(frame) + 1))


def _typed(series: Series[Any], name: str, path: Path) -> Array:
    """A column of Parquet: floats, or texts."""
    types = pandas("reading a table").api.types
    if types.is_numeric_dtype(series.dtype):
        floats: Array = series.to_numpy(np.float64, na_value=np.nan)
        return floats
    texts = series.astype(object).where(series.notna(), "")
    if not all(isinstance(value, str) for value in texts):
        odd = next(value for value in texts if not isinstance(value, str))
        raise DataError(
            f'the column "{name}" holds neither numbers nor words',
            expected="numbers, true and false, or texts",
            received=f"{type(odd).__name__} {odd!r}"[:60],
            where=str(path),
            mend="turn dates into numbers first, or leave the column out",
        )
    return np.char.strip(texts.to_numpy(dtype=str))


def _column(found: Table, name: str) -> int:
    at = found.find(name)
    if at is None:
        raise ArgumentError(
            f'{found.path.name} has no column "{name}"', mend=did_you_mean(name, found.names)
        )
    return at


def _gaps(cells: Array) -> Array:
    """Where a column has no value."""
    if cells.dtype.kind == "f":
        return np.isnan(cells)
    return np.isin(np.char.lower(cells), MISSING)


def _without_gaps(found: Table, used: Sequence[int]) -> Table:
    whole = ~np.any([_gaps(found.cells[i]) for i in used], axis=0)
    if not whole.any():
        raise DataError(
            "every row has a missing cell", where=str(found.path), mend='missing="fill"'
        )
    return Table(found.path, found.names, [c[whole] for c in found.cells], found.lines[whole])


def _learn(found: Table, at: int, fill: bool) -> Column:
    """What a column holds: numbers if most of its cells are numbers, else words."""
    name, cells, gaps = found.names[at], found.cells[at], _gaps(found.cells[at])
    if gaps.all():
        raise DataError(
            "a column is empty",
            received=f"{len(cells)} missing cells",
            where=found.place(0, at),
            mend=f'leave it out: leave=["{name}"]',
        )
    numbers, good = numbers_of(cells[~gaps])
    if 2 * np.count_nonzero(good) > len(good):
        return Column(name, fill=float(numbers[good].mean()) if fill else None)
    words = tuple(map(str, np.unique(cells[~gaps])))
    if len(words) > max(20, len(cells) // 2):
        raise DataError(
            "a column holds another word in almost every row",
            expected="words that come again, so that something can be learned of them",
            received=f"{len(words)} different ones in {len(cells)} rows, such as {words[0]!r}",
            where=found.place(0, at),
            mend=f'leave it out: leave=["{name}"]',
        )
    return Column(name, words, 0.0 if fill else None)


def _targets(found: Table, at: int, task: Task | None) -> tuple[Array, tuple[str, ...], Task]:
    cells = found.cells[at]
    gaps = np.flatnonzero(_gaps(cells))
    if gaps.size:
        raise DataError(
            "a target is missing",
            expected="a value to learn in every row",
            received=f"{gaps.size} of {len(cells)} missing",
            where=found.place(int(gaps[0]), at),
            mend='leave such rows out: missing="drop"',
        )
    numbers, good = numbers_of(cells)
    whole = bool(good.all()) and bool((numbers == np.floor(numbers)).all())
    few = whole and len(np.unique(numbers)) <= MOST_CLASSES
    task = task or ("classification" if few or 2 * good.sum() <= len(good) else "regression")
    if task == "regression":
        column = Columns((Column(found.names[at]),))
        return column.encode(found), (), task
    if whole:
        values, labels = np.unique(numbers, return_inverse=True)
        return labels, tuple(f"{value:.0f}" for value in values), task
    classes, labels = np.unique(cells.astype(str), return_inverse=True)
    return labels, tuple(map(str, classes)), task


def _is_number(cell: str) -> bool:
    try:
        return not math.isnan(float(cell))
    except ValueError:
        return False
