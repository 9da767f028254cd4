"""What a classifier of two features says about every point of the plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..data import Dataset
from ..data.dataset import as_dataset
from ..errors import DataError
from .classifier import Asked, Said, asked
from .palette import rgb
from .picture import Picture
from .plot import COLOURS, INK, MARKERS, MUTED, plotting

Array = np.ndarray[Any, Any]

CELLS = 240  # of the grid, each way
MOST_POINTS = 1000  # of those learned from
MARGIN = 0.08  # of the points' extent, around them
TINTS = 32  # of a class's colour: few make a small file
STRONGEST = 0.42  # opacity of a region where the classifier is certain


def boundary(classifier: Any, dataset: Any, learned: Dataset | None = None) -> Picture:
    """The regions of the classes in the plane, the line between them, and the points.

    The fainter a region, the less certain the classifier. Points it gets wrong are ringed.

    Args:
        classifier: of two features: a run, a predictor, a module; anything with `predict_proba` or
            `predict`, as scikit-learn has it; or a function from points (N, 2) to labels (N,), to
            probabilities (N, classes), or to the probability of the second of two classes (N,).
        dataset: the points to show, or a pair (points, labels); those held out.
        learned: points it learned from, shown small.

    Raises:
        ArgumentError: this is no classifier of such points.
        DataError: there are not two features, or it is no classification.

    >>> import numpy as np
    >>> from glassnet import view
    >>> points = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]])
    >>> view.boundary(lambda x: (x[:, 0] > 0.5).astype(int), (points, [0, 1, 0]))
    <picture: Decision regions of 2 classes with 3 points, 1 of them on the wrong side.>
    """
    if not isinstance(dataset, Dataset):
        dataset = as_dataset(dataset, ("classification",))
    if dataset.task != "classification" or dataset.inputs.shape[1:] != (2,):
        raise DataError(
            "a decision boundary is drawn for classes of points with two features",
            expected="classification of inputs (rows, 2)",
            received=f"{dataset.task} of inputs {dataset.inputs.shape}",
        )
    points = dataset.inputs
    ask = asked(classifier, dataset)
    wrong = ask(points).labels != dataset.targets
    everything = points if learned is None else np.concatenate([points, learned.inputs])
    extent = extent_of(everything)
    with plotting(5.4, 5.4, grid=False) as plot:
        draw_regions(plot.axes, ask, extent, len(dataset.classes))
        if learned is not None:
            few = learned.subset(slice(None, None, 1 + len(learned) // MOST_POINTS))
            draw_points(plot.axes, few, few.inputs, size=7, alpha=0.45)
        draw_points(plot.axes, dataset, points, size=30, alpha=1.0, names=named(dataset.classes))
        if wrong.any():
            plot.axes.scatter(
                *points[wrong].T, s=130, facecolors="none", edgecolors=INK, linewidths=1.6,
                label="wrong", zorder=4,
            )  # fmt: skip
        if learned is not None:
            plot.axes.scatter([], [], s=9, color=MUTED, label="small: learned from")
        names = dataset.features or ("x₁", "x₂")
        plot.axes.set(xlim=extent[:2], ylim=extent[2:], xlabel=names[0], ylabel=names[1])
        across, up = extent[1] - extent[0], extent[3] - extent[2]
        if 0.5 < across / up < 2:
            plot.axes.set_aspect("equal")
        plot.legend_below()
        return plot.picture(
            f"Decision regions of {len(dataset.classes)} classes with {len(points)} points, "
            f"{int(wrong.sum())} of them on the wrong side."
        )


def named(classes: Any) -> list[str]:
    """Names for a legend: a bare number is told to be a class."""
    return [f"class {name}" if name.isdigit() else name for name in classes]


def extent_of(points: Array) -> tuple[float, float, float, float]:
    """The part of the plane in which points (N, 2) lie: left, right, bottom, top."""
    low, high = points.min(axis=0), points.max(axis=0)
    margin = MARGIN * np.maximum(high - low, 1e-6)
    (left, bottom), (right, top) = (low - margin).tolist(), (high + margin).tolist()
    return left, right, bottom, top


def draw_regions(
    axes: Any,
    ask: Asked,
    extent: tuple[float, float, float, float],
    classes: int,
    series: Sequence[str] = COLOURS,
) -> None:
    """A tint for each class, and a line where the class changes."""
    x, y = np.linspace(*extent[:2], CELLS), np.linspace(*extent[2:], CELLS)
    said = ask(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2))
    label = said.labels.reshape(CELLS, CELLS)
    certainty = _certainty(said, classes).reshape(CELLS, CELLS)
    colours = np.array([rgb(series[i % len(series)]) for i in range(classes)]) / 255
    certainty = np.round(TINTS * certainty) / TINTS
    tint = np.concatenate([colours[label], STRONGEST * certainty[..., None]], axis=-1)
    axes.imshow(tint, extent=extent, origin="lower", aspect="auto", interpolation="none")
    for margin in _margins(said.scores):
        if margin.min() < 0 < margin.max():
            axes.contour(x, y, margin.reshape(CELLS, CELLS), [0.0], colors=[INK], linewidths=1.2)


def _margins(outputs: Array) -> list[Array]:
    """By how much each class leads; two classes, or one output, share a single line."""
    if outputs.shape[1] == 1:
        return [outputs[:, 0]]
    if outputs.shape[1] == 2:
        return [outputs[:, 0] - outputs[:, 1]]
    others = [np.delete(outputs, i, axis=1).max(axis=1) for i in range(outputs.shape[1])]
    return [outputs[:, i] - rest for i, rest in enumerate(others)]


def _certainty(said: Said, classes: int) -> Array:
    """From 0, all classes alike, to 1; where there are no probabilities, ½ everywhere."""
    if said.probabilities is None:
        return np.full(len(said.labels), 0.5)
    largest = said.probabilities.max(axis=1)
    return np.asarray(0.15 + 0.85 * (largest - 1 / classes) / (1 - 1 / classes))


def draw_points(
    axes: Any,
    dataset: Dataset,
    points: Array,
    *,
    size: float,
    alpha: float,
    names: Any = (),
    series: Sequence[str] = COLOURS,
) -> None:
    """The points, each class with its colour and its marker."""
    for index in range(len(dataset.classes)):
        rows = dataset.targets == index
        axes.scatter(
            *points[rows].T, s=size, color=series[index % len(series)], alpha=alpha,
            marker=MARKERS[index % len(MARKERS)], linewidths=0,
            label=names[index] if names else None, zorder=3 if names else 2,
        )  # fmt: skip
