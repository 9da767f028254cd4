"""Tables: what their columns become, and that the same columns are found again later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import data
from glassnet.data import Column, Columns
from glassnet.data.table import read_table
from glassnet.errors import ArgumentError, DataError, FileFormatError, GlassnetError

ANIMALS = """weight,colour,legs,kind
4.5,black,4,cat
3.5,white,4,cat
0.5,white,2,bird

0.25,black,2,bird
"""


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def write(content: str, name: str = "animals.csv") -> Path:
        (tmp_path / name).write_text(content, encoding="utf-8")
        return tmp_path / name

    return write


def test_words_become_a_feature_each(file: Any) -> None:
    dataset = data.table(file(ANIMALS), "kind")
    assert dataset.name == "animals"
    assert dataset.features == ("weight", "colour = black", "colour = white", "legs")
    assert dataset.classes == ("bird", "cat")
    np.testing.assert_array_equal(
        dataset.inputs, [[4.5, 1, 0, 4], [3.5, 0, 1, 4], [0.5, 0, 1, 2], [0.25, 1, 0, 2]]
    )
    np.testing.assert_array_equal(dataset.targets, [1, 1, 0, 0])


def test_codes_and_columns_left_out(file: Any) -> None:
    dataset = data.table(file(ANIMALS), " Kind", codes=True, leave=["legs"])
    assert dataset.features == ("weight", "colour")
    np.testing.assert_array_equal(dataset.inputs[:, 1], [0, 1, 1, 0])


def test_the_last_column_is_the_target_and_lines_of_names_may_lack(file: Any) -> None:
    dataset = data.table(file("1,2.5\n2,3.5\n3,4.5\n"))
    assert dataset.features == ("column 1",)
    assert dataset.task == "regression"
    np.testing.assert_array_equal(dataset.targets, [[2.5], [3.5], [4.5]])


def test_which_task(file: Any) -> None:
    numbers = file("x,y\n" + "".join(f"{i},{i * 7}\n" for i in range(30)))
    assert data.table(numbers).task == "regression"
    assert data.table(numbers, task="classification").outputs == 30
    few = file("x,y\n1,3\n2,5\n3,3\n", "few.csv")
    assert data.table(few).classes == ("3", "5")
    assert data.table(few, task="regression").outputs == 1


GAPS = "a,b,y\n1,red,1.5\n,blue,2.5\n3,NA,3.5\n5,red,4.5\n"


def test_missing_cells(file: Any) -> None:
    path = file(GAPS)
    with pytest.raises(DataError, match="a cell holds no number") as caught:
        data.table(path)
    assert 'animals.csv, line 3, column 1 "a"' in str(caught.value)
    filled = data.table(path, missing="fill")
    np.testing.assert_array_equal(filled.inputs, [[1, 0, 1], [3, 1, 0], [3, 0, 0], [5, 0, 1]])
    np.testing.assert_array_equal(data.table(path, missing="drop").targets, [[1.5], [4.5]])


@pytest.mark.parametrize(
    ("content", "settings", "kind", "words"),
    [
        (ANIMALS, {"target": "knid"}, ArgumentError, 'did you mean "kind"'),
        (ANIMALS, {"leave": ["leg"]}, ArgumentError, 'did you mean "legs"'),
        (ANIMALS, {"missing": "mean"}, ArgumentError, "Known: drop, error, fill"),
        ("", {}, DataError, "nothing to learn from"),
        ("a,b\n", {}, DataError, "nothing to learn from"),
        ("a\n1\n", {}, DataError, "nothing to learn from"),
        ("a,b\n1,2\n1,2,3\n", {}, FileFormatError, "line 3"),
        ("a,b\n1,2\nx3,2\n5,3\n", {}, DataError, "line 3, column 1"),
        ("a,y\n,1\n,2\n", {}, DataError, "a column is empty"),
        ("a,y\n1,\n2,3\n", {}, DataError, "a target is missing"),
        ("a,y\n1,\n,3\n", {"missing": "drop"}, DataError, "every row has a missing cell"),
        ("n,y\n" + "".join(f"name{i},{i}\n" for i in range(50)), {}, DataError, 'leave=["n"]'),
        ("a,y\n1,2\n2,inf\n1,4\n", {"task": "regression"}, DataError, "no number"),
        ("a,y\n1,2\n2,x\n1,4\n", {"task": "regression"}, DataError, "line 3"),
    ],
)
def test_mistakes(
    file: Any, content: str, settings: Any, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind) as caught:
        data.table(file(content), **settings)
    assert words in str(caught.value)


def test_parquet_holds_the_same(file: Any, tmp_path: Path) -> None:
    frame = pd.read_csv(file(ANIMALS))
    frame["tame"] = [True, True, False, False]
    frame["age"] = pd.array([1, None, 3, 4], dtype="Int64")
    frame.to_parquet(tmp_path / "animals.parquet")
    dataset = data.table(tmp_path / "animals.parquet", "kind", missing="fill")
    np.testing.assert_allclose(
        dataset.inputs[:, 4:], [[1, 1], [1, 8 / 3], [0, 3], [0, 4]], rtol=1e-6
    )
    as_text = data.table(file(ANIMALS), "kind")
    np.testing.assert_array_equal(dataset.inputs[:, :4], as_text.inputs)
    frame["born"] = pd.Timestamp("2020-01-01")
    frame.to_parquet(tmp_path / "dates.parquet")
    with pytest.raises(DataError, match='column "born" holds neither numbers nor words'):
        data.table(tmp_path / "dates.parquet", "kind")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 not quite")
    with pytest.raises(FileFormatError, match="not a Parquet file"):
        data.table(tmp_path / "bad.parquet")


def test_other_files(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="cannot be read"):
        data.table(tmp_path / "missing.csv")
    with pytest.raises(FileFormatError, match="no table that can be read"):
        data.table(tmp_path / "table.xlsx")
    (tmp_path / "t.tsv").write_text("a\tb\n1\t2.5\n", encoding="utf-8")
    assert data.table(tmp_path / "t.tsv").features == ("a",)


def test_columns_are_found_again(file: Any) -> None:
    columns = data.table(file(ANIMALS), "kind").columns
    assert columns is not None
    again = Columns.from_plain(columns.plain())
    assert again == columns
    new = read_table(file("LEGS,note,Colour,weight\n2,x,white,0.5\n"))
    np.testing.assert_array_equal(again.encode(new), [[0.5, 0, 1, 2]])
    with pytest.raises(DataError, match="one of black, white") as caught:
        again.encode(read_table(file("legs,colour,weight\n2,red,0.5\n")))
    assert "'red'" in str(caught.value)
    with pytest.raises(DataError, match="lacks columns"):
        again.encode(read_table(file("legs,weight\n2,0.5\n")))
    with pytest.raises(DataError, match="another number of columns"):
        again.encode(read_table(file("2,0.5\n")))


@pytest.mark.parametrize(
    "plain",
    [
        {},
        3,
        {"columns": 3, "codes": False},
        {"columns": [{"name": "a"}], "codes": False},
        {"columns": [{"name": "a", "words": [], "fill": "x"}], "codes": False},
        {"columns": [], "codes": 1},
    ],
)
def test_what_are_no_columns(plain: Any) -> None:
    with pytest.raises(DataError, match="no columns of a table"):
        Columns.from_plain(plain)


def test_names_of_numbers() -> None:
    assert Columns.of_numbers(["a", "b"]).columns == (Column("a"), Column("b"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


@given(content=st.binary(max_size=60), ending=st.sampled_from(["csv", "tsv", "parquet"]))
def test_any_bytes(place: Path, content: bytes, ending: str) -> None:
    path = place / f"any.{ending}"
    path.write_bytes(content)
    try:
        data.table(path, missing="fill")
    except GlassnetError:
        return


CELLS = st.lists(st.sampled_from(["", "1", "x", "nan", "2.5"]), min_size=3, max_size=3)


@given(rows=st.lists(CELLS, min_size=1, max_size=6))
def test_any_cells(place: Path, rows: list[list[str]]) -> None:
    path = place / "cells.csv"
    path.write_text("a,b,c\n" + "".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    try:
        dataset = data.table(path, missing="drop")
    except GlassnetError:
        return
    assert np.isfinite(dataset.inputs).all()
