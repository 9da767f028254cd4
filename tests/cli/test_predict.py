from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from glassnet import data, nn
from glassnet.files import save
from glassnet.train import fit

from .conftest import Run


@pytest.fixture(scope="module")
def iris(tmp_path_factory: pytest.TempPathFactory) -> str:
    (learn,) = data.standardise(data.iris())
    run = fit(nn.Sequential(nn.Linear(4, 3)), learn, epochs=30, engine="numpy")
    return str(save(run, tmp_path_factory.mktemp("iris") / "iris.gn"))


@pytest.fixture(scope="module")
def hills(tmp_path_factory: pytest.TempPathFactory) -> str:
    run = fit(nn.Sequential(nn.Linear(2, 1)), data.hills(100), epochs=1, engine="numpy")
    return str(save(run, tmp_path_factory.mktemp("hills") / "hills.gn"))


ROWS = [(5.1, 3.5, 1.4, 0.2), (6.5, 3.0, 5.5, 1.8)]  # a setosa and a virginica
NAMES = "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)"


def lines(*rows: object) -> str:
    return "".join(f"{row}\n" for row in rows)


def numbers(row: tuple[float, ...]) -> str:
    return ",".join(map(str, row))


def predictions(text: str) -> list[str]:
    return [row["prediction"] for row in csv.DictReader(io.StringIO(text))]


@pytest.mark.parametrize(
    "table",
    [
        lines(*map(numbers, ROWS)),
        lines(NAMES, *map(numbers, ROWS)),
        lines("a,b,c,d", *map(numbers, ROWS)),
        "\ufeff" + lines(NAMES, *map(numbers, ROWS)),
        lines(NAMES.upper(), "", *map(numbers, ROWS), ""),
        lines(
            "note,petal width (cm),petal length (cm),sepal width (cm), Sepal Length (cm)",
            *(f"x,{numbers(row[::-1])}" for row in ROWS),
        ),
    ],
    ids=["bare", "named", "other names", "byte-order mark", "blank lines", "shuffled"],
)
def test_tables(run: Run, iris: str, tmp_path: Path, table: str) -> None:
    (tmp_path / "new.csv").write_text(table, encoding="utf-8")
    said = run("predict", iris, "new.csv")
    assert said.code == 0, said.err
    assert predictions(said.out) == ["setosa", "virginica"]


def test_probabilities_are_those_of_the_network(run: Run, iris: str, tmp_path: Path) -> None:
    from glassnet.files import load_predictor

    np.save(tmp_path / "new.npy", np.array(ROWS))
    said = run("predict", iris, "new.npy")
    expected = load_predictor(iris).probabilities(np.array(ROWS)).max(axis=1)
    found = [float(row["probability"]) for row in csv.DictReader(io.StringIO(said.out))]
    assert found == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("names", [["inputs"], ["anything"], ["inputs", "labels"]])
def test_archives(run: Run, iris: str, tmp_path: Path, names: list[str]) -> None:
    np.savez(tmp_path / "new.npz", **dict.fromkeys(names, np.array(ROWS)))
    assert predictions(run("predict", iris, "new.npz").out) == ["setosa", "virginica"]


def test_numbers_are_predicted_for_a_regression(run: Run, hills: str, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("0.1,0.2\n-0.5,0.5\n", encoding="utf-8")
    said = run("predict", hills, "new.csv")
    assert len([float(x) for x in predictions(said.out)]) == 2


def test_written_to_a_file(run: Run, iris: str, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text(lines(*map(numbers, ROWS)), encoding="utf-8")
    assert run("predict", iris, "new.csv", "--out", "p.csv").code == 0
    text = (tmp_path / "p.csv").read_text(encoding="utf-8")
    assert predictions(text) == ["setosa", "virginica"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "5,3,1,oops\n", ["holds no number", "line 1, column 4", "'oops'"]),
        ("b.csv", f"{NAMES}\n5,3,1,2\n5,3,,2\n", ["line 3", '"petal length (cm)"', "nothing"]),
        ("c.csv", "5,3,1\n", ["another shape", "(rows, 4)", "(1, 3)"]),
        ("d.csv", "5,3,nan,1\n", ["nan", "petal length (cm)"]),
        ("e.csv", "", ["no rows"]),
        ("f.csv", f"{NAMES}\n", ["no rows"]),
        ("g.csv", "petal width (cm),colour\n1,2\n", ["lacks columns", "sepal length (cm)"]),
        ("h.csv", "\udcff", ["not a table of text"]),
        ("i.npy", "no array", ["not an array of NumPy"]),
        ("j.npz", "no archive", ["not an array of NumPy"]),
        ("k.txt", "5,3,1,2\n", [".csv, .tsv, .parquet, .npy, .npz"]),
        ("l.csv", "5,3,1,2\n5,3\n", ["line 2, column 3"]),
    ],
)
def test_mistakes(
    run: Run, iris: str, tmp_path: Path, name: str, content: str, words: list[str]
) -> None:
    (tmp_path / name).write_bytes(content.encode(errors="surrogateescape"))
    said = run("predict", iris, name)
    assert said.code == 2
    assert said.out == ""
    assert "Traceback" not in said.err
    for word in words:
        assert word in said.err


def test_files_that_are_not_there_or_not_models(run: Run, iris: str, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("1,2,3,4\n", encoding="utf-8")
    assert "cannot be read" in run("predict", iris, "missing.csv").err
    assert "cannot be read" in run("predict", "missing", "new.csv").err
    assert "is not a model of glassnet" in run("predict", "new.csv", "new.csv").err
    assert "cannot be written" in run("predict", iris, "new.csv", "-o", "/dev/null/p.csv").err


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"a": np.zeros((1, 4)), "b": np.zeros((1, 4))}, "none of them named inputs"),
        ({"x": np.array([["a"]])}, "does not hold rows of numbers"),
        ({"x": np.array([None])}, "not an array of NumPy"),
    ],
    ids=["several", "words", "objects"],
)
def test_arrays_that_cannot_be_used(
    run: Run, iris: str, tmp_path: Path, arrays: dict[str, np.ndarray], words: str
) -> None:
    np.savez(tmp_path / "new.npz", allow_pickle=True, **arrays)
    said = run("predict", iris, "new.npz")
    assert said.code == 2
    assert words in said.err
