"""Where an autoencoder puts the images of a data set: their codes, coloured by class."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..data import Dataset
from ..errors import DataError
from .coder import Coder
from .numbers import number
from .picture import Picture
from .plot import COLOURS, GROUND, INK, MARKERS, plotting
from .subject import Network

Array = np.ndarray[Any, Any]

MOST = 600  # points drawn


def codes(network: Network, dataset: Dataset) -> Picture:
    """The codes of images as points of a plane; of longer codes the two directions of most variance

    A class's name stands at the median of its points. Classes are no part of the training: where
    they lie apart, the autoencoder has found them in the images alone.

    Args:
        network: a run, its predictor, or a module: an autoencoder of images.
        dataset: labelled images; of more than 600 some, spread evenly.

    Raises:
        ArgumentError: no autoencoder.
        DataError: not one of images, or images without labels, or fewer than two.
        ShapeError: images of another shape.

    >>> from glassnet import data, models, view
    >>> model = models.vae((8, 8, 1), hidden=(16,), code=2).initialise(0)
    >>> view.codes(model, data.digits().subset(range(50)))  # doctest: +ELLIPSIS
    <picture: Codes of 50 images of 10 classes: z₁ from ... For ... % of them ...>
    """
    coder = Coder.of(network)
    if dataset.task != "classification" or len(dataset) < 2:
        raise DataError(
            "codes are coloured by class",
            expected="labelled images, two at least",
            received=repr(dataset),
        )
    few = dataset.subset(slice(None, None, 1 + (len(dataset) - 1) // MOST))
    points, names = plane(coder.encode(coder.rows(few)))
    labels = few.targets
    extents = (
        f"{name} from {number(float(column.min()), 2)} to {number(float(column.max()), 2)}"
        for name, column in zip(names, points.T, strict=True)
    )
    alt = (
        f"Codes of {len(few)} images of {len(few.classes)} classes: {', '.join(extents)}. For "
        f"{100 * neighbours(points, labels):.0f} % of them the nearest other one is of their class."
    )
    with plotting(5.8, 5.2) as plot:
        for index, name in enumerate(few.classes):
            rows = labels == index
            if not rows.any():
                continue
            turn = index // len(COLOURS)  # a colour that comes again has another mark
            plot.axes.scatter(
                *points[rows].T, s=14, color=COLOURS[index % len(COLOURS)], alpha=0.75,
                marker=MARKERS[(index + 3 * turn) % len(MARKERS)], linewidths=0, label=name,
            )  # fmt: skip
            plot.axes.text(
                *np.median(points[rows], axis=0), name, color=INK, weight="bold", size=11,
                ha="center", va="center", zorder=4,
                bbox={"facecolor": GROUND, "alpha": 0.8, "linewidth": 0, "pad": 1.2},
            )  # fmt: skip
        plot.axes.locator_params(nbins=6)
        plot.axes.set(xlabel=names[0], ylabel=names[1], title="Where the images lie in the code")
        handles = plot.axes.get_legend_handles_labels()
        plot.figure.legend(
            *handles, loc="outside right upper", frameon=False, labelcolor=INK, fontsize=10
        )
        return plot.picture(alt)


def plane(codes: Array) -> tuple[Array, tuple[str, str]]:
    """Codes (N, 2), and what the axes are: the two numbers, or directions of most variance."""
    if codes.shape[1] == 1:
        return np.concatenate([codes, np.zeros_like(codes)], axis=1), ("z", "0")
    if codes.shape[1] == 2:
        return codes, ("z₁", "z₂")
    centred = codes - codes.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    shares = 100 * sizes**2 / max(float((sizes**2).sum()), 1e-30)
    first, second = (f"direction {i + 1} ({shares[i]:.0f} % of the variance)" for i in range(2))
    return centred @ directions[:2].T, (first, second)


def neighbours(points: Array, labels: Array) -> float:
    """The share of points whose nearest other point is of the same class."""
    squares = (points**2).sum(axis=1)
    apart = squares[:, None] + squares[None] - 2 * points @ points.T
    np.fill_diagonal(apart, np.inf)
    return float(np.mean(labels[apart.argmin(axis=1)] == labels))
