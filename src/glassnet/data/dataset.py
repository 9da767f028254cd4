"""A data set: inputs, targets, and what the columns and classes are called."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np

from ..errors import ArgumentError, DataError, ShapeError, did_you_mean
from ..tensor import Tensor, float32, float64, int64, uint8
from ..tensor.dtypes import DType, check_dtype
from .checks import (
    check_labels,
    check_lengths,
    check_memberships,
    check_own_targets,
    check_rows,
    check_tokens,
    to_floats,
)
from .columns import Columns
from .standardiser import BYTES, Standardiser
from .storage import is_borrowed
from .vocabulary import Vocabulary

Array = np.ndarray[Any, Any]
Task = Literal["classification", "multilabel", "reconstruction", "regression"]
CHANNELS = (1, 3, 4)  # of rows that are images unless they are said not to be
MOST_UNNAMED = 1000  # classes counted from labels alone; more of them need names, or rows


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Rows of inputs with their targets, checked when it is made.

    The inputs stay as they are stored, in their own units; what the network receives of them is
    made of each batch anew, inside the training step: floats of type `dtype`, standardised.

    Args:
        inputs: (rows, features), or (rows, …) for images and sequences; finite numbers.
        targets: class indices (rows,), or (rows, time) for a label at every step of a sequence;
            for several labels a row 0 or 1 (rows, classes); for regression numbers (rows,) or
            (rows, …). None for reconstruction: what the network receives is what it shall put out.
        name: what messages and reports call it.
        task: "classification", "multilabel", "regression" or "reconstruction"; left out, integer
            targets mean classification, floats regression, and None reconstruction.
        classes: the classes' names, in the order of their indices; left out, their numbers.
        features: the columns' names.
        image_shape: (height, width, channels) when each row is an image; for pictures only. Left
            out, rows of such a shape with 1, 3 or 4 channels are images.
        standardiser: what the network's inputs go through first. Left out, images of bytes
            (rows, height, width, channels) go through /255, and all else through nothing.
        dtype: the type of the network's floats: float32 or float64.
        vocabulary: for text: inputs are tokens (rows, time), and stay integers.
        columns: for tables: how their columns became the inputs.
        lengths: for sequences filled up to one length: how many steps of each row are there
            (rows,). The network is told them, and where there is a target at every step, loss and
            metrics count these steps alone.

    Attributes are read-only, and so are the arrays: inputs of type `dtype`, or of the stored type
    where they are bytes (uint8), tokens or a memory map; targets int64 for classification, uint8
    for several labels a row, `dtype` (rows, …) for regression, and the inputs for reconstruction.

    Raises:
        DataError: empty; NaN or an infinity, with row and column; labels that are no class indices.
        ShapeError: not one target a row.

    >>> points = Dataset([[0.0, 1.0], [2.0, 3.0]], [0, 1], name="two points")
    >>> points
    Dataset("two points", 2 rows of (2,), classification into 2 classes)
    """

    inputs: Any
    targets: Any = None
    name: str = ""
    task: Task | None = None
    classes: Sequence[str] = ()
    features: Sequence[str] = ()
    image_shape: tuple[int, ...] | None = None
    standardiser: Standardiser | None = None
    dtype: Any = float32
    vocabulary: Vocabulary | None = None
    columns: Columns | None = None
    lengths: Any = None

    def __post_init__(self) -> None:
        dtype = check_dtype(self.dtype)
        inputs = _array(self.inputs, "inputs", self.name)
        own = self.task == "reconstruction" or (self.task is None and self.targets is None)
        targets = inputs if own else _array(self.targets, "targets", self.name)
        if own and self.targets is not None:
            check_own_targets(inputs, _array(self.targets, "targets", self.name), self.name)
        check_rows(inputs, targets, self.name)
        floats = "reconstruction" if own else "regression"
        task = self.task or (floats if own or targets.dtype.kind == "f" else "classification")
        if task not in get_args(Task):
            raise ArgumentError(f'no task "{task}"', mend=did_you_mean(task, get_args(Task)))
        features, classes = tuple(map(str, self.features)), tuple(map(str, self.classes))
        if features and len(features) != inputs[:1].size:
            raise ShapeError(
                "there is one name for each feature",
                expected=f"{inputs[:1].size} names for inputs of shape {inputs.shape}",
                received=f"{len(features)} names",
            )
        inputs = self._stored(inputs, dtype, features)
        if task == "classification":
            classes = classes or _numbered(targets, self.name)
            check_labels(targets, classes, inputs, self.name)
            targets = targets if is_borrowed(targets) else targets.astype(int64, copy=False)
        elif task == "multilabel":
            check_memberships(targets, classes, self.name)
            classes = classes or tuple(map(str, range(targets.shape[1])))
            targets = targets.astype(uint8)
        elif task == "reconstruction":
            targets = inputs
        else:
            columns = targets.reshape(len(targets), -1) if targets.ndim == 1 else targets
            targets = to_floats(columns, dtype, "targets", (), self.name)
        if self.image_shape is None and inputs.ndim == 4 and inputs.shape[-1] in CHANNELS:
            self._set(image_shape=tuple(inputs.shape[1:]))
        if self.standardiser is None and inputs.dtype == uint8 and inputs.ndim == 4:
            self._set(standardiser=BYTES)
        self._set(inputs=_read_only(inputs), targets=_read_only(targets), dtype=dtype)
        self._set(task=task, features=features, classes=classes)
        if self.lengths is not None:
            lengths = np.asarray(self.lengths)
            check_lengths(lengths, inputs, self.name)
            self._set(lengths=_read_only(lengths.astype(int64)))

    def _stored(self, inputs: Array, dtype: DType, features: Sequence[str]) -> Array:
        """The inputs in the type they are kept in, checked."""
        if self.vocabulary is not None:
            check_tokens(inputs, len(self.vocabulary), self.name)
            return inputs
        if inputs.dtype == uint8 or (is_borrowed(inputs) and inputs.dtype in (float32, float64)):
            return inputs  # a map is not read through: a NaN in it is found by the step it enters
        return to_floats(inputs, dtype, "inputs", features, self.name)

    def _set(self, **fields: Any) -> None:
        """Settles fields in their final form; the class is frozen for everybody else."""
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.inputs)

    def __repr__(self) -> str:
        match self.task:
            case "classification":
                goal = f"classification into {len(self.classes)} classes"
            case "multilabel":
                goal = f"any of {len(self.classes)} labels"
            case "reconstruction":
                goal = "reconstruction"
            case _:
                goal = f"regression to {self.outputs} number{'s' * (self.outputs != 1)}"
        scaled = ", standardised" if self.standardiser else ""
        rows = f"{len(self)} rows of {self.inputs.shape[1:]}"
        if self.lengths is not None:
            rows += f", {self.lengths.min()} to {self.lengths.max()} steps of them"
        return f'Dataset("{self.name}", {rows}, {goal}{scaled})'

    @property
    def output_shape(self) -> tuple[int, ...]:
        """What a network for this data puts out for a row: a score for each class, or numbers."""
        if self.task == "classification":
            return (*self.targets.shape[1:], len(self.classes))
        return tuple(self.targets.shape[1:])

    @property
    def outputs(self) -> int:
        """How many numbers that is, at every step of a sequence."""
        shape = self.output_shape
        return shape[-1] if self.task == "classification" else math.prod(shape)

    @property
    def by_step(self) -> bool:
        """Whether rows are padded sequences with a target at every step, and not one a sequence."""
        axes = {"classification": 2, "regression": 3}.get(self.task or "", self.inputs.ndim)
        return self.lengths is not None and self.targets.ndim >= axes and self.task != "multilabel"

    @property
    def tables(self) -> list[Array]:
        """What a batch takes its rows from: inputs, targets, and lengths where there are any."""
        lengths = [] if self.lengths is None else [self.lengths]
        return [self.inputs, self.targets, *lengths]

    def reach(self, rows: Array) -> int:
        """The steps that the longest of these sequences needs, in quarters of all there are."""
        quarter = math.ceil(len(self.inputs[0]) / 4)
        longest = int(self.lengths[rows].max())
        return min(math.ceil(longest / quarter) * quarter, len(self.inputs[0]))

    def cut(self, steps: int) -> list[Array]:
        """The tables with so many steps of each sequence: views, nothing is copied."""
        inputs, targets, lengths = self.tables
        return [inputs[:, :steps], targets[:, :steps] if self.by_step else targets, lengths]

    def batch(self, rows: Any) -> tuple[Tensor, ...]:
        """The given rows of the tables, as a training step receives them."""
        return tuple(Tensor(table[rows]) for table in self.tables)

    def weights(self, rows: Array) -> Array:
        """How much the mean loss of a batch counts: its rows, or the steps of its sequences.

        Shapes: rows (…, batch) → (…).
        """
        if not self.by_step:
            return np.full(rows.shape[:-1], rows.shape[-1])
        return np.asarray(self.lengths[rows].sum(-1))

    def subset(self, rows: Any, *, name: str = "") -> Dataset:
        """The data set of the given rows: an array of indices, a slice, or a mask.

        A slice is a view; indices and masks read their rows into memory.
        """
        inputs = self.inputs[rows]
        targets = None if self.task == "reconstruction" else self.targets[rows]
        lengths = None if self.lengths is None else self.lengths[rows]
        own = {"inputs": inputs, "targets": targets, "lengths": lengths}
        return replace(self, **own, name=name or self.name)

    def unlabelled(self) -> Dataset:
        """The inputs alone, to be reconstructed, as an autoencoder learns them.

        >>> from glassnet import data
        >>> data.digits().unlabelled()
        Dataset("digits", 1797 rows of (64,), reconstruction)
        """
        return replace(self, targets=None, task="reconstruction", classes=())

    def astype(self, dtype: Any) -> Dataset:
        """The data set with its floats in another type."""
        return replace(self, dtype=dtype)

    def prepare(self, inputs: Tensor) -> Tensor:
        """Stored inputs ↦ what the network receives; traced as a part of the training step."""
        if self.vocabulary is not None:
            return inputs.astype(int64)  # a table of embeddings is read at these places
        floats = inputs.astype(self.dtype)
        return self.standardiser.forward(floats) if self.standardiser else floats

    def prepare_targets(self, targets: Tensor) -> Tensor:
        """Stored targets ↦ what outputs are held against; of a reconstruction as it is prepared."""
        return self.prepare(targets) if self.task == "reconstruction" else targets

    def prepared(self, rows: Any = slice(None)) -> Array:
        """What the network receives of the given rows, as an array."""
        return self.prepare(Tensor(self.inputs[rows])).numpy()


