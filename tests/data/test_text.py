"""Text as tokens, and windows into it that cost no memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import data, nn, ops
from glassnet.data import Vocabulary
from glassnet.errors import ArgumentError, DataError, FileFormatError
from glassnet.tensor import Tensor
from glassnet.train import fit

TALE = "the quick brown fox jumps over the lazy dog. " * 20


@given(st.text(min_size=1, max_size=60))
def test_every_text_comes_back(text: str) -> None:
    letters = Vocabulary.characters(text)
    assert letters.decode(letters.encode(text)) == text
    assert Vocabulary.from_plain(letters.plain()) == letters
    if text.isprintable():
        every = Vocabulary.bytes()
        assert every.decode(every.encode(text)) == text


def test_tokens_are_small_numbers() -> None:
    assert Vocabulary.characters("hello").encode("hello").dtype == np.uint8
    many = "".join(map(chr, range(300)))
    assert Vocabulary.characters(many).encode(many).dtype == np.int32


def test_strange_characters_and_tokens() -> None:
    letters = Vocabulary.characters("hello")
    with pytest.raises(DataError, match="the vocabulary has no 'x'") as caught:
        letters.encode("helxo")
    assert "character 3 of the text" in str(caught.value)
    with pytest.raises(DataError, match="index into the vocabulary"):
        letters.decode([0, 4])
    with pytest.raises(DataError, match="index into the vocabulary"):
        letters.decode([0.5])
    assert letters.decode([]) == ""
    assert Vocabulary.bytes().decode([0xC3]) == "�"


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"symbols": "", "utf8": False},
        {"symbols": "ba", "utf8": False},
        {"symbols": "aab", "utf8": False},
        {"symbols": ["a"], "utf8": False},
        {"symbols": "ab", "utf8": True},
        {"symbols": "ab", "utf8": 1},
        3,
    ],
)
def test_what_is_no_vocabulary(plain: Any) -> None:
    with pytest.raises(DataError, match="vocabulary"):
        Vocabulary.from_plain(plain)


def book(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "tale.txt"
    path.write_bytes(content)
    return path


def test_windows_share_one_array(tmp_path: Path) -> None:
    dataset = data.text(book(tmp_path, TALE.encode()), length=16)
    assert dataset.name == "tale"
    assert dataset.inputs.shape == dataset.targets.shape == (len(TALE) - 16, 16)
    assert np.shares_memory(dataset.inputs, dataset.targets)
    assert dataset.inputs.strides == (1, 1)
    letters = dataset.vocabulary
    assert letters is not None
    assert letters.decode(dataset.inputs[7]) == TALE[7:23]
    assert letters.decode(dataset.targets[7]) == TALE[8:24]
    assert letters.decode(dataset.targets[-1]) == TALE[-16:]
    assert dataset.outputs == len(set(TALE))


def test_a_text_is_cut_in_two_and_no_character_is_in_both(tmp_path: Path) -> None:
    dataset = data.text(book(tmp_path, TALE.encode()), length=16)
    train, test = data.split(dataset, 0.1)
    assert np.shares_memory(train.inputs, test.inputs) or len(train)
    assert len(test) == round(0.1 * len(dataset))
    numbered = np.arange(len(TALE))
    rows = np.lib.stride_tricks.sliding_window_view(numbered, 17)
    assert rows[: len(train)].max() < rows[len(dataset) - len(test) :].min()
    assert train.inputs.base is not None
    assert train.inputs.strides == (1, 1)
    for step in (5, 16, 17):
        sparse = data.text(book(tmp_path, TALE.encode()), length=16, step=step)
        train, test = data.split(sparse, 0.2)
        first, second = rows[::step][: len(train)], rows[::step][len(sparse) - len(test) :]
        assert first.max() < second.min()
        np.testing.assert_array_equal(sparse.inputs[3], dataset.inputs[3 * step])
    with pytest.raises(DataError, match="no room before the cut"):
        data.split(data.windows(np.zeros(40, np.uint8), 20, vocabulary=Vocabulary("ab")), 0.5)


def test_bytes_of_any_language(tmp_path: Path) -> None:
    dataset = data.text(book(tmp_path, "\ufeffgrün, зелёный".encode()), length=4, unit="bytes")
    assert dataset.outputs == 256
    assert bytes(dataset.inputs[0]) == "grü".encode()


def test_texts_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="not a text in UTF-8") as caught:
        data.text(book(tmp_path, b"abc\xff\xfe"))
    assert "byte 0xff at 3" in str(caught.value)
    for content in (b"", b"short"):
        with pytest.raises(DataError, match="no text with a window"):
            data.text(book(tmp_path, content), length=5)
    with pytest.raises(FileFormatError, match="cannot be read"):
        data.text(tmp_path / "missing.txt")
    with pytest.raises(ArgumentError, match='did you mean "bytes"'):
        data.text(tmp_path / "x", unit="byte")  # type: ignore[arg-type]
    letters = Vocabulary("ab")
    with pytest.raises(DataError, match="index into the vocabulary"):
        data.windows(np.array([0, 1, 2]), 1, vocabulary=letters)
    with pytest.raises(DataError, match="rows of tokens"):
        data.Dataset([[0.5, 1.0]], [0], vocabulary=letters)
    with pytest.raises(DataError, match="have no mean"):
        data.standardise(data.windows(np.array([0, 1, 1]), 1, vocabulary=letters))


class NextLetter(nn.Module):
    """A table of what follows what."""

    table: nn.Parameter

    def __init__(self, count: int) -> None:
        self.table = nn.Parameter((count, count), init=nn.init.zeros)

    def forward(self, tokens: Tensor) -> Tensor:
        return ops.gather(self.table, tokens)


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_network_learns_what_follows(engine: str) -> None:
    letters = Vocabulary.characters("abc")
    dataset = data.windows(letters.encode("abc" * 50), 8, vocabulary=letters, name="abc")
    run = fit(NextLetter(3), dataset, epochs=8, engine=engine, validation=0.2, batch_size=8)
    assert run.history[-1]["accuracy"] == 1.0
    assert run.history[-1]["validation_accuracy"] == 1.0
    shown = run.predict(letters.encode("abcabcab")[None])
    assert letters.decode(shown[0]) == "bcabcabc"
