"""What the statistics of a training say, in plain sentences with names and figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .statistics import Statistics

Array = np.ndarray[Any, Any]
ENOUGH = 64  # outputs of a unit that must all be the same before it is called dead
APART = 1e3  # times between the gradients of two layers
BURST = 100.0  # times the median that a gradient's norm is called exploding
LARGE, SMALL = 0.1, 1e-6  # of a weight that a step changes
EDGE = 0.05  # of the range of a saturated unit's output, from its ends
BOUNDS = {"Tanh": (-1.0, 1.0), "Sigmoid": (0.0, 1.0)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the statistics say.

    Attributes:
        kind: "dead", "saturated", "vanishing", "exploding", "unreached", "large steps" or
            "small steps"; "summary" for what is no fault.
        names: the layers or parameters it is about.
        text: a sentence or two.
    """

    kind: str
    names: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return self.text


def findings_of(statistics: Statistics) -> list[Finding]:
    """Faults first, then a summary; nothing of a training that was not read.

    - dead: a unit whose output was the same for every row in all late readings;
    - saturated: half the outputs of a tanh or sigmoid, or more, within 5 % of its ends;
    - vanishing, exploding: gradients of the first layers a thousand times smaller or larger than
      those of the last one, by the median of the root mean square; or a gradient whose norm was a
      hundred times its median at some step;
    - unreached: a weight whose gradient was exactly 0 at every reading;
    - large steps, small steps: steps that changed a weight by more than a tenth of itself, or by
      less than a millionth, by the median.
    """
    if not len(statistics):
        return []
    faults = [
        *_dead(statistics),
        *_saturated(statistics),
        *_unreached(statistics),
        *_through_depth(statistics),
        *_bursts(statistics),
        *_steps(statistics),
    ]
    return [*faults, *_summary(statistics, faults)]


