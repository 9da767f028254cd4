"""Losses of variational autoencoders."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..errors import ShapeError
from ..tensor import Tensor
from .common import like, reduced
from .margins import binary_cross_entropy_with_logits


def gaussian_kl(mean: Tensor, log_variance: Tensor, *, reduction: str = "mean") -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, 1)) = ½ Σ (μ² + σ² − 1 − ln σ²), in the mean over the rows

    Shapes: mean and log_variance alike, (N, code).

    Raises:
        ShapeError: the shapes differ.

    >>> import glassnet as gn
    >>> gn.losses.gaussian_kl(gn.tensor([[1.0, 0.0]]), gn.tensor([[0.0, 0.0]])).item()
    0.5
    """
    if mean.shape != log_variance.shape or not mean.shape:
        raise ShapeError(
            "there is one variance for each mean",
            expected=f"{mean.shape}",
            received=f"{log_variance.shape}",
        )
    terms = mean * mean + ops.exp(log_variance) - 1.0 - log_variance
    return reduced(terms.sum(-1) * 0.5, reduction)


def negative_elbo(
    outputs: tuple[Tensor, Tensor, Tensor], target: Any, *, beta: float = 1.0
) -> Tensor:
    """−ELBO = Σ binary cross-entropy(x̂, x) + β · KL(N(μ, σ²) ‖ N(0, 1)), in the mean over the batch

    An upper bound on −ln p(x), where β = 1; a larger β makes the codes more alike N(0, 1).

    Shapes: outputs (logits (N, …), μ (N, code), ln σ² (N, code)), target (N, …) in [0, 1].
    Source: Kingma, Welling, 2014; β: Higgins et al., 2017.

    Args:
        outputs: what `models.vae` puts out.
        target: what it received.
        beta: weight of the second term.

    Raises:
        DataError: a target outside [0, 1].
        ShapeError: the shapes differ.

    >>> import glassnet as gn
    >>> zeros = gn.tensor([[0.0, 0.0]])
    >>> round(gn.losses.negative_elbo((zeros, zeros, zeros), [[1.0, 0.0]]).item(), 4)  # 2 ln 2
    1.3863
    """
    logits, mean, log_variance = outputs
    pixels = binary_cross_entropy_with_logits(logits, like(target, logits), reduction="none")
    rows = pixels.reshape((pixels.shape[0], -1)).sum(-1)
    return (rows + gaussian_kl(mean, log_variance, reduction="none") * beta).mean()
