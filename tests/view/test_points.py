"""Classifiers, perceptrons and hidden units over the plane."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

import glassnet as gn
from glassnet import data, nn, view
from glassnet.train import Run
from glassnet.view.classifier import asked
from glassnet.view.hidden_units import responses
from glassnet.view.network import Frame, chain
from glassnet.view.plot import COLOURS
from glassnet.view.subject import predictor_of

from .visual import Looks

Texts = Callable[[view.Picture], list[str]]

X = np.array([[-1.0, 0.0], [1.0, 0.0], [2.0, 1.0], [-2.0, 1.5]])
Y = np.array([0, 1, 1, 0])


def right(points: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-3.0 * points[:, 0]))


@pytest.mark.parametrize(
    "classifier",
    [
        lambda x: (x[:, 0] > 0).astype(int),
        right,
        lambda x: np.stack([1 - right(x), right(x)], axis=1),
        lambda x: gn.Tensor(right(x)[:, None]),
        SimpleNamespace(predict=lambda x: x[:, 0] > 0),
        SimpleNamespace(predict_proba=lambda x: np.stack([right(x), 1 - right(x)], axis=1),
                        classes_=np.array([1, 0])),
        nn.Perceptron(2).fit(X, Y),
    ],
    ids=["labels", "second", "both", "tensor", "predict", "predict_proba", "perceptron"],
)  # fmt: skip
def test_any_classifier_is_asked(classifier: object) -> None:
    ask = asked(classifier, data.Dataset(X, Y, name="x"))
    assert ask(X).labels.tolist() == Y.tolist()
    told = ask(X).probabilities
    assert told is None or told[1] == pytest.approx([1 - right(X)[1], right(X)[1]])


def test_a_module_and_a_run(moons_run: Run) -> None:
    held = moons_run.held_out
    expected = moons_run.predict(held).tolist()
    for one in (moons_run, moons_run.predictor, moons_run.predictor.model):
        ask = asked(one, held)
        assert ask(held.inputs).labels.tolist() == expected
        told = ask(held.inputs).probabilities
        assert told is not None
        np.testing.assert_allclose(told.sum(axis=1), 1.0, rtol=1e-5)


def test_regions_of_a_function(texts: Texts, looks: Looks) -> None:
    picture = view.boundary(right, (X, Y))
    assert {"class 0", "class 1"} <= set(texts(picture))
    looks(view.boundary(lambda x: x[:, 0] > x[:, 1], (X, Y)), "boundary")


@pytest.mark.parametrize(
    "classifier",
    [3, lambda x: x, lambda x: np.full(len(x), 7), lambda x: "no"],
    ids=["number", "columns", "labels", "word"],
)
def test_what_is_no_classifier(classifier: object) -> None:
    def ask() -> None:
        asked(classifier, data.Dataset(X, np.array([0, 1, 0, 0]), name="x"))(X[:, :1] * [1, 2, 3])

    with pytest.raises(gn.ArgumentError, match="no classifier of two features"):
        ask()


def test_a_perceptrons_line(texts: Texts, looks: Looks) -> None:
    model = nn.Perceptron(2).load_parameters({"weight": [2.0, 0.0], "bias": 3.0})
    picture = view.perceptron(model, X, Y * 2 - 1)
    assert picture.alt == (
        "A perceptron, 1 of 4 points on the wrong side of its line: w = (2, 0), b = 3."
    )
    words = {"wᵀx + b = 0", "w", "-1 (−1)", "1 (+1)", "on the wrong side", "x₁", "x₂"}
    assert words <= set(texts(picture))
    looks(picture, "perceptron-dark", dark=True)
    with pytest.raises(gn.ShapeError, match="two features"):
        view.perceptron(nn.Perceptron(3), X, Y)


def test_updates_are_those_of_fit() -> None:
    points = data.gaussians(40, noise=1.0, seed=3)
    model = nn.Perceptron(2)
    updates = list(model.updates(points.inputs, points.targets, epochs=5, seed=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)
        model.fit(points.inputs, points.targets, epochs=5, seed=1)
    np.testing.assert_array_equal(model.weight.numpy(), updates[-1].weight)
    counted = [sum(u.epoch == e + 1 for u in updates) for e in range(len(model.mistakes))]
    assert counted == model.mistakes


def test_updates_played() -> None:
    player = view.perceptron_updates(X, Y, seed=0)
    updates = list(nn.Perceptron(2).updates(X, Y, epochs=20, seed=0))
    assert len(player) == len(updates) + 2
    assert player.labels[1].startswith(f"Update 1 of {len(updates)}, epoch 1: (")
    assert player.labels[-1].startswith("Done: A perceptron, all 4 points")
    short = view.perceptron_updates(X * 0.1 + 1.0, Y, epochs=50, most=3)
    assert len(short) == 5


def test_hidden_units_show_what_the_layers_put_out(
    moons_run: Run, texts: Texts, looks: Looks
) -> None:
    points = moons_run.held_out.inputs[:5]
    found = responses(moons_run, moons_run.held_out, points)
    assert list(found) == ["layer 1 · Tanh", "output"]
    np.testing.assert_allclose(found["output"], moons_run.predictor.outputs(points), rtol=1e-5)
    alone = responses(moons_run.model, moons_run.held_out, points)  # the data know the scaling
    np.testing.assert_array_equal(alone["output"], found["output"])
    picture = view.hidden_units(moons_run, moons_run.held_out, most=4)
    assert {"layer 1 · Tanh", "output", "positive", "negative"} <= set(texts(picture))
    assert picture.alt.endswith("Units: layer 1 · Tanh 8, output 2.")
    simple = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1)).load_parameters(
        {"0.weight": np.eye(2), "0.bias": [0, 0], "2.weight": [[1, -1]], "2.bias": [0]}
    )
    looks(view.hidden_units(simple, (X, Y)), "hidden-units")


def test_hidden_units_of_what_has_none(hills_run: Run) -> None:
    with pytest.raises(gn.ArgumentError, match="no hidden units"):
        view.hidden_units(nn.Linear(2, 1), (X, Y))
    with pytest.raises(gn.DataError, match="two features"):
        view.hidden_units(hills_run, data.digits())


# -- the network as it is drawn on paper -------------------------------------------------------
def simple_network() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1)).load_parameters(
        {"0.weight": [[2, 0], [0, -1]], "0.bias": [0, 0.5], "2.weight": [[1, -3]], "2.bias": [0]}
    )


def test_a_network_has_its_weights_and_what_its_units_see() -> None:
    predictor = predictor_of(simple_network(), data.Dataset(X, Y))
    features, inner, output = chain(predictor, X)
    np.testing.assert_array_equal(features.values, X)
    np.testing.assert_array_equal(inner.weight, [[2, 0], [0, -1]])
    np.testing.assert_array_equal(inner.bias, [0, 0.5])
    np.testing.assert_allclose(inner.values, np.tanh(X @ inner.weight.T + inner.bias), rtol=1e-6)
    np.testing.assert_allclose(output.values, inner.values @ output.weight.T, rtol=1e-5)
    assert [column.title for column in (features, inner, output)] == [
        "features", "layer 1 · Tanh", "output",
    ]  # fmt: skip


def test_a_network_is_drawn_with_its_weights(texts: Texts, looks: Looks) -> None:
    picture = view.network(simple_network(), (X, Y))
    assert picture.alt == (
        "A network of 2 features, 2 units in layer 1 · Tanh, and 1 output; its largest weight is "
        "−3, from unit 2 of layer 1 to output 1."
    )
    assert {"features", "2 units", "output", "decision", "weight of size 3", "bias"} <= set(
        texts(picture)
    )
    looks(picture, "network")
    looks(picture, "network-dark", dark=True)


def test_a_line_is_as_wide_as_its_weight_is_large() -> None:
    svg = view.network(simple_network(), (X, Y)).svg
    curve = r'<path d="M[^"C]*C[^"]*"[^>]*fill: none;[^>]*stroke: (#\w+); stroke-width: ([\d.]+)'
    blue, orange = COLOURS[:2]
    assert re.findall(curve, svg) == [  # weights −1, 2; 1, −3; those of 0 have no line
        (orange, "1.67"), (blue, "3.33"), (blue, "1.67"), (orange, "5"),
    ]  # fmt: skip


def test_units_that_vary_most_are_shown(moons_run: Run, texts: Texts) -> None:
    picture = view.network(moons_run, moons_run.held_out, most=3)
    assert "3 of 8 units" in texts(picture)


@pytest.mark.parametrize(
    "model",
    [
        nn.Sequential(nn.Tanh()),
        nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2)),
    ],
    ids=["no weights", "two in a row"],
)
def test_a_network_of_another_form_is_told(model: nn.Module) -> None:
    with pytest.raises(gn.ArgumentError, match="linear layers and activations take turns"):
        view.network(model.initialise(0), (X, Y))


def test_a_network_is_played_while_it_learns() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2))
    names = list(model.named_parameters())
    asked = {"epochs": 3, "engine": "numpy", "seed": 0}
    run = gn.fit(model, data.moons(60, seed=0), watch=names, watch_every=2, **asked)
    end = {name: p.numpy().copy() for name, p in model.named_parameters().items()}
    player = view.network_steps(run, most=3)
    assert player.labels == (
        f"Before step 1: loss {run.losses[0]:.3g}.", f"Before step 5: loss {run.losses[4]:.3g}.",
        "Trained.",
    )  # fmt: skip
    assert player.alt.endswith("Played in 3 pictures of its training.")
    for name, parameter in model.named_parameters().items():
        np.testing.assert_array_equal(parameter.numpy(), end[name])
    with pytest.raises(gn.ArgumentError, match="were not read while the network learned"):
        view.network_steps(gn.fit(model, data.moons(60), **asked))
    with pytest.raises(gn.ArgumentError, match="most ≥ 2"):
        view.network_steps(run, most=1)


def test_lines_have_one_scale_throughout() -> None:
    small, large = (
        chain(predictor_of(simple_network().load_parameters(
            {"2.weight": [[size, 0]]}, strict=False), data.Dataset(X, Y)), X)
        for size in (1.0, 8.0)
    )  # fmt: skip
    frame = Frame.around([large, small], 8)
    assert (frame.largest, frame.shown) == (8.0, [[0, 1], [0, 1], [0]])
    assert frame.scales[-1] == pytest.approx(np.quantile(np.abs(small[-1].values), 0.98))
