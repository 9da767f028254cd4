"""`glassnet report`, and the options of `glassnet train` that reports tell of."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import Run


def test_two_runs_are_compared(run: Run, tmp_path: Path) -> None:
    common = ("train", "xor", "--hidden", "4", "--engine", "numpy", "--epochs")
    kept = run(*common, "6", "--patience", "1", "--keep-best", "--statistics", "--out", "a")
    assert kept.code == 0, kept.err
    assert "at most 6 epochs" in kept.out
    facts = json.loads((tmp_path / "a" / "run.json").read_text())
    assert facts["settings"]["patience"] == 1
    assert facts["settings"]["best_by"] == "validation_loss"
    assert "What happened inside" in (tmp_path / "a" / "report.html").read_text()
    other = run(*common, "2", "--average", "0.9", "--checkpoint", "kept", "--out", "b")
    assert other.code == 0, other.err
    assert (tmp_path / "kept" / "checkpoint.safetensors").exists()
    facts = json.loads((tmp_path / "b" / "run.json").read_text())
    assert facts["settings"]["average"] == 0.9

    said = run("report", "a", "b", "--out", "both.html")
    assert said.code == 0, said.err
    assert "both.html, 2 runs" in said.out
    page = (tmp_path / "both.html").read_text()
    assert "2 runs compared" in page
    assert "<tr><td>a</td>" in page

    told = run("see", "a", "findings")
    assert told.code == 0, told.err
    assert "the root mean square of gradients" in told.out
    assert run("see", "a", "norms").out.startswith("Gradients, weights and updates over steps 1 to")
    asked = ("--kind", "gradient", "--layer", "0.weight")
    assert run("see", "a", "histograms", *asked).out.startswith("Histograms of the gradients of 1")
    assert run("see", "a", "histograms", "--out", "h.svg").code == 0
    assert (tmp_path / "h.svg").exists()
    assert "nothing was measured while b learned" in run("see", "b", "norms").err
    assert "findings are words" in run("see", "a", "findings", "--out", "f.svg").err
    assert "What happened inside a" in page
    assert run("report", "a").code == 0
    alone = (tmp_path / "report.html").read_text()
    assert "Histograms of the weights" in alone
    assert len(alone) < 3_000_000


def test_a_folder_without_a_run_is_told(run: Run) -> None:
    said = run("report", "nowhere")
    assert said.code == 2
    assert "nowhere is no run folder" in said.err
