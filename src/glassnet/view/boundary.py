"""What a classifier of two features says about every point of the plane."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..data import Dataset
from ..errors import DataError
from ..tensor import Tensor
from ..train import Predictor
from .picture import Picture
from .plot import COLOURS, INK, MARKERS, MUTED, plotting

Array = np.ndarray[Any, Any]

CELLS = 240  # of the grid, each way
MOST_POINTS = 1000  # of those learned from
MARGIN = 0.08  # of the points' extent, around them
SHADES = 24  # of a class's colour
STRONGEST = 0.42  # opacity of a region where the classifier is certain


def boundary(predictor: Predictor, dataset: Dataset, learned: Dataset | None = None) -> Picture:
    """The regions of the classes in the plane, the line between them, and the points.

    The fainter a region, the less certain the classifier. Points it gets wrong are ringed.

    Args:
        predictor: the trained classifier, of two features.
        dataset: the points to show; those held out.
        learned: points it learned from, shown small.

    Raises:
        DataError: there are not two features, or it is no classification.
    """
    if dataset.task != "classification" or dataset.inputs.shape[1:] != (2,):
        raise DataError(
            "a decision boundary is drawn for classes of points with two features",
            expected="classification of inputs (rows, 2)",
            received=f"{dataset.task} of inputs {dataset.inputs.shape}",
        )
    points = dataset.inputs
    wrong = predictor.predict(dataset) != dataset.targets
    everything = points if learned is None else np.concatenate([points, learned.inputs])
    extent = _extent(everything)
    with plotting(5.4, 5.4, grid=False) as plot:
        _regions(plot.axes, predictor, extent)
        if learned is not None:
            few = learned.subset(slice(None, None, 1 + len(learned) // MOST_POINTS))
            _points(plot.axes, few, few.inputs, size=7, alpha=0.45)
        _points(plot.axes, dataset, points, size=30, alpha=1.0, names=_named(dataset.classes))
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


def _named(classes: Any) -> list[str]:
    """Names for a legend: a bare number is told to be a class."""
    return [f"class {name}" if name.isdigit() else name for name in classes]


def _extent(points: Array) -> tuple[float, float, float, float]:
    low, high = points.min(axis=0), points.max(axis=0)
    margin = MARGIN * np.maximum(high - low, 1e-6)
    (left, bottom), (right, top) = (low - margin).tolist(), (high + margin).tolist()
    return left, right, bottom, top


def _regions(axes: Any, predictor: Predictor, extent: tuple[float, float, float, float]) -> None:
    """A tint for each class, and a line where the class changes."""
    x, y = np.linspace(*extent[:2], CELLS), np.linspace(*extent[2:], CELLS)
    plane = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    outputs = predictor.outputs(plane)
    label = predictor.reading.decide(Tensor(outputs)).numpy().reshape(CELLS, CELLS)
    certainty = _certainty(predictor, plane, len(predictor.classes)).reshape(CELLS, CELLS)
    colours = np.array([_rgb(COLOURS[i % len(COLOURS)]) for i in range(len(predictor.classes))])
    certainty = np.round(certainty * SHADES) / SHADES  # few shades make a small file
    tint = np.concatenate([colours[label], STRONGEST * certainty[..., None]], axis=-1)
    axes.imshow(tint, extent=extent, origin="lower", aspect="auto", interpolation="none")
    for margin in _margins(outputs):
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


def _certainty(predictor: Predictor, plane: Array, classes: int) -> Array:
    """From 0, all classes alike, to 1; where there are no probabilities, ½ everywhere."""
    if predictor.reading.probabilities is None:
        return np.full(len(plane), 0.5)
    largest = predictor.probabilities(plane).max(axis=1)
    return np.asarray(0.15 + 0.85 * (largest - 1 / classes) / (1 - 1 / classes))


def _points(
    axes: Any, dataset: Dataset, points: Array, *, size: float, alpha: float, names: Any = ()
) -> None:
    for index in range(len(dataset.classes)):
        rows = dataset.targets == index
        axes.scatter(
            *points[rows].T, s=size, color=COLOURS[index % len(COLOURS)], alpha=alpha,
            marker=MARKERS[index % len(MARKERS)], linewidths=0,
            label=names[index] if names else None, zorder=3 if names else 2,
        )  # fmt: skip


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue
