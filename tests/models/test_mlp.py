"""The multilayer perceptron: its layers, in their order, and what it is made of."""

import pytest

import glassnet as gn
from glassnet import data, models
from glassnet.errors import ArgumentError


def test_one_hidden_layer_for_each_width() -> None:
    model = models.mlp(4, [8, 6], 3, activation="tanh", dropout=0.1)
    kinds = [type(layer).__name__ for layer in model]
    assert kinds == ["Linear", "Tanh", "Dropout", "Linear", "Tanh", "Dropout", "Linear"]
    assert [p.shape for p in model.parameters()] == [(8, 4), (8,), (6, 8), (6,), (3, 6), (3,)]


def test_without_hidden_layers_it_is_linear() -> None:
    assert [p.shape for p in models.mlp(4, [], 3).parameters()] == [(3, 4), (3,)]


def test_it_learns() -> None:
    run = gn.fit(models.mlp(2, [16], 2), data.circles(seed=0), epochs=40, batch_size=32, seed=0)
    assert run.history[-1]["accuracy"] > 0.95


def test_an_unknown_activation() -> None:
    with pytest.raises(ArgumentError, match="relu"):
        models.mlp(2, [4], 2, activation="rellu")
