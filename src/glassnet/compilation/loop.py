"""A training step run many times in one native call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..tensor import Tensor
from .trace import Traced, settled, trace_call

if TYPE_CHECKING:
    from ..engines.native import NativeProgram

Array = np.ndarray[Any, Any]


class Loop:
    """A function of one mini-batch, compiled; each call runs it on many batches, one by one.

    The function takes one tensor for each table and returns tensors; what it updates (parameters,
    optimiser state) is updated in place by every step. The batches are gathered inside the native
    code, from the tables, by row number.

    Args:
        function: the step.
        threads: how many may share a step; the results do not depend on it. All cores when left
            out.

    >>> import numpy as np
    >>> import glassnet as gn
    >>> total = gn.tensor(0.0)
    >>> def step(x):
    ...     total.array = (total + x.sum()).array
    ...     return x.mean()
    >>> loop = Loop(step)
    >>> table, rows = np.arange(6, dtype="float32"), np.array([[0, 1], [4, 5]])
    >>> [means] = loop([table], rows)
    >>> means.tolist(), total.item()
    ([0.5, 4.5], 10.0)
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        threads: int | None = None,
        cache: Path | str | None = None,
    ) -> None:
        self.function = function
        self.threads = threads
        self.cache = cache
        self._programs: dict[Any, tuple[Traced, NativeProgram]] = {}

    def __call__(self, tables: Sequence[Array], rows: Array) -> list[Array]:
        """Runs a step for each line of `rows`.

        Args:
            tables: data sets of equal length, such as inputs and targets.
            rows: (steps, batch) row numbers.

        Returns:
            The function's results, each with a leading step axis.
        """
        [results] = in_turn([Piece(self, tables, rows)])
        return results

    def program(self, tables: Sequence[Array], batch: int) -> tuple[Traced, NativeProgram]:
        """The program for batches of this size, traced and compiled when first asked for."""
        key = (batch, *((table.shape[1:], table.dtype) for table in tables))
        if key not in self._programs:
            from ..engines.native import compile_program, cores

            examples = [np.zeros((batch, *table.shape[1:]), table.dtype) for table in tables]
            traced = trace_call(self.function, tuple(map(Tensor, examples)), {})
            native = compile_program(
                traced.program,
                updates=traced.updates,
                threads=self.threads or cores(),
                cache=self.cache,
            )
            self._programs[key] = traced, native
        return self._programs[key]

    def updated(self) -> list[Tensor]:
        """Every tensor that the compiled steps write to; each once."""
        found = {
            id(traced.captured[position]): traced.captured[position]
            for traced, _ in self._programs.values()
            for position in traced.updates
        }
        return list(found.values())


@dataclass(slots=True)
class Piece:
    """Some steps of a loop.

    Attributes:
        loop: whose.
        tables: as it takes them.
        rows: (steps, batch) row numbers.
        program: the loop's for these steps, compiled where it is the first of its kind.
    """

    loop: Loop
    tables: Sequence[Array]
    rows: Array
    program: tuple[Traced, NativeProgram] = field(init=False)

    def __post_init__(self) -> None:
        self.program = self.loop.program(self.tables, self.rows.shape[1])


def in_turn(pieces: Sequence[Piece]) -> list[list[Array]]:
    """Steps of several loops in one native call, such as loops over batches of other sizes.

    Args:
        pieces: in this order. Loops that ask the host for numbers of the same names and shapes
            ask for the same ones, as those of one training do.

    Returns:
        For each piece what a call of its loop would return.
    """
    from ..engines.native import Part, run_chain

    groups: dict[int, list[int]] = {}  # the pieces of each program
    for i, piece in enumerate(pieces):
        groups.setdefault(id(piece.program), []).append(i)
    own = list(groups.values())
    known = [pieces[first].program for first, *_ in own]
    captured = settled([traced for traced, _ in known])
    part_of = {i: part for part, numbers in enumerate(own) for i in numbers}
    order = [(part_of[i], len(piece.rows)) for i, piece in enumerate(pieces)]
    values = _host_values([traced for traced, _ in known], order)
    parts = []
    for (traced, native), held, numbers in zip(known, captured, own, strict=True):
        rows = _joined([pieces[i].rows for i in numbers])
        mine = [list(map(_joined, zip(*table, strict=True)))
                for table in zip(*(values[i] for i in numbers), strict=True)]  # fmt: skip
        inputs = _inputs(traced, pieces[numbers[0]].tables, rows, mine)
        parts.append(Part(native, inputs, len(rows), range(traced.results), held))
    return _apart(run_chain(parts, order), order)


def _host_values(
    known: Sequence[Traced], order: Sequence[tuple[int, int]]
) -> list[list[list[Array]]]:
    """For each piece, of so many steps of one of the programs, the host's numbers."""
    values = []
    asked = [traced.asked for traced in known]
    alike = [asked.index(numbers) for numbers in asked]  # the first program that asks for the same
    for first, group in groupby(order, key=lambda piece: alike[piece[0]]):
        lengths = [steps for _, steps in group]
        tables = known[first].host_tables(sum(lengths))
        for end, steps in zip(accumulate(lengths), lengths, strict=True):
            values.append([[array[end - steps : end] for array in table] for table in tables])
    return values


def _joined(arrays: Sequence[Array]) -> Array:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _apart(found: Sequence[list[Array]], order: Sequence[tuple[int, int]]) -> list[list[Array]]:
    """The results of parts, piece by piece."""
    done = [0] * len(found)
    pieces = []
    for part, steps in order:
        pieces.append([array[done[part] : done[part] + steps] for array in found[part]])
        done[part] += steps
    return pieces


def _inputs(
    traced: Traced, tables: Sequence[Array], rows: Array, values: Sequence[Sequence[Array]]
) -> list[Any]:
    """What a loop's program is fed beside what it captured: batches and the host's numbers."""
    from ..engines.native import Batch, Steps

    inputs: list[Any] = [Batch(table, rows) for table in tables]
    inputs += [None] * (len(traced.program.inputs) - len(tables))
    for position, numbers in traced.host_values(values):
        inputs[position] = Steps(numbers)
    return inputs
