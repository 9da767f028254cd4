"""What a run leaves behind."""

from __future__ import annotations

import contextlib
import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import data, nn
from glassnet.errors import (
    FileFormatError,
    GlassnetWarning,
    MissingDependencyError,
    OutputError,
)
from glassnet.files import load, load_predictor, read_run
from glassnet.files.container import write_container
from glassnet.tensor import HOOKS
from glassnet.train import Run, fit


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.delitem(HOOKS, "report", raising=False)  # the report is tested where it is made
    train, test = data.split(data.iris(), seed=0)
    return fit(nn.Linear(4, 3), train, validation=test, epochs=3)


def test_the_folder_holds_everything(run: Run, tmp_path: Path) -> None:
    folder = run.save(tmp_path / "runs" / "iris")
    assert sorted(item.name for item in folder.iterdir()) == [
        "history.csv",
        "model.safetensors",
        "run.json",
    ]
    rows = list(csv.DictReader((folder / "history.csv").read_text().splitlines()))
    assert [float(row["loss"]) for row in rows] == run.history["loss"]
    facts = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert facts["data"]["name"] == "iris"
    assert facts["data"]["rows"] == 120
    assert facts["validation"]["rows"] == 30
    assert facts["settings"]["epochs"] == 3
    assert facts["parameters"] == 15
    assert facts["result"]["validation_accuracy"] == run.history["validation_accuracy"][-1]
    assert repr(load(folder)) == repr(run.model)
    assert load_predictor(folder).labels([[5.1, 3.5, 1.4, 0.2]]) == run.predictor.labels(
        [[5.1, 3.5, 1.4, 0.2]]
    )


def test_fit_writes_it_by_itself(tmp_path: Path) -> None:
    fit(nn.Linear(4, 3), data.iris(), epochs=1, out=tmp_path / "run")
    assert (tmp_path / "run" / "model.safetensors").exists()


def test_a_second_run_replaces_the_first(run: Run, tmp_path: Path) -> None:
    run.save(tmp_path)
    run.history.append({**run.history.rows[-1], "epoch": 4})
    run.save(tmp_path)
    assert (tmp_path / "history.csv").read_text().count("\n") == 5


def test_the_report_is_written_by_whoever_can(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def report(shown: Run, path: Path) -> Path:
        path.write_text(f"<p>{shown.train.name}</p>")
        return path

    monkeypatch.setitem(HOOKS, "report", report)
    run.save(tmp_path)
    assert (tmp_path / "report.html").read_text() == "<p>iris</p>"


def test_without_the_libraries_of_the_report_the_rest_is_saved(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def report(*_: object) -> Path:
        raise MissingDependencyError("matplotlib", "plot", "the report")

    monkeypatch.setitem(HOOKS, "report", report)
    with pytest.warns(GlassnetWarning, match="no report: the report needs matplotlib"):
        run.save(tmp_path)
    assert (tmp_path / "model.safetensors").exists()
    assert not (tmp_path / "report.html").exists()


def test_an_unwritable_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="nothing can be written to"):
        run.save(tmp_path / "file" / "run")


# -- what was measured ------------------------------------------------------------------------
@pytest.fixture(scope="module")
def measured() -> Run:
    asked = {"statistics": True, "watch_every": 5, "engine": "numpy"}
    return fit(nn.Sequential(nn.Linear(4, 3)), data.iris(), epochs=2, **asked)


@pytest.fixture
def kept(measured: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delitem(HOOKS, "report", raising=False)
    return measured.save(tmp_path / "run")


def test_statistics_are_kept_as_well(measured: Run, kept: Path) -> None:
    found, ours = read_run(kept).statistics, measured.statistics
    assert found is not None
    assert ours is not None
    assert found.steps.tolist() == ours.steps.tolist() == [1, 6]
    assert str(found) == str(ours)
    for key in (("weight", "0.weight"), ("activation", "0")):
        np.testing.assert_array_equal(found[key].counts, ours[key].counts)


def test_a_run_without_statistics_leaves_none_of_the_one_before(run: Run, kept: Path) -> None:
    run.save(kept)
    assert read_run(kept).statistics is None
    assert not (kept / "statistics.safetensors").exists()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_truncated_statistics(kept: Path, share: float) -> None:
    path = kept / "statistics.safetensors"
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(FileFormatError, match=r"statistics\.safetensors is"):
        read_run(kept)


@pytest.mark.parametrize(
    ("facts", "arrays"),
    [
        ({"version": 2}, {}),
        ({"keys": [["weight", "9.weight", 0]]}, {}),
        ({"keys": [["dream", "0.weight", 0]]}, {}),
        ({"layers": None}, {}),
        ({}, {"steps": np.arange(3)}),
        ({}, {"rows": np.zeros((2, 5), np.float32)}),
    ],
)
def test_damaged_statistics(
    measured: Run, kept: Path, facts: dict[str, Any], arrays: dict[str, Any]
) -> None:
    assert measured.statistics is not None
    facts = {"format": "glassnet-statistics", "version": 1, **measured.statistics.facts(), **facts}
    whole = {**measured.statistics.arrays(), **arrays}
    write_container(kept / "statistics.safetensors", whole, facts)
    with pytest.raises(FileFormatError, match="is damaged"):
        read_run(kept)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "run.json").write_text("{}")
    (folder / "history.csv").write_text("epoch,loss\n1,2\n")
    return folder


@settings(max_examples=25)
@given(layers=JSON, shapes=JSON, keys=JSON | st.lists(st.tuples(*[JSON] * 3), max_size=2))
def test_any_facts_about_statistics(place: Path, layers: Any, shapes: Any, keys: Any) -> None:
    facts = {"format": "glassnet-statistics", "version": 1}
    facts |= {"layers": layers, "shapes": shapes, "keys": keys}
    arrays = {"steps": np.zeros(0, np.int64), "rows": np.zeros((0, 0), np.float32)}
    write_container(place / "statistics.safetensors", arrays, facts)
    with contextlib.suppress(FileFormatError):
        read_run(place)
