"""What data must satisfy before anything is learned from it, each with its message."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ArgumentError, DataError, ShapeError
from ..tensor.dtypes import DType, is_float

if TYPE_CHECKING:
    from .dataset import Dataset

Array = np.ndarray[Any, Any]


def check_rows(inputs: Array, targets: Array, name: str) -> None:
    """At least one row, and as many targets as inputs."""
    if inputs.ndim < 1 or not len(inputs) or not inputs.size:
        raise DataError(
            "the data set is empty",
            expected="at least one row and one column",
            received=f"inputs of shape {inputs.shape}",
            where=_named(name),
            mend="look at the file or the filter that the rows come from",
        )
    if inputs.ndim < 2:
        raise ShapeError(
            "inputs are rows of features",
            expected="shape (rows, features)",
            received=f"shape {inputs.shape}",
            where=_named(name),
            mend="one feature: inputs.reshape(-1, 1); one row: inputs.reshape(1, -1)",
        )
    if targets.ndim < 1 or len(targets) != len(inputs):
        raise ShapeError(
            "there is one target for each row of inputs",
            expected=f"{len(inputs)} targets",
            received=f"targets of shape {targets.shape}",
            where=_named(name),
        )


def to_floats(array: Array, dtype: DType, what: str, columns: Sequence[str], name: str) -> Array:
    """The array as floats of this type; DataError names the first row and column that cannot be."""
    if not is_float(dtype) or array.dtype.kind not in "biuf":
        raise DataError(
            f"the {what} are stored as floats",
            expected="numbers, and a float type",
            received=f"{array.dtype} such as {array.flat[0]!s}, to be stored as {dtype}",
            where=_named(name),
            mend="turn words and dates into numbers first",
        )
    with np.errstate(over="ignore"):
        floats = array.astype(dtype, copy=False)
    if np.isfinite(floats).all():
        return floats
    bad = np.argwhere(~np.isfinite(floats))
    row, *place = (int(i) for i in bad[0])
    column = ", ".join(map(str, place))
    if columns and len(place) == 1:
        column += f' ("{columns[place[0]]}")'
    value = array[tuple(bad[0])]
    beyond = f", beyond the range of {dtype}," if np.isfinite(value) else ""
    rows = len(np.unique(bad[:, 0]))
    raise DataError(
        f"{value}{beyond} in the {what}: row {row}, column {column}",
        expected="finite numbers",
        received=f"{len(bad)} of {floats.size} not finite, in {rows} row{'s' * (rows != 1)}",
        where=f"{_named(name)}; rows and columns count from 0",
        mend=f"leave out such rows or fill in a number; "
        f"numpy.argwhere(~numpy.isfinite({what})) lists them all",
    )


def check_labels(labels: Array, classes: Sequence[str], inputs: Array, name: str) -> None:
    """Labels are class indices from 0 to K − 1, one a row or one a step of its sequence."""
    if labels.dtype.kind not in "biu":
        raise DataError(
            "labels are class indices, not " + ("floats" if labels.dtype.kind == "f" else "words"),
            expected="integers 0, 1, …, classes − 1",
            received=f"{labels.dtype} such as {labels.flat[0]!s}",
            where=_named(name),
            mend="classes, labels = numpy.unique(labels, return_inverse=True) numbers them; "
            'for numbers to approximate say task="regression"',
        )
    sequences = inputs.ndim == 3 or (inputs.ndim == 2 and inputs.dtype.kind != "f")
    if labels.ndim != 1 and not (sequences and labels.shape == inputs.shape[:2]):
        raise ShapeError(
            "there is one label a row, or one at every step of a sequence",
            expected="labels of shape (rows,)"
            + (f", or {inputs.shape[:2]} for inputs {inputs.shape}" if sequences else ""),
            received=f"shape {labels.shape}",
            where=_named(name),
            mend="one-hot rows become labels by labels.argmax(axis=1)",
        )
    if labels.min() < 0 or labels.max() >= len(classes):
        outside = np.argwhere((labels < 0) | (labels >= len(classes)))
        row, *_ = place = tuple(int(i) for i in outside[0])
        raise DataError(
            f"label {labels[place]} in row {row} is out of range",
            expected=f"0 to {len(classes) - 1}, for the {len(classes)} classes {_list(classes)}",
            received=f"{len(outside)} of {labels.size} labels outside",
            where=_named(name),
            mend="number the classes from 0 on, or name all of them in classes=",
        )


def check_memberships(targets: Array, classes: Sequence[str], name: str) -> None:
    """One column a class, of 0 and 1."""
    if targets.ndim != 2 or (classes and targets.shape[1] != len(classes)):
        raise ShapeError(
            "several labels a row are a column for each class",
            expected=f"shape (rows, {len(classes) or 'classes'})",
            received=f"shape {targets.shape}",
            where=_named(name),
        )
    wrong = (targets != 0) & (targets != 1)
    if targets.dtype.kind not in "biuf" or wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise DataError(
            f"{targets[row, column]} in row {row}, column {column} says neither yes nor no",
            expected="0 or 1 for each class",
            received=f"{np.count_nonzero(wrong)} other values",
            where=_named(name),
        )


def check_own_targets(inputs: Array, targets: Array, name: str) -> None:
    """Of a reconstruction the targets are the inputs: the same array, and no other numbers."""
    if targets.shape != inputs.shape or not np.may_share_memory(inputs, targets):
        raise DataError(
            "a reconstruction has no targets but its inputs",
            expected="targets=None",
            received=f"targets of shape {targets.shape}",
            where=_named(name),
            mend='for other targets say task="regression"; dataset.unlabelled() leaves them out',
        )


def check_tokens(tokens: Array, count: int, name: str) -> None:
    """Tokens are indices into a vocabulary of so many symbols, in sequences of one length."""
    if tokens.dtype.kind not in "iu" or tokens.ndim != 2:
        raise DataError(
            "a text is rows of tokens",
            expected="integers (rows, time)",
            received=f"{tokens.dtype} {tokens.shape}",
            where=_named(name),
            mend="vocabulary.encode(text) makes tokens of a text, data.windows rows of tokens",
        )
    low, high = int(tokens.min()), int(tokens.max())
    if low < 0 or high >= count:
        raise DataError(
            "a token is an index into the vocabulary",
            expected=f"integers from 0 to {count - 1}",
            received=f"tokens from {low} to {high}",
            where=_named(name),
        )


def check_lengths(lengths: Array, inputs: Array, name: str) -> None:
    """One length for each padded sequence, of at least one step and at most all there are."""
    if inputs.ndim < 2 or lengths.shape != inputs.shape[:1] or lengths.dtype.kind not in "iu":
        raise ShapeError(
            "there is one length for each sequence",
            expected=f"integers ({len(inputs)},), for inputs (rows, time, …)",
            received=f"{lengths.dtype} {lengths.shape}, for inputs {inputs.shape}",
            where=_named(name),
        )
    steps = inputs.shape[1]
    if lengths.min() < 1 or lengths.max() > steps:
        row = int(np.argmax((lengths < 1) | (lengths > steps)))
        raise DataError(
            f"sequence {row} has {lengths[row]} steps",
            expected=f"1 to {steps}, the steps that the inputs have room for",
            received=f"lengths from {lengths.min()} to {lengths.max()}",
            where=_named(name),
        )


def check_learnable(dataset: Dataset) -> None:
    """DataError unless there is something to tell apart: two classes at least."""
    if dataset.task != "classification":
        return
    first = int(dataset.targets.min())
    if first == dataset.targets.max():
        only = dataset.classes[first]
        raise DataError(
            f'all rows belong to one class, "{only}": there is nothing to tell apart',
            expected="rows of at least two classes",
            received=f'{len(dataset)} rows of class "{only}"',
            where=_named(dataset.name),
            mend="add rows of another class; a split of sorted rows needs shuffling first",
        )


def check_count(value: Any, name: str, *, least: int = 1, most: int | None = None) -> None:
    """ArgumentError unless it is a whole number in the range."""
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not (whole and least <= value and (most is None or value <= most)):
        upper = "on" if most is None else f"to {most}"
        raise ArgumentError(
            f"{name} is out of range",
            expected=f"a whole number from {least} {upper}",
            received=f"{name}={value!r}",
        )


def check_noise(noise: float) -> None:
    """ArgumentError unless it can be a standard deviation."""
    if not (math.isfinite(noise) and noise >= 0.0):
        raise ArgumentError(
            "noise is a standard deviation", expected="0 or more", received=f"noise={noise!r}"
        )


def _named(name: str) -> str:
    return f'data set "{name}"' if name else "data set"


def _list(classes: Sequence[str], most: int = 6) -> str:
    shown = ", ".join(classes[:most])
    return shown + (", …" if len(classes) > most else "")
