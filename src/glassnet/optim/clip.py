"""Gradients kept small: cut element by element, or scaled down together."""

from __future__ import annotations

from collections.abc import Sequence

from ..ops import maximum, minimum, sqrt
from ..tensor import Tensor

EPSILON = 1e-6  # keeps the division finite; PyTorch's value


def clip_by_value(gradients: Sequence[Tensor], limit: float) -> list[Tensor]:
    """min(max(g, −limit), limit) for every element of every gradient.

    >>> import glassnet as gn
    >>> from glassnet import optim
    >>> optim.clip_by_value([gn.tensor([0.5, -3.0])], 1.0)[0].numpy().tolist()
    [0.5, -1.0]
    """
    return [minimum(maximum(gradient, -limit), limit) for gradient in gradients]


def clip_by_norm(gradients: Sequence[Tensor], limit: float) -> list[Tensor]:
    """g · min(1, limit / ‖g‖) with ‖g‖ the norm of all gradients taken as one vector.

    Keeps the direction (Pascanu et al., 2013).

    >>> import glassnet as gn
    >>> from glassnet import optim
    >>> [round(g.item(), 3) for g in optim.clip_by_norm([gn.tensor(3.0), gn.tensor(4.0)], 2.5)]
    [1.5, 2.0]
    """
    norm = global_norm(gradients)
    scale = minimum(limit / (norm + EPSILON), 1.0)
    return [gradient * scale for gradient in gradients]


def global_norm(gradients: Sequence[Tensor]) -> Tensor:
    """√ Σ g² over all elements of all gradients."""
    first, *others = ((gradient * gradient).sum() for gradient in gradients)
    for square in others:
        first = first + square
    return sqrt(first)
