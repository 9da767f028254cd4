"""What a run leaves behind."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from glassnet import data, nn
from glassnet.errors import GlassnetWarning, MissingDependencyError, OutputError
from glassnet.files import load, load_predictor
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
