"""Backpropagation played step by step: which value passes what to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..graph import Graph
from ..tensor import Tensor
from .animation import Animation
from .drawing import Drawing
from .factors import Pass, factors, passes
from .fold import layers
from .graph import describe
from .layout import Edge
from .nodes import Entry, Node
from .numbers import in_short
from .picture import Picture
from .raster import raster

MOST = 100  # steps: who watches more?
_LEGEND: list[Entry] = [
    ("■", "forward", "above: value, computed forward"),
    ("■", "backward", "below: gradient so far"),
    ("←", "backward", "passes on: gradient × local derivative"),
]


def backpropagation(result: Tensor | Graph) -> Animation:
    """The way of the gradients back through a graph, one operation a step.

    In each step a value whose gradient is complete passes it to what it was computed from, each
    time multiplied by the local derivative; a value used twice adds what it receives. Between
    single numbers the arrow shows this product, between arrays the range of what arrives.

    Args:
        result: L, a single number, or its graph; before `backward`, or with its graph retained,
            where more than small arrays are in it.

    Raises:
        ArgumentError: more than 100 operations.
        GradientError: L is no single number that was computed, or the numbers were freed.

    >>> import glassnet as gn
    >>> from glassnet import view
    >>> w = gn.tensor(3.0, name="w", requires_grad=True)
    >>> player = view.backpropagation((w - 1.0) ** 2)
    >>> for label in player.labels:
    ...     print(label)
    Forward: every value is known. Result 4.
    Backward starts at the result: its gradient by itself is 1.
    ( )² passes 1 × 4 = 4 to − 1.
    − 1 passes 4 × 1 = 4 to w.
    """
    shown = result if isinstance(result, Graph) else Graph(result)
    if len(shown.operations) > MOST:
        raise ArgumentError(
            "so many steps are not watched",
            expected=f"at most {MOST} operations",
            received=f"{len(shown.operations)}",
            mend="draw it with view.graph, or play a smaller part",
        )
    return _Player(shown).animation()


class _Player:
    """The graph in its states, from the forward pass to the last gradient."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.steps = passes(graph)
        whole = layers(graph)
        self.drawing = Drawing(graph, whole, {})
        self.nodes = self.drawing.nodes({whole, *whole.layers()})
        self.labels = {node.value.index: node.label for node in self.nodes}
        self.factors = factors(graph)
        self.states = self._states()

    def _states(self) -> list[dict[int, str]]:
        """What is known of each gradient: before all, at the start, and after each step."""
        sums: dict[int, Any] = {self.steps[0].value: self.steps[0].gradient}
        found: list[dict[int, str]] = [{}, {i: in_short(x) for i, x in sums.items()}]
        for step in self.steps:
            for source, share in step.shares.items():
                sums[source] = np.add(sums[source], share) if source in sums else share
            found.append({index: in_short(total) for index, total in sums.items()})
        return found

    def animation(self) -> Animation:
        first, start, *others = self.states
        forward = in_short(self.graph.values[self.steps[0].value].array)
        frames = [
            self._frame(first, None, f"Forward: every value is known. Result {forward}."),
            self._frame(start, None, "Backward starts at the result: its gradient by itself is 1."),
        ]
        frames += [
            self._frame(state, step, self._told(step))
            for step, state in zip(self.steps, others, strict=True)
        ]
        alt = f"Backpropagation in {len(self.steps)} steps. {describe(self.graph)}"
        return Animation(frames, alt, labels=[f.alt for f in frames], seconds=1.6)

    def _frame(self, state: Mapping[int, str], step: Pass | None, label: str) -> Picture:
        nodes = [self._node(node, state) for node in self.nodes]
        canvas = self.drawing.canvas(
            nodes, words=self._words(step), active=None if step is None else step.value,
            legend=_LEGEND, widest=max(self._widest(), key=len),
        )  # fmt: skip
        return Picture(canvas.svg(label), lambda dpi, dark: raster(canvas, dpi, dark=dark), label)

    def _node(self, node: Node, state: Mapping[int, str]) -> Node:
        index = node.value.index
        room = tuple(one[index] for one in self.states if index in one)
        return replace(node, gradient=state.get(index, ""), room=room)

    def _words(self, step: Pass | None) -> dict[Edge, str]:
        """The products on the arrows of this step; on the others nothing."""
        if step is None:
            return {}
        return {(source, step.value): self._product(step, source) for source in step.shares}

    def _widest(self) -> list[str]:
        return ["", *(text for step in self.steps for text in self._words(step).values())]

    def _product(self, step: Pass, source: int) -> str:
        share = in_short(step.shares[source], 3)
        factor = self.factors.get((source, step.value))
        return f"{in_short(step.gradient, 3)} {factor} = {share}" if factor else share

    def _told(self, step: Pass) -> str:
        words = [f"{self._product(step, s)} to {self.labels[s]}" for s in step.shares]
        return f"{self.labels[step.value]} passes {' and '.join(words)}."
