"""Text as numbers and back: one number for each character, or for each byte of UTF-8."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import DataError
from ..tensor import int32, uint8

Array = np.ndarray[Any, Any]
MOST = 0x110000  # characters of Unicode


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The symbols of a text, in order: token i stands for symbol i.

    Attributes:
        symbols: the characters, sorted, each once; for bytes the 256 characters 0 to 255.
        utf8: whether a token is a byte of the text in UTF-8 rather than a character.

    >>> letters = Vocabulary.characters("hello")
    >>> letters.symbols, letters.encode("hole").tolist()
    ('ehlo', [1, 3, 2, 0])
    >>> letters.decode([1, 0, 2, 2, 3])
    'hello'
    """

    symbols: str
    utf8: bool = False

    def __post_init__(self) -> None:
        codes = _codes(self.symbols)
        if not codes.size or (np.diff(codes.astype(np.int64)) <= 0).any():
            raise DataError(
                "a vocabulary is a sorted list of different characters",
                received=repr(self.symbols[:20]),
                mend="Vocabulary.characters(text) makes one",
            )

    @staticmethod
    def characters(text: str) -> Vocabulary:
        """Every character that occurs in the text."""
        if not text:
            raise DataError("an empty text has no characters", received="''")
        return Vocabulary("".join(map(chr, np.unique(_codes(text)))))

    @staticmethod
    def bytes() -> Vocabulary:
        """All 256 bytes: fits every text and every language.

        >>> Vocabulary.bytes().encode("é").tolist()
        [195, 169]
        """
        return Vocabulary("".join(map(chr, range(256))), utf8=True)

    def __len__(self) -> int:
        return len(self.symbols)

    def encode(self, text: str) -> Array:
        """The tokens (length,) of a text: uint8 for up to 256 symbols, else int32.

        Raises:
            DataError: a character that the vocabulary does not have, with its place.
        """
        if self.utf8:
            return np.frombuffer(text.encode("utf-8", "surrogatepass"), uint8)
        codes, known = _codes(text), _codes(self.symbols)
        tokens = np.searchsorted(known, codes)
        strange = known[np.minimum(tokens, len(known) - 1)] != codes
        if strange.any():
            at = int(np.argmax(strange))
            raise DataError(
                f"the vocabulary has no {text[at]!r}",
                expected=f"the {len(self)} characters {self.symbols[:40]!r}",
                received=f"{text[at]!r} as character {at} of the text, counted from 0",
                mend="make the vocabulary of the whole text, or take Vocabulary.bytes()",
            )
        return tokens.astype(uint8 if len(self) <= 256 else int32)

    def decode(self, tokens: Any) -> str:
        """The text that the tokens stand for; bytes that are no UTF-8 become �.

        Raises:
            DataError: a token that is no index into the symbols.
        """
        indices = np.asarray(tokens).reshape(-1)
        if indices.size and (indices.dtype.kind not in "iu" or not self._holds(indices)):
            raise DataError(
                "a token is an index into the vocabulary",
                expected=f"integers from 0 to {len(self) - 1}",
                received=f"{indices.dtype} from {indices.min()} to {indices.max()}",
            )
        if self.utf8:
            return indices.astype(uint8).tobytes().decode("utf-8", "replace")
        chosen = _codes(self.symbols)[indices.astype(np.int64)]
        return chosen.tobytes().decode("utf-32-le", "surrogatepass")

    def _holds(self, indices: Array) -> bool:
        return bool(indices.min() >= 0 and indices.max() < len(self))

    def __repr__(self) -> str:
        return "Vocabulary.bytes()" if self.utf8 else f"Vocabulary({self.symbols!r})"

    def plain(self) -> dict[str, Any]:
        """Text and a flag, for a file."""
        return {"symbols": self.symbols, "utf8": self.utf8}

    @staticmethod
    def from_plain(plain: Mapping[str, Any]) -> Vocabulary:
        """The vocabulary that `plain` wrote down; DataError if it cannot be one."""
        try:
            symbols, utf8 = plain["symbols"], plain["utf8"]
            good = isinstance(symbols, str) and isinstance(utf8, bool)
        except (KeyError, TypeError):
            good = False
        if not good or len(symbols) > MOST or (utf8 and len(symbols) != 256):
            raise DataError(
                "this is no vocabulary",
                expected="symbols, a text of sorted characters, and utf8, true or false",
                received=f"{plain!r}"[:80],
            )
        return Vocabulary(symbols, utf8)


def _codes(text: str) -> Array:
    """The code points of a text, (length,) uint32."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))
