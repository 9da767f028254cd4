from __future__ import annotations

import json
from pathlib import Path

import pytest

import glassnet as gn
from glassnet import data, nn
from glassnet.train import Run as TrainingRun

from .conftest import Run

EXAMPLE = ("draw", "((a+b)*w-t)**2 + w**2", "a=1", "b=2", "w=2", "t=4")


def test_text(run: Run) -> None:
    said = run(*EXAMPLE)
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "((a+b)*w-t)**2 + w**2 = 8"
    cells = {line.split()[1]: line.split()[-2:] for line in lines if "leaf" in line}
    assert cells == {"a": ["1", "8"], "b": ["2", "8"], "w": ["2", "16"], "t": ["4", "-4"]}
    assert lines[-1].split() == ["9", "L", "add(#7,", "#8)", "()", "8", "1"]


@pytest.mark.parametrize("name", ["g.svg", "g.png", "g.html", "deep/er/g.svg", "g.dot", "g.mmd"])
def test_picture(run: Run, tmp_path: Path, name: str) -> None:
    said = run(*EXAMPLE, "--out", name)
    assert said.code == 0
    assert said.out.split() == ["written", name]
    assert (tmp_path / name).stat().st_size > 200


def test_data(run: Run, tmp_path: Path) -> None:
    assert run(*EXAMPLE, "-o", "g.json").code == 0
    graph = json.loads((tmp_path / "g.json").read_text(encoding="utf-8"))
    assert graph["values"][graph["outputs"][0]]["value"] == 8


def test_values_may_be_formulas_of_constants(run: Run) -> None:
    assert run("draw", "sin(x)", "x=pi/2").out.startswith("sin(x) = 1\n")


def test_a_formula_without_names_is_its_value(run: Run) -> None:
    assert run("draw", "2**10 / 4").out == "2**10 / 4 = 256\n"


def test_a_variable_may_be_called_like_the_result(run: Run) -> None:
    said = run("draw", "L*2", "L=3")
    assert said.out.startswith("L*2 = 6\n")
    assert said.out.count(" L ") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("__import__('os').system('id')", "x=1"), ["no function", "^^^"]),
        (("x^2", "x=1"), ["^ is not a power", "write x**2"]),
        (("a + b", "a=1"), ["needs a value for b"]),
        (("a", "a"), ["a value is given by name", "NAME=VALUE"]),
        (("a", "a=b"), ["the value of a is not a number"]),
        (("alpha", "alhpa=1"), ['no variable "alhpa"', 'did you mean "alpha"']),
        ((".", "a=1"), ["without values"]),
        ((".",), ["model.safetensors"]),
        (("a", "a=1", "--depth", "0", "--out", "g.svg"), ["depth of at least 1"]),
        (("a", "a=1", "--out", "g.bmp"), [".svg, .png, .html"]),
        (("a", "a=1", "--out", "/dev/null/g.svg"), ["cannot be written"]),
        (("a", "a=1", "--out", "/dev/null/g.json"), ["cannot be written"]),
    ],
)
def test_mistakes(run: Run, arguments: tuple[str, ...], words: list[str]) -> None:
    said = run("draw", *arguments)
    assert said.code == 2
    assert said.err.startswith("error: ")
    assert "Traceback" not in said.err
    assert ".py" not in said.err  # no line of the program itself
    for word in words:
        assert word in said.err


@pytest.fixture(scope="module")
def trained() -> TrainingRun:
    learn, held = data.split(data.moons(40, seed=0), 0.25, seed=0)
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 2))
    return gn.fit(model, learn, epochs=1, validation=held, engine="numpy")


def test_a_trained_network(run: Run, trained: TrainingRun, tmp_path: Path) -> None:
    trained.save(tmp_path / "moons")
    said = run("draw", "moons")
    assert said.code == 0
    assert said.out == trained.model.summary() + "\n"
    assert run("draw", "moons", "--out", "net.html", "--depth", "1").code == 0
    assert 'data-opens="0:' in (tmp_path / "net.html").read_text(encoding="utf-8")
    assert run("draw", "moons", "-o", "net.json").code == 0
    graph = json.loads((tmp_path / "net.json").read_text(encoding="utf-8"))
    assert "linear" in {value["operation"] for value in graph["values"]}


def test_a_variable_may_be_called_like_a_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    assert run("draw", "x", "x=2").out.startswith("x = 2\n")


def test_a_network_saved_by_itself(run: Run, trained: TrainingRun, tmp_path: Path) -> None:
    gn.save(trained.model, tmp_path / "net.gn")
    assert run("draw", "net.gn").out == trained.model.summary() + "\n"
    gn.save(nn.Sequential(nn.Tanh()), tmp_path / "unknown.gn")
    said = run("draw", "unknown.gn")
    assert said.code == 2
    assert "does not say what this network takes" in said.err
