"""What each hidden unit of a network says about every point of the plane, layer by layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..data import Dataset
from ..data.dataset import as_dataset
from ..errors import ArgumentError, DataError
from ..graph import no_grad
from ..nn import prediction
from ..nn.activation import ACTIVATIONS
from ..tensor import Tensor
from .boundary import extent_of
from .palette import rgb
from .picture import Picture
from .plot import COLOURS, INK, MARKERS, plotting
from .subject import Network, layer_outputs, predictor_of

Array = np.ndarray[Any, Any]

CELLS = 60  # of the plane, each way
MOST = 8  # units of a layer
POINTS = 45  # of the data, for orientation
TINTS = 24
STRONGEST = 0.85  # opacity of a layer's largest value


def hidden_units(network: Network, dataset: Any, *, most: int = MOST) -> Picture:
    """Small pictures of the plane, one for each unit of each layer, and of the output last.

    Blue where a unit is positive, orange where it is negative, the stronger the larger; the scale
    is the layer's own. So one sees how the units of a layer bend those of the layer before.

    Args:
        network: a run, its predictor, or a module, of two features.
        dataset: points to show, or a pair (points, labels); they say which part of the plane.
        most: units shown of a layer, the ones that vary most.

    Raises:
        ArgumentError: the network has no layers to look into.
        DataError: there are not two features.
    """
    data = as_dataset(dataset)
    extent, plane = plane_of(data)
    found = responses(network, data, plane)
    shown = {path: most_varied(values, most) for path, values in found.items()}
    columns = max(map(len, shown.values()))
    few = few_of(data)
    size = (max(1.35 * columns + 0.8, 3.6), 1.5 * len(found) + 0.6)
    with plotting(*size, rows=len(found), columns=columns, grid=False) as plot:
        grid = np.array(plot.panels).reshape(len(found), columns)
        for row, (path, values) in zip(grid, found.items(), strict=True):
            for panel in row:
                panel.set(xticks=[], yticks=[])
            for panel, unit in zip(row, shown[path], strict=False):
                draw_map(panel, values[:, unit] / scale_of(values), extent, few)
                panel.set_title(f"{unit + 1}", fontsize=8.5, pad=2)
            for panel in row[len(shown[path]) :]:
                panel.set_axis_off()
            row[0].set_ylabel(path, fontsize=9)
        for colour, name in zip(COLOURS, ("positive", "negative"), strict=False):
            grid[0, 0].scatter([], [], s=50, marker="s", color=colour, label=name)
        plot.legend_below()
        counts = ", ".join(f"{path} {values.shape[1]}" for path, values in found.items())
        return plot.picture(f"What each unit sees of the plane, layer by layer. Units: {counts}.")


def responses(network: Network, dataset: Dataset, points: Array) -> dict[str, Array]:
    """The outputs (rows, units) of each activation and of the network, for points (rows, 2).

    The points are in the units of the data set, whose scaling a module needs.
    """
    predictor = predictor_of(network, dataset)
    with no_grad():
        _, outputs = layer_outputs(predictor.model, Tensor(predictor.prepared(points)))
    seen = {
        path: (layer, value.numpy())
        for path, (layer, value) in ((p, (m, prediction(out))) for p, (m, out) in outputs.items())
        if value.ndim == 2
    }
    kinds = tuple(ACTIVATIONS.values())
    inner = {path: both for path, both in seen.items() if path and isinstance(both[0], kinds)}
    if not inner or "" not in seen:
        raise ArgumentError(
            "this network shows no hidden units",
            expected="activation layers, such as nn.Tanh() in nn.Sequential",
            received=type(predictor.model).__name__,
        )
    found = {
        f"layer {number} · {type(layer).__name__}": values
        for number, (layer, values) in enumerate(inner.values(), 1)
    }
    return {**found, "output": seen[""][1]}


def plane_of(data: Dataset) -> tuple[tuple[float, float, float, float], Array]:
    """The part of the plane in which the points lie, and places all over it (CELLS², 2).

    Raises:
        DataError: there are not two features.
    """
    if data.inputs.shape[1:] != (2,):
        raise DataError(
            "units are drawn over the plane of two features",
            expected="inputs (rows, 2)", received=f"{data.inputs.shape}",
        )  # fmt: skip
    extent = extent_of(data.inputs)
    x, y = np.linspace(*extent[:2], CELLS), np.linspace(*extent[2:], CELLS)
    return extent, np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def few_of(data: Dataset) -> Dataset:
    """Some of the points, evenly spread over the rows."""
    return data.subset(np.unique(np.linspace(0, len(data) - 1, POINTS).astype(int)))


def scale_of(values: Array) -> float:
    """What counts as large among the outputs of a layer; some are larger."""
    return float(np.quantile(np.abs(values), 0.98)) or 1.0


def most_varied(values: Array, most: int) -> list[int]:
    """The units that vary most, in their order."""
    vary = np.argsort(-values.std(axis=0), kind="stable")[:most]
    return sorted(int(unit) for unit in vary)


def draw_map(
    panel: Any, values: Array, extent: tuple[float, float, float, float], few: Dataset | None = None
) -> None:
    """One unit: the sign as colour, the size as opacity, full from 1 on; the points."""
    sheet = np.clip(values, -1.0, 1.0).reshape(CELLS, CELLS)
    colours = np.array([rgb(COLOURS[1]), rgb(COLOURS[0])]) / 255
    sheet = np.round(sheet * TINTS) / TINTS  # fewer tints: a smaller file
    tint = np.concatenate(
        [colours[(sheet > 0).astype(int)], STRONGEST * np.abs(sheet)[..., None]], axis=-1
    )
    panel.imshow(tint, extent=extent, origin="lower", aspect="auto", interpolation="none")
    if few is None or few.task != "classification":
        return
    for index in range(len(few.classes)):
        rows = few.inputs[few.targets == index]
        panel.scatter(*rows.T, s=4, color=INK, marker=MARKERS[index], linewidths=0, alpha=0.5)
