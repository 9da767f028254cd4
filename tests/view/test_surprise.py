"""Surprise: −log₂ p, character by character."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses, view
from glassnet.train import Predictor
from glassnet.view.passage import Passage
from glassnet.view.surprise import FULL, HOT, STRONGEST, _windows, bits

from .pixels import masks
from .visual import Looks

Texts = Callable[[view.Picture], list[str]]


def test_the_mean_is_the_cross_entropy(writer: Predictor) -> None:
    passage = Passage.of(writer, "bad cafe\nfed")
    tokens = passage.inputs
    loss = losses.cross_entropy(writer.model(gn.tensor(tokens[:, :-1])), tokens[:, 1:])
    assert bits(passage).mean() * math.log(2) == pytest.approx(loss.item(), rel=1e-5)


def test_what_is_drawn(writer: Predictor, texts: Texts, looks: Looks) -> None:
    picture = view.surprise(writer, "bad cafe\nfed")
    found = bits(Passage.of(writer, "bad cafe\nfed"))
    (drawn, *_) = masks(picture, HOT)
    wanted = STRONGEST * np.minimum(np.insert(found, 0, 0.0) / FULL, 1.0)
    np.testing.assert_allclose(drawn[0], wanted, atol=1 / 255)
    words = texts(picture)
    assert words[0] == (
        f"Surprise: {found.mean():.2f} bits a character, perplexity {2 ** found.mean():.2f}"
    )
    assert {"b", "␣", "↵", "bits"} <= set(words)
    worst = int(found.argmax()) + 2
    assert f" at {worst} ({found.max():.1f} bits)" in picture.alt
    looks(picture, "surprise")


@pytest.mark.parametrize(("length", "context"), [(2, 12), (12, 12), (13, 12), (100, 12), (9, 2)])
def test_every_token_is_judged_once_with_enough_before_it(length: int, context: int) -> None:
    judged = []
    for start, first, stop in _windows(length, context):
        assert stop - start <= context
        assert start == 0 or first - start >= context // 2
        judged += range(first, stop)
    assert judged == list(range(1, length))


def test_a_text_longer_than_the_context(writer: Predictor, texts: Texts) -> None:
    text = "bad cafe\nfed " * 3
    found = bits(Passage.of(writer, text))
    assert len(found) == len(text) - 1
    last = bits(Passage.of(writer, text[-9:]))  # 39 = 12 + 6 + … : the last window begins at 30
    np.testing.assert_allclose(found[-3:], last[-3:], rtol=1e-4)
    texts(view.surprise(writer, text))


def test_tokens_without_characters(texts: Texts) -> None:
    model = gn.models.gpt(100, 8, layers=1, heads=1, width=4).initialise(0)
    assert {"99", "3"} <= set(texts(view.surprise(model, [3, 99, 3])))


def test_too_short_or_too_long(writer: Predictor) -> None:
    for text in ("b", "bad " * 301):
        with pytest.raises(gn.ArgumentError, match="too short or too long"):
            view.surprise(writer, text)
