"""What the losses share: reductions, and targets checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..errors import ArgumentError, DataError, DTypeError, ShapeError, did_you_mean
from ..tensor import Tensor, as_tensor
from ..tensor.dtypes import bool_, is_float

Array = np.ndarray[Any, Any]
REDUCTIONS = ("mean", "none", "sum")


def reduced(values: Tensor, reduction: str, mask: Any = None) -> Tensor:
    """The mean, the sum, or the values themselves; 0 where the mask says False, and not counted.

    Shapes: values (N, …), mask of as many of their first axes as it has.
    """
    counted = None
    if mask is not None:
        kept = mask_over(values, mask)
        values = ops.where(kept, values, 0.0)
        counted = kept.astype(values.dtype).sum() * (values.size // kept.size)
    match reduction:
        case "mean":
            return values.mean() if counted is None else share(values.sum(), counted)
        case "sum":
            return values.sum()
        case "none":
            return values
    raise ArgumentError(
        f'there is no reduction "{reduction}"', mend=did_you_mean(reduction, REDUCTIONS)
    )


def mask_over(values: Tensor, mask: Any) -> Tensor:
    """The mask with axes of length 1 behind its own, so that it lies over the values."""
    found = as_tensor(mask)
    if found.dtype != bool_ or found.shape != values.shape[: found.ndim]:
        raise ShapeError(
            "a mask says of each row, or of each step of a sequence, whether it counts",
            expected=f"booleans of shape {values.shape}, or of its first axes",
            received=f"{found.dtype} {found.shape}",
        )
    return found.reshape((*found.shape, *(1,) * (values.ndim - found.ndim)))


def share(total: Tensor, counted: Tensor) -> Tensor:
    """total / counted; nothing counted is 0 / 1 and no 0 / 0."""
    return total / ops.where(counted == 0.0, 1.0, counted)


def like(target: Any, prediction: Tensor) -> Tensor:
    """The target as a tensor; data that is no tensor yet takes the prediction's type of float."""
    if isinstance(target, Tensor):
        return target
    found = as_tensor(target)
    return Tensor(found.array.astype(prediction.dtype)) if is_float(found.dtype) else found


def same_shape(prediction: Tensor, target: Any) -> Tensor:
    """The target as a tensor; ShapeError unless it has the prediction's shape."""
    found = like(target, prediction)
    if found.shape != prediction.shape:
        raise ShapeError(
            "predictions and targets have different shapes",
            expected=f"targets {prediction.shape}, as the predictions",
            received=f"{found.shape}",
            mend="reshape one of them, for example target.reshape(-1, 1)",
        )
    return found


def class_count(logits: Tensor) -> int:
    """The length of the last axis."""
    if not logits.shape:
        raise ShapeError("there are no classes", expected="(…, classes)", received="shape ()")
    return logits.shape[-1]


def check_labels(target: Tensor, logits: Tensor, ignore_index: int | None) -> None:
    """Labels are integers of the right shape and range; the range is checked on numbers only."""
    if is_float(target.dtype) or target.dtype == bool_:
        raise DTypeError(
            "labels are integers",
            expected=f"class indices {logits.shape[:-1]}, or distributions {logits.shape}",
            received=f"{target.dtype} {target.shape}",
            mend='convert them: labels.astype("int64")',
        )
    if target.shape != logits.shape[:-1]:
        raise ShapeError(
            "there is one label for each row of predictions",
            expected=f"labels {logits.shape[:-1]} for predictions {logits.shape}",
            received=f"labels {target.shape}",
            mend="flatten a column of labels: labels.reshape(-1)",
        )
    if target.is_symbolic:
        return
    labels, classes = target.array, logits.shape[-1]
    wrong = (labels < 0) | (labels >= classes)
    if ignore_index is not None:
        wrong &= labels != ignore_index
    if wrong.any():
        at = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise DataError(
            "a label is out of range",
            expected=f"0 to {classes - 1}, for {classes} classes",
            received=f"{labels[at]}",
            where=f"row {at[0] if len(at) == 1 else at}",
            mend="number the classes from 0, or give the model more outputs",
        )


def check_range(target: Tensor, low: float, high: float, what: str) -> None:
    """DataError unless low ≤ target ≤ high; looked at on numbers only."""
    if target.is_symbolic or not target.size:
        return
    array: Array = target.array
    if not (array.min() >= low and array.max() <= high):
        raise DataError(
            what,
            expected=f"{low:g} … {high:g}",
            received=f"values in {array.min():g} … {array.max():g}",
        )
