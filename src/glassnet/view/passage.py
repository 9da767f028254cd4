"""What a network reads, one step after the other: a text, tokens, or vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import DataError, ShapeError
from ..tensor import Tensor
from ..train import Predictor
from .subject import Network, predictor_of

Array = np.ndarray[Any, Any]

SEEN = {" ": "␣", "\n": "↵", "\t": "⇥"}  # characters that would not be seen


@dataclass(frozen=True, slots=True)
class Passage:
    """A network, and one sequence for it.

    Attributes:
        predictor: the network.
        inputs: what it receives (1, T, …).
        labels: what stands at each step (T,).
        text: the whole, as words of a picture say it.
    """

    predictor: Predictor
    inputs: Array
    labels: tuple[str, ...]
    text: str

    @staticmethod
    def of(network: Network, sequence: Any) -> Passage:
        """A text, for a network that has learned one; or tokens (T,), or vectors (T, …).

        Raises:
            ArgumentError: no network.
            DataError: a text without a vocabulary, or an empty sequence.
            ShapeError: a sequence of another form.
        """
        if isinstance(sequence, str):
            predictor = predictor_of(network, ())
            if predictor.vocabulary is None:
                raise DataError(
                    "this network knows no characters",
                    expected="a run on a text, or its predictor; a module takes tokens",
                    received=f"the text {sequence[:20]!r}",
                    mend='tokens: vocabulary.encode("…")',
                )
            tokens = predictor.vocabulary.encode(sequence)
        else:
            tokens = sequence.numpy() if isinstance(sequence, Tensor) else np.asarray(sequence)
            predictor = predictor_of(network, tokens.shape)
        if tokens.ndim < 1 or not len(tokens):
            raise DataError("there is nothing to read", received=f"shape {tokens.shape}")
        whole = tokens.dtype.kind in "iu" and predictor.standardiser is None
        if whole and tokens.ndim != 1:
            raise ShapeError(
                "a picture reads one sequence",
                expected="(T,) tokens",
                received=f"{tokens.shape}",
                mend="take one row: x[0]",
            )
        inputs = tokens.astype(np.int64)[None] if whole else _vectors(predictor, tokens)
        labels, text = _named(predictor, tokens, whole)
        return Passage(predictor, inputs, labels, text)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def steps(self) -> str:
        """What a step is called."""
        return "characters" if self.predictor.vocabulary is not None else "steps"


def symbol(character: str) -> str:
    """A character that can be seen."""
    return SEEN.get(character, character if character.isprintable() else "�")


def _vectors(predictor: Predictor, vectors: Array) -> Array:
    if predictor.name:  # of a run: its data may need scaling
        return predictor.prepared(vectors[None])
    return vectors[None].astype(predictor.model.dtype)


def _named(predictor: Predictor, tokens: Array, whole: bool) -> tuple[tuple[str, ...], str]:
    words = predictor.vocabulary
    if not whole:
        return tuple(str(step + 1) for step in range(len(tokens))), f"{len(tokens)} steps"
    if words is None:
        return tuple(map(str, tokens.tolist())), f"{len(tokens)} tokens"
    labels = tuple(symbol(words.symbols[token]) for token in tokens)
    return labels, f"“{words.decode(tokens)}”"
