"""What a network says: one tensor, or several of which the first is the prediction."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor


def prediction(outputs: Any) -> Tensor:
    """The outputs themselves, or the first of several; the others are there for the loss.

    So a network can tell its loss more than its prediction: a variational autoencoder returns
    (reconstruction, mean, log variance), and its loss takes all three.

    >>> import glassnet as gn
    >>> prediction((gn.tensor(1.0), gn.tensor(2.0))).item()
    1.0
    """
    first: Tensor = outputs[0] if isinstance(outputs, tuple | list) else outputs
    return first
