"""Sequences of different lengths as a data set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ShapeError
from .dataset import Dataset
from .padding import pad
from .vocabulary import Vocabulary

Array = np.ndarray[Any, Any]


def sequences(
    values: Sequence[Any],
    targets: Any = None,
    *,
    vocabulary: Vocabulary | None = None,
    length: int | None = None,
    name: str = "sequences",
    **settings: Any,
) -> Dataset:
    """Sequences of different lengths with a target each, or one at every step.

    They are filled up to one length, and a training hands their own lengths to the network, as
    `lengths`. What was filled up never counts: neither in the network's states, nor in the loss of
    targets at every step, nor in metrics.

    Args:
        values: texts, which become tokens; or arrays (Tᵢ, …) of numbers, at least one step long.
        targets: one a sequence, or a sequence of them as long as its own.
        vocabulary: of tokens; left out, texts have that of their characters.
        length: of the longest; what is longer is cut off there.
        name: what messages and reports call it.
        settings: task, classes and what else `Dataset` takes.

    Raises:
        DataError: no sequences, or an empty one.
        ShapeError: steps of different shapes, or targets that fit no sequence.

    >>> words = sequences(["to", "be", "or", "not"], [0, 0, 0, 1])
    >>> words
    Dataset("sequences", 4 rows of (3,), 2 to 3 steps of them, classification into 2 classes)
    >>> words.lengths.tolist(), words.vocabulary.decode(words.inputs[3])
    ([2, 2, 2, 3], 'not')
    """
    values = list(values)
    if vocabulary is None and values and all(isinstance(value, str) for value in values):
        vocabulary = Vocabulary.characters("".join(values))
    steps = as_steps(values, vocabulary)
    padded = pad(steps, length=length)
    if settings.get("task") != "multilabel":
        targets = _padded_like(steps, targets, padded.values.shape[1])
    settings |= {"name": name, "vocabulary": vocabulary, "lengths": padded.lengths}
    return Dataset(padded.values, targets, **settings)


def as_steps(values: Sequence[Any], vocabulary: Vocabulary | None) -> list[Array]:
    """Each sequence as an array: texts as tokens, tokens (Tᵢ,) as they are, numbers (Tᵢ, …)."""
    if vocabulary is None:
        arrays = [np.asarray(value) for value in values]
        return [array[:, None] if array.ndim == 1 else array for array in arrays]
    return [vocabulary.encode(v) if isinstance(v, str) else np.asarray(v) for v in values]


def _padded_like(steps: list[Array], targets: Any, length: int) -> Any:
    """Targets at every step, padded as their sequences are; others as they were given."""
    if targets is None:
        return None
    each = [np.asarray(target) for target in targets]
    if not all(target.ndim for target in each):
        return each
    wrong = [i for i, (a, b) in enumerate(zip(steps, each, strict=False)) if len(a) != len(b)]
    if wrong and len({target.shape for target in each}) == 1:
        return each  # so many numbers for each sequence
    if wrong or len(each) != len(steps):
        first = wrong[0] if wrong else min(len(each), len(steps))
        raise ShapeError(
            "there is one target for each sequence, or one at every step",
            expected=f"{len(steps)} targets, each as long as its sequence",
            received=f"{len(each)} targets"
            + (f", {len(each[first])} of them for {len(steps[first])} steps" if wrong else ""),
            where=f"sequence {first}",
        )
    found = pad(each, length=length).values
    return found[..., None] if found.dtype.kind == "f" and found.ndim == 2 else found
