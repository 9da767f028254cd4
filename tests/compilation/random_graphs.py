"""Random graphs of public operations, for hypothesis.

A graph is grown value by value. Every operation takes part by its `samples`: one element by
element at any odd shape, on leaves or on values brought into the range of its samples; any other
on the samples themselves. What bends or jumps (`max`, `relu`, a comparison) reads in float32 only
leaves and views of leaves, which both engines have to the last bit; else rounding may decide it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

import glassnet as gn
from glassnet import losses, ops

Array = np.ndarray
Shape = tuple[int, ...]
ODD = (1, 2, 3, 7, 15, 17, 31, 33)
LARGEST = 2500  # elements of a value; beyond, nothing is made larger
GRID = 301  # points at which it is looked whether an operation is smooth


@dataclass
class Graph:
    """A function of its leaves: each line is a leaf (None) or (function, operands by line)."""

    dtype: np.dtype
    lines: list[tuple[Callable[..., gn.Tensor], tuple[int, ...]] | None] = field(
        default_factory=list
    )
    leaves: list[Array] = field(default_factory=list)
    words: list[str] = field(default_factory=list)  # what each line is, for a failure's message

    def loss(self, *leaves: gn.Tensor) -> gn.Tensor:
        """Σ v + ½v² over every value that no other line reads."""
        rest, values = iter(leaves), []
        for line in self.lines:
            values.append(next(rest) if line is None else line[0](*(values[i] for i in line[1])))
        used = {i for line in self.lines if line is not None for i in line[1]}
        ends = [v for i, v in enumerate(values) if i not in used and v.dtype.kind == "f"]
        parts = [(v + 0.5 * v * v).sum() for v in ends]
        return functools.reduce(lambda a, b: a + b, parts)

    def loss_and_gradients(self, *leaves: gn.Tensor) -> list[gn.Tensor]:
        """The loss, and its gradient by each leaf that it depends on."""
        for leaf in leaves:
            leaf.requires_grad = leaf.dtype.kind == "f"
        loss = self.loss(*leaves)
        if loss.requires_grad:
            loss.backward()
        return [loss, *(leaf.grad for leaf in leaves if leaf.grad is not None)]

    def __repr__(self) -> str:
        return f"a graph in {self.dtype}\n  " + "\n  ".join(self.words)


class Grower:
    """Adds values to a graph, each computed at once, so that shapes and sizes are known."""

    def __init__(self, draw: Any, dtype: Any) -> None:
        self.draw, self.graph = draw, Graph(np.dtype(dtype))
        self.values: list[gn.Tensor] = []
        self.exact: set[int] = set()  # leaves and views of them
        self.rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    # -- lines -----------------------------------------------------------------------------------
    def leaf(self, array: Array) -> int:
        array = np.asarray(array, self.graph.dtype if array.dtype.kind == "f" else None)
        self.graph.leaves.append(array)
        return self._keep(None, gn.tensor(array), f"leaf {array.dtype} {array.shape}", exact=True)

    def line(self, word: str, function: Callable[..., gn.Tensor], *operands: int) -> int:
        out = function(*(self.values[i] for i in operands))
        place = self._keep((function, operands), out, f"{word} of {operands} {out.shape}")
        dtype = self.graph.dtype
        if out.dtype != dtype:
            return self.line("cast", lambda a: a.astype(dtype), place)
        size = float(np.abs(out.numpy()).max(initial=0.0))
        return self.line("scaled", lambda a: a * (1.0 / size), place) if size > 100.0 else place

    def _keep(self, line: Any, out: gn.Tensor, word: str, *, exact: bool = False) -> int:
        self.graph.lines.append(line)
        self.values.append(out)
        place = len(self.values) - 1
        self.graph.words.append(f"{place}: {word}")
        if exact:
            self.exact.add(place)
        return place

    # -- operands --------------------------------------------------------------------------------
    def one(self, *, rank: int = 0, exact: bool = False, most: int = LARGEST) -> int:
        """A float value there is, or a new leaf."""
        fitting = [
            i
            for i, v in enumerate(self.values)
            if v.dtype == self.graph.dtype and v.ndim >= rank and v.size <= most
            and (i in self.exact or not exact)
        ]  # fmt: skip
        if fitting and self.draw(st.integers(0, 4)):
            return self.draw(st.sampled_from(fitting))
        return self.leaf(self.normal(self.shape(rank)))

    def rough(self, **wanted: Any) -> int:
        """An operand for what bends or jumps."""
        return self.one(exact=self.graph.dtype == gn.float32, **wanted)

    def normal(self, shape: Shape) -> Array:
        return self.rng.normal(size=shape)

    def shape(self, rank: int = 0) -> Shape:
        sizes = self.draw(st.lists(st.sampled_from(ODD), min_size=rank, max_size=max(rank, 3)))
        while math.prod(sizes) > LARGEST:
            sizes[sizes.index(max(sizes))] = 3
        return tuple(sizes)

    def beside(self, shape: Shape) -> Shape:
        """A shape that broadcasts to this one."""
        kept = tuple(n if self.draw(st.booleans()) else 1 for n in shape)
        return kept[self.draw(st.integers(0, len(kept))) :]

    def axis(self, place: int) -> int:
        return self.draw(st.integers(-self.values[place].ndim, self.values[place].ndim - 1))

    # -- what the registry has -------------------------------------------------------------------
    def elementwise(self) -> int:
        operation = self.draw(st.sampled_from(ELEMENTWISE))
        sample = self.draw(st.sampled_from(operation.samples(gn.Generator(0))))
        first = self.one()
        shape = self.values[first].shape
        smooth = is_smooth(operation.name)
        places, numbers = [], []
        for given in sample.inputs:
            numbers.append(None if isinstance(given, np.ndarray) else given)
            if not isinstance(given, np.ndarray):
                continue
            if given.dtype.kind == "f" and smooth and self.draw(st.booleans()):
                places.append(self._within(first, given.min(), given.max()))
                first = self.one(most=LARGEST // 4)  # the next operand, if it broadcasts
                if not broadcasts(self.values[first].shape, shape):
                    first = places[-1]
            else:
                spread = np.resize(given, self.beside(shape))
                if given.dtype.kind == "f":  # no two alike: ties would be broken by rounding
                    spread = spread * (1.0 - 0.01 * self.rng.uniform(size=spread.shape))
                places.append(self.leaf(spread))
        return self.line(operation.name, called(operation, numbers, sample.settings), *places)

    def _within(self, place: int, low: float, high: float) -> int:
        """The value, brought smoothly into the range."""
        span = float(high - low)
        return self.line("range", lambda a: ops.sigmoid(a * 0.5) * span + float(low), place)

    def other(self) -> int:
        """Any other operation on one of its samples, as leaves."""
        operation = self.draw(st.sampled_from(OTHERS))
        sample = self.draw(st.sampled_from(operation.samples(gn.Generator(0))))
        numbers = [None if isinstance(x, np.ndarray) else x for x in sample.inputs]
        places = [self.leaf(x) for x in sample.inputs if isinstance(x, np.ndarray)]
        settings = {
            k: self.graph.dtype if v is gn.float64 else v for k, v in sample.settings.items()
        }
        return self.line(operation.name, called(operation, numbers, settings), *places)

    # -- families at odd shapes ------------------------------------------------------------------
    def bend(self) -> int:
        a = self.rough()
        kind = self.draw(st.sampled_from(("relu", "abs", "leaky_relu", "maximum", "where")))
        if kind in ("relu", "abs", "leaky_relu"):
            return self.line(kind, getattr(ops, kind), a)
        b = self.leaf(self.normal(self.beside(self.values[a].shape)))
        if kind == "maximum":
            return self.line(kind, ops.maximum, a, b)
        return self.line("where", lambda a, b: ops.where(a < b, a * 2.0, b), a, b)

    def reduce(self) -> int:
        kind = self.draw(st.sampled_from(("sum", "mean", "var", "logsumexp", "max", "min")))
        a = self.rough(rank=1) if kind in ("max", "min") else self.one(rank=1)
        axes = tuple(i for i in range(self.values[a].ndim) if self.draw(st.booleans())) or None
        if kind == "logsumexp":
            axes = self.axis(a)
        keepdims = self.draw(st.booleans())
        settings = {"correction": 0} if kind == "var" else {}
        function = functools.partial(getattr(ops, kind), axis=axes, keepdims=keepdims, **settings)
        return self.line(kind, lambda a: function(a), a)

    def product(self) -> int:
        a = self.one(rank=1, most=1100)
        *lead, inner = self.values[a].shape
        n = self.draw(st.sampled_from(ODD))
        scale = 1.0 / math.sqrt(inner)
        match self.draw(st.integers(0, 4)):
            case 0:
                w, b = self.leaf(self.normal((n, inner)) * scale), self.leaf(self.normal((n,)))
                return self.line("linear", ops.linear, a, w, b)
            case 1:
                w = self.leaf(self.normal((inner, n)) * scale)
                return self.line("matmul", lambda a, w: a @ w, a, w)
            case 2:
                w = self.leaf(self.normal((n, math.prod(lead))))
                return self.line("Aᵀ", lambda a, w: w @ a.reshape(-1, inner) * scale, a, w)
            case 3 if len(lead) >= 1:
                order = (*range(len(lead) - 1), len(lead), len(lead) - 1)
                return self.line("A·Aᵀ", lambda a: a @ a.transpose(*order) * scale, a)
            case _:
                w = self.leaf(self.normal((*lead[:1], inner, n)) * scale)
                if len(lead) == 2:
                    return self.line("batched", lambda a, w: a @ w, a, w)
                return self.line("vector", lambda a, w: a @ w[..., 0].T, a, w)

    def normalise(self) -> int:
        a = self.one(rank=1)
        axis = self.axis(a)
        function = self.draw(st.sampled_from((ops.softmax, ops.log_softmax)))
        return self.line(function.name, lambda a: function(a, axis=axis), a)

    def classes(self) -> int:
        a = self.one(rank=2)
        *rows, classes = self.values[a].shape
        labels = self.leaf(self.rng.integers(0, classes, rows))
        smoothing = self.draw(st.sampled_from((0.0, 0.1)))
        reduction = self.draw(st.sampled_from(("mean", "sum", "none")))
        settings = {"label_smoothing": smoothing, "reduction": reduction}
        return self.line(
            "cross_entropy", lambda a, t: losses.cross_entropy(a, t, **settings), a, labels
        )

    def view(self) -> int:
        a = self.one(rank=1)
        shape = self.values[a].shape
        match self.draw(st.integers(0, 6)):
            case 0:
                order = self.draw(st.permutations(range(len(shape))))
                word, function = "transpose", lambda a: a.transpose(*order)
            case 1:
                cut = self.draw(st.integers(0, len(shape)))
                sides = math.prod(shape[:cut]), math.prod(shape[cut:])
                word, function = "reshape", lambda a: a.reshape(*sides)
            case 2:
                spans = []
                for n in shape:
                    low, step = self.draw(st.integers(0, n - 1)), self.draw(st.sampled_from(STEPS))
                    spans.append(slice(low, None, step) if step > 0 else slice(None, None, step))
                word, function = f"{spans}", lambda a: a[tuple(spans)]
            case 3:
                row = self.draw(st.integers(-shape[0], shape[0] - 1))
                word, function = f"[{row}, None]", lambda a: a[row, None]
            case 4 if math.prod(shape) <= LARGEST // 3:
                word, function = "broadcast", lambda a: ops.broadcast_to(a, shape=(3, *shape))
            case 5 if math.prod(shape) <= LARGEST // 8:
                widths = tuple((self.draw(st.integers(0, 2)), 1) for _ in shape)
                word, function = "pad", lambda a: ops.pad(a, widths=widths, value=0.5)
            case _:
                axis = self.axis(a)
                word, function = "flip", lambda a: ops.flip(a, axes=(axis,))
        place = self.line(word, function, a)
        if a in self.exact:
            self.exact.add(place)
        return place

    def join(self) -> int:
        a = self.one(rank=1, most=LARGEST // 3)
        axis = self.axis(a)
        return self.line("concat", lambda a: ops.concat(a, a * 2.0, a, axis=axis), a)

    def pick(self) -> int:
        a = self.one(rank=1)
        axis, count = self.axis(a), self.draw(st.sampled_from(ODD))
        length = self.values[a].shape[axis]
        if self.values[a].size // length * count > LARGEST:
            count = 1
        indices = self.leaf(self.rng.integers(0, length, count))
        taken = self.line("gather", lambda a, i: ops.gather(a, i, axis=axis), a, indices)
        if self.draw(st.booleans()):
            return taken
        axis %= self.values[a].ndim
        back = functools.partial(ops.scatter_add, axis=axis, length=length)
        return self.line("scatter_add", lambda i, u: back(i, u), indices, taken)


def called(operation: Any, numbers: list[Any], settings: dict[str, Any]) -> Callable[..., Any]:
    """The operation as a function of its tensors; its numbers are in their places."""

    def call(*tensors: gn.Tensor) -> gn.Tensor:
        rest = iter(tensors)
        return operation(*(next(rest) if n is None else n for n in numbers), **settings)

    return call


def broadcasts(shape: Shape, other: Shape) -> bool:
    """Whether the first broadcasts to the second."""
    tail = other[len(other) - len(shape) :]
    return len(shape) <= len(other) and all(n in (1, m) for n, m in zip(shape, tail, strict=True))


@functools.cache
def is_smooth(name: str) -> bool:
    """Whether value and slope change little between neighbours, all over the samples' range."""
    operation = ops.OPERATIONS[name]
    for sample in operation.samples(gn.Generator(0)):
        floats = [x for x in sample.inputs if isinstance(x, np.ndarray) and x.dtype.kind == "f"]
        for varied in floats:
            line = gn.tensor(np.linspace(varied.min(), varied.max(), GRID), requires_grad=True)
            fixed = [
                line if x is varied else gn.tensor(x.flat[0]) if isinstance(x, np.ndarray) else x
                for x in sample.inputs
            ]
            out = operation(*fixed, **sample.settings)
            if not out.requires_grad:
                return False
            out.sum().backward()
            curves = [out] if line.grad is None else [out, line.grad]
            if not all(_is_even(curve.numpy()) for curve in curves):
                return False
    return bool(floats)


def _is_even(curve: Array) -> bool:
    return bool(np.abs(np.diff(curve)).max() <= 0.1 * np.ptp(curve) + 1e-12)


STEPS = (1, 1, 2, 3, -1, -2)
REGISTERED = [  # the library's own: other tests define some, too
    operation
    for _, operation in sorted(ops.OPERATIONS.items())
    if type(operation).__module__.startswith("glassnet.")
]
ELEMENTWISE = [x for x in REGISTERED if isinstance(x, ops.Elementwise)]
OTHERS = [x for x in REGISTERED if not isinstance(x, ops.Elementwise)]
FAMILIES = (
    "elementwise", "elementwise", "elementwise", "other", "bend", "reduce", "product", "normalise",
    "classes", "view", "view", "join", "pick",
)  # fmt: skip


@st.composite
def graphs(draw: Any, dtype: Any) -> Graph:
    """A graph of a dozen lines or so, in this type of float."""
    grower = Grower(draw, dtype)
    for family in draw(st.lists(st.sampled_from(FAMILIES), min_size=1, max_size=5)):
        getattr(grower, family)()
    return grower.graph
