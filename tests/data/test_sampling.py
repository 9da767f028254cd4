"""Mini-batches are drawn without replacement, from the seed and the epoch alone."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import data, losses, nn
from glassnet.errors import ArgumentError, DataError, ShapeError
from glassnet.train import fit


@given(
    count=st.integers(1, 300),
    batch_size=st.none() | st.integers(1, 400),
    seed=st.integers(0, 2**64 - 1),
    epoch=st.integers(0, 10_000),
)
def test_an_epoch_uses_each_row_once(
    count: int, batch_size: int | None, seed: int, epoch: int
) -> None:
    dealt = list(data.batches(count, batch_size, seed=seed, epoch=epoch))
    assert np.sort(np.concatenate(dealt)).tolist() == list(range(count))
    size = min(batch_size or count, count)
    assert [len(rows) for rows in dealt[:-1]] == [size] * (len(dealt) - 1)
    assert 1 <= len(dealt[-1]) <= size


def test_all_rows_at_once_is_one_batch() -> None:
    assert len(list(data.batches(100, None))) == len(list(data.batches(100, 100))) == 1


def test_epochs_and_seeds_differ_and_repeat() -> None:
    def order(seed: int, epoch: int) -> list[int]:
        return np.concatenate(list(data.batches(50, 7, seed=seed, epoch=epoch))).tolist()

    orders = [order(0, 0), order(0, 1), order(1, 0), order(1, 1)]
    assert len(set(map(tuple, orders))) == 4
    assert order(1, 1) == orders[3]


def test_every_row_comes_first_about_as_often() -> None:
    first = [int(next(data.batches(4, 1, seed=0, epoch=epoch))[0]) for epoch in range(2000)]
    counts = np.bincount(first)
    # Binomial(2000, 1/4): deviation 19; five of them.
    assert np.abs(counts - 500).max() < 97


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, True, "32"])
def test_a_batch_size_out_of_range(batch_size: Any) -> None:
    with pytest.raises(ArgumentError, match="batch_size is out of range"):
        data.batches(10, batch_size)


def test_no_rows() -> None:
    with pytest.raises(ArgumentError, match="count is out of range"):
        data.batches(0, 4)


SHARES = st.lists(st.integers(1, 60), min_size=2, max_size=5)


def labelled(counts: list[int], seed: int) -> np.ndarray:
    labels = np.repeat(np.arange(len(counts)), counts)
    return np.random.default_rng(seed).permutation(labels)


@given(counts=SHARES, size=st.integers(1, 50), seed=st.integers(0, 1000), epoch=st.integers(0, 9))
def test_stratified_batches_have_every_class_in_its_proportion(
    counts: list[int], size: int, seed: int, epoch: int
) -> None:
    labels = labelled(counts, seed)
    settings: dict[str, Any] = {"seed": seed, "epoch": epoch, "labels": labels}
    dealt = list(data.batches(len(labels), size, sampling="stratified", **settings))
    assert np.sort(np.concatenate(dealt)).tolist() == list(range(len(labels)))
    for rows in dealt:
        found = np.bincount(labels[rows], minlength=len(counts))
        assert np.abs(found - len(rows) * np.array(counts) / len(labels)).max() <= 2.0


@given(counts=SHARES, size=st.integers(1, 50), seed=st.integers(0, 1000), epoch=st.integers(0, 9))
def test_balanced_batches_have_all_classes_alike(
    counts: list[int], size: int, seed: int, epoch: int
) -> None:
    labels = labelled(counts, seed)
    settings: dict[str, Any] = {"seed": seed, "epoch": epoch, "labels": labels}
    dealt = list(data.batches(len(labels), size, sampling="balanced", **settings))
    every = np.concatenate(dealt)
    assert len(every) == len(labels)
    assert np.ptp(np.bincount(labels[every], minlength=len(counts))) <= 1
    for label, count in enumerate(counts):  # a row comes again only after all others have come
        times = np.bincount(every, minlength=len(labels))[labels == label]
        assert np.ptp(times) <= 1, (times, count)
    for rows in dealt:
        found = np.bincount(labels[rows], minlength=len(counts))
        assert np.abs(found - len(rows) / len(counts)).max() <= 2.0


def test_samplings_repeat_by_seed_and_differ_by_epoch() -> None:
    labels = labelled([30, 10], 0)

    def order(epoch: int, sampling: Any) -> list[int]:
        dealt = data.batches(40, 8, seed=3, epoch=epoch, sampling=sampling, labels=labels)
        return np.concatenate(list(dealt)).tolist()

    for sampling in ("stratified", "balanced"):
        assert order(1, sampling) == order(1, sampling) != order(2, sampling)


def test_samplings_that_cannot_be() -> None:
    with pytest.raises(ArgumentError, match='did you mean "balanced"'):
        data.batches(4, 2, sampling="balance")  # type: ignore[arg-type]
    for labels in (None, [0, 1], [[0], [1], [0], [1]]):
        with pytest.raises(ShapeError, match="need a label for each row"):
            data.batches(4, 2, sampling="balanced", labels=labels)


def test_weights_make_classes_count_alike() -> None:
    labels = labelled([90, 9, 1], 0)
    dataset = data.Dataset(np.zeros((100, 1)), labels, classes=("a", "b", "c", "none"))
    weights = data.class_weights(dataset)
    np.testing.assert_allclose(weights[:3] * [90, 9, 1], [100 / 3] * 3)
    assert weights[3] == 0.0
    np.testing.assert_allclose(weights[labels].mean(), 1.0)
    with pytest.raises(DataError, match="only classes have weights"):
        data.class_weights(data.plane(10))


def rare() -> tuple[data.Dataset, data.Dataset]:
    """Two overlapping clouds, one of them twenty times as large."""
    rng = np.random.default_rng(0)
    parts = []
    for counts in ((950, 50), (200, 200)):
        labels = np.repeat([0, 1], counts)
        points = rng.normal(0.0, 1.0, (len(labels), 2)) + 1.5 * labels[:, None]
        parts.append(data.Dataset(points, labels))
    return parts[0], parts[1]


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_a_rare_class_is_found_by_weights_and_by_balanced_batches(engine: str) -> None:
    learn, even = rare()
    settings: dict[str, Any] = {"epochs": 10, "seed": 0, "engine": engine}

    def accuracy(**more: Any) -> float:
        run = fit(nn.Linear(2, 2), learn, **settings, **more)
        return float((run.predict(even) == even.targets).mean())

    weighted = functools.partial(losses.cross_entropy, weight=data.class_weights(learn))
    plain = accuracy()
    assert plain < 0.75
    assert accuracy(loss=weighted) > plain + 0.1
    assert accuracy(sampling="balanced") > plain + 0.1
    stratified = fit(nn.Linear(2, 2), learn, sampling="stratified", **settings)
    assert stratified.settings["sampling"] == "stratified"
    with pytest.raises(ShapeError, match="need a label for each row"):
        fit(nn.Linear(2, 1), data.plane(50), sampling="balanced", epochs=1)
