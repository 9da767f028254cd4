"""A training step run many times in one native call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..tensor import Tensor
from .trace import Traced, trace_call

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
        from ..engines.native import Batch, Steps

        steps = len(rows)
        traced, native = self.program(tables, rows.shape[1])
        inputs: list[Any] = [Batch(table, rows) for table in tables]
        inputs += [None] * (len(traced.program.inputs) - len(tables))
        for position, array in traced.captured_arrays():
            inputs[position] = array
        for position, values in traced.host_values(steps):
            inputs[position] = Steps(values)
        return native.loop(inputs, steps, each=range(traced.results))

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
