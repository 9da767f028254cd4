"""The loss of a trained network around its parameters, and the way that training took to them."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..compilation import compile as compiled
from ..data import Dataset
from ..data.dataset import as_dataset
from ..errors import ArgumentError
from ..nn import Module
from ..tensor import Tensor, float64, generator
from ..train import Run
from ..train.goal import Goal
from ..train.reading import DEFAULT_LOSS, Loss, reading_of
from .numbers import number
from .picture import Picture
from .plot import COLOURS, plotting
from .terrain import Terrain, track

Array = np.ndarray[Any, Any]
Weights = dict[str, Array]
Watched = Mapping[str, Sequence[tuple[int, Array]]]

CELLS = 31  # of the grid, each way
ROWS = 512  # of the data
SEEN = 0.01  # of the path's extent, below which the plane shows nothing of it
MARGIN = 0.25  # of the path's extent, around it


@dataclass(frozen=True, slots=True)
class Landscape:
    """A plane through a network's parameters, with the loss on it.

    Attributes:
        terrain: the loss over the plane's coordinates.
        path: where training was (checkpoints, 2), in the plane's coordinates; the last at (0, 0).
        share: of the path's extent in all directions, how much lies in the plane, from 0 to 1.
        loss: at (0, 0).
    """

    terrain: Terrain
    path: Array
    share: float
    loss: float


def landscape(
    model: Module | Run,
    dataset: Any = None,
    loss: Loss | None = None,
    *,
    path: Watched | None = None,
    directions: Literal["random", "path"] = "random",
    reach: float = 1.0,
    cells: int = CELLS,
    seed: int = 0,
) -> Picture:
    """The loss of a trained network on a plane through its parameters: contours and surface.

    Two directions span the plane. "random": drawn from N(0, 1), each filter (or row of a matrix)
    scaled to the norm of the network's own, biases left alone (Li et al., "Visualizing the Loss
    Landscape of Neural Nets", 2018). "path": the two principal components of the checkpoints'
    differences from the end, in which training moved most. The path is projected into the plane.

    Args:
        model: a trained network, or its run, which knows data and path.
        dataset: a data set, or a pair (inputs, targets); the first 512 rows count. Those learned
            from when left out.
        loss: that was trained with; the usual one of the data's task when left out.
        path: parameters over time, by name: `run.watched` of a training with
            `watch=model.named_parameters()`.
        directions: "random" or "path".
        reach: how far the plane reaches, in norms of the parameters; of a path its own extent.
        cells: of the grid, each way.
        seed: of random directions.

    Raises:
        ArgumentError: no data, or directions along a path that is not given.

    >>> import glassnet as gn
    >>> from glassnet import data, nn, view
    >>> model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 2))
    >>> names = list(model.named_parameters())
    >>> run = gn.fit(model, data.moons(100), epochs=5, watch=names, watch_every=1)
    >>> view.landscape(run, directions="path", cells=5).alt.split(",")[0]
    'Loss of Sequential around its parameters'
    """
    found = surveyed(model, dataset, loss, path, directions, reach, cells, seed)
    kind = "principal component" if directions == "path" else "random direction"
    network = model.predictor.model if isinstance(model, Run) else model
    with plotting(9.6, 4.3, columns=2) as plot:
        ground = found.terrain
        ground.contours(plot.axes, "equal loss")
        space = plot.spatial(1)
        top = float(np.quantile(ground.heights[np.isfinite(ground.heights)], 0.97))
        ground.surface(space, ceiling=top)
        if len(found.path) > 1 and found.share >= SEEN:
            track(plot.axes, found.path, COLOURS[1], "training", marker="o")
            heights = ground.height(found.path)
            seen = np.column_stack([found.path, heights])[heights <= top]
            track(space, seen, COLOURS[1], "_training")
        plot.axes.plot(0, 0, "*", color=COLOURS[2], markersize=13, label="trained", zorder=7)
        space.plot(0, 0, found.loss, "*", color=COLOURS[2], markersize=11, zorder=7)
        plot.axes.set(xlabel=f"first {kind}", ylabel=f"second {kind}")
        space.set(xlabel="first", ylabel="second", zlabel="loss")
        plot.legend_below()
        return plot.picture(_words(found, type(network).__name__, kind))


def surveyed(
    model: Module | Run,
    dataset: Any,
    loss: Loss | None,
    path: Watched | None,
    directions: str,
    reach: float,
    cells: int,
    seed: int,
) -> Landscape:
    """The landscape in numbers."""
    network = model.predictor.model if isinstance(model, Run) else model
    if isinstance(model, Run):
        dataset = model.train if dataset is None else dataset
        path = path if path is not None else model.watched
    if dataset is None or directions not in ("random", "path"):
        raise ArgumentError(
            "a landscape is the loss on some data, along two directions",
            expected='a data set, and directions="random" or "path"',
            received=f"{dataset!r} and {directions!r}",
        )
    end = {name: p.numpy().copy() for name, p in network.named_parameters().items()}
    moved = _moved(path or {}, end)
    if directions == "path" and len(moved) < 3:
        raise ArgumentError(
            "there is no path to lay the plane along",
            expected="the parameters at three steps or more",
            received=f"{len(moved)}",
            mend="train with gn.fit(…, watch=model.named_parameters(), watch_every=1)",
        )
    plane = _principal(moved) if directions == "path" else _random(end, seed)
    places, share = _projected(moved, plane)
    if directions == "path":
        low, high = places.min(axis=0), places.max(axis=0)
        room = np.maximum(MARGIN * (high - low), 0.1 * float((high - low).max()))
        x, y = (np.linspace(low[i] - room[i], high[i] + room[i], cells) for i in range(2))
    else:
        wide = max(reach, 1.15 * float(np.abs(places).max(initial=0.0)))
        x = y = np.linspace(-wide, wide, cells)
    heights, at_end = _heights(network, end, plane, x, y, as_dataset(dataset), loss)
    return Landscape(Terrain(x, y, heights), places, share, at_end)


def _random(end: Weights, seed: int) -> Array:
    """Two directions (2, parameters), normalised filter by filter."""
    rng = generator(seed)
    return np.stack([_direction(end, rng) for _ in range(2)])


def _direction(end: Weights, rng: Any) -> Array:
    parts = []
    for array in end.values():
        drawn = rng.normal(array.shape or (1,), dtype=float64)
        if array.ndim < 2:
            parts.append(np.zeros(array.size))
            continue
        rows, own = drawn.reshape(len(array), -1), array.reshape(len(array), -1)
        scale = np.linalg.norm(own, axis=1) / np.linalg.norm(rows, axis=1)
        parts.append((rows * scale[:, None]).ravel())
    return np.concatenate(parts)


def _moved(path: Watched, end: Weights) -> Array:
    """How far from the end the parameters were (checkpoints, parameters), the end itself last."""
    count = min((len(path[name]) for name in end if name in path), default=0)
    if not count or any(name not in path for name in end):
        return np.zeros((0, sum(array.size for array in end.values())))
    steps = [
        np.concatenate([(path[name][i][1] - end[name]).ravel() for name in end])
        for i in range(count)
    ]
    return np.array([*steps, np.zeros_like(steps[0])], float64)


def _principal(moved: Array) -> Array:
    """The two directions of length 1 in which the checkpoints differ most from the end."""
    return np.asarray(np.linalg.svd(moved, full_matrices=False)[2][:2])


def _projected(moved: Array, plane: Array) -> tuple[Array, float]:
    """The points of the plane nearest to the checkpoints, and the share of their size in it."""
    places = np.linalg.lstsq(plane.T, moved.T, rcond=None)[0].T
    whole = float((moved**2).sum())
    return places, float(((places @ plane) ** 2).sum()) / whole if whole else 0.0


def _heights(
    network: Module,
    end: Weights,
    plane: Array,
    x: Array,
    y: Array,
    dataset: Dataset,
    loss: Loss | None,
) -> tuple[Array, float]:
    """The loss over the plane, and at its middle; the network is left as it was."""
    rows = slice(0, ROWS)
    loss = loss or DEFAULT_LOSS[dataset.task or "classification"]
    few = dataset.subset(slice(0, 2))
    outputs = network.predict(few.prepared(), lengths=few.lengths)
    goal = Goal(loss, reading_of(loss, outputs, dataset), dataset)
    batch = dataset.batch(rows)
    measure = compiled(functools.partial(_loss, goal, network))
    sizes = np.cumsum([array.size for array in end.values()])[:-1]

    def at(a: float, b: float) -> float:
        steps = np.split(a * plane[0] + b * plane[1], sizes)
        network.load_parameters(
            {
                name: array + step.reshape(array.shape)
                for (name, array), step in zip(end.items(), steps, strict=True)
            }
        )
        return float(measure(*batch).item())

    try:
        with np.errstate(all="ignore"):
            return np.array([[at(a, b) for a in x] for b in y]), at(0.0, 0.0)
    finally:
        network.load_parameters(end)


def _loss(
    goal: Goal, network: Module, inputs: Tensor, targets: Tensor, lengths: Tensor | None = None
) -> Tensor:
    told: dict[str, Any] = {} if lengths is None else {"lengths": lengths}
    return goal(network(goal.dataset.prepare(inputs), **told), targets, **told)


def _words(found: Landscape, name: str, kind: str) -> str:
    heights = found.terrain.heights
    told = (
        f"Loss of {name} around its parameters, along two {kind}s: {number(found.loss, 3)} where "
        f"it was trained, {number(float(np.nanmin(heights)), 3)} to "
        f"{number(float(np.nanmax(heights)), 3)} on the plane."
    )
    if len(found.path) > 1:
        told += (
            f" The path of training through {len(found.path)} checkpoints has "
            f"{100 * found.share:.3g} % of its extent in this plane."
        )
    return told
