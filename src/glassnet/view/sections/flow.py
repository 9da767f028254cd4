"""The network as a graph of its layers, where it is small enough to read."""

from __future__ import annotations

from ...errors import GlassnetError
from ...graph import Shaped
from ...tensor import float32, int64
from ...train import Run
from ..graph import graph
from .common import figure, section

MOST = 40  # boxes
WIDEST = 760  # units of the drawing, which on a narrow screen are still read


def flow(run: Run) -> list[str]:
    """A section with the graph; none for a network that is larger, or of a form of its own."""
    predictor = run.predictor
    dtype = float32 if predictor.vocabulary is None else int64
    given = Shaped((1, *predictor.input_shape), dtype)
    try:
        drawn = graph(run.model, given, depth=1, direction="down")
    except GlassnetError:
        return []
    if drawn.boxes > MOST or drawn.size[0] > WIDEST:
        return []
    words = "From the input on top to the outputs, layer by layer; on an arrow, what flows."
    return [section("How it flows through the network", figure(lambda: drawn, words))]
