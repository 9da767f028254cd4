"""What all forms of attention compute first: scores of queries against keys, a block at a time."""

from __future__ import annotations

import math
from string import ascii_lowercase
from typing import Any

import numpy as np

from ..errors import DTypeError, ShapeError
from .move import part
from .operation import Engine_, Shape

_INT = np.dtype(np.int32)
_ROWS = 128  # of a block, at least: below twice as many queries there is one block
_BLOCKS = 16  # at most: each is code of its own in a compiled program


def spec(ndim: int, a: str, b: str, out: str) -> str:
    """A contraction of the last two axes, those before them shared."""
    lead = ascii_lowercase[: ndim - 2]
    return f"{lead}{a},{lead}{b}->{lead}{out}"


def check(q: Shape, k: Shape, v: Shape, mask: Shape | None) -> None:
    """ShapeError unless queries, keys, values and mask belong together."""
    fits = len(q) >= 2 and q[:-2] == k[:-2] == v[:-2] and q[-1] == k[-1] and k[-2] == v[-2]
    if not fits:
        raise ShapeError(
            "queries, keys and values do not belong together",
            expected="q (…, queries, features), k (…, keys, features), v (…, keys, values)",
            received=f"q {q}, k {k}, v {v}",
        )
    full = (*q[:-1], k[-2])
    if mask is None:
        return
    short = full[len(full) - len(mask) :]
    if len(mask) > len(full) or any(m not in (1, n) for m, n in zip(mask, short, strict=True)):
        raise ShapeError(
            "the mask does not fit the queries and keys",
            expected=f"a shape that broadcasts to (…, queries, keys) = {full}",
            received=f"{mask}",
            mend="a mask of padded keys (batch, keys) is given as mask[:, None, None, :]",
        )


def blocks(queries: int, block: int | None) -> list[tuple[int, int]]:
    """Where the blocks of rows begin and end."""
    count = max(1, min(_BLOCKS, queries // _ROWS))
    rows = block or max(1, -(-queries // count))
    return [(i, min(i + rows, queries)) for i in range(0, queries, rows)] or [(0, 0)]


def scale_of(q: Shape, scale: float | None) -> float:
    """1/√features unless told otherwise."""
    return 1.0 / math.sqrt(q[-1]) if scale is None else scale


class Rows:
    """A block of queries against the keys they may see, in functions of the namespace."""

    def __init__(
        self, xp: Engine_, q: Any, k: Any, mask: Any, *, causal: bool, scale: float | None
    ) -> None:
        if mask is not None and mask.dtype not in (q.dtype, np.bool_):
            raise DTypeError(
                "a mask holds booleans, or numbers of the queries' type",
                expected=f"bool or {q.dtype}",
                received=str(mask.dtype),
                mend='mask.astype("bool"), True where a query may look',
            )
        self.xp, self.q, self.k, self.mask, self.causal = xp, q, k, mask, causal
        self.scale = scale_of(q.shape, scale)
        self.ahead = k.shape[-2] - q.shape[-2]  # keys before the first query's own

    def keys(self, stop: int) -> int:
        """How many keys the queries before `stop` see."""
        keys: int = self.k.shape[-2]
        return min(keys, max(1, stop + self.ahead)) if self.causal else keys

    def exponentials(self, start: int, stop: int) -> tuple[Any, Any, Any]:
        """e^(scores − top) (…, rows, keys), their sums and the tops, both (…, rows, 1)."""
        xp, scores = self.xp, self._scores(start, stop)
        last = scores.ndim - 1
        top = xp.max(scores, axes=(last,), keepdims=True)
        may_be_empty = self.mask is not None or (self.causal and self.ahead < 0)
        if may_be_empty:
            top = xp.maximum(top, float(np.finfo(scores.dtype).min))  # and not −∞ − (−∞)
        powers = xp.exp(xp.subtract(scores, top))
        total = xp.sum(powers, axes=(last,), keepdims=True)
        # The top itself adds e⁰ = 1, so that only a row that sees nothing is below.
        return powers, xp.maximum(total, 1.0) if may_be_empty else total, top

    def _scores(self, start: int, stop: int) -> Any:
        xp, keys = self.xp, self.keys(stop)
        q, k = part(xp, self.q, -2, start, stop), part(xp, self.k, -2, 0, keys)
        scores = xp.contract(q, k, spec=spec(q.ndim, "yx", "zx", "yz"))
        scores = xp.multiply(scores, self.scale)
        if self.mask is not None:
            mask = part(xp, part(xp, self.mask, -2, start, stop), -1, 0, keys)
            by_choice = mask.dtype.kind == "b"
            scores = xp.where(mask, scores, -math.inf) if by_choice else xp.add(scores, mask)
        if self.causal and start + self.ahead + 1 < keys:  # the first row sees less than the last
            row = xp.reshape(xp.arange(length=stop - start, dtype=_INT), shape=(stop - start, 1))
            seen = xp.less_equal(
                xp.arange(length=keys, dtype=_INT), xp.add(row, start + self.ahead)
            )
            scores = xp.where(seen, scores, -math.inf)
        return scores
