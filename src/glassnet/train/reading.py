"""What a network's outputs mean: what the loss holds them against, and how they are read."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import losses, ops
from ..data import Dataset, Task
from ..errors import ShapeError
from ..tensor import Tensor, float32, int64

Array = np.ndarray[Any, Any]
Loss = Callable[[Tensor, Any], Tensor]


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning of outputs.

    Attributes:
        name: what files call it.
        task: the task it belongs to.
        binary: whether one number a row tells two classes apart.
        targets: a batch's targets ↦ what the loss wants.
        decide: outputs ↦ predictions: labels (N,), or the numbers themselves (N, …).
        probabilities: outputs ↦ (N, classes); None where they tell none.

    Targets and decisions are written in tensor operations: they are parts of the compiled loop.
    """

    name: str
    task: Task
    binary: bool
    targets: Callable[[Tensor], Tensor]
    decide: Callable[[Tensor], Tensor]
    probabilities: Callable[[Array], Array] | None


def _itself(tensor: Tensor) -> Tensor:
    return tensor


def _largest(outputs: Tensor) -> Tensor:
    return outputs.argmax(axis=-1)


def _positive(outputs: Tensor) -> Tensor:
    return (outputs[:, 0] > 0.0).astype(int64)


def _softmax(outputs: Array) -> Array:
    return ops.softmax(outputs).numpy()


def _sigmoid(outputs: Array) -> Array:
    second = ops.sigmoid(outputs).numpy()
    return np.concatenate([1.0 - second, second], axis=1)


def _column(labels: Tensor) -> Tensor:
    """0 and 1 as floats (N, 1)."""
    return labels.reshape(-1, 1).astype(float32)


def _signs(labels: Tensor) -> Tensor:
    """−1 and +1 as floats (N, 1)."""
    return 2.0 * _column(labels) - 1.0


_READINGS = (
    Reading("logits", "classification", False, _itself, _largest, _softmax),
    Reading("log-probabilities", "classification", False, _itself, _largest, np.exp),
    Reading("scores", "classification", False, _itself, _largest, None),
    Reading("logit", "classification", True, _column, _positive, _sigmoid),
    Reading("margin", "classification", True, _signs, _positive, None),
    Reading("numbers", "regression", False, _itself, _itself, None),
)
READINGS: dict[str, Reading] = {reading.name: reading for reading in _READINGS}

# How outputs are read that were trained with a loss; the second where they are one number a row.
_OF_LOSS: dict[Loss, tuple[str, str]] = {
    losses.cross_entropy: ("logits", "logits"),
    losses.negative_log_likelihood: ("log-probabilities", "log-probabilities"),
    losses.binary_cross_entropy_with_logits: ("logit", "logit"),
    losses.hinge: ("scores", "margin"),
    losses.mean_squared_error: ("numbers", "numbers"),
    losses.mean_absolute_error: ("numbers", "numbers"),
    losses.huber: ("numbers", "numbers"),
}
DEFAULT_LOSS: dict[Task, Loss] = {
    "classification": losses.cross_entropy,
    "regression": losses.mean_squared_error,
}


def plain_loss(loss: Loss) -> Loss:
    """The loss without the settings that functools.partial fixed."""
    return plain_loss(loss.func) if isinstance(loss, functools.partial) else loss


def task_of(loss: Loss | None) -> Task | None:
    """The task a loss is made for; None for one of the user's own."""
    known = None if loss is None else _OF_LOSS.get(plain_loss(loss))
    return READINGS[known[0]].task if known else None


def reading_of(loss: Loss, outputs: Array, dataset: Dataset) -> Reading:
    """How outputs trained with this loss on this data are read.

    Raises:
        ShapeError: the network puts out another number of numbers than the data asks for.
    """
    own = ("logits", "logits") if dataset.task == "classification" else ("numbers", "numbers")
    many, single = _OF_LOSS.get(plain_loss(loss), own)
    narrow = outputs.shape[1:] == (1,)
    reading = READINGS[single if narrow else many]
    width = 1 if reading.binary else dataset.outputs
    steps = dataset.targets.shape[1:] if dataset.task == "classification" else ()
    row = (*steps, width)
    wrong = outputs.shape[1:] != row or (reading.binary and dataset.outputs != 2)
    if wrong and plain_loss(loss) in _OF_LOSS:
        raise ShapeError(
            "the network does not put out what the data asks for",
            expected=f"{_outputs(width)} {'a step' if steps else 'a row'}, for {dataset!r}",
            received=f"outputs of shape {('rows', *outputs.shape[1:])}".replace("'", ""),
            mend=f"let the last layer have {width} outputs"
            if not reading.binary or dataset.outputs == 2
            else "this loss parts two classes; take losses.cross_entropy for more",
        )
    return reading


def _outputs(count: int) -> str:
    return f"{count} number{'s' * (count != 1)}"
