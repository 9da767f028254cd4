from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest

import glassnet as gn
from glassnet import nn, ops, view

Texts = Callable[[view.Picture], list[str]]


def test_the_worked_example(worked_example: gn.Tensor, texts: Texts) -> None:
    worked_example.name = "L"
    words = texts(view.graph(worked_example))
    for leaf, value, gradient in (("a", "1", "8"), ("b", "2", "8"), ("w", "2", "16")):
        place = words.index(leaf)
        assert words[place + 1 : place + 3] == [value, gradient]
    place = words.index("t")
    assert words[place + 1 : place + 3] == ["4", "−4"]
    assert words[words.index("L") + 1 :][:2] == ["8", "1"]
    # The chain rule, link by link: (a+b)·w, ·−t, square, +, and w's own square.
    factors = sorted(word for word in words if word.startswith("× ") and word != "× k")
    assert factors == sorted(
        ["× 1", "× 1", "× 2", "× 3", "× 1", "× −1", "× 4", "× 4", "× 1", "× 1"]
    )
    assert words.count("( )²") == 2


def test_in_words(worked_example: gn.Tensor) -> None:
    assert view.graph(worked_example).alt == (
        "Graph of 6 operations. a = 1, gradient 8. b = 2, gradient 8. w = 2, gradient 16. "
        "t = 4, gradient −4. Result 8."
    )


def test_before_backward_there_are_no_gradients(texts: Texts) -> None:
    w = gn.tensor(3.0, name="w", requires_grad=True)
    words = texts(view.graph(w * w))
    assert words == ["w", "3", "×", "9", "■", "above: value, computed forward"]


def test_arrays_show_shape_and_range(texts: Texts) -> None:
    x = gn.tensor([[1.0, -2.0], [3.0, 4.0]], name="x", requires_grad=True)
    loss = ops.tanh(x).sum()
    loss.backward()
    words = texts(view.graph(loss))
    assert words[:4] == ["x", "2×2", "−2 … 4", "0.00134 … 0.42"]
    assert not any(word.startswith("× ") for word in words)


def test_a_layer_traced_from_shapes_alone(texts: Texts) -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    words = texts(view.graph(gn.trace(lambda x: model(x), (4, 2))))
    assert "Wx+b" in words
    assert "4×3" in words


def test_several_results(texts: Texts) -> None:
    a = gn.tensor(2.0, name="a", requires_grad=True)
    b = gn.tensor(5.0, name="b", requires_grad=True)
    words = texts(view.graph(a * 2.0, b + 1.0))
    assert {"a", "b", "× 2", "+ 1", "4", "6"} <= set(words)


def test_boxes_neither_overlap_nor_leave_the_picture() -> None:
    x = gn.tensor([[1.0, 2.0]], name="x")
    for i in range(12):
        w = gn.tensor([[0.1, 0.2], [0.3, 0.4]], name=f"W{i}", requires_grad=True)
        b = gn.tensor([0.0, 0.0], name=f"bias{i}", requires_grad=True)
        x = ops.tanh(ops.linear(x, w, b)) + x
    svg = view.graph(x.sum()).svg
    pattern = (
        r'class="gn-none gn-s-\w+" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"'
    )
    boxes = [tuple(map(float, match)) for match in re.findall(pattern, svg)]
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups())  # type: ignore[union-attr]
    assert len(boxes) == 1 + 12 * 5 + 1
    for i, (x1, y1, w1, h1) in enumerate(boxes):
        assert x1 >= 0
        assert y1 >= 0
        assert x1 + w1 <= width
        assert y1 + h1 <= height
        for x2, y2, w2, h2 in boxes[:i]:
            apart = x1 + w1 <= x2 or x2 + w2 <= x1 or y1 + h1 <= y2 or y2 + h2 <= y1
            assert apart, (boxes[i], (x2, y2, w2, h2))


def test_the_same_graph_has_the_same_picture(worked_example: gn.Tensor) -> None:
    assert view.graph(worked_example).svg == view.graph(worked_example).svg


def test_without_the_layout_library(
    worked_example: gn.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("grandalf", "grandalf.graphs", "grandalf.layouts"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(gn.MissingDependencyError, match=r"glassnet\[plot\]"):
        view.graph(worked_example)


def test_a_graph_runs_down_where_that_is_wanted() -> None:
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
    down = view.graph(model, (1, 2), depth=1, direction="down")
    right = view.graph(model, (1, 2), depth=1)
    assert down.boxes == right.boxes == 4
    assert down.size[1] > 2 * right.size[1]
    assert "rankdir=TB;" in down.dot()
    assert down.mermaid().startswith("flowchart TB")
    with pytest.raises(gn.ArgumentError, match='did you mean "down"'):
        view.graph(model, (1, 2), direction="dwon")


def test_strange_names_do_no_harm(texts: Texts) -> None:
    x = gn.tensor(1.0, name="<script>&\"'", requires_grad=True)
    assert texts(view.graph(x * x))[0] == "<script>&\"'"


LARGE = """
import time
import glassnet as gn
from glassnet import ops, view

rng = gn.Generator(0)
layer = [gn.tensor(float(x)) for x in rng.normal((4,))]
for _ in range(14):  # of 16 neurons, each made of single numbers
    weights = rng.normal((16, len(layer)))
    layer = [
        ops.tanh(sum((x * gn.tensor(float(w), requires_grad=True) for x, w in pairs), 0.0))
        for pairs in ([*zip(layer, row, strict=True)] for row in weights)
    ]
history = gn.Graph(sum(layer, 0.0))
drawn = [v for v in history.values if not isinstance(v.source, float)]
start = time.process_time()
picture = view.graph(history)
took = time.process_time() - start
arrows = sum(len(set(v.inputs)) for v in drawn) - 16 * 14 - 1
print(len(drawn), picture.svg.count("<polygon") - arrows, took)
"""


@pytest.mark.no_cover
def test_ten_thousand_values_in_less_than_five_seconds() -> None:
    # In a process of its own: what measures coverage would make it three times slower.
    done = subprocess.run(
        [sys.executable, "-c", LARGE], capture_output=True, text=True, check=True, timeout=120
    )
    values, arrows_missing, took = done.stdout.split()
    assert int(values) > 10_000
    assert int(arrows_missing) == 0
    assert float(took) < 5
