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
from ..tensor import Tensor, float32, int64, uint8

Array = np.ndarray[Any, Any]
Loss = Callable[[Any, Any], Tensor]  # (outputs, targets); outputs may be a tuple of tensors


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning of outputs.

    Attributes:
        name: what files call it.
        task: the task it belongs to.
        binary: whether one number a row tells two classes apart.
        targets: a batch's targets ↦ what the loss wants.
        decide: outputs ↦ predictions: labels (N,) or (N, time); 0 or 1 (N, classes) of several
            labels a row; or the numbers themselves (N, …).
        probabilities: outputs ↦ (N, …, classes); None where they tell none.

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


def _each_positive(outputs: Tensor) -> Tensor:
    return (outputs > 0.0).astype(uint8)


def _softmax(outputs: Array) -> Array:
    return ops.softmax(outputs).numpy()


def _sigmoid(outputs: Array) -> Array:
    return ops.sigmoid(outputs).numpy()


def _both(outputs: Array) -> Array:
    second = _sigmoid(outputs)
    return np.concatenate([1.0 - second, second], axis=1)


def _floats(memberships: Tensor) -> Tensor:
    return memberships.astype(float32)


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
    Reading("logit", "classification", True, _column, _positive, _both),
    Reading("margin", "classification", True, _signs, _positive, None),
    Reading("labels", "multilabel", False, _floats, _each_positive, _sigmoid),
    Reading("numbers", "regression", False, _itself, _itself, None),
    Reading("reconstruction", "reconstruction", False, _itself, _itself, None),
    Reading("reconstruction-logits", "reconstruction", False, _itself, ops.sigmoid, None),
)
READINGS: dict[str, Reading] = {reading.name: reading for reading in _READINGS}

# How outputs are read that were trained with a loss, by task; where it parts two classes by one
# number a row, the second name.
_Names = tuple[str, str]
_NUMBERS: dict[Task, _Names] = {
    "regression": ("numbers", "numbers"),
    "reconstruction": ("reconstruction", "reconstruction"),
}
_OF_LOSS: dict[Loss, dict[Task, _Names]] = {
    losses.cross_entropy: {"classification": ("logits", "logits")},
    losses.negative_log_likelihood: {"classification": ("log-probabilities", "log-probabilities")},
    losses.binary_cross_entropy_with_logits: {
        "classification": ("logit", "logit"),
        "multilabel": ("labels", "labels"),
        "reconstruction": ("reconstruction-logits", "reconstruction-logits"),
    },
    losses.negative_elbo: {"reconstruction": ("reconstruction-logits", "reconstruction-logits")},
    losses.hinge: {"classification": ("scores", "margin")},
    losses.mean_squared_error: _NUMBERS,
    losses.mean_absolute_error: _NUMBERS,
    losses.huber: _NUMBERS,
}
_OWN: dict[Task, _Names] = {
    "classification": ("logits", "logits"),
    "multilabel": ("labels", "labels"),
    **_NUMBERS,
}
DEFAULT_LOSS: dict[Task, Loss] = {
    "classification": losses.cross_entropy,
    "multilabel": losses.binary_cross_entropy_with_logits,
    "reconstruction": losses.mean_squared_error,
    "regression": losses.mean_squared_error,
}


def plain_loss(loss: Loss) -> Loss:
    """The loss without the settings that functools.partial fixed."""
    return plain_loss(loss.func) if isinstance(loss, functools.partial) else loss


def tasks_of(loss: Loss | None) -> tuple[Task, ...]:
    """The tasks a loss is made for, the usual one first; none for one of the user's own."""
    return tuple(_OF_LOSS.get(plain_loss(loss), ())) if loss is not None else ()


def reading_of(loss: Loss, outputs: Array, dataset: Dataset) -> Reading:
    """How outputs trained with this loss on this data are read.

    Raises:
        ShapeError: the network puts out another number of numbers than the data asks for.
    """
    task = dataset.task or "classification"
    many, single = _OF_LOSS.get(plain_loss(loss), _OWN)[task]
    reading = READINGS[single if outputs.shape[1:] == (1,) else many]
    row = (1,) if reading.binary else dataset.output_shape
    wrong = outputs.shape[1:] != row or (reading.binary and dataset.outputs != 2)
    if wrong and (plain_loss(loss) in _OF_LOSS or task != "classification"):
        raise ShapeError(
            "the network does not put out what the data asks for",
            expected=f"{_outputs(row)}, for {dataset!r}",
            received=f"outputs of shape {('rows', *outputs.shape[1:])}".replace("'", ""),
            mend=f"let the last layer have {row[-1]} outputs"
            if not reading.binary or dataset.outputs == 2
            else "this loss parts two classes; take losses.cross_entropy for more",
        )
    return reading


def _outputs(row: tuple[int, ...]) -> str:
    if len(row) == 1:
        return f"{row[0]} number{'s' * (row[0] != 1)} a row"
    return f"numbers {row} a row"
