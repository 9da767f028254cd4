"""Scores against classes: cross-entropy, negative log-likelihood."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..errors import ArgumentError, ShapeError
from ..tensor import Tensor, as_tensor
from ..tensor.dtypes import bool_, is_float
from .common import check_labels, class_count, like, mask_over, reduced, share


def cross_entropy(
    logits: Tensor,
    target: Any,
    *,
    weight: Any = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
    mask: Any = None,
) -> Tensor:
    """−Σ_c w_c t_c ln softmax(logits)_c, in the weighted mean over the rows

    Shapes: logits (…, classes); target (…) of class indices, or (…, classes) of distributions.
    With class indices the mean divides by Σ w of the targets' classes, as PyTorch does; with
    distributions by the number of rows.

    Args:
        logits: the scores before softmax; of any size, without overflow.
        target: integers from 0 to classes − 1, or distributions as floats.
        weight: (classes,) the importance of each class; 1 when left out.
        ignore_index: rows with this label count for nothing.
        label_smoothing: ε, the share of the target spread evenly over all classes.
        reduction: "mean", "sum" or "none".
        mask: (…) booleans, False for rows that count for nothing, such as padding.

    Raises:
        DataError: a label is out of range.
        DTypeError: labels that are floats.
        ShapeError: targets that fit neither form.

    >>> import glassnet as gn
    >>> logits = gn.tensor([[2.0, 0.0], [0.0, 0.0]])
    >>> round(gn.losses.cross_entropy(logits, [0, 1]).item(), 4)
    0.41
    """
    if not 0.0 <= label_smoothing < 1.0:
        raise ArgumentError(
            "label_smoothing is a share",
            expected="0 ≤ label_smoothing < 1",
            received=f"{label_smoothing!r}",
        )
    target = like(target, logits)
    classes = class_count(logits)
    weights = _weights(weight, logits)
    if is_float(target.dtype) and target.shape == logits.shape:
        if ignore_index is not None:
            raise ArgumentError("ignore_index goes with class indices", received="distributions")
        smooth = _smoothed(target, label_smoothing)
        return reduced(_expected(ops.log_softmax(logits), smooth, weights), reduction, mask)
    check_labels(target, logits, ignore_index)
    if weights is None:
        rows = ops.softmax_cross_entropy(logits, target, label_smoothing=label_smoothing)
    else:
        one_hot = ops.one_hot(target, classes=classes, dtype=logits.dtype)
        smooth = _smoothed(one_hot, label_smoothing)
        rows = _expected(ops.log_softmax(logits), smooth, weights)
    return _weighted(rows, target, weights, ignore_index, reduction, mask)


def negative_log_likelihood(
    log_probabilities: Tensor,
    target: Any,
    *,
    weight: Any = None,
    ignore_index: int | None = None,
    reduction: str = "mean",
    mask: Any = None,
) -> Tensor:
    """−w_t ln p_t of the target's class t, in the weighted mean over the rows

    Shapes: log_probabilities (…, classes), such as log_softmax returns; target (…) of class
    indices. With log_softmax before it, it is the cross-entropy.

    Raises:
        DataError: a label is out of range.
        DTypeError: labels that are floats.

    >>> import glassnet as gn
    >>> p = gn.tensor([[0.25, 0.75]])
    >>> round(gn.losses.negative_log_likelihood(p.log(), [1]).item(), 4)
    0.2877
    """
    target = as_tensor(target)
    classes = class_count(log_probabilities)
    check_labels(target, log_probabilities, ignore_index)
    weights = _weights(weight, log_probabilities)
    hit = ops.one_hot(target, classes=classes, dtype=bool_)
    # A choice and not a product: ln 0 = −∞ of another class must not turn into NaN.
    rows = -ops.where(hit, log_probabilities, 0.0).sum(-1)
    if weights is not None:
        rows = rows * _weight_of(target, weights)
    return _weighted(rows, target, weights, ignore_index, reduction, mask)


def _weights(weight: Any, logits: Tensor) -> Tensor | None:
    if weight is None:
        return None
    weights = like(weight, logits)
    if weights.shape != logits.shape[-1:]:
        raise ShapeError(
            "there is one weight for each class",
            expected=f"{logits.shape[-1:]}",
            received=f"{weights.shape}",
        )
    return weights


def _expected(log_probabilities: Tensor, target: Tensor, weights: Tensor | None) -> Tensor:
    """−Σ_c w_c t_c ln p_c for each row."""
    weighted = target if weights is None else target * weights
    return -(weighted * log_probabilities).sum(-1)


def _smoothed(target: Tensor, share: float) -> Tensor:
    return target * (1.0 - share) + share / target.shape[-1] if share else target


def _weight_of(target: Tensor, weights: Tensor) -> Tensor:
    """The weight of each row's class; 0 for a label that is no class, such as an ignored one."""
    one_hot = ops.one_hot(target, classes=weights.shape[0], dtype=weights.dtype)
    return (one_hot * weights).sum(-1)


def _weighted(
    rows: Tensor,
    target: Tensor,
    weights: Tensor | None,
    ignore_index: int | None,
    reduction: str,
    mask: Any,
) -> Tensor:
    """Rows that already carry their weight; the mean divides by the sum of the weights."""
    if weights is None and ignore_index is None:
        return reduced(rows, reduction, mask)
    counted = None
    if weights is not None:
        counted = _weight_of(target, weights)
    kept = None if mask is None else mask_over(rows, mask)
    if ignore_index is not None:
        named = ops.logical_not(target == ignore_index)
        kept = named if kept is None else ops.logical_and(kept, named)
    if kept is not None:
        rows = ops.where(kept, rows, 0.0)
        ones = kept.astype(rows.dtype)
        counted = ones if counted is None else counted * ones
    if reduction != "mean" or counted is None:
        return reduced(rows, reduction)
    return share(rows.sum(), counted.sum())
