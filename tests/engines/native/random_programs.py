"""Random array programs over the whole protocol, for hypothesis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from glassnet.engines import Program, Recorder

ODD = (1, 2, 3, 7, 15, 17, 31, 33)
SMOOTH = ("tanh", "logistic", "erf", "sin", "cos", "expm1", "negative", "absolute")
STEPS = ("sign", "floor")
PAIRS = ("add", "subtract", "multiply", "maximum", "minimum")
COMPARISONS = ("equal", "less", "less_equal")


class Maker:
    """Grows one program; remembers which arrays are bit for bit the same on every engine."""

    def __init__(self, draw: Any, dtype: Any) -> None:
        self.draw, self.dtype = draw, np.dtype(dtype)
        self.xp = Recorder()
        self.values: list[np.ndarray] = []
        self.floats: list[Any] = []
        self.integers: list[Any] = []
        self.exact: set[Any] = set()
        self.rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def shape(self, most: int = 3) -> tuple[int, ...]:
        return tuple(self.draw(st.lists(st.sampled_from(ODD), min_size=0, max_size=most)))

    def input(self, shape: tuple[int, ...]) -> Any:
        array = self.xp.input(shape, self.dtype)
        self.values.append((self.rng.integers(-8, 9, shape) / 4).astype(self.dtype))
        return self.keep(array, exact=True)

    def keep(self, array: Any, exact: bool) -> Any:
        if array.dtype.kind == "f":
            self.floats.append(array)
        if exact:
            self.exact.add(array)
        return array

    def any(self, exact: bool = False, rank: int = 0) -> Any:
        fitting = [a for a in self.floats if a.ndim >= rank and (not exact or a in self.exact)]
        return self.draw(st.sampled_from(fitting)) if fitting else self.input((3,) * max(rank, 1))

    def alike(self, a: Any) -> Any:
        """An array that broadcasts with `a`."""
        same = [b for b in self.floats if b.shape == a.shape]
        kind = self.draw(st.integers(0, 2))
        if kind == 0:
            return self.draw(st.sampled_from(same))
        kept = tuple(n if self.draw(st.booleans()) else 1 for n in a.shape)
        return self.input(kept[self.draw(st.integers(0, len(kept))) :])

    # -- one statement of each family ------------------------------------------------------------
    def smooth(self) -> None:
        a = self.any()
        name = self.draw(st.sampled_from(SMOOTH))
        self.keep(
            getattr(self.xp, name)(a), exact=name in ("negative", "absolute") and a in self.exact
        )

    def bounded(self) -> None:
        """Functions with a limited domain, on a value brought into it."""
        a = self.xp.tanh(self.any())
        name = self.draw(st.sampled_from(("exp", "log", "log1p", "sqrt", "power", "divide")))
        positive = self.xp.add(self.xp.multiply(a, a), 0.5)
        match name:
            case "exp":
                out = self.xp.exp(a)
            case "log1p":
                out = self.xp.log1p(positive)
            case "power":
                exponent = self.draw(st.sampled_from((2.0, 3.0, 0.5, -1.0, 1.7, -0.3)))
                out = self.xp.power(positive, exponent)
            case "divide":
                out = self.xp.divide(a, positive)
            case _:
                out = getattr(self.xp, name)(positive)
        self.keep(out, exact=False)

    def step(self) -> None:
        a = self.any(exact=True)
        self.keep(getattr(self.xp, self.draw(st.sampled_from(STEPS)))(a), exact=True)

    def pair(self) -> None:
        a = self.any()
        b = (
            self.alike(a)
            if self.draw(st.booleans())
            else self.draw(st.sampled_from((0.0, 1.0, 2.0, -0.5)))
        )
        exact = a in self.exact and (not hasattr(b, "shape") or b in self.exact)
        out = getattr(self.xp, self.draw(st.sampled_from(PAIRS)))(a, b)
        self.keep(out, exact)

    def choose(self) -> None:
        a = self.any(exact=True)
        condition = getattr(self.xp, self.draw(st.sampled_from(COMPARISONS)))(a, 0.25)
        other = self.xp.logical_not(self.xp.less(a, -0.5))
        condition = self.draw(st.sampled_from((self.xp.logical_and, self.xp.logical_or)))(
            condition, other
        )
        b = self.alike(a)
        self.keep(self.xp.where(condition, a, b), exact=b in self.exact)

    def mask(self) -> None:
        a = self.any(exact=True)
        integer = self.xp.cast(self.xp.multiply(a, 4.0), np.dtype("int64"))
        back = self.xp.cast(self.xp.add(integer, 3), self.dtype)
        self.keep(back, exact=True)

    def reduce(self) -> None:
        a = self.any(rank=1)
        axes = tuple(i for i in range(a.ndim) if self.draw(st.booleans())) or (a.ndim - 1,)
        keepdims = self.draw(st.booleans())
        if self.draw(st.booleans()):
            self.keep(self.xp.max(a, axes=axes, keepdims=keepdims), exact=a in self.exact)
        else:
            scale = 1.0 / math.prod(a.shape[i] for i in axes)
            total = self.xp.sum(a, axes=axes, keepdims=keepdims)
            self.keep(self.xp.multiply(total, scale), exact=False)

    def softmax(self) -> None:
        a = self.any(rank=1)
        axis = (a.ndim - 1,)
        shifted = self.xp.subtract(a, self.xp.max(a, axes=axis, keepdims=True))
        e = self.xp.exp(self.xp.minimum(shifted, 0.0))
        self.keep(self.xp.divide(e, self.xp.sum(e, axes=axis, keepdims=True)), exact=False)

    def contract(self) -> None:
        a = self.xp.tanh(self.any(rank=1))
        letters = "abcdefgh"[: a.ndim]
        inner = self.draw(st.integers(0, a.ndim - 1))
        n = self.draw(st.sampled_from(ODD))
        axes = [(letters[inner], a.shape[inner]), ("n", n)]
        batch = self.draw(st.integers(0, a.ndim - 1))
        if batch != inner:
            axes.append((letters[batch], a.shape[batch]))
        axes = self.draw(st.permutations(axes))
        b = self.input(tuple(size for _, size in axes))
        free = [c for c in letters if c != letters[inner]] + ["n"]
        out = "".join(self.draw(st.permutations(free)))
        spec = f"{letters},{''.join(c for c, _ in axes)}->{out}"
        product = self.xp.contract(a, b, spec=spec)
        self.keep(self.xp.multiply(product, 1.0 / a.shape[inner]), exact=False)

    def view(self) -> None:
        a = self.any(rank=1)
        exact = a in self.exact
        match self.draw(st.integers(0, 7)):
            case 0:
                axes = tuple(self.draw(st.permutations(range(a.ndim))))
                out = self.xp.transpose(a, axes=axes)
            case 1:
                out = self.xp.reshape(a, shape=(a.size,))
            case 2:
                cut = self.draw(st.integers(0, a.ndim))
                shape = (math.prod(a.shape[:cut]), math.prod(a.shape[cut:]))
                out = self.xp.reshape(a, shape=shape)
            case 3:
                starts = tuple(self.draw(st.integers(0, n - 1)) for n in a.shape)
                steps = tuple(self.draw(st.integers(1, 3)) for _ in a.shape)
                out = self.xp.slice(a, starts=starts, stops=a.shape, steps=steps)
            case 4:
                out = self.xp.flip(a, axes=(self.draw(st.integers(0, a.ndim - 1)),))
            case 5:
                out = self.windows(a)
            case 6:
                if a.size > 4000:
                    return
                out = self.xp.broadcast_to(a, shape=(self.draw(st.sampled_from((2, 3))), *a.shape))
            case _:
                if a.size > 4000:
                    return
                widths = tuple(
                    self.draw(st.tuples(st.integers(0, 2), st.integers(0, 2))) for _ in a.shape
                )
                out = self.xp.pad(a, widths=widths, value=0.5)
        self.keep(out, exact)

    def windows(self, a: Any) -> Any:
        """Windows along one axis or two; few of them where the array is large."""
        axes = tuple(self.draw(st.permutations(range(a.ndim)))[: self.draw(st.integers(1, 2))])
        sizes, strides, dilations = [], [], []
        for axis in axes:
            n = a.shape[axis]
            sizes.append(self.draw(st.integers(1, min(n, 3))))
            dilations.append(self.draw(st.integers(1, max((n - 1) // max(sizes[-1] - 1, 1), 1))))
            strides.append(self.draw(st.integers(1, 3)) if a.size < 4000 else n)
        settings = {"sizes": tuple(sizes), "strides": tuple(strides), "dilations": tuple(dilations)}
        return self.xp.window(a, axes=axes, **settings)

    def concat(self) -> None:
        a = self.any(rank=1)
        if a.size < 4000:
            self.keep(
                self.xp.concat(a, a, a, axis=self.draw(st.integers(0, a.ndim - 1))), a in self.exact
            )

    def indexed(self) -> None:
        a = self.any(rank=1)
        if a.size > 4000:
            return
        axis = self.draw(st.integers(0, a.ndim - 1))
        shape = self.draw(st.sampled_from(((), (1,), (5,), (2, 3))))
        indices = self.xp.input(shape, np.dtype("int64"))
        self.values.append(np.asarray(self.rng.integers(0, a.shape[axis], shape), np.int64))
        taken = self.xp.gather(a, indices, axis=axis)
        self.keep(taken, a in self.exact)
        back = self.xp.scatter_add(indices, taken, axis=axis, length=a.shape[axis])
        self.keep(back, exact=False)

    def best(self) -> None:
        a = self.any(exact=True, rank=1)
        best = self.xp.argmax(a, axis=self.draw(st.integers(0, a.ndim - 1)))
        self.keep(self.xp.cast(best, self.dtype), exact=True)

    def random(self) -> None:
        key = self.xp.input((3,), np.dtype("uint32"))
        self.values.append(self.rng.integers(0, 2**32, 3, dtype=np.uint32))
        shape = self.shape(2)
        words = self.xp.random_bits(key, shape=shape, stream=self.draw(st.integers(0, 9)))
        small = self.xp.multiply(self.xp.cast(words, self.dtype), 2.0**-32)
        self.keep(small, exact=True)

    def made(self) -> None:
        n = self.draw(st.sampled_from(ODD))
        self.keep(self.xp.arange(length=n, dtype=self.dtype), exact=True)
        self.keep(self.xp.full(shape=(n, 2), value=1.5, dtype=self.dtype), exact=True)


FAMILIES = [
    "smooth",
    "bounded",
    "step",
    "pair",
    "choose",
    "mask",
    "reduce",
    "softmax",
    "contract",
    "view",
    "concat",
    "indexed",
    "best",
    "random",
    "made",
]


@st.composite
def programs(draw: Any, dtype: Any = np.float32) -> tuple[Program, list[np.ndarray]]:
    """A program of a few dozen statements, and values for its inputs."""
    maker = Maker(draw, dtype)
    maker.input(maker.shape())
    for family in draw(st.lists(st.sampled_from(FAMILIES), min_size=1, max_size=12)):
        getattr(maker, family)()
    outputs = draw(st.lists(st.sampled_from(maker.floats), min_size=1, max_size=4))
    return maker.xp.finish([*outputs, maker.floats[-1]]), maker.values
