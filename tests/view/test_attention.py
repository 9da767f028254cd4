"""Attention: the weights drawn are those the layers compute."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn, view
from glassnet.train import Predictor, Run
from glassnet.view.attention import LOOK, habits, weights
from glassnet.view.passage import Passage

from .pixels import masks
from .visual import Looks

Texts = Callable[[view.Picture], list[str]]


def test_all_heads_of_all_layers(writer: Predictor, texts: Texts, looks: Looks) -> None:
    picture = view.attention(writer, "bad cafe")
    words = texts(picture)
    assert {"layer 1", "layer 2", "head 1", "head 2"} <= set(words)
    assert words.count("f") == 2 + 2  # above each column, beside each row
    found = np.concatenate(list(weights(Passage.of(writer, "bad cafe")).values()))
    assert found.shape == (4, 8, 8)
    np.testing.assert_allclose(found.sum(axis=2), 1.0, rtol=1e-5)
    assert not np.triu(found, 1).any()
    for drawn, head in zip(masks(picture, LOOK), found, strict=False):
        np.testing.assert_allclose(drawn, head / found.max(), atol=1 / 255)
    looks(picture, "attention")
    looks(picture, "attention-dark", dark=True)


def test_one_head_large(writer: Predictor, texts: Texts) -> None:
    picture = view.attention(writer, "bad cafe", layer=2, head=1)
    assert {"layer 2", "head 1"} <= set(texts(picture))
    found = weights(Passage.of(writer, "bad cafe"))["blocks.1.self_attn.weights"][0]
    np.testing.assert_allclose(masks(picture, LOOK)[0], found / found.max(), atol=1 / 255)
    assert picture.alt.startswith("Attention of layer 2, head 1, over “bad cafe”. On average:")


def test_any_layer_with_attention() -> None:
    layer, x = nn.MultiHeadAttention(8, 2).initialise(0), gn.Generator(0).normal((5, 8))
    (found,) = weights(Passage.of(layer, x)).values()
    np.testing.assert_allclose(found, layer(x[None], need_weights=True)[1].numpy()[0], rtol=1e-5)


def test_habits_are_named_with_their_share() -> None:
    looks_back = np.eye(4, k=-1)
    looks_back[0, 0] = 1.0
    assert habits(looks_back) == (0.0, 1.0, 0.0)
    assert habits(np.eye(4)) == (1.0, 0.0, 0.0)
    assert habits(np.eye(2)) == (0.0, 0.0, 0.0)


def test_long_texts_are_not_named_letter_by_letter(texts: Texts) -> None:
    tokens = [1, 2, 3] * 20
    words = texts(view.attention(gn.models.gpt(5, 60, layers=1, heads=2, width=4), tokens))
    assert any(word.endswith("; 60 tokens") for word in words)


def test_what_has_no_attention(writer: Predictor, moons_run: Run) -> None:
    with pytest.raises(gn.ArgumentError, match="no attention"):
        view.attention(moons_run, [0.0, 1.0])
    with pytest.raises(gn.ArgumentError, match="no layer 3"):
        view.attention(writer, "bad", layer=3)
    with pytest.raises(gn.ArgumentError, match="no head 0"):
        view.attention(writer, "bad", head=0)
    with pytest.raises(gn.ShapeError, match="longer than there are positions"):
        view.attention(writer, "bad cafe bad cafe")
