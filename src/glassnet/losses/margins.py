"""Two classes by logits, margins, and distributions against distributions."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..errors import DataError
from ..tensor import Tensor
from ..tensor.dtypes import is_float
from .common import check_labels, check_range, class_count, like, reduced, same_shape


def binary_cross_entropy_with_logits(
    logits: Tensor,
    target: Any,
    *,
    pos_weight: Any = None,
    reduction: str = "mean",
    mask: Any = None,
) -> Tensor:
    """−t ln σ(a) − (1 − t) ln(1 − σ(a)), in the mean over all elements

    Computed as (1 − t)·a + (1 + (w − 1)·t)·ln(1 + e⁻ᵃ), which is finite for logits of any size.

    Shapes: logits and target alike.

    Args:
        logits: a, the scores before the sigmoid.
        target: t, from 0 to 1.
        pos_weight: w, the importance of t = 1; a number, or one for each element of a row.
        reduction: "mean", "sum" or "none".
        mask: booleans of the shape of the first axes, False where nothing counts, such as padding.

    Raises:
        DataError: a target outside 0 … 1.
        ShapeError: the shapes differ.

    >>> import glassnet as gn
    >>> round(gn.losses.binary_cross_entropy_with_logits(gn.tensor([0.0]), [1.0]).item(), 4)
    0.6931
    """
    target = same_shape(logits, target)
    check_range(target, 0.0, 1.0, "targets of a binary cross-entropy are probabilities")
    if not is_float(target.dtype):
        target = target.astype(logits.dtype)
    tail = ops.softplus(-logits)
    if pos_weight is not None:
        tail = tail * ((like(pos_weight, logits) - 1.0) * target + 1.0)
    return reduced((1.0 - target) * logits + tail, reduction, mask)


def hinge(
    scores: Tensor, target: Any, *, margin: float = 1.0, reduction: str = "mean", mask: Any = None
) -> Tensor:
    """max(0, m − t·s) for t = ±1; for classes 1/C · Σ_{j ≠ t} max(0, m − s_t + s_j)

    Shapes: scores and target alike with targets −1 and +1; or scores (…, classes) and target (…)
    of class indices. Source: Crammer and Singer, 2001, for classes as PyTorch writes it.

    Raises:
        DataError: targets other than −1 and +1, or a label out of range.

    >>> import glassnet as gn
    >>> gn.losses.hinge(gn.tensor([0.5, 2.0]), [-1, 1]).item()
    0.75
    """
    target = like(target, scores)
    if target.shape == scores.shape:
        if not target.is_symbolic and not np.isin(target.array, (-1, 1)).all():
            raise DataError(
                "the targets of a hinge loss are −1 and +1",
                received=f"values in {target.array.min():g} … {target.array.max():g}",
                mend="for 0 and 1 pass 2 * target - 1",
            )
        return reduced(ops.maximum(margin - scores * target, 0.0), reduction, mask)
    check_labels(target, scores, None)
    classes = class_count(scores)
    one_hot = ops.one_hot(target, classes=classes, dtype=scores.dtype)
    own = (scores * one_hot).sum(-1, keepdims=True)
    misses = ops.maximum(margin - own + scores, 0.0) * (1.0 - one_hot)
    return reduced(misses.sum(-1) * (1.0 / classes), reduction, mask)


def kl_divergence(
    log_probabilities: Tensor,
    target: Any,
    *,
    log_target: bool = False,
    reduction: str = "mean",
    mask: Any = None,
) -> Tensor:
    """Σ_c t_c (ln t_c − ln p_c), in the mean over the rows: how far p is from t

    Shapes: log_probabilities and target alike, (…, classes). It is PyTorch's `kl_div` with
    reduction "batchmean".

    Args:
        log_probabilities: ln p, such as log_softmax returns.
        target: t, distributions; where t = 0 the term is 0.
        log_target: whether the target is ln t.
        reduction: "mean", "sum" or "none".
        mask: booleans of the shape of the first axes, False where nothing counts, such as padding.

    Raises:
        DataError: a negative probability.
        ShapeError: the shapes differ.

    >>> import glassnet as gn
    >>> p = gn.tensor([[0.5, 0.5]])
    >>> round(gn.losses.kl_divergence(p.log(), [[1.0, 0.0]]).item(), 4)
    0.6931
    """
    target = same_shape(log_probabilities, target)
    if log_target:
        terms = ops.exp(target) * (target - log_probabilities)
    else:
        check_range(target, 0.0, np.inf, "probabilities are not negative")
        logarithm = ops.log(ops.where(target > 0.0, target, 1.0))  # 0 · ln 0 = 0
        terms = target * (logarithm - log_probabilities)
    return reduced(terms.sum(-1), reduction, mask)