def _late(count: int) -> slice:
    """The last quarter of the readings, and five at least."""
    return slice(-max(-(-count // 4), 5), None)


def _layer(statistics: Statistics, path: str) -> str:
    """`layer 3 (ReLU)`."""
    kind = statistics.layers.get(path, "")
    return f"layer {path} ({kind})" if path else f"the network ({kind})"


# -- units -----------------------------------------------------------------------------------------
def dead_units(statistics: Statistics, path: str) -> Array:
    """The numbers of the units of a layer that gave every row the same output, late in training.

    Of the last quarter of the readings, and of five at least; none where too few rows were seen.
    """
    series = statistics["activation", path]
    if series.units is None:
        return np.zeros(0, np.int64)
    late = _late(len(statistics))
    outputs = series.size[late] / series.units.shape[2]  # of each unit
    judged = outputs >= 2.0
    if outputs[judged].sum() < ENOUGH:
        return np.zeros(0, np.int64)
    return np.flatnonzero(series.still()[late][judged].all(axis=0))


def _dead(statistics: Statistics) -> Iterator[Finding]:
    before: tuple[int, int] | None = None
    for path in statistics.names("activation"):
        dead, series = dead_units(statistics, path), statistics["activation", path]
        units = 0 if series.units is None else series.units.shape[2]
        same = before == (len(dead), units)  # passed on by a pooling or a dropout
        before = len(dead), units
        if not len(dead) or same:
            continue
        first, last = statistics.steps[_late(len(statistics))][[0, -1]]
        all_of = "all" if len(dead) == units else f"{len(dead)} of"
        which = f" (units {_listed(dead)})" if len(dead) < units else ""
        one = len(dead) == 1
        text = (
            f"{all_of.capitalize()} {units} units of {_layer(statistics, path)} "
            f"{'is' if one else 'are'} dead{which}: from step {first} to {last} "
            f"{'it' if one else 'each'} gave every row the same output, so no gradient passes "
            f"through {'it' if one else 'them'}. A smaller learning rate, another initialisation "
            "or a leaky ReLU keeps units alive."
        )
        yield Finding("dead", (path,), text)


def _listed(numbers: Array) -> str:
    few = [str(n) for n in numbers[:6]]
    return ", ".join(few) + (", …" if len(numbers) > len(few) else "")


def _saturated(statistics: Statistics) -> Iterator[Finding]:
    for path in statistics.names("activation"):
        ends = BOUNDS.get(statistics.layers.get(path, ""))
        if ends is None:
            continue
        series, margin = statistics["activation", path], EDGE * (ends[1] - ends[0])
        inner = np.array([ends[0] + margin, ends[1] - margin])
        shares = []
        for reading in range(len(statistics))[_late(len(statistics))]:
            low, high = series.below(reading, inner)
            shares.append(low + 1.0 - high)
        share = float(np.mean(shares))
        if share > 0.5:
            text = (
                f"About {100 * share:.0f} % of the outputs of {_layer(statistics, path)} lie "
                f"within {margin:g} of {ends[0]:g} or {ends[1]:g}, where its slope is nearly 0: "
                "it is saturated and passes little gradient on. Smaller weights at the start, or "
                "scaled inputs, keep it in its middle."
            )
            yield Finding("saturated", (path,), text)


# -- gradients -------------------------------------------------------------------------------------
def typical_gradients(statistics: Statistics) -> dict[str, float]:
    """For each weight matrix the median of its gradient's root mean square, first layers first.

    Embeddings are left out: a token that is not in the batch has no gradient.
    """
    return {
        name: float(np.median(statistics["gradient", name].rms))
        for name in statistics.matrices
        if statistics.layers.get(name.rpartition(".")[0]) != "Embedding"
    }


def _unreached(statistics: Statistics) -> Iterator[Finding]:
    for name in statistics.names("gradient"):
        series = statistics["gradient", name]
        if not (series.low.any() or series.high.any()):
            text = (
                f"No gradient reaches {name}: it was exactly 0 at all {len(statistics)} readings. "
                "Does the loss depend on it, and is a unit between them alive?"
            )
            yield Finding("unreached", (name,), text)


def _through_depth(statistics: Statistics) -> Iterator[Finding]:
    reached = {name: value for name, value in typical_gradients(statistics).items() if value > 0}
    if len(reached) < 2:
        return
    *earlier, last = reached
    smallest = min(earlier, key=reached.__getitem__)
    largest = max(earlier, key=reached.__getitem__)
    if reached[smallest] * APART < reached[last]:
        text = (
            f"Gradients vanish on their way back: at {smallest} their root mean square is "
            f"{reached[smallest]:.2g}, at {last} {reached[last]:.2g}, "
            f"{_times(reached[last] / reached[smallest])} as large. The first layers hardly "
            "learn; ReLU, normalisation or residual connections let gradients through."
        )
        yield Finding("vanishing", (smallest, last), text)
    if reached[largest] > APART * reached[last]:
        text = (
            f"Gradients explode on their way back: at {largest} their root mean square is "
            f"{reached[largest]:.2g}, at {last} {reached[last]:.2g}. Smaller weights at the "
            "start, normalisation or clip_norm keep them in bounds."
        )
        yield Finding("exploding", (largest, last), text)


def gradient_norms(statistics: Statistics) -> Array:
    """The norm of all gradients together (readings,)."""
    squares = [statistics["gradient", name].norm ** 2 for name in statistics.names("gradient")]
    return np.asarray(np.sqrt(np.sum(squares, axis=0)))


def _bursts(statistics: Statistics) -> Iterator[Finding]:
    norms = gradient_norms(statistics)
    usual, place = float(np.median(norms)), int(np.argmax(norms))
    if len(norms) >= 5 and norms[place] > BURST * usual > 0:
        text = (
            f"At step {statistics.steps[place]} the gradient exploded: its norm was "
            f"{norms[place]:.3g}, {_times(norms[place] / usual)} its median of {usual:.3g}. "
            "clip_norm or a smaller learning rate holds such steps back."
        )
        yield Finding("exploding", (), text)


# -- steps -----------------------------------------------------------------------------------------
def _steps(statistics: Statistics) -> Iterator[Finding]:
    ratios = {name: float(np.median(statistics.ratio(name))) for name in statistics.matrices}
    for name, ratio in ratios.items():
        if ratio > LARGE:
            text = (
                f"A step changes {name} by {100 * ratio:.0f} % of itself (median): the learning "
                "rate is too large to keep what was learned."
            )
            yield Finding("large steps", (name,), text)
        elif 0 < ratio < SMALL:
            text = (
                f"A step changes {name} by {ratio:.1g} of itself (median): it hardly moves; try "
                "a larger learning rate."
            )
            yield Finding("small steps", (name,), text)


def _summary(statistics: Statistics, faults: list[Finding]) -> Iterator[Finding]:
    gradients = typical_gradients(statistics)
    if not gradients:
        return
    low, high = (pick(gradients, key=gradients.__getitem__) for pick in (min, max))
    ratios = [float(np.median(statistics.ratio(name))) for name in gradients]
    alive = "" if any(f.kind == "dead" for f in faults) else " No unit is dead."
    spread = (
        f"from {gradients[low]:.2g} ({low}) to {gradients[high]:.2g} ({high})"
        if low != high
        else f"{gradients[low]:.2g} ({low})"
    )
    changed = " to ".join(dict.fromkeys(f"{100 * r:.2g} %" for r in (min(ratios), max(ratios))))
    text = (
        f"At {len(statistics)} readings from step {statistics.steps[0]} to "
        f"{statistics.steps[-1]}: the root mean square of gradients is {spread}, and a step "
        f"changes weights by {changed} (medians).{alive}"
    )
    yield Finding("summary", tuple(gradients), text)


def _times(ratio: float) -> str:
    """`140 times`, `3.2e+06 times`."""
    return f"{ratio:,.0f} times" if ratio < 1e6 else f"{ratio:.1e} times"
