"""Sequences of different lengths as a data set: padded, with their lengths, whatever is done."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from glassnet import data
from glassnet.errors import DataError, ShapeError

WORDS = ["tic", "a", "toes"]


def test_texts_become_tokens_with_a_target_each() -> None:
    words = data.sequences(WORDS, [0, 1, 0], name="words")
    assert words.inputs.shape == (3, 4)
    assert words.lengths.tolist() == [3, 1, 4]
    assert words.vocabulary is not None
    assert [
        words.vocabulary.decode(r[:n]) for r, n in zip(words.inputs, words.lengths, strict=True)
    ] == WORDS
    assert not words.by_step
    assert "1 to 4 steps of them" in repr(words)
    again = data.sequences(["cat"], [1], vocabulary=words.vocabulary, classes=["no", "yes"])
    assert again.classes == ("no", "yes")


def test_targets_at_every_step_are_padded_too() -> None:
    tags = data.sequences(WORDS, [[1, 0, 1], [0], [1, 1, 0, 0]])
    assert tags.by_step
    assert tags.targets.tolist() == [[1, 0, 1, 0], [0, 0, 0, 0], [1, 1, 0, 0]]
    assert tags.output_shape == (4, 2)
    assert tags.weights(np.array([[0, 1], [1, 2]])).tolist() == [4, 5]
    numbers = data.sequences([[1.0, 2.0], [3.0]], [[0.5, 1.5], [2.5]])
    assert (numbers.task, numbers.by_step) == ("regression", True)
    assert numbers.inputs.shape == numbers.targets.shape == (2, 2, 1)
    own = data.sequences([[[1.0, 2.0]], [[3.0, 4.0]] * 2])
    assert (own.task, own.by_step) == ("reconstruction", True)


def test_a_pair_of_numbers_for_each_sequence_is_no_target_at_every_step() -> None:
    pairs = data.sequences([[1.0, 2.0, 3.0], [4.0]], [[0.5, 1.5], [2.5, 3.5]])
    assert not pairs.by_step
    assert pairs.targets.shape == (2, 2)
    several = data.sequences(["ab", "c"], [[1, 0], [0, 1]], task="multilabel")
    assert not several.by_step


def test_a_length_cuts_sequences_and_their_targets() -> None:
    tags = data.sequences(WORDS, [[1, 0, 1], [0], [1, 1, 0, 0]], length=2)
    assert tags.lengths.tolist() == [2, 1, 2]
    assert tags.targets.tolist() == [[1, 0], [0, 0], [1, 1]]


def test_parts_keep_their_lengths() -> None:
    rng = np.random.default_rng(0)
    rows = data.sequences(["x" * n for n in rng.integers(1, 9, 40)], [0, 1] * 20)
    for part in data.split(rows, 0.25, seed=0):
        for tokens, length in zip(part.inputs, part.lengths, strict=True):
            assert len(tokens) == rows.inputs.shape[1]
            assert 1 <= length <= 8
    train, test = data.split(rows, 0.25, seed=0)
    assert sorted([*train.lengths, *test.lengths]) == sorted(rows.lengths)


def test_what_is_standardised_is_a_step_and_no_padding() -> None:
    rows: list[Any] = [[[1.0, 10.0], [3.0, 30.0]], [[5.0, 20.0]], [[3.0, 20.0]] * 6]
    few, long = data.sequences(rows[:2], [0, 1]), data.sequences(rows, [0, 1, 0])
    (scaled,) = data.standardise(few)
    assert scaled.standardiser is not None
    assert scaled.standardiser.mean == pytest.approx((3.0, 20.0))
    both = scaled.standardiser.apply(long).prepared()  # longer sequences than it learned from
    assert both[0, 1].tolist() == pytest.approx([0.0, np.sqrt(1.5)])


def test_batches_by_length_have_alike_lengths_and_every_row_once() -> None:
    lengths = np.random.default_rng(1).integers(1, 50, 103)
    dealt = list(data.batches(103, 10, seed=3, sampling="by_length", lengths=lengths))
    assert sorted(np.concatenate(dealt)) == list(range(103))
    assert max(np.ptp(lengths[rows]) for rows in dealt) < 12
    longest = [lengths[rows].max() for rows in dealt]
    assert longest != sorted(longest)
    other = data.batches(103, 10, seed=3, epoch=1, sampling="by_length", lengths=lengths)
    assert [rows.tolist() for rows in dealt] != [rows.tolist() for rows in other]
    with pytest.raises(ShapeError, match="need a length"):
        list(data.batches(4, 2, sampling="by_length"))


@pytest.mark.parametrize(
    ("values", "targets", "kind", "words"),
    [
        (["a", ""], [0, 1], DataError, "sequence 1"),
        (["abc", "c"], [[0, 1], [1, 0]], ShapeError, "one label a row"),
        ([[[1, 2]], [[1]]], [0, 1], ShapeError, "one shape"),
        (["ab", "c"], [[0, 1], []], ShapeError, "sequence 1"),
        (["ab", "c"], [0], ShapeError, "one target"),
    ],
)
def test_what_does_not_fit(values: Any, targets: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        data.sequences(values, targets)


@pytest.mark.parametrize("lengths", [[0, 2], [3, 1], [1], [1.0, 2.0]])
def test_lengths_are_checked(lengths: Any) -> None:
    with pytest.raises((DataError, ShapeError)):
        data.Dataset(np.zeros((2, 2, 3)), [0, 1], lengths=lengths)
