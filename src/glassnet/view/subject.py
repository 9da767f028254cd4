"""What a picture looks into: a network, and the images that go into it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..data import Dataset
from ..errors import ArgumentError, DataError, ShapeError, did_you_mean
from ..nn import Module, prediction, watching
from ..tensor import Tensor
from ..train import Predictor, Run
from ..train.reading import READINGS

Array = np.ndarray[Any, Any]
Network = Module | Predictor | Run
Target = int | str | Sequence[int] | None

MOST = 24  # images in one picture


def predictor_of(network: Network, rows: Dataset | tuple[int, ...]) -> Predictor:
    """The network with what its inputs and outputs mean; of a module alone these are logits.

    Args:
        network: a run, its predictor, or a module.
        rows: for a module: the data it looks at, whose scaling it needs, or the shape of one input
            that it takes as it is.

    Raises:
        ArgumentError: it is none of these.
    """
    if isinstance(network, Run):
        return network.predictor
    if isinstance(network, Predictor):
        return network
    if not isinstance(network, Module):
        raise ArgumentError(
            "this is no network",
            expected="a run, its predictor, or a module",
            received=type(network).__name__,
        )
    if isinstance(rows, Dataset):
        return Predictor.of(network, READINGS["logits"], rows)
    return Predictor(
        network, READINGS["logits"], (), (), rows if len(rows) == 3 else None, None, rows
    )


@dataclass(frozen=True, slots=True)
class Subject:
    """A classifier, and some images it looks at.

    Attributes:
        predictor: the classifier.
        images: as they were given (N, height, width, channels).
        inputs: what the network receives of them (N, …).
        truth: their classes (N,), where they are known.
    """

    predictor: Predictor
    images: Array
    inputs: Array
    truth: Array | None

    @staticmethod
    def of(network: Network, images: Any) -> Subject:
        """The network and one image, several, or a data set of images.

        Raises:
            ArgumentError: more images than fit into a picture, or no network.
            DataError: the network was not trained on images.
            ShapeError: images of another shape than those trained on.
        """
        raw, dataset = _array(images), images if isinstance(images, Dataset) else None
        row = raw.shape[1:] if raw.ndim == 4 else raw.shape
        predictor = predictor_of(network, row if dataset is None else dataset)
        shape = predictor.image_shape or (None if dataset is None else dataset.image_shape)
        if shape is None:
            raise DataError(
                "the network was not trained on images",
                expected="rows that are images (height, width, channels)",
                received=f"rows of shape {predictor.input_shape}",
                mend="give the image as (height, width, channels), or image_shape to its data set",
            )
        rows = _rows(raw, predictor.input_shape, shape)
        if not 1 <= len(rows) <= MOST:
            raise ArgumentError(
                "a picture shows a few images",
                expected=f"1 to {MOST}",
                received=f"{len(rows)}",
                mend="choose some: dataset.subset([3, 5, 8])",
            )
        known = dataset is not None and dataset.task == "classification"
        truth = dataset.targets if dataset is not None and known else None
        return Subject(predictor, rows.reshape(len(rows), *shape), predictor.prepared(rows), truth)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of an image: height, width, channels."""
        height, width, channels = self.images.shape[1:]
        return height, width, channels

    @property
    def range(self) -> tuple[float, float]:
        """The smallest and the largest number in the images."""
        return float(self.images.min()), float(self.images.max())

    def probabilities(self) -> Array | None:
        """Of each class (N, classes); None where the outputs are no probabilities."""
        read = self.predictor.reading.probabilities
        return None if read is None else read(self.predictor.model.predict(self.inputs))

    def predicted(self) -> Array:
        """The class the network says of each image (N,).

        Raises:
            DataError: it tells no classes apart.
        """
        reading, outputs = self.predictor.reading, self.predictor.model.predict(self.inputs)
        if reading.task != "classification" or outputs.ndim != 2:
            raise DataError(
                "this picture asks why a network says a class",
                expected="a network that tells classes apart, one an image",
                received=f"a network for {reading.task} with outputs {outputs.shape}",
            )
        return reading.decide(Tensor(outputs)).numpy()

    def targets(self, target: Target) -> Array:
        """The class asked about for each image (N,): the predicted one when left out.

        Raises:
            ArgumentError: no such class.
        """
        predicted = self.predicted()
        if target is None:
            return predicted
        count = self._classes()
        if isinstance(target, str):
            if target not in self.predictor.classes:
                raise ArgumentError(
                    f'there is no class "{target}"',
                    mend=did_you_mean(target, self.predictor.classes),
                )
            target = self.predictor.classes.index(target)
        wanted = np.asarray(target)
        fits = wanted.dtype.kind in "iu" and wanted.shape in ((), (len(self),))
        if not fits or wanted.min() < 0 or wanted.max() >= count:
            raise ArgumentError(
                "there is no such class",
                expected=f"a name, or an index from 0 to {count - 1}, for all or for each image",
                received=f"target={target!r}",
            )
        return np.broadcast_to(wanted, (len(self),))

    def score(self, outputs: Any, targets: Array) -> Tensor:
        """The sum of each image's score for its class: one number to differentiate."""
        scores = prediction(outputs)
        if self.predictor.reading.binary:
            return (scores[:, 0] * np.where(targets == 1, 1.0, -1.0).astype(scores.dtype)).sum()
        chosen = np.eye(scores.shape[-1], dtype=scores.dtype)[targets]
        return (scores * chosen).sum()

    def name(self, label: int) -> str:
        classes = self.predictor.classes
        return classes[label] if classes else str(label)

    def _classes(self) -> int:
        if self.predictor.reading.binary:
            return 2
        return len(self.predictor.classes) or self.predictor.model.predict(self.inputs).shape[-1]


def layer_outputs(model: Module, inputs: Tensor) -> tuple[Any, dict[str, tuple[Module, Any]]]:
    """What a network puts out, and each of its layers by path, in the order in which they ran."""
    found: dict[str, tuple[Module, Any]] = {}

    def note(layer: Module, path: str, output: Any) -> None:
        found[path] = (layer, output)

    with watching(note):
        outputs = model(inputs, training=False)
    return outputs, found


def is_map(output: Any) -> bool:
    """Whether a layer puts out feature maps (N, height, width, channels)."""
    return isinstance(output, Tensor) and output.ndim == 4 and min(output.shape[1:3]) > 1


def _array(images: Any) -> Array:
    if isinstance(images, Dataset):
        return np.asarray(images.inputs)
    return images.numpy() if isinstance(images, Tensor) else np.asarray(images)


def _rows(raw: Array, row: tuple[int, ...], image: tuple[int, ...]) -> Array:
    """One image or several, as rows of the shape that the network takes."""
    size = math.prod(row)
    alike = {row, image, image[:2]} if image[2] == 1 else {row, image}
    if raw.shape in alike:
        return raw.reshape(1, *row)
    if raw.shape[1:] in alike:
        return raw.reshape(len(raw), *row)
    raise ShapeError(
        "this is no image for the network",
        expected=f"{image}, or several of them, of {size} numbers each",
        received=f"{raw.shape}",
    )
