"""A network as it is drawn on paper: units in columns, weights as lines between them.

After Smilkov, Carter, Sculley, Viégas and Wattenberg, "Direct-Manipulation Visualization of Deep
Networks", 2017.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..data import Dataset
from ..data.dataset import as_dataset
from ..errors import ArgumentError
from ..graph import no_grad
from ..nn import Linear, prediction
from ..nn.activation import ACTIVATIONS
from ..tensor import Tensor
from ..train import Predictor
from .boundary import draw_points, draw_regions
from .classifier import asked
from .hidden_units import draw_map, most_varied, plane_of, scale_of
from .picture import Picture
from .plot import COLOURS, GROUND, INK, MARKERS, MUTED, plotting
from .subject import Network, layer_outputs, predictor_of

Array = np.ndarray[Any, Any]
Extent = tuple[float, float, float, float]

MOST = 8  # units of a column
POINTS = 400  # of the data
# Inches: a unit, from one to the next below, from one column to the next, the map at the end.
UNIT, PITCH, COLUMN, LARGE = 0.62, 0.86, 1.75, 2.9
ABOVE, BEFORE, LETTER = 0.62, 0.5, 0.085  # names of columns; before the last map; of a name
WIDEST = 5.0  # points: the line of the largest weight
ENDS = 0.35  # of a unit's height: how far apart the lines arrive


@dataclass(frozen=True, slots=True)
class Column:
    """The units of a layer.

    Attributes:
        title: such as "layer 1 · Tanh".
        values: of its units over the plane (places, units).
        weight: from the units of the column before (units, units before); features have none.
        bias: (units,); zeros where there is none.
    """

    title: str
    values: Array
    weight: Array
    bias: Array


def network(network: Network, dataset: Any, *, most: int = MOST) -> Picture:
    """A network of two features: what each unit sees of the plane, and each weight as a line.

    Blue is positive and orange negative: of what a unit puts out over the plane, of weights, and of
    biases, the small squares. The larger a weight, the wider its line, on one scale; the larger an
    output, the stronger its colour, on the scale of its layer. Where features are standardised, the
    first weights are those of the standardised ones. Last comes what follows from it all.

    Args:
        network: a run, its predictor, or a module: linear layers, each but the last with an
            activation after it; between them whatever keeps units apart, such as `nn.Dropout`.
        dataset: points to show, or a pair (points, labels); they say which part of the plane.
        most: units shown of a layer, the ones that vary most.

    Raises:
        ArgumentError: the network is no such chain.
        DataError: there are not two features.

    >>> from glassnet import data, nn, view
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2)).initialise(0)
    >>> print(view.network(model, data.moons(50, seed=0)).alt.partition("; ")[0])
    A network of 2 features, 3 units in layer 1 · Tanh, and 2 outputs
    """
    data = as_dataset(dataset)
    extent, plane = plane_of(data)
    columns = chain(predictor_of(network, data), plane)
    return draw(network, data, columns, extent, Frame.around([columns], most))


@dataclass(frozen=True, slots=True)
class Frame:
    """What stays the same from picture to picture of one network.

    Attributes:
        shown: the units of each column that are drawn.
        largest: the weight with the widest line.
        scales: what counts as large among the outputs of each column.
    """

    shown: list[list[int]]
    largest: float
    scales: list[float]

    @staticmethod
    def around(several: Sequence[Sequence[Column]], most: int) -> Frame:
        """For the columns of a network at several steps, of which the last one counts most."""
        last = several[-1]
        shown = [most_varied(column.values, most) for column in last]
        weights = [
            float(np.abs(columns[i].weight[np.ix_(shown[i], shown[i - 1])]).max(initial=0.0))
            for columns in several
            for i in range(1, len(columns))
        ]
        return Frame(shown, max(weights) or 1.0, [scale_of(column.values) for column in last])


def draw(
    network: Network,
    data: Dataset,
    columns: Sequence[Column],
    extent: Extent,
    frame: Frame,
    label: str = "",
) -> Picture:
    """The drawing of a network, with a line of words where it is one of several."""
    shown = frame.shown
    names = [_names(columns, i, data) for i in range(len(columns))]
    left = 0.2 + LETTER * max(map(len, names[0]))
    heights = [PITCH * len(own) - PITCH + UNIT for own in shown]
    inside = max(*heights, LARGE)
    width, height = left + COLUMN * (len(columns) - 1) + UNIT + BEFORE + LARGE, ABOVE + inside
    corners = [
        [
            (left + COLUMN * i, -ABOVE - (inside - heights[i]) / 2 - PITCH * j)
            for j in range(len(own))
        ]
        for i, own in enumerate(shown)
    ]
    with plotting(width + 0.2, height + 0.5, grid=False) as plot:
        plot.axes.set_axis_off()
        plot.axes.set(xlim=(0.0, width), ylim=(-height, 0.0), aspect="equal")
        _draw_weights(plot.axes, columns, frame, corners)
        for i, column in enumerate(columns):
            scaled = replace(column, values=column.values / frame.scales[i])
            _draw_column(plot.axes, scaled, shown[i], corners[i], names[i], extent)
        if len(names[-1]) == len(data.classes):
            _draw_markers(plot.axes, shown[-1], corners[-1])
        place = (width - LARGE, -ABOVE - (inside + LARGE) / 2, LARGE, LARGE)
        panel = _inset(plot.axes, *place)
        _draw_result(panel, network, data, columns[-1].values / frame.scales[-1], extent)
        for colour, name in zip(COLOURS, ("positive", "negative"), strict=False):
            plot.axes.scatter([], [], s=50, marker="s", color=colour, label=name)
        size = {"lw": WIDEST, "label": f"weight of size {frame.largest:.2g}"}
        plot.axes.plot([], [], color=MUTED, solid_capstyle="butt", **size)
        plot.axes.scatter([], [], s=14, marker="s", color=MUTED, label="bias")
        plot.legend_below()
        plot.axes.text(
            width - LARGE / 2, -0.02, label, ha="center", va="top", fontsize=9.5, color=INK
        )
        return plot.picture(label or told(columns))


def chain(predictor: Predictor, plane: Array) -> list[Column]:
    """The features, every layer with an activation, and the outputs, over places (N, 2).

    Raises:
        ArgumentError: between two of them there is not one linear layer.
    """
    inputs = predictor.prepared(plane)
    with no_grad():
        outputs, found = layer_outputs(predictor.model, Tensor(inputs))
    columns = [Column("features", inputs, np.zeros((2, 0)), np.zeros(2))]
    kinds, waiting = tuple(ACTIVATIONS.values()), []
    for path, (layer, output) in found.items():
        if isinstance(layer, Linear):
            waiting.append(layer)
        elif isinstance(layer, kinds) and path and waiting:
            title = f"layer {len(columns)} · {type(layer).__name__}"
            columns.append(_column(title, prediction(output), columns[-1], waiting))
            waiting = []
    if waiting:
        columns.append(_column("output", prediction(outputs), columns[-1], waiting))
    if len(columns) == 1:
        raise _no_chain(f"{type(predictor.model).__name__} without a linear layer")
    return [*columns[:-1], replace(columns[-1], title="output")]


def _column(title: str, output: Tensor, before: Column, between: Sequence[Linear]) -> Column:
    units, count = before.values.shape[1], output.shape[-1]
    shapes = [layer.weight.shape for layer in between]
    if shapes != [(count, units)] or output.ndim != 2:
        raise _no_chain(f"weights {shapes} from {units} units to {count} of {title}")
    [layer] = between
    bias = np.zeros(count) if layer.bias is None else layer.bias.numpy()
    return Column(title, output.numpy(), layer.weight.numpy(), bias)


def _no_chain(received: str) -> ArgumentError:
    return ArgumentError(
        "this network is drawn where linear layers and activations take turns",
        expected="nn.Linear, an activation, nn.Linear, …",
        received=received,
        mend="view.hidden_units shows the units of other networks, view.graph their connections",
    )


def _names(columns: Sequence[Column], place: int, data: Dataset) -> list[str]:
    """What stands beside each unit: the features' names, the classes, or numbers."""
    count = columns[place].values.shape[1]
    if place == 0:
        return list(data.features) or ["x₁", "x₂"]
    classes = data.classes if data.task == "classification" else ()
    if place == len(columns) - 1 and len(classes) == count:
        return [str(name) for name in classes]
    return [str(unit + 1) for unit in range(count)]


