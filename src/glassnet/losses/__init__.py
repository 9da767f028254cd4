"""LOSSES: one number that says how far predictions are from targets.

Every loss is a mean over the batch by default; `reduction="sum"` adds, `reduction="none"` keeps one
number for each element or row. A `mask` says of each row, or of each step of padded sequences,
whether it counts: (N,) or (N, time) booleans. Classes lie on the last axis. Targets that are NumPy
arrays or lists take the predictions' type of float.
"""

from __future__ import annotations

from collections.abc import Callable

from ..errors import ArgumentError, did_you_mean
from ..tensor import Tensor
from .classes import cross_entropy, negative_log_likelihood
from .margins import binary_cross_entropy_with_logits, hinge, kl_divergence
from .regression import huber, mean_absolute_error, mean_squared_error
from .variational import gaussian_kl, negative_elbo

LOSSES: dict[str, Callable[..., Tensor]] = {
    "binary_cross_entropy_with_logits": binary_cross_entropy_with_logits,
    "cross_entropy": cross_entropy,
    "hinge": hinge,
    "huber": huber,
    "kl_divergence": kl_divergence,
    "mean_absolute_error": mean_absolute_error,
    "mean_squared_error": mean_squared_error,
    "negative_log_likelihood": negative_log_likelihood,
}


def get(name: str) -> Callable[..., Tensor]:
    """The loss of that name.

    Raises:
        ArgumentError: there is none.

    >>> from glassnet import losses
    >>> losses.get("huber") is losses.huber
    True
    """
    if name not in LOSSES:
        raise ArgumentError(f'there is no loss "{name}"', mend=did_you_mean(name, LOSSES))
    return LOSSES[name]


__all__ = [
    "LOSSES",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "gaussian_kl",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "mean_absolute_error",
    "mean_squared_error",
    "negative_elbo",
    "negative_log_likelihood",
]
