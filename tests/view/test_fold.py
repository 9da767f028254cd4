from __future__ import annotations

from collections.abc import Callable

import pytest

import glassnet as gn
from glassnet import losses, models, nn, view
from glassnet.graph import Graph, Shaped
from glassnet.view.fold import Layer, boxes, layers, opened
from glassnet.view.graph import GraphPicture
from glassnet.view.packing import unpacked

from .visual import Looks

Texts = Callable[[view.Picture], list[str]]
TOKENS = Shaped((1, 8), "int64", "tokens")


@pytest.fixture(scope="module")
def transformer() -> nn.Module:
    return models.gpt(11, 8, layers=12, heads=2, width=8)


@pytest.fixture(scope="module")
def history(transformer: nn.Module) -> Graph:
    return gn.trace(transformer, TOKENS)


def drawn(history: Graph, depth: int) -> list[str]:
    whole = layers(history)
    found = boxes(history, whole, opened(whole, depth, lambda _: 0))
    values = history.values
    return [box.layer.path if box.layer else values[box.value].name or "·" for box in found]


def test_a_transformer_folds_to_a_line(history: Graph) -> None:
    assert drawn(history, 1) == [
        "tokens.weight", "tokens", "tokens", "positions", "blocks", "norm", "head",
    ]  # fmt: skip
    assert [name for name in drawn(history, 2) if name.startswith("blocks")] == [
        f"blocks.{i}" for i in range(12)
    ]
    assert "blocks.5.self_attn" in drawn(history, 3)
    assert len(drawn(history, 9)) == sum(not isinstance(v.source, float) for v in history.values)


def test_every_value_stands_in_one_box_and_arrows_run_forward(history: Graph) -> None:
    whole = layers(history)
    for depth in (1, 2, 3, 4):
        found = boxes(history, whole, opened(whole, depth, lambda _: 0))
        inside = [index for box in found for index in box.inside]
        assert len(inside) == len(set(inside))
        home = {index: place for place, box in enumerate(found) for index in box.inside}
        assert all(home[s] < place for place, box in enumerate(found) for s in box.inputs)


def test_a_layer_called_twice_is_two_boxes() -> None:
    class Twice(nn.Module):
        inner: nn.Linear
        act: nn.Tanh

        def __init__(self) -> None:
            self.inner, self.act = nn.Linear(2, 2), nn.Tanh()

        def forward(self, x: gn.Tensor) -> gn.Tensor:
            return self.inner(self.act(self.inner(x)))

    history = gn.trace(Twice(), (1, 2))
    assert [layer.path for layer in layers(history).layers()] == ["inner", "act", "inner"]
    assert drawn(history, 1)[-3:] == ["inner", "act", "inner"]
    assert "inner.weight" in drawn(history, 1)  # used by two boxes, it stands beside them


def test_how_deep() -> None:
    whole = Layer("", 0, (Layer("a", 1, (Layer("a.b", 2, (0, 1)), 2)), 3))
    assert {layer.path for layer in opened(whole, 2, lambda _: 0)} == {"", "a"}
    assert {layer.path for layer in opened(whole, None, len)} == {"", "a", "a.b"}
    assert {layer.path for layer in opened(whole, None, lambda s: 10 * len(s))} == {""}
    for depth in (0, True):
        with pytest.raises(gn.ArgumentError, match="depth of at least 1"):
            opened(whole, depth, len)


def test_a_folded_network_shows_kinds_shapes_and_parameters(
    transformer: nn.Module, texts: Texts
) -> None:
    words = texts(view.graph(transformer, TOKENS, depth=2))
    assert {"blocks 0", "TransformerEncoderLayer", "1×8×8", "1×8×11"} <= set(words)
    count = sum(p.size for p in transformer.blocks[0].parameters())  # type: ignore[attr-defined]
    assert words.count(f"{count:,} parameters") == 12


def test_the_page_unfolds_every_layer_and_is_small(transformer: nn.Module, texts: Texts) -> None:
    picture = view.graph(transformer, TOKENS, depth=1)
    page = picture.html()
    drawings, states = unpacked(page)
    assert drawings[0] == picture.svg
    assert (
        len(drawings)
        == len(states)
        == 1 + len(list(layers(gn.trace(transformer, TOKENS)).layers()))
    )
    at, way = states[next(key for key in states if key.startswith("blocks.3.self_attn:"))]
    assert [path for path, _ in way] == ["blocks", "blocks.3", "blocks.3.self_attn"]
    assert all(f"unfold blocks.3.self_attn.{name}_proj" in drawings[at] for name in "qkv")
    assert "unfold blocks.3.norm1" in drawings[at]
    assert "unfold blocks.4.norm1" not in drawings[at]
    assert len(page) < 500_000
    for drawing in drawings[:3]:
        texts(view.Picture(drawing, lambda *_: b"", drawing.split("title>")[1][:-2]))


def test_a_loss_is_drawn_by_its_layers_with_gradients(texts: Texts) -> None:
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 3))
    x = gn.Generator(0).normal((5, 2))
    loss = losses.cross_entropy(model(x), gn.tensor([0, 1, 2, 0, 1]))
    loss.backward(retain_graph=True)
    picture = view.graph(loss, depth=1)
    words = texts(picture)
    assert {"0", "1", "2", "cross-entropy", "5×4", "12 parameters"} <= set(words)
    assert picture.alt.startswith("Graph of 6 operations, drawn by its layers 0, 1, 2.")
    assert "0.weight" in texts(view.graph(loss, depth=2))


def test_a_model_called_with_numbers_shows_them(texts: Texts) -> None:
    words = texts(view.graph(nn.Sequential(nn.Tanh()), gn.tensor([[0.0, 0.5]]), depth=1))
    assert {"x", "0 … 0.5", "0 … 0.462"} <= set(words)


def test_what_was_computed_on_the_way_back_is_told_apart(texts: Texts) -> None:
    w = gn.tensor(2.0, name="w", requires_grad=True)
    forward = w**3
    (slope,) = gn.gradients(forward, [w], create_graph=True)
    assert "computed on the way back" in texts(view.graph(slope))
    assert "computed on the way back" not in texts(view.graph(forward))
    assert [value.node.backward for value in Graph(forward).operations if value.node] == [False]


def test_nothing_to_draw() -> None:
    for wrong in ((), (3,), (nn.Tanh(),)):
        with pytest.raises(gn.ArgumentError, match="results, or of a model and its inputs"):
            view.graph(*wrong)


def test_the_kind_of_picture(worked_example: gn.Tensor) -> None:
    assert isinstance(view.graph(worked_example), GraphPicture)


@pytest.mark.parametrize("dark", [False, True])
def test_a_folded_network_looks_as_it_did(transformer: nn.Module, looks: Looks, dark: bool) -> None:
    name = "folded-dark" if dark else "folded"
    looks(view.graph(gn.trace(transformer, TOKENS), depth=1), name, dark=dark)


def test_what_a_layer_keeps_stands_in_it() -> None:
    history = gn.trace(nn.Sequential(nn.BatchNorm1d(3), nn.Tanh()), Shaped((4, 3), name="x"))
    assert drawn(history, 1) == ["x", "0", "1"]


def test_a_network_with_several_results(texts: Texts) -> None:
    words = texts(view.graph(nn.LSTM(3, 4), (1, 5, 3)))
    assert "x" in words
    assert words.count("1×4") >= 2  # the last hidden state and the last cell state
    assert view.graph(nn.LSTM(3, 4), gn.tensor([[[1.0, 2.0, 3.0]]])).alt.count("Result") == 3
