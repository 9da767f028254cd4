"""Text to learn the next symbol of: windows into one array of tokens, nothing copied."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..errors import ArgumentError, DataError, FileFormatError, did_you_mean
from .checks import check_count, check_tokens
from .dataset import Dataset
from .places import Readable
from .vocabulary import Vocabulary

Array = np.ndarray[Any, Any]
Unit = Literal["characters", "bytes"]


def text(
    path: str | os.PathLike[str], length: int = 64, *, step: int = 1, unit: Unit = "characters"
) -> Dataset:
    """A text file as a data set for predicting the next character.

    Args:
        path: a file in UTF-8.
        length: T, how many characters the network sees at once.
        step: how far apart windows begin; see `windows`.
        unit: "characters", each different one a token; or "bytes" of UTF-8, always 256 tokens.

    Raises:
        FileFormatError: the file cannot be read, or is not UTF-8.
        DataError: the text is not longer than a window.

    See `windows` for what its rows are. `dataset.vocabulary` turns tokens into text again.
    """
    if unit not in ("characters", "bytes"):
        raise ArgumentError(f'no unit "{unit}"', mend=did_you_mean(unit, ["characters", "bytes"]))
    place = Path(path)
    content = read_text(place)
    vocabulary = Vocabulary.bytes() if unit == "bytes" else Vocabulary.characters(content or " ")
    tokens = vocabulary.encode(content)
    return windows(tokens, length, vocabulary=vocabulary, step=step, name=place.stem)


def read_text(path: Path) -> str:
    """The text in a file of UTF-8.

    Raises:
        FileFormatError: it cannot be read, or is not UTF-8.
    """
    with Readable(path, "a text in UTF-8"):
        raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileFormatError(
            f"{path.name} is not a text in UTF-8",
            expected="UTF-8",
            received=f"byte {raw[error.start]:#04x} at {error.start:,}",
            where=str(path),
            mend="convert it, for example with iconv -t UTF-8",
        ) from None


def windows(
    tokens: Any, length: int = 64, *, vocabulary: Vocabulary, step: int = 1, name: str = "text"
) -> Dataset:
    """Stretches of T tokens, with the same stretches one token later as their targets.

    Row i is inputs `tokens[j : j + T]` and targets `tokens[j + 1 : j + 1 + T]` for j = i · step,
    both views of the one array: a book of a million characters takes a megabyte, whatever T is.

    Args:
        tokens: (N,) integers, such as `vocabulary.encode(text)` gives.
        length: T.
        vocabulary: what the tokens stand for.
        step: how far apart they begin: 1 for every stretch, T for each token once.
        name: what messages and reports call it.

    Returns:
        Inputs and targets of (⌈(N − T) / step⌉, T) tokens.

    Raises:
        DataError: fewer than T + 1 tokens; a token outside the vocabulary.

    >>> letters = Vocabulary.characters("hello")
    >>> rows = windows(letters.encode("hello"), 3, vocabulary=letters)
    >>> [letters.decode(row) for row in (rows.inputs[0], rows.targets[0], rows.inputs[1])]
    ['hel', 'ell', 'ell']
    """
    check_count(length, "length")
    check_count(step, "step")
    array = np.asarray(tokens)
    if array.ndim != 1 or array.dtype.kind not in "iu" or len(array) <= length:
        raise DataError(
            "this is no text with a window in it",
            expected=f"integers (N,) with N > {length}, the length of a window",
            received=f"{array.dtype} {array.shape}",
            where=f'text "{name}"',
            mend="take a longer text, or shorter windows",
        )
    check_tokens(array[None], len(vocabulary), name)
    view = np.lib.stride_tricks.sliding_window_view(array, length)
    return Dataset(
        view[:-1:step],
        view[1::step],
        name=name,
        task="classification",
        classes=tuple(vocabulary.symbols),
        vocabulary=vocabulary,
    )
