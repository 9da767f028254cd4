"""Pass 0: 3×3 convolutions become loops over blocks of images, with Winograd's products inside.

What a block makes of itself — its tiles' transforms, the 36 products, the results — is small enough
for the second-level cache, and a thread runs it from end to end. Element by element functions that
follow a convolution (bias, activation, an activation's derivative) move into the loop.

Convolutions in float32 with unit steps are rewritten where channels fill vectors; the others, and
all in float64, stay products over windows.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..program import Program, Statement, SymbolicArray, Variable, call
from ..protocol import Shape
from ..recorder import Recorder
from . import winograd
from .convolution import Convolution, recognise
from .rewrite import Rewriter, variables, without_dead
from .target import Target
from .winograd import REACH, SIDE

_SHARE = 0.75  # of the second-level cache, for what a block makes of itself
_FEWEST = 8  # blocks at least, for threads to share out
_MOST_ADDED = 1.6  # how many times more results tiles may have than the image
_TILES = 8  # in a block at least: fewer rows leave a product's register tile empty
_COMPARING = frozenset({"equal", "less", "less_equal"})
_FOLLOWING = frozenset(
    {"absolute", "add", "maximum", "minimum", "multiply", "negative", "subtract", "where"}
)


def with_tiles(program: Program, target: Target) -> Program:
    """The program with its 3×3 convolutions as loops over blocks of images."""
    if not any(s.function == "window" for s in program.statements):
        return program
    return without_dead(_Rewriter(program, target).run())


class _Rewriter(Rewriter):
    def __init__(self, program: Program, target: Target) -> None:
        super().__init__(program)
        self.target = target
        self.makers = {v: s for s in program.statements for v in s.outs}
        self.bodies: dict[str, Program] = {}  # layers of one shape share theirs
        self.users: dict[Variable, list[Statement]] = {}
        for statement in program.statements:
            for variable in set(variables(statement.operands)):
                self.users.setdefault(variable, []).append(statement)

    def run(self) -> Program:
        last: dict[Variable, tuple[Convolution, list[Statement]]] = {}
        skipped: set[Variable] = set()
        for statement in self.old.statements:
            found = recognise(statement, self.makers)
            if found is None or not pays(found, self.target):
                continue
            chain = [] if found.slope else self._followers(statement)
            skipped |= {statement.out, *(s.out for s in chain)}
            last[chain[-1].out if chain else statement.out] = found, chain
        for statement in self.old.statements:
            if statement.out in last:
                found, chain = last[statement.out]
                made = self._slope(found) if found.slope else self._results(found, chain)
                self.put(statement.out, made)
            elif statement.out not in skipped:
                self.copy(statement)
        return self.finish()

    def _followers(self, statement: Statement) -> list[Statement]:
        """The element by element functions of its result, as long as only the last is wanted."""
        chain: list[Statement] = []
        out = statement.out
        while out not in self.old.outputs and len(self.users.get(out, ())) == 1:
            (user,) = self.users[out]
            same = user.function in _FOLLOWING and user.out.shape == out.shape
            if not same or not all(_enters(v, out.shape) for v in variables(user.operands)):
                break
            chain.append(user)
            out = user.out
        return chain

    def _conditions(self, chain: list[Statement]) -> list[Statement]:
        """The comparisons that a chain asks for: made in the loop, so that no bits are stored."""
        asked = [v for s in chain for v in variables(s.operands) if v.dtype == np.bool_]
        made = [self.makers[v] for v in dict.fromkeys(asked) if v in self.makers]
        return [
            s
            for s in made
            if s.function in _COMPARING
            and all(_enters(v, s.out.shape) for v in variables(s.operands))
        ]

    def _results(self, found: Convolution, chain: list[Statement]) -> SymbolicArray:
        """A convolution and what follows it."""
        inner = self._conditions(chain) + chain
        made = {found.statement.out, *(s.out for s in inner)}
        leaves = dict.fromkeys(v for s in inner for v in variables(s.operands) if v not in made)
        rows = [found.image, *(v for v in leaves if v.shape == found.results.shape)]
        body = _Body(self, found, rows)
        weights = self.xp.transpose(self.array(found.other), axes=found.order)
        factors = body.constant(winograd.weights(self.xp, weights))
        for leaf in leaves:
            if leaf not in body.arrays:
                body.arrays[leaf] = body.constant(self.array(leaf))
        block = winograd.inputs(body.xp, body.framed(found.image, REACH), body.tiles)
        products = body.xp.contract(block, factors, spec="bmk,bkn->bmn")
        out = winograd.results(body.xp, products, body.images, body.tiles)
        body.arrays[found.statement.out] = body.cropped(out)
        for statement in inner:
            body.arrays |= call(body.xp, statement, body.arrays)
        last = inner[-1].out if inner else found.statement.out
        return self.xp.reshape(body.run(body.arrays[last]), shape=last.shape)

    def _slope(self, found: Convolution) -> SymbolicArray:
        """The gradient by the weights: of each block, then the sum of all."""
        body = _Body(self, found, [found.image, found.other])
        block = winograd.inputs(body.xp, body.framed(found.image, REACH), body.tiles)
        results = winograd.slopes(body.xp, body.framed(found.other, SIDE), body.tiles)
        parts = body.run(body.xp.contract(block, results, spec="bkm,bkn->bmn"))
        total = self.xp.sum(parts, axes=(0,), keepdims=False)
        return self.xp.transpose(winograd.kernel(self.xp, total), axes=found.back)


class _Body:
    """The body of a loop over blocks of images, being written."""

    def __init__(self, outside: _Rewriter, found: Convolution, rows: list[Variable]) -> None:
        self.outside, self.found, self.xp = outside, found, Recorder()
        self.images = block(found, outside.target)
        self.tiles = tiles(found)
        self.arrays: dict[Variable, SymbolicArray] = {}
        self.given: list[SymbolicArray] = []  # outside
        for row in dict.fromkeys(rows):
            array, shape = outside.array(row), (self.images, *row.shape[1:])
            steps = found.batch // self.images
            self.given.append(outside.xp.reshape(array, shape=(steps, *shape)))
            self.arrays[row] = self.xp.input(shape, row.dtype)
        self.rows = len(self.given)

    def constant(self, array: SymbolicArray) -> SymbolicArray:
        """An array that is the same for all blocks."""
        self.given.append(array)
        return self.xp.input(array.shape, array.dtype)

    def framed(self, image: Variable, reach: int) -> SymbolicArray:
        """A block of images with zeros around, so that tiles that look so far look at numbers."""
        array = self.arrays[image]
        padding = self.found.padding if image == self.found.image else ((0, 0), (0, 0))
        ends = [SIDE * (count - 1) + reach for count in self.tiles]
        pairs = [
            (low, max(end - low - n, high))
            for end, n, (low, high) in zip(ends, array.shape[1:3], padding, strict=True)
        ]
        if all(pair == (0, 0) for pair in pairs):
            return array
        return self.xp.pad(array, widths=((0, 0), *pairs, (0, 0)), value=0)

    def cropped(self, array: SymbolicArray) -> SymbolicArray:
        """Whole tiles without what lies outside the image."""
        stops = (array.shape[0], *self.found.size, array.shape[3])
        if stops == array.shape:
            return array
        return self.xp.slice(array, starts=(0,) * 4, stops=stops, steps=(1,) * 4)

    def run(self, out: SymbolicArray) -> SymbolicArray:
        """The loop: what it makes of every block, one after the other."""
        settings: dict[str, Any] = {"length": self.found.batch // self.images, "carried": 0}
        body = self.xp.finish([out])
        body = self.outside.bodies.setdefault(str(body), body)
        settings |= {"sequences": self.rows, "reverse": False, "body": body}
        (stacked,) = self.outside.xp.scan(*self.given, **settings)
        return stacked


def tiles(found: Convolution) -> Shape:
    """How many tiles the results of one image have, along height and width."""
    return tuple(-(-n // SIDE) for n in found.size)


def block(found: Convolution, target: Target) -> int:
    """Images in a block: as many as fit the cache, the same on any number of threads."""
    size = 4 * REACH**2 * math.prod(tiles(found)) * sum(found.channels)
    most = min(int(_SHARE * target.cache_bytes) // size, found.batch // _FEWEST)
    return max((n for n in range(1, most + 1) if found.batch % n == 0), default=1)


def pays(found: Convolution, target: Target) -> bool:
    """Do channels fill vectors, results their tiles, and tiles the rows of a product?"""
    dtype, count = found.statement.out.dtype, math.prod(tiles(found))
    return (
        dtype == np.float32
        and all(n % target.lanes(dtype) == 0 for n in found.channels)
        and count * SIDE**2 <= _MOST_ADDED * math.prod(found.size)
        and found.batch >= _FEWEST
        and count * block(found, target) >= _TILES
    )


def _enters(variable: Variable, shape: Shape) -> bool:
    """Is there a row of it for each image, or is it the same for all of them?"""
    return variable.shape == shape or len(variable.shape) < 4 or variable.shape[0] == 1