def as_dataset(
    data: Any,
    tasks: Sequence[Task] = (),
    *,
    name: str = "data",
    classes: Sequence[str] = (),
) -> Dataset:
    """The data set itself, or one made of a pair (inputs, targets) with these names.

    Args:
        data: a data set or a pair.
        tasks: what it may be made for, the one of a pair first; left out, anything.
        name: of a pair.
        classes: of a pair.
    """
    if isinstance(data, Dataset):
        if tasks and data.task not in tasks:
            raise DataError(
                f"the data is made for {data.task}",
                expected=f"data for {' or '.join(tasks)}, which the loss is made for",
                received=repr(data),
                mend="choose another loss, or make the data set with task=…",
            )
        return data
    if isinstance(data, tuple) and len(data) == 2:
        task = tasks[0] if tasks and data[1] is not None else None
        return Dataset(data[0], data[1], name=name, task=task, classes=classes)
    raise ArgumentError(
        "this is no data set",
        expected="a Dataset, or a pair (inputs, targets)",
        received=type(data).__name__,
        mend="data.Dataset(inputs, targets) makes one of arrays; data.load(name) brings one",
    )


def _array(values: Any, what: str, name: str) -> Array:
    if isinstance(values, Tensor):
        return values.numpy()
    try:
        return np.asarray(values)
    except ValueError:
        raise ShapeError(
            f"the {what} have rows of unequal length",
            expected="every row as long as the first",
            received=repr(values)[:60],
            where=f'data set "{name}"',
        ) from None


def _numbered(labels: Array, name: str) -> tuple[str, ...]:
    """Names for classes that have none; labels that cannot be counted are refused later."""
    if labels.dtype.kind not in "biu":
        return ()
    count = max(int(labels.max()), 1) + 1
    most = max(MOST_UNNAMED, len(labels))
    if count > most:
        raise DataError(
            f"label {count - 1} would mean {count} classes",
            expected=f"labels that count from 0; at most {most} classes for {len(labels)} rows",
            received=f"labels up to {count - 1}",
            where=f'data set "{name}"',
            mend="classes, labels = numpy.unique(labels, return_inverse=True) numbers them anew",
        )
    return tuple(map(str, range(count)))


def _read_only(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view
