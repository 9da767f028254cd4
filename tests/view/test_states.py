"""Hidden states over time: those the layer puts out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import models, nn, view
from glassnet.train import Predictor
from glassnet.view.board import NEGATIVE, POSITIVE

from .pixels import masks
from .visual import Looks

Texts = Callable[[view.Picture], list[str]]
ROWS = gn.Generator(0).normal((6, 3))


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_the_numbers_drawn(kind: type[nn.Module], texts: Texts) -> None:
    layer = kind(3, 4).initialise(0)
    picture = view.states(layer, ROWS)
    found = layer(ROWS[None])[0].numpy()[0].T  # (units, steps)
    up, down = masks(picture, POSITIVE)[0], masks(picture, NEGATIVE)[0]
    np.testing.assert_allclose(up - down, found / np.abs(found).max(), atol=1 / 255)
    assert f"({kind.__name__}): 4 hidden units, step by step" in texts(picture)[0]


def test_those_that_change_most(texts: Texts, looks: Looks) -> None:
    reader = models.lstm_classifier(3, 2, hidden_size=12).initialise(0)
    picture = view.states(reader, ROWS, most=5)
    assert texts(picture)[0] == "Layer body (LSTM): 5 of 12 hidden units, step by step"
    found = reader.body(ROWS[None])[0].numpy()[0]
    change = np.abs(np.diff(found, axis=0)).mean(axis=0)
    assert f"Unit {change.argmax()} changes most" in picture.alt
    looks(picture, "states")


def test_any_layer_with_a_vector_at_every_step(writer: Predictor, texts: Texts) -> None:
    words = texts(view.states(writer, "bad cafe", "norm"))
    assert words[0] == "Layer norm (LayerNorm): 8 hidden units, step by step"
    assert "down: unit; across: the character just read" in words


def test_layers_without_states(writer: Predictor) -> None:
    with pytest.raises(gn.ArgumentError, match="no recurrent layer"):
        view.states(writer, "bad")
    with pytest.raises(gn.ArgumentError, match='layer "nrom" has no states') as error:
        view.states(writer, "bad", "nrom")
    assert "norm" in str(error.value)


def test_a_stacked_layer_is_looked_into() -> None:
    layer = nn.GRU(3, 4, num_layers=2, bidirectional=True).initialise(0)
    lower = nn.GRU(3, 4, bidirectional=True)
    given = layer.named_parameters()
    lower.load_parameters({name: given[name].numpy() for name in lower.named_parameters()})
    found = {
        "l0": lower(ROWS[None])[0].numpy()[0, :, :4],
        "l0_reverse": lower(ROWS[None])[0].numpy()[0, :, 4:],
        "l1": layer(ROWS[None])[0].numpy()[0, :, :4],
        "l1_reverse": layer(ROWS[None])[0].numpy()[0, :, 4:],
    }
    for path, states in found.items():
        picture = view.states(layer, ROWS, path)
        up, down = masks(picture, POSITIVE)[0], masks(picture, NEGATIVE)[0]
        expected = states.T / np.abs(states).max()
        np.testing.assert_allclose(up - down, expected, atol=1 / 255 + 1e-6)
        assert picture.alt.startswith(f"States of layer {path} (GRU)")
    with pytest.raises(gn.ArgumentError, match=r"l0, l0_reverse, l1, l1_reverse"):
        view.states(layer, ROWS, "l2")
