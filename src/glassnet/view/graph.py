"""The picture of a computational graph: every value and every gradient on its node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ArgumentError, did_you_mean
from ..graph import Graph, Recording, Shaped, recording, trace
from ..graph.graph import Value
from ..nn import Module
from ..tensor import Tensor
from ..tensor.structure import flatten
from .drawing import Drawing
from .exports import dot, mermaid
from .fold import Layer, belongs, layers, opened
from .numbers import in_short
from .picture import Picture
from .raster import raster
from .unfold import unfolding

DIRECTIONS = ("right", "down")
INPUT = "x"  # what an input without a name is called


class GraphPicture(Picture):
    """The picture of a graph; its HTML form unfolds a layer that is pressed.

    Beside the forms of every picture, it is saved as text for other programs that draw graphs:
    GraphViz (.dot) and Mermaid (.mmd).
    """

    def __init__(self, drawing: Drawing, open_: set[Layer], alt: str) -> None:
        nodes = drawing.nodes(open_)
        canvas = drawing.canvas(nodes)
        super().__init__(canvas.svg(alt), lambda dpi, dark: raster(canvas, dpi, dark=dark), alt)
        self._drawing, self._open, self._nodes = drawing, open_, nodes
        self.size = canvas.width, canvas.height

    @property
    def boxes(self) -> int:
        """How many there are."""
        return len(self._nodes)

    def dot(self) -> str:
        """The graph as it is drawn, in the language of GraphViz."""
        return dot(self._nodes, self.alt, down=self._drawing.down)

    def mermaid(self) -> str:
        """The graph as it is drawn, in the language of Mermaid, which many web pages show."""
        return mermaid(self._nodes, down=self._drawing.down)

    def html(self) -> str:
        """A page with the graph, on which a layer that is pressed unfolds."""
        if not any(node.layer for node in self._nodes):
            return super().html()
        return unfolding(self._drawing, self._open, self.alt)

    def forms(self) -> dict[str, Callable[[bool], bytes]]:
        return {
            **super().forms(),
            ".dot": lambda _: self.dot().encode(),
            ".mmd": lambda _: self.mermaid().encode(),
        }


def graph(
    *shown: Any, depth: int | None = None, direction: str = "right", title: str = ""
) -> GraphPicture:
    """The computational graph behind results, drawn from the leaves to the results.

    A node shows its name or the symbol of its operation, its shape unless it is a single number,
    its value and, after `backward`, its gradient; of many numbers the range. Between single
    numbers, each arrow carries the local derivative, by which the gradient is multiplied on its
    way back: the chain rule, link by link. What was computed on the way back is framed in the
    colour of gradients. A large network is drawn by its layers.

    Args:
        shown: the results, or a `Graph`; or a model and its inputs, each a tensor or a shape.
        depth: how deep layers are unfolded: 1 draws the outermost ones, a large number every
            operation; left out, as deep as can still be read.
        direction: "right", or "down" for tall pages and narrow screens.
        title: the text alternative; made from the graph when left out.

    Raises:
        ArgumentError: nothing to draw, a depth below 1, or no such direction.
        MissingDependencyError: grandalf, which finds the layout, is not installed.

    >>> import glassnet as gn
    >>> from glassnet import nn, view
    >>> w = gn.tensor(2.0, name="w", requires_grad=True)
    >>> loss = w**2
    >>> loss.backward()
    >>> view.graph(loss)
    <picture: Graph of 1 operation. w = 2, gradient 4. Result 4.>
    >>> view.graph(nn.Sequential(nn.Linear(2, 8), nn.Tanh()), (1, 2), depth=1)
    <picture: Graph of 2 operations, drawn by its layers 0, 1. x.>
    """
    if direction not in DIRECTIONS:
        raise ArgumentError(
            f'a graph cannot run "{direction}"',
            expected=" or ".join(DIRECTIONS),
            mend=did_you_mean(direction, DIRECTIONS),
        )
    kinds: Mapping[str, str] = {}
    match shown:
        case (Module() as model, *inputs) if inputs:
            history = _called(model, inputs)
            kinds = {path: type(part).__name__ for path, part in model.named_modules().items()}
        case (Graph() as history,):
            pass
        case (Tensor(), *_) if all(isinstance(x, Tensor) for x in shown):
            history = Graph(*shown)
        case _:
            raise ArgumentError(
                "a graph is drawn of results, or of a model and its inputs",
                expected="tensors, a Graph, or a model and tensors or shapes",
                received=", ".join(type(x).__name__ for x in shown) or "nothing",
            )
    whole = layers(history)
    drawing = Drawing(history, whole, kinds, down=direction == "down")
    open_ = opened(whole, depth, lambda some: len(drawing.boxes(some)))
    return GraphPicture(drawing, open_, title or describe(history, drawing.folded(open_)))


def _called(model: Module, inputs: list[Any]) -> Graph:
    """The graph of a model's call: with numbers for tensors, without them for shapes."""
    if not all(isinstance(x, Tensor) for x in inputs):
        named = [Shaped.like(x) for x in inputs]
        return trace(model, *(Shaped(x.shape, x.dtype, x.name or INPUT) for x in named))
    for x in inputs:
        x.name = x.name or INPUT
    with recording(Recording.EVERYTHING):
        return Graph(*flatten(model(*inputs))[0])


def describe(shown: Graph, folded: tuple[str, ...] = ()) -> str:
    """The graph in words, for those who do not see the picture.

    Args:
        shown: the graph.
        folded: the paths of layers that are drawn as one box.
    """
    count = len(shown.operations)
    by_layers = f", drawn by its layers {', '.join(folded)}" if folded else ""
    parts = [f"Graph of {count} operation{'s' * (count != 1)}{by_layers}."]
    for value in shown.values:
        is_leaf = value.node is None and not is_number(value)
        if is_leaf and value.name and not (folded and belongs(value)):
            parts.append(f"{_in_words(value)}.")
    results = [shown.values[i] for i in shown.outputs]
    known = [in_short(value.array) for value in results if value.array is not None]
    return " ".join([*parts, *(f"Result {text}." for text in known)])


def _in_words(value: Value) -> str:
    numbers = f"{value.name} = {in_short(value.array)}" if value.array is not None else value.name
    gradient = value.gradient
    return numbers if gradient is None else f"{numbers}, gradient {in_short(gradient)}"


def is_number(value: Value) -> bool:
    """Whether it is a bare number, which stands in the label of the operation it goes into."""
    return isinstance(value.source, bool | int | float)
