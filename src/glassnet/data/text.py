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


def text(path: str | os.PathLike[str], length: int = 64, *, unit: Unit = "characters") -> Dataset:
    """A text file as a data set for predicting the next character.

    Args:
        path: a file in UTF-8.
        length: T, how many characters the network sees at once.
        unit: "characters", each different one a token; or "bytes" of UTF-8, always 256 tokens.

    Raises:
        FileFormatError: the file cannot be read, or is not UTF-8.
        DataError: the text is not longer than a window.

    See `windows` for what its rows are. `dataset.vocabulary` turns tokens into text again.
    """
    if unit not in ("characters", "bytes"):
        raise ArgumentError(f'no unit "{unit}"', mend=did_you_mean(unit, ["characters", "bytes"]))
    place = Path(path)
    with Readable(place, "a text in UTF-8"):
        raw = place.read_bytes()
    try:
        content = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileFormatError(
            f"{place.name} is not a text in UTF-8",
            expected="UTF-8",
            received=f"byte {raw[error.start]:#04x} at {error.start:,}",
            where=str(place),
            mend="convert it, for example with iconv -t UTF-8",
        ) from None
    vocabulary = Vocabulary.bytes() if unit == "bytes" else Vocabulary.characters(content or " ")
    return windows(vocabulary.encode(content), length, vocabulary=vocabulary, name=place.stem)


def windows(
    tokens: Any, length: int = 64, *, vocabulary: Vocabulary, name: str = "text"
) -> Dataset:
    """Every stretch of T tokens, with the same stretch one token later as its targets.

    Row i is inputs `tokens[i : i + T]` and targets `tokens[i + 1 : i + 1 + T]`, both views of the
    one array: a book of a million characters takes a megabyte, whatever T is.

    Args:
        tokens: (N,) integers, such as `vocabulary.encode(text)` gives.
        length: T.
        vocabulary: what the tokens stand for.
        name: what messages and reports call it.

    Returns:
        Inputs (N − T, T) and targets (N − T, T) of tokens.

    Raises:
        DataError: fewer than T + 1 tokens; a token outside the vocabulary.

    >>> letters = Vocabulary.characters("hello")
    >>> rows = windows(letters.encode("hello"), 3, vocabulary=letters)
    >>> [letters.decode(row) for row in (rows.inputs[0], rows.targets[0], rows.inputs[1])]
    ['hel', 'ell', 'ell']
    """
    check_count(length, "length")
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
        view[:-1], view[1:], name=name, task="classification", classes=tuple(vocabulary.symbols),
        vocabulary=vocabulary,
    )  # fmt: skip
