"""One step of a loop, traced once: what `scan` runs, and what its backward pass is made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..engines import Program, SymbolicArray, Variable, cut
from ..errors import TracingError
from ..graph import TRACER, Many, Recording, Tracer, Values, recording
from ..tensor import Tensor
from ..tensor.dtypes import is_float


class BodyTracer(Tracer):
    """Writes down one step; every tensor from outside becomes a constant of the loop."""

    def __init__(self) -> None:
        super().__init__()
        self.outer: Tracer | None = TRACER.get()
        self.captured: dict[int, tuple[Tensor, SymbolicArray, Any]] = {}  # by id of the tensor

    def capture(self, holder: Any) -> SymbolicArray:
        """The input that stands for a tensor from outside."""
        known = self.captured.get(id(holder))
        if known is None:
            array = holder.array
            known = (holder, self.input(array.shape, array.dtype), array)
            self.captured[id(holder)] = known
        return known[1]

    def per_call(
        self, values: Callable[[], Values], advance: Callable[[int], None], many: Many | None
    ) -> Values:
        """Numbers of the host are the same at every step: they come from outside the loop."""
        if self.outer is not None:
            return self.outer.per_call(values, advance, many)
        found = values()
        advance(1)
        return found

    def placeholder(self, like: Tensor, *, row: bool = False) -> Tensor:
        """An input of a step: a state, a gradient, or a row of a sequence."""
        symbol = self.input(like.shape[1:] if row else like.shape, like.dtype)
        wanted = is_float(like.dtype) and (like.requires_grad or not row)
        return Tensor(symbol, name=like.name, requires_grad=wanted)

    def symbol(self, tensor: Tensor) -> SymbolicArray:
        """The array of a tensor inside the loop."""
        array = tensor.array
        own = isinstance(array, SymbolicArray) and array.engine is self
        return array if own else self.capture(tensor)

    def variables(self, tensors: Iterable[Tensor]) -> list[Variable]:
        """What stands for each tensor in the program of the step."""
        return [self.symbol(tensor).variable for tensor in tensors]

    @contextmanager
    def tracing(self, what: Recording = Recording.GRADIENTS) -> Iterator[None]:
        """Inside the block, operations are written down; afterwards nothing outside has changed."""
        token = TRACER.set(self)
        try:
            with recording(what):
                yield
            changed = [holder for holder, _, array in self.captured.values()
                       if holder.array is not array]  # fmt: skip
            if changed:
                raise TracingError(
                    f"a step of scan updates {changed[0].name or 'a tensor'} outside the loop",
                    expected="a step that changes nothing but its state",
                    mend="make it a part of the state, and update it after the loop",
                )
        finally:
            TRACER.reset(token)
            for holder, _, array in self.captured.values():
                if holder.array is not array:
                    holder.array = array


@dataclass(eq=False)
class Body:
    """(states, rows of sequences, constants) → (next states, outputs), in one tracer's program."""

    tracer: BodyTracer
    old: list[Tensor]
    rows: list[Tensor]
    new: list[Tensor]
    outputs: list[Tensor]
    derived: dict[Any, Any] = field(default_factory=dict)  # what differentiation has made of it
    _made: tuple[Program, list[Tensor]] | None = None

    def __str__(self) -> str:
        return f"{len(self.program.statements)} statements"

    @property
    def program(self) -> Program:
        """The step as an array program."""
        return self._parts()[0]

    @property
    def constants(self) -> list[Tensor]:
        """The tensors from outside that the step reads."""
        return self._parts()[1]

    def _parts(self) -> tuple[Program, list[Tensor]]:
        if self._made is None:
            tracer = self.tracer
            given = tracer.variables([*self.old, *self.rows])
            captured = {symbol.variable: holder for holder, symbol, _ in tracer.captured.values()}
            results = tracer.variables([*self.new, *self.outputs])
            inner = cut(tracer.program, [*given, *captured], results)
            read = {o for s in inner.statements for o in s.operands} | set(inner.outputs)
            used = [v for v in captured if v in read and v not in given]
            program = cut(tracer.program, [*given, *used], results)
            self._made = program, [captured[v] for v in used]
        return self._made

    @property
    def leaves(self) -> list[Tensor]:
        """All that a step is computed from."""
        return [*self.old, *self.rows, *self.constants]
