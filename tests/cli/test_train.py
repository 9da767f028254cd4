from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from glassnet import data
from glassnet.cli.recipes import RECIPES
from glassnet.files import load_predictor

from .conftest import Run

SHORT = ("--epochs", "2", "--hidden", "4")


def test_what_it_says_and_leaves(run: Run, tmp_path: Path) -> None:
    said = run("train", "iris", *SHORT, "--activation", "relu", "--seed", "3")
    assert said.code == 0
    facts = dict(line.split(None, 1) for line in said.out.splitlines())
    assert facts["data"] == "iris: 150 rows of 4 numbers, 3 classes; 120 to learn from, 30 held out"
    assert facts["network"] == "4 → 4 relu → 3, 35 parameters"
    assert facts["training"].endswith("batches of 32, 2 epochs, seed 3")
    assert "right on the 30 rows held out" in facts["result"]
    assert facts["run"] == "runs/iris"
    folder = tmp_path / "runs" / "iris"
    files = {"model.safetensors", "history.csv", "run.json", "report.html"}
    assert {path.name for path in folder.iterdir()} == files
    assert load_predictor(folder).classes == ("setosa", "versicolor", "virginica")
    assert "<h1>iris</h1>" in (folder / "report.html").read_text(encoding="utf-8")


def test_no_run_is_lost(run: Run) -> None:
    for folder in ("runs/moons", "runs/moons-2", "runs/moons-3"):
        assert f"run        {folder}\n" in run("train", "moons", *SHORT).out


def test_the_same_seed_gives_the_same_model(run: Run, tmp_path: Path) -> None:
    for out in ("a", "b"):
        assert run("train", "xor", *SHORT, "--seed", "5", "--out", out).code == 0
    first, second = ((tmp_path / out / "model.safetensors").read_bytes() for out in ("a", "b"))
    assert first == second


def test_regression(run: Run) -> None:
    said = run("train", "hills", *SHORT)
    assert "a number to predict" in said.out
    assert "R² " in said.out


def test_no_hidden_layers_and_full_batches(run: Run) -> None:
    said = run("train", "gaussians", "--hidden", "none", "--batch", "0", "--epochs", "2")
    assert "2 → 2, 6 parameters" in said.out
    assert "all rows at once" in said.out


def test_every_data_set_has_a_recipe() -> None:
    assert set(RECIPES) == set(data.NAMES)


def test_digits_are_learned(run: Run) -> None:
    said = run("train", "digits", "--epochs", "15")
    share = float(said.out.split("result")[1].split()[0])
    assert share >= 97.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("digitz",), ['no data set "digitz"', 'did you mean "digits"']),
        (("iris", "--optimizer", "addam"), ['did you mean "adam"']),
        (("iris", "--activation", "tanhh"), ['did you mean "tanh"']),
        (("iris", "--lr", "-1"), ["lr=-1.0", "0 ≤ lr"]),
        (("iris", "--hidden", "64,x"), ["widths of hidden layers", "64,x"]),
        (("iris", "--hidden", "0,3"), ["widths of hidden layers"]),
        (("iris", "--epochs", "0"), ["epochs=0"]),
        (("iris", "--batch", "-3"), ["batch_size=-3"]),
        (("iris", "--seed", "-1"), ["a seed is a whole number"]),
        (("iris", "--engine", "cuda"), ['no engine "cuda"']),
        (("iris", "--epochs", "some"), ["--epochs"]),
        (("iris", "--out", "/dev/null/run"), ["nothing can be written", "/dev/null/run"]),
    ],
)
def test_mistakes(run: Run, arguments: tuple[str, ...], words: list[str]) -> None:
    said = run("train", *arguments)
    assert said.code == 2
    assert said.out == ""  # found before anything began
    assert "Traceback" not in said.err
    for word in words:
        assert word in said.err


def test_ctrl_c_keeps_what_was_learned(
    process: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    running = process("train", "digits", "--epochs", "100000", "--out", "run")
    assert running.stdout is not None
    for line in running.stdout:
        if line.startswith("training"):
            break
    time.sleep(3)  # some epochs
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "what was learned is kept" in out
    assert "Traceback" not in err
    assert load_predictor(tmp_path / "run").name == "digits"
