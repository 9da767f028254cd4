"""Next-token probabilities as bars."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import nn, ops, view
from glassnet.train import Predictor

from .visual import Looks

Texts = Callable[[view.Picture], list[str]]


def chances(writer: Predictor, text: str, position: int) -> np.ndarray:
    assert writer.vocabulary is not None
    logits = writer.model.predict(writer.vocabulary.encode(text)[None].astype(np.int64))
    found: np.ndarray = ops.softmax(logits).numpy()[0, position]
    return found


def test_the_likeliest_first(writer: Predictor, texts: Texts) -> None:
    words = texts(view.next_token(writer, "bad ca", most=3))
    shares = np.sort(chances(writer, "bad ca", -1))[::-1][:3]
    drawn = [word for word in words if word[0].isdigit() and word.endswith(" %")]
    assert drawn == [f"{100 * share:.1f} %" for share in shares]
    assert "What comes after “bad␣ca”?" in words


def test_what_follows_is_marked(writer: Predictor, texts: Texts, looks: Looks) -> None:
    picture = view.next_token(writer, "bad cafe", 2, most=4)
    found = chances(writer, "bad cafe", 2)
    assert "What comes after “bad”?" in texts(picture)
    assert {"what follows", "other guesses", "␣"} <= set(texts(picture))
    assert picture.alt.endswith("What follows is ␣.")
    space = sorted("abcdef \n").index(" ")
    assert f"␣ {100 * found[space]:.1f} %" in picture.alt
    looks(picture, "next-token")


def test_what_cannot_be_asked(writer: Predictor) -> None:
    with pytest.raises(gn.ArgumentError, match="no such position"):
        view.next_token(writer, "bad", 3)
    with pytest.raises(gn.ShapeError, match="does not predict the next token"):
        view.next_token(nn.Sequential(nn.Linear(3, 2)), [[1.0, 2.0, 3.0]])