def _draw_weights(
    axes: Any, columns: Sequence[Column], frame: Frame, corners: Sequence[Any]
) -> None:
    """A line for each weight but those of 0, the largest on top."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    curve = [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
    for i in range(1, len(columns)):
        weight = columns[i].weight[np.ix_(frame.shown[i], frame.shown[i - 1])]
        for flat in np.argsort(np.abs(weight), axis=None, kind="stable"):
            unit, source = divmod(int(flat), weight.shape[1])
            if weight[unit, source] == 0.0:
                continue
            share = abs(float(weight[unit, source])) / frame.largest
            (x, y), (to_x, to_y) = corners[i - 1][source], corners[i][unit]
            spread = ENDS * UNIT * ((source + 0.5) / weight.shape[1] - 0.5)
            start, end = (x + UNIT, y - UNIT / 2), (to_x, to_y - UNIT / 2 - spread)
            middle = (start[0] + end[0]) / 2
            way = Path([start, (middle, start[1]), (middle, end[1]), end], curve)
            colour = COLOURS[0 if weight[unit, source] > 0 else 1]
            line = PathPatch(
                way, facecolor="none", edgecolor=colour, lw=max(WIDEST * share, 0.4),
                alpha=0.2 + 0.7 * share, capstyle="butt",
            )  # fmt: skip
            axes.add_patch(line)


def _draw_column(
    axes: Any,
    column: Column,
    shown: Sequence[int],
    corners: Sequence[tuple[float, float]],
    names: Sequence[str],
    extent: Extent,
) -> None:
    """The units of a layer, with their biases, under its name."""
    most = float(np.abs(column.bias).max()) or 1.0
    count, middle = column.values.shape[1], corners[0][0] + UNIT / 2
    some = f"{len(shown)} of {count}" if len(shown) < count else f"{count}"
    word = {"features": "", "output": ""}.get(column.title, f"\n{some} units")
    axes.text(
        middle, -0.02, column.title + word, ha="center", va="top", fontsize=9.5, color=INK,
        linespacing=1.3,
    )  # fmt: skip
    for unit, (x, y) in zip(shown, corners, strict=True):
        panel = _inset(axes, x, y - UNIT, UNIT, UNIT)
        draw_map(panel, column.values[:, unit], extent)
        if column.title == "features":
            place = {"x": x - 0.08, "y": y - UNIT / 2, "ha": "right", "va": "center"}
        else:
            place = {"x": x + UNIT / 2, "y": y + 0.02, "ha": "center", "va": "bottom"}
            bias = float(column.bias[unit])
            panel.scatter(
                [0.0], [0.0], s=20, marker="s", color=COLOURS[0 if bias > 0 else 1],
                alpha=0.15 + 0.85 * abs(bias) / most, edgecolors=GROUND, linewidths=0.8,
                transform=panel.transAxes, clip_on=False, zorder=6,
            )  # fmt: skip
        axes.text(s=names[unit], fontsize=8, color=MUTED, **place)


def _draw_markers(axes: Any, shown: Sequence[int], corners: Sequence[tuple[float, float]]) -> None:
    """Before the name of each class the marker that its points have."""
    for unit, (x, y) in zip(shown, corners, strict=True):
        marker, colour = MARKERS[unit % len(MARKERS)], COLOURS[unit % len(COLOURS)]
        axes.scatter([x - 0.08], [y + 0.09], s=22, marker=marker, color=colour, linewidths=0)


def _draw_result(
    panel: Any, network: Network, data: Dataset, outputs: Array, extent: Extent
) -> None:
    """What follows from the outputs, and the points."""
    panel.set_title("decision" if data.task == "classification" else "output", fontsize=9.5)
    few = data.subset(slice(None, None, 1 + len(data) // POINTS))
    if data.task == "classification":
        # One output that is positive for the second class: that has the colour of what is positive.
        series = COLOURS[1::-1] if outputs.shape[1] == 1 else COLOURS
        draw_regions(panel, asked(network, data), extent, len(data.classes), series)
        draw_points(panel, few, few.inputs, size=14, alpha=0.9, series=series)
    else:
        draw_map(panel, outputs[:, 0], extent)
        for colour, rows in zip(COLOURS, (few.targets > 0, few.targets < 0), strict=False):
            own = few.inputs[rows.reshape(len(few), -1)[:, 0]]
            panel.scatter(*own.T, s=14, color=colour, edgecolors=GROUND, linewidths=0.5)


def _inset(axes: Any, x: float, y: float, width: float, height: float) -> Any:
    """A small panel at a place of the drawing."""
    panel = axes.inset_axes([x, y, width, height], transform=axes.transData)
    panel.set(xticks=[], yticks=[])
    for spine in panel.spines.values():
        spine.set(color=MUTED, linewidth=0.8)
    panel.title.set_color(INK)
    return panel


def told(columns: Sequence[Column]) -> str:
    """In words: how many units, and the largest weight."""
    inner = "".join(
        f"{column.values.shape[1]} units in {column.title}, " for column in columns[1:-1]
    )
    outputs = columns[-1].values.shape[1]
    i = max(range(1, len(columns)), key=lambda i: float(np.abs(columns[i].weight).max()))
    unit, source = np.unravel_index(np.abs(columns[i].weight).argmax(), columns[i].weight.shape)
    return (
        f"A network of 2 features, {inner}and {outputs} output{'s' * (outputs > 1)}; its largest "
        f"weight is {_signed(columns[i].weight[unit, source])}, from "
        f"{_unit(columns[i - 1], int(source))} to {_unit(columns[i], int(unit))}."
    )


def _unit(column: Column, place: int) -> str:
    """A unit in words."""
    if column.title in ("features", "output"):
        return f"{column.title.removesuffix('s')} {place + 1}"
    return f"unit {place + 1} of {column.title.partition(' ·')[0]}"


def _signed(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
