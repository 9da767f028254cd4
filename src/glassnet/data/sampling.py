"""Mini-batches: which rows the next step learns from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args

import numpy as np

from ..errors import ArgumentError, DataError, ShapeError, did_you_mean
from ..tensor import Generator, Seed, float64, generator
from .checks import check_count
from .dataset import Dataset

Array = np.ndarray[Any, Any]
Sampling = Literal["shuffled", "stratified", "balanced", "by_length"]
SAMPLINGS: tuple[Sampling, ...] = get_args(Sampling)


def batches(
    count: int,
    batch_size: int | None = 32,
    *,
    seed: Seed = 0,
    epoch: int = 0,
    sampling: Sampling = "shuffled",
    labels: Any = None,
    lengths: Any = None,
) -> Iterator[Array]:
    """Row indices of the mini-batches of one epoch, sampled without replacement.

    The rows are put in random order and dealt out M at a time, so that each is used exactly once an
    epoch; the last batch may be smaller. With M = m, the number of rows, a step is one of
    full-batch gradient descent.

    Args:
        count: m, how many rows there are.
        batch_size: M; None, or more than m, means m.
        seed: same seed and epoch, same batches.
        epoch: which pass over the data; each has an order of its own.
        sampling: "shuffled"; "stratified", where every batch has each class in the proportion it
            has in the data, to within two rows; "balanced", where every batch has all classes
            equally often, to within two rows: of a small class the rows come again within an
            epoch, of a large one only some come; or "by_length", where every batch has sequences
            of about one length, so that little is padding, and the batches come in random order.
        labels: (m,) class indices, for "stratified" and "balanced".
        lengths: (m,) of sequences, for "by_length".

    Yields:
        int64 arrays (M,) of indices into the rows.

    Raises:
        ArgumentError: a count or batch size below 1; no such sampling.
        ShapeError: not one label or length a row.

    >>> [len(batch) for batch in batches(10, 4)]
    [4, 4, 2]
    >>> import numpy as np
    >>> np.sort(np.concatenate(list(batches(10, 4)))).tolist() == list(range(10))
    True
    >>> labels = np.array([0] * 90 + [1] * 10)
    >>> [int(labels[b].sum()) for b in batches(100, 20, labels=labels, sampling="balanced")]
    [10, 10, 10, 10, 10]
    """
    check_count(count, "count")
    if batch_size is not None:
        check_count(batch_size, "batch_size")
    check_sampling(sampling)
    rng = generator(seed).fork("batches").fork(epoch)
    order = rng.permutation(count)
    size = min(batch_size or count, count)
    starts = np.arange(0, count, size)
    if sampling == "by_length":
        order = order[np.argsort(_each(lengths, count, sampling, "length")[order], kind="stable")]
        starts = starts[rng.permutation(len(starts))]
    elif sampling != "shuffled":
        order = _by_class(
            order, _each(labels, count, sampling, "label"), sampling == "balanced", rng
        )
    return (order[start : start + size] for start in starts)


def _each(given: Any, count: int, sampling: str, what: str) -> Array:
    """A number for each row; ShapeError where there is none."""
    found = np.asarray(given)
    if found.shape != (count,):
        raise ShapeError(
            f"{sampling} batches need a {what} for each row",
            expected=f"({count},) {what}s",
            received="none" if given is None else f"{found.dtype} {found.shape}",
            mend='sampling="shuffled" deals out rows of every kind of data',
        )
    return found


def check_sampling(sampling: str) -> None:
    """ArgumentError unless there is a sampling of this name."""
    if sampling not in SAMPLINGS:
        raise ArgumentError(
            f'there is no sampling "{sampling}"', mend=did_you_mean(sampling, SAMPLINGS)
        )


def class_weights(dataset: Dataset) -> Array:
    """The weight of each class that makes all classes count alike: w_c = m / (K · m_c)

    m rows, m_c of them of class c, K classes that occur. A class without rows has weight 0. The
    mean of the weights over the rows is 1.

    Raises:
        DataError: the data is no classification.

    >>> import functools
    >>> from glassnet import data, losses
    >>> rare = data.Dataset([[0.0], [1.0], [2.0], [3.0]], [0, 0, 0, 1])
    >>> class_weights(rare).round(3).tolist()
    [0.667, 2.0]
    >>> loss = functools.partial(losses.cross_entropy, weight=class_weights(rare))
    """
    if dataset.task != "classification":
        raise DataError("only classes have weights", received=repr(dataset))
    counts = np.bincount(dataset.targets.ravel(), minlength=len(dataset.classes))
    present = counts > 0
    shares = counts.sum() / (np.count_nonzero(present) * np.maximum(counts, 1))
    return np.where(present, shares, 0.0)


def _by_class(order: Array, labels: Array, balanced: bool, rng: Generator) -> Array:
    """The rows with those of each class spread evenly: the i-th of n stands at (i + u) / n."""
    grouped = order[np.argsort(labels[order], kind="stable")]
    ends = np.flatnonzero(np.diff(labels[grouped])) + 1
    classes = np.split(grouped, ends)
    if balanced:
        classes = _alike(classes, len(order), rng)
    starts = rng.uniform((len(classes),), dtype=float64)
    places = [
        (np.arange(len(rows)) + start) / max(len(rows), 1)
        for rows, start in zip(classes, starts, strict=True)
    ]
    return np.concatenate(classes)[np.argsort(np.concatenate(places), kind="stable")]


def _alike(classes: list[Array], count: int, rng: Generator) -> list[Array]:
    """As many rows of each class, `count` in all; each row again only after all others were."""
    quotas = np.full(len(classes), count // len(classes))
    quotas[rng.permutation(len(classes))[: count % len(classes)]] += 1
    chosen = []
    for rows, quota in zip(classes, quotas, strict=True):
        turns = [rows[rng.permutation(len(rows))] for _ in range(-(-int(quota) // len(rows)))]
        chosen.append(np.concatenate([*turns, rows[:0]])[:quota])
    return chosen
