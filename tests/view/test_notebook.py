"""What notebooks show: well-formed, escaped, quick, and never an error."""

from __future__ import annotations

import re
import sys
import time
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import models, nn, view
from glassnet.graph import Graph
from glassnet.train import History, Run
from glassnet.view.notebook import LIMIT, SIDE

STRANGE = "<script>alert('&')</script>"


def shown(thing: Any) -> str:
    """The HTML of a thing, well-formed and with all that is the user's escaped."""
    html = thing._repr_html_()
    assert html is not None
    parsed(html)
    assert "<script" not in html
    return str(html)


def parsed(html: str) -> ET.Element:
    closed = re.sub(r"(<img [^>]*)>", r"\1/>", html)  # HTML's images need no end
    return ET.fromstring(f"<div>{closed}</div>")


def words(thing: Any) -> list[str]:
    root = parsed(shown(thing))
    return [text for text in ("".join(e.itertext()) for e in root.iter("td")) if text]


def test_a_tensor_shows_its_numbers() -> None:
    x = gn.tensor([[1.0, -2.5], [0.25, 4.0]], name=STRANGE, requires_grad=True)
    html = shown(x)
    assert "2×2 float32, −2.5 … 4, requires a gradient" in html
    assert "&lt;script&gt;" in html
    assert words(x) == ["1", "−2.5", "0.25", "4"]
    (x**2).sum().backward()
    assert "gradient −5 … 8" in shown(x)


def test_a_large_tensor_shows_its_corners() -> None:
    x = gn.tensor(np.arange(3 * 100 * 50).reshape(3, 100, 50))
    cells = words(x)
    assert len(cells) == (SIDE + 1) ** 2
    assert cells[:5] == ["0", "1", "2", "3", "⋯"]
    assert cells[-1] == "4999"
    assert "[0, :, :]" in shown(x)


@pytest.mark.parametrize(
    "value", [3.0, True, [], [float("nan"), 1.0], [float("inf")], np.zeros((0, 3))]
)
def test_tensors_of_every_kind(value: Any) -> None:
    shown(gn.tensor(value))


def test_a_single_number_stands_in_the_line() -> None:
    assert "float32, 3<" in shown(gn.tensor(3.0))
    assert words(gn.tensor([3.0])) == []


def test_numbers_that_are_none_are_counted() -> None:
    assert "1 … 2, 2 of 4 not finite" in shown(gn.tensor([1.0, np.nan, 2.0, np.inf]))


def test_a_computed_tensor_shows_its_graph(worked_example: gn.Tensor) -> None:
    assert view.graph(worked_example).image() in shown(worked_example)
    long = gn.tensor(1.0, requires_grad=True)
    for _ in range(LIMIT):
        long = long * 1.0
    assert "<img" not in shown(long)


def test_a_module_shows_its_layers() -> None:
    model = nn.Sequential(nn.Linear(2, 1600), nn.Tanh(), nn.Linear(1600, 2))
    assert words(model) == [
        "Sequential", "(batch, 2)", "8,002",
        "0 Linear", "(batch, 1600)", "4,800",
        "1 Tanh", "(batch, 1600)", "0",
        "2 Linear", "(batch, 2)", "3,202",
    ]  # fmt: skip
    assert model.summary().splitlines()[-1] in shown(model)
    assert "not drawn" not in shown(model[0])


def test_layers_in_a_list_stand_below_what_holds_the_list() -> None:
    html = shown(models.gpt(5, 4, layers=2, heads=1, width=4))
    cells = re.findall(r'padding-left:([\d.]+)em">(?:<b>([^<]+)</b>)?', html)
    names = {name: float(indent) for indent, name in cells}
    assert names["blocks.1"] == names["norm"] < names["linear1"] < names["q_proj"]


def test_a_module_whose_layers_do_not_fit_is_shown_without_shapes() -> None:
    assert "–" in words(nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 1)))


def test_a_graph_is_drawn_or_told(
    worked_example: gn.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = Graph(worked_example)
    assert "<img" in shown(history)
    monkeypatch.setitem(sys.modules, "grandalf.graphs", None)
    assert "<pre>graph of 10 values" in shown(history)
    assert "<img" not in shown(worked_example)


def test_a_history_and_a_run(moons_run: Run) -> None:
    assert "no epoch yet" in shown(History())
    made = History()
    for epoch in range(1, 31):
        made.append({"epoch": epoch, "loss": 1 / epoch})
    cells = words(made)
    assert cells[:4] == ["1", "1", "⋮", "⋮"]
    assert cells[-2] == "30"
    assert "Loss over 30 epochs" in shown(made)
    html = shown(moons_run)
    assert "moons: 5 epochs" in html
    assert "validation loss" in html


def test_they_are_quick(worked_example: gn.Tensor, moons_run: Run) -> None:
    model = nn.Sequential(*(nn.Linear(4, 4) for _ in range(50)))
    things = [gn.tensor(np.zeros((1000, 1000), np.float32)), worked_example, model, moons_run]
    for thing in things:
        shown(thing)
        start = time.process_time()
        shown(thing)
        assert time.process_time() - start < 0.5
