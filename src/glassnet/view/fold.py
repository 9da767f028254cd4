"""Which boxes a graph is drawn with: its operations, or the layers that they ran in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ..errors import ArgumentError
from ..graph import Graph
from ..graph.graph import Value
from ..nn.parameter import Parameter

READABLE = 16  # boxes: as long as there are fewer, layers are unfolded by themselves


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One call of a layer: the operations between its entry and its exit.

    Operations that ran one after the other make a layer; so a layer that is called twice is two
    boxes, and folding makes no circle.

    Attributes:
        path: dotted, such as "blocks.3"; empty for what holds everything.
        level: 0 for what holds everything, 1 for what stands directly in it, and so on.
        parts: the layers called within, and the indices of values computed between them.
    """

    path: str
    level: int
    parts: tuple[Layer | int, ...]

    @property
    def key(self) -> str:
        """What tells its calls apart: the path, and the first value computed in it."""
        return f"{self.path}:{next(self.operations(), 0)}"

    def operations(self) -> Iterator[int]:
        """The indices of all values computed in it."""
        for part in self.parts:
            if isinstance(part, int):
                yield part
            else:
                yield from part.operations()

    def layers(self) -> Iterator[Layer]:
        """All layers called within, each before those in it."""
        for part in self.parts:
            if isinstance(part, Layer):
                yield part
                yield from part.layers()


@dataclass(frozen=True, slots=True)
class Box:
    """What is drawn as one: a value, or a folded layer with all that is in it.

    Attributes:
        value: its index; of a layer the one that leaves it last.
        layer: the folded layer, or None.
        inside: indices of all values in it, its parameters too.
        inputs: the values that enter it from outside, each once.
    """

    value: int
    layer: Layer | None
    inside: tuple[int, ...]
    inputs: tuple[int, ...]


def layers(graph: Graph) -> Layer:
    """The calls of layers in a graph, each within the one that called it.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> from glassnet.view.fold import layers
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    >>> [layer.path for layer in layers(gn.trace(model, (1, 2))).layers()]
    ['0', '1']
    """
    operations = [(v.node.number, v.index, v.node.layer) for v in graph.values if v.node]
    paths = [(index, tuple(filter(None, path.split(".")))) for _, index, path in sorted(operations)]
    return Layer("", 0, _parts(paths, 0))


def _parts(paths: Sequence[tuple[int, tuple[str, ...]]], level: int) -> tuple[Layer | int, ...]:
    found: list[Layer | int] = []
    for name, run in groupby(paths, key=lambda item: item[1][level : level + 1]):
        members = list(run)
        if not name:
            found += [index for index, _ in members]
            continue
        parts, deep = _parts(members, level + 1), level + 1
        path = ".".join(members[0][1][:deep])
        if len(parts) == 1 and isinstance(parts[0], Layer):  # a list or a layer around one layer
            path, parts = parts[0].path, parts[0].parts
        found.append(Layer(path, deep, parts))
    return tuple(found)


def opened(whole: Layer, depth: int | None, count: Callable[[set[Layer]], int]) -> set[Layer]:
    """The layers that stand open.

    Args:
        whole: what `layers` found.
        depth: the layers of so many levels are drawn: 1 leaves the outermost folded. None takes the
            deepest that is still readable.
        count: how many boxes there are when these are open.

    Raises:
        ArgumentError: a depth below 1.
    """
    if depth is not None and (isinstance(depth, bool) or depth < 1):
        raise ArgumentError(
            "layers are drawn to a depth of at least 1",
            expected="1 for the outermost layers, more for those within, None to have it chosen",
            received=f"depth={depth!r}",
        )
    every = [whole, *whole.layers()]
    if depth is not None:
        return {layer for layer in every if layer.level < depth}
    found = {whole}
    for level in range(1, max(layer.level for layer in every) + 1):
        deeper = {layer for layer in every if layer.level <= level}
        if count(deeper) > READABLE:
            break
        found = deeper
    return found


def boxes(graph: Graph, whole: Layer, open_: set[Layer]) -> list[Box]:
    """What is drawn when these layers are open, in the order of computation.

    A parameter that one folded layer alone uses stands in it; so does a constant, but for what the
    first operation starts from.
    """
    users: dict[int, list[int]] = {}
    for value in graph.operations:
        for source in value.inputs:
            users.setdefault(source, []).append(value.index)
    members = {part: tuple(part.operations()) for part in _folded(whole, open_)}
    home = {index: layer for layer, inside in members.items() for index in inside}
    first = min(graph.operations, key=lambda v: v.node.number if v.node else 0, default=None)
    hidden: dict[Layer, list[int]] = {layer: [] for layer in members}
    alone: list[Value] = []
    for value in graph.values:
        if value.index in home or _is_number(value):
            continue
        homes = {home.get(user) for user in users.get(value.index, ())}
        layer = homes.pop() if len(homes) == 1 else None
        starts = first is not None and value.index in first.inputs and not belongs(value)
        is_input = starts or (value.name and not belongs(value))
        if value.node is None and layer is not None and not is_input:
            hidden[layer].append(value.index)
        else:
            alone.append(value)
    found = [Box(v.index, None, (v.index,), _entering(graph, [v.index])) for v in alone]
    for layer, inside in members.items():
        leaving = [
            i for i in inside
            if i in graph.outputs or any(home.get(u) is not layer for u in users.get(i, ()))
        ]  # fmt: skip
        within = (*inside, *hidden[layer])
        found.append(Box((leaving or inside)[-1], layer, within, _entering(graph, within)))
    return sorted(found, key=lambda box: box.value)


def _folded(layer: Layer, open_: set[Layer]) -> Iterator[Layer]:
    for part in layer.parts:
        if isinstance(part, Layer):
            if part in open_:
                yield from _folded(part, open_)
            else:
                yield part


def _entering(graph: Graph, inside: Iterable[int]) -> tuple[int, ...]:
    own = set(inside)
    sources = (source for index in own for source in graph.values[index].inputs)
    outside = (s for s in sources if s not in own and not _is_number(graph.values[s]))
    return tuple(sorted(set(outside)))


def _is_number(value: Value) -> bool:
    return isinstance(value.source, bool | int | float)


def belongs(value: Value) -> bool:
    """Whether a leaf is a part of a layer: what it learns, or what it keeps from call to call."""
    return bool(getattr(value.source, "requires_grad", False)) or isinstance(
        value.source, Parameter
    )
