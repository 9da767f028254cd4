"""The metrics of the library: what a batch adds to each, and what the sums say.

Sums are written in tensor operations, so that a compiled loop adds them up itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from .. import ops
from ..data.checks import check_count
from ..losses.common import mask_over
from ..tensor import Tensor, bool_, float32, float64, int64
from .metric import Answers, Metric

Array = np.ndarray[Any, Any]
Averaged = Literal["", "macro", "micro"]


def _with_count(values: Tensor, answers: Answers) -> Tensor:
    """(2,) a sum, and over how many: all values, or those of the steps that count."""
    if answers.mask is None:
        size = values.engine.full(shape=(), value=float(values.size), dtype=values.dtype)
        return ops.stack([values.sum(), Tensor(size)])
    kept = mask_over(values, answers.mask)
    count = kept.astype(values.dtype).sum() * float(values.size // kept.size)
    return ops.stack([ops.where(kept, values, 0.0).sum(), count])


def _whole(sums: Array) -> Array:
    return sums.astype(np.int64)


def _mean(sums: Array) -> float:
    return float(sums[0] / sums[1])


# -- classes ---------------------------------------------------------------------------------------
def _hits(answers: Answers) -> Tensor:
    right = answers.predictions == answers.targets.astype(answers.predictions.dtype)
    return _with_count(right.astype(float32), answers)


def top_k(k: int) -> Metric:
    """The share of labels that are among the k classes with the largest outputs.

    >>> from glassnet import train
    >>> train.top_k(3).name
    'top3'
    """
    check_count(k, "k")

    def sums(answers: Answers) -> Tensor:
        scores = answers.outputs
        true = ops.one_hot(answers.targets.astype(int64), classes=scores.shape[-1], dtype=bool_)
        own = ops.where(true, scores, 0.0).sum(-1, keepdims=True)
        ahead = (scores > own).astype(float32).sum(-1)
        return _with_count((ahead < k).astype(float32), answers)

    return Metric(f"top{k}", sums, _mean, tasks=("classification",))


def _surprise(answers: Answers) -> Tensor:
    rows = ops.softmax_cross_entropy(answers.outputs, answers.targets.astype(int64))
    return _with_count(rows.astype(float64), answers)


def _perplexity(sums: Array) -> float:
    with np.errstate(over="ignore"):  # beyond e^709 it is infinite
        return float(np.exp(_mean(sums)))


def _counts(answers: Answers) -> Tensor:
    """(3, classes): true positives, false positives, false negatives of each class.

    Two classes that exclude each other count as one: the second, "positive" one.
    """
    said, true = _members(answers)
    right = said * true
    return ops.stack([x.sum(0) for x in (right, said - right, true - right)])


def _confusion(answers: Answers) -> Tensor:
    """(classes, classes): rows of each true class that are taken for each class."""
    classes = max(answers.outputs.shape[-1], 2)
    said, true = _one_hot(answers, classes)
    return ops.matmul(true.T, said)


def _one_hot(answers: Answers, classes: int) -> tuple[Tensor, Tensor]:
    """1 where a row, or a step that counts, is said to be and is in a class: (N, classes) each."""
    pair = answers.predictions, answers.targets.astype(answers.predictions.dtype)
    said, true = (ops.one_hot(x.reshape(-1), classes=classes, dtype=float32) for x in pair)
    if answers.mask is not None:
        counts = answers.mask.reshape(-1, 1).astype(float32)
        said, true = said * counts, true * counts
    return said, true


def _members(answers: Answers) -> tuple[Tensor, Tensor]:
    """1 where a row is said to be, and is, in a class: (N, classes) each."""
    if answers.task == "multilabel":
        return answers.predictions.astype(float32), answers.targets.astype(float32)
    classes = max(answers.outputs.shape[-1], 2)
    said, true = _one_hot(answers, classes)
    return (said[:, 1:], true[:, 1:]) if classes == 2 else (said, true)


def _share(false: float, missed: float, average: Averaged) -> Callable[[Array], float]:
    """right / (right + a·false + b·missed): precision for a, b = 1, 0; recall 0, 1; F₁ ½, ½."""

    def share(right: Array, wrong: Array, lost: Array) -> Array:
        found: Array = right / np.maximum(right + false * wrong + missed * lost, 0.5)
        return found

    def value(sums: Array) -> float:
        if average == "micro":
            return float(share(*sums.sum(axis=1)))
        met = sums.sum(axis=0) > 0  # a class that is neither there nor predicted counts for nothing
        return float(share(*sums[:, met]).mean()) if met.any() else 0.0

    return value


def _of_counts(name: str, false: float, missed: float) -> list[Metric]:
    """The metric for the positive of two classes, or the mean over all; and macro and micro."""
    kinds: tuple[Averaged, ...] = ("", "macro", "micro")
    return [
        Metric(
            "_".join(filter(None, (name, kind))),
            _counts,
            _share(false, missed, kind),
            tasks=("classification", "multilabel"),
        )
        for kind in kinds
    ]


# -- numbers ---------------------------------------------------------------------------------------
def _absolute(answers: Answers) -> Tensor:
    errors = ops.abs(answers.predictions.astype(float64) - answers.targets.astype(float64))
    return _with_count(errors, answers)


def _squares(answers: Answers) -> Tensor:
    """(4, outputs): Σ1, Σe², Σy, Σy² of each output."""
    rows = len(answers.targets) if answers.mask is None else answers.mask.size
    y = answers.targets.astype(float64).reshape(rows, -1)
    error = answers.predictions.astype(float64).reshape(rows, -1) - y
    counts = Tensor(y.engine.full(shape=y.shape, value=1.0, dtype=float64))
    if answers.mask is not None:
        counts = counts * answers.mask.reshape(rows, 1).astype(float64)
    return ops.stack([(x * counts).sum(0) for x in (counts, error * error, y, y * y)])


def _r2(sums: Array) -> float:
    count, errors, total, squares = sums
    spread = squares - total**2 / count
    varies = spread > 1e-12 * squares  # below, it is the rounding error of a constant target
    # A constant target has no spread to explain: 1 if it was met exactly, else 0.
    scores = np.where(varies, 1.0 - errors / np.where(varies, spread, 1.0), errors == 0)
    return float(scores.mean())


_METRICS = (
    Metric("accuracy", _hits, _mean, tasks=("classification", "multilabel")),
    top_k(3),
    top_k(5),
    *_of_counts("precision", 1.0, 0.0),
    *_of_counts("recall", 0.0, 1.0),
    *_of_counts("f1", 0.5, 0.5),
    Metric(  # a row for each true class, a column for each predicted one
        "confusion", _confusion, _whole, tasks=("classification",), is_matrix=True
    ),
    Metric(  # e to the mean surprise −ln p of the true class
        "perplexity", _surprise, _perplexity, higher_is_better=False, tasks=("classification",)
    ),
    Metric(  # mean |y − target|
        "mae", _absolute, _mean, higher_is_better=False, tasks=("regression", "reconstruction")
    ),
    # 1 − Σ(y − t)² / Σ(t − mean t)², mean over outputs
    Metric("r2", _squares, _r2, tasks=("regression", "reconstruction")),
)  # fmt: skip
METRICS: dict[str, Metric] = {metric.name: metric for metric in _METRICS}
