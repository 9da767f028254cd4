"""A trained network together with what its inputs and outputs mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..data import Columns, Dataset, Padded, Standardiser, Vocabulary, pad
from ..data.padding import within
from ..data.sequences import as_steps
from ..data.standardiser import UNCHANGED
from ..errors import ArgumentError, DataError, GlassnetError, ShapeError
from ..nn import Module
from ..tensor import Tensor
from .reading import READINGS, Reading

Array = np.ndarray[Any, Any]
ROWS = 1024  # brought to floats at once


@dataclass(frozen=True, slots=True, eq=False)
class Predictor:
    """Raw inputs in, labels or numbers out; standardising and reading happen inside.

    Attributes:
        model: the network.
        reading: how its outputs are read.
        classes: the classes' names; empty for regression.
        features: the columns' names; empty where they have none.
        image_shape: (height, width, channels) where each row is an image.
        standardiser: what the inputs go through first, if anything.
        input_shape: of one row, without the batch.
        vocabulary: what tokens stand for, where the inputs are text.
        columns: how the columns of a table become inputs, where they come from one.
        name: of the data set it was trained on.
        padded: whether rows are sequences of different lengths.
    """

    model: Module
    reading: Reading
    classes: tuple[str, ...]
    features: tuple[str, ...]
    image_shape: tuple[int, ...] | None
    standardiser: Standardiser | None
    input_shape: tuple[int, ...]
    name: str = ""
    vocabulary: Vocabulary | None = None
    columns: Columns | None = None
    padded: bool = False

    @staticmethod
    def of(model: Module, reading: Reading, dataset: Dataset) -> Predictor:
        """The predictor of a model trained on this data set."""
        return Predictor(
            model,
            reading,
            classes=tuple(dataset.classes),
            features=tuple(dataset.features),
            image_shape=dataset.image_shape,
            standardiser=dataset.standardiser,
            input_shape=dataset.inputs.shape[1:],
            name=dataset.name,
            vocabulary=dataset.vocabulary,
            columns=dataset.columns,
            padded=dataset.lengths is not None,
        )

    @property
    def task(self) -> str:
        """What it was trained for, as `Dataset.task`."""
        return self.reading.task

    @property
    def writes(self) -> bool:
        """Whether it reads tokens and says tokens, such as what follows in a text."""
        return self.vocabulary is not None and self.classes == tuple(self.vocabulary.symbols)

    def outputs(self, x: Any) -> Array:
        """The network's outputs (N, outputs) for a data set, or for raw inputs (N, …)."""
        return np.concatenate(list(self._portions(self._rows(x))))

    def predict(self, x: Any) -> Array:
        """Class indices (N,) or (N, time) for classification, else numbers (N, …).

        For several labels a row 0 or 1 (N, classes). Of padded sequences with an answer at every
        step, what lies beyond their ends is 0.

        Args:
            x: a data set, or inputs (N, …) in the units of the raw data; sequences of different
                lengths, or texts, where it was trained on such.

        Raises:
            ShapeError: rows of another shape than those trained on.
            DataError: NaN or infinity among the inputs.
        """
        rows, decide = self._rows(x), self.reading.decide
        found = np.concatenate([decide(Tensor(part)).numpy() for part in self._portions(rows)])
        if self._answers_steps(rows, found):
            found[~within(rows.lengths, rows.inputs.shape[1])] = 0
        return found

    def _answers_steps(self, rows: Dataset, found: Array) -> bool:
        """Whether there is an answer at every step of padded sequences."""
        axes = 2 if self.task == "classification" else 3
        return self.padded and found.ndim >= axes and found.shape[1] == rows.inputs.shape[1]

    def labels(self, x: Any) -> list[str]:
        """The names of the predicted classes; of several in a row, one after the other."""
        if not self.classes:
            raise ArgumentError(
                f"a {self.task} has no classes", mend="predict(x) gives its numbers"
            )
        rows = self._rows(x)
        predicted: Any = self.predict(rows)
        if self.task == "multilabel":
            return [", ".join(self._names(np.flatnonzero(row))) for row in predicted]
        if self._answers_steps(rows, predicted):
            predicted = [one[:n] for one, n in zip(predicted, rows.lengths, strict=True)]
        between = "" if self.writes else ", "
        return [between.join(self._names(np.atleast_1d(row))) for row in predicted]

    def _names(self, indices: Array) -> list[str]:
        return [self.classes[i] for i in indices]

    def probabilities(self, x: Any) -> Array:
        """The probability of each class, (N, classes).

        Raises:
            ArgumentError: the outputs are no probabilities, as after a hinge loss.
        """
        if self.reading.probabilities is None:
            raise ArgumentError(
                f"these outputs are {self.reading.name} and tell no probabilities",
                mend="train with losses.cross_entropy, or use predict(x)",
            )
        return self.reading.probabilities(self.outputs(x))

    def prepared(self, x: Any) -> Array:
        """What the network receives of a data set, or of raw inputs (N, …)."""
        return self._rows(x).prepared()

    def _portions(self, rows: Dataset) -> Iterator[Array]:
        """The outputs of some rows at a time, so that no more floats than those are made."""
        for start in range(0, len(rows), ROWS):
            own = slice(start, start + ROWS)
            lengths = None if rows.lengths is None else rows.lengths[own]
            yield self.model.predict(rows.prepared(own), lengths=lengths)

    def _rows(self, x: Any) -> Dataset:
        if self.padded:
            return self._sequences(x)
        if isinstance(x, Dataset):
            x = x.inputs  # which are in their own units, whatever standardiser goes with them
        array = x.numpy() if isinstance(x, Tensor) else np.asarray(x)
        if array.shape[1:] != self.input_shape or array.ndim != 1 + len(self.input_shape):
            raise ShapeError(
                "these inputs have another shape than those trained on",
                expected=f"(rows, {', '.join(map(str, self.input_shape))})",
                received=f"{array.shape}",
                mend="a single row is x[None]; keep the columns of the training data, in order",
            )
        return Dataset(
            array, np.zeros(len(array), np.int64), name="new data", features=self.features,
            standardiser=self.standardiser or UNCHANGED, dtype=self.model.dtype,
            vocabulary=self.vocabulary,
        )  # fmt: skip

    def _sequences(self, x: Any) -> Dataset:
        """Padded sequences: of a data set, or as many as there are in x."""
        if isinstance(x, Dataset) and x.lengths is not None:
            padded = Padded(x.inputs, x.lengths)
        else:
            padded = pad(as_steps(x.inputs if isinstance(x, Dataset) else x, self.vocabulary))
        if padded.values.shape[2:] != self.input_shape[1:]:
            raise ShapeError(
                "these sequences have other steps than those trained on",
                expected=f"sequences of steps {self.input_shape[1:]}",
                received=f"steps {padded.values.shape[2:]}",
            )
        return Dataset(
            padded.values, np.zeros(len(padded), np.int64), name="new data", lengths=padded.lengths,
            standardiser=self.standardiser or UNCHANGED, dtype=self.model.dtype,
            vocabulary=self.vocabulary,
        )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        """Everything but the model, as plain data for a file."""
        return {
            "reading": self.reading.name,
            "classes": list(self.classes),
            "features": list(self.features),
            "image_shape": None if self.image_shape is None else list(self.image_shape),
            "input_shape": list(self.input_shape),
            "standardiser": None if self.standardiser is None else self.standardiser.plain(),
            "name": self.name,
            "vocabulary": None if self.vocabulary is None else self.vocabulary.plain(),
            "columns": None if self.columns is None else self.columns.plain(),
            "padded": self.padded,
        }

    @staticmethod
    def from_facts(model: Module, facts: Mapping[str, Any]) -> Predictor:
        """The predictor that `facts` wrote down; DataError if it cannot be one."""
        try:
            image, scaling = facts["image_shape"], facts["standardiser"]
            words, columns = facts["vocabulary"], facts["columns"]
            return Predictor(
                model,
                READINGS[facts["reading"]],
                classes=tuple(map(str, facts["classes"])),
                features=tuple(map(str, facts["features"])),
                image_shape=None if image is None else tuple(map(int, image)),
                standardiser=None if scaling is None else Standardiser.from_plain(scaling),
                input_shape=tuple(map(int, facts["input_shape"])),
                name=str(facts["name"]),
                vocabulary=None if words is None else Vocabulary.from_plain(words),
                columns=None if columns is None else Columns.from_plain(columns),
                padded=facts.get("padded", False) is True,
            )
        except GlassnetError:
            raise
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(
                "this does not say what a network's inputs and outputs mean", received=repr(error)
            ) from error
