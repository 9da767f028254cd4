"""What any classifier of two features says: a network, scikit-learn's, or a plain function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..data import Dataset
from ..errors import ArgumentError
from ..losses import binary_cross_entropy_with_logits, cross_entropy
from ..nn import Module, Perceptron
from ..tensor import Tensor
from ..train import Predictor, Run
from ..train.reading import reading_of

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """A classifier's answers for some points.

    Attributes:
        labels: index of the class (N,).
        scores: by which the largest wins (N, classes), or the one that parts two classes (N, 1).
        probabilities: of the classes (N, classes); None where none are told.
    """

    labels: Array
    scores: Array
    probabilities: Array | None


Asked = Callable[[Array], Said]


def asked(classifier: Any, dataset: Dataset) -> Asked:
    """How to ask a classifier for points (N, 2), in the units of the data set.

    Args:
        classifier: a run, a predictor, a module; anything with `predict_proba` or `predict`; or a
            function from points (N, 2) to labels (N,), probabilities (N, classes), or the
            probability of the second of two classes (N,).
        dataset: whose classes it tells apart.

    Raises:
        ArgumentError: it is none of these, or answers with something else.
    """
    if isinstance(classifier, Run):
        classifier = classifier.predictor
    if isinstance(classifier, Module) and not isinstance(classifier, Perceptron):
        outputs = classifier.predict(dataset.prepared(slice(0, 1)))
        loss = binary_cross_entropy_with_logits if outputs.shape[1:] == (1,) else cross_entropy
        classifier = Predictor.of(classifier, reading_of(loss, outputs, dataset), dataset)
    if isinstance(classifier, Predictor):
        return lambda points: _of_predictor(classifier, points)
    classes = len(dataset.classes)
    for name in ("predict_proba", "classify", "predict"):
        if hasattr(classifier, name):
            method, known = getattr(classifier, name), getattr(classifier, "classes_", None)
            return lambda points: _told(method(points), classes, classifier, known)
    if callable(classifier):
        return lambda points: _told(classifier(points), classes, classifier, None)
    raise _unknown(classifier, repr(classifier))


def _of_predictor(predictor: Predictor, points: Array) -> Said:
    outputs, reading = predictor.outputs(points), predictor.reading
    labels = reading.decide(Tensor(outputs)).numpy()
    told = None if reading.probabilities is None else reading.probabilities(outputs)
    return Said(labels, outputs, told)


def _told(answer: Any, classes: int, classifier: Any, known: Any) -> Said:
    """The answer of something unknown, by its shape and type."""
    found = answer.numpy() if isinstance(answer, Tensor) else np.asarray(answer)
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim == 1 and found.dtype.kind == "f" and classes == 2 and not _whole(found):
        found = np.stack([1.0 - found, found], axis=1)  # the second class's probability
    if found.ndim == 1 and (found.dtype.kind in "iub" or _whole(found)):
        labels = found.astype(np.int64)
        if labels.size and (labels.min() < 0 or labels.max() >= classes):
            raise _unknown(classifier, f"labels from {labels.min()} to {labels.max()}")
        return Said(labels, np.eye(classes)[labels], None)
    if found.ndim != 2 or found.shape[1] > classes or found.dtype.kind != "f":
        raise _unknown(classifier, f"{found.dtype} of shape {found.shape}")
    scores = np.full((len(found), classes), 0.0 if found.min() >= 0.0 else -np.inf)
    places = np.arange(found.shape[1]) if known is None else np.asarray(known).astype(int)
    scores[:, places] = found
    sure = found.min() >= 0.0 and np.allclose(found.sum(axis=1), 1.0, atol=1e-3)
    return Said(scores.argmax(axis=1), scores, scores if sure else None)


def _whole(found: Array) -> bool:
    """Whether floats are labels."""
    return found.dtype.kind == "f" and bool(np.all(found == np.round(found)))


def _unknown(classifier: Any, received: str) -> ArgumentError:
    return ArgumentError(
        "this is no classifier of two features",
        expected="labels (N,), probabilities (N, classes), or the second class's (N,), for points "
        "(N, 2)",
        received=received,
        where=type(classifier).__name__,
        mend="give a run, a module, something with predict_proba or predict, or a function",
    )
