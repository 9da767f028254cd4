"""Tracing a call: from a Python function to an array program with updates.

The function runs once, on symbolic tensors. Three things are found out on the way:

- what it reads from outside: every captured tensor becomes an input of the program;
- what it updates: a captured tensor whose `array` is symbolic afterwards (a parameter after
  `optimizer.step()`), and likewise a gradient left in `.grad`;
- what changes from call to call on the host (`per_call`): learning rates, random keys.

Whatever happens, every tensor from outside holds its own numbers again when the trace ends.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..engines import Program, SymbolicArray
from ..errors import ProgramError, TracingError
from ..graph import TRACER, Many, Tracer, Values
from ..tensor import Tensor
from ..tensor.structure import flatten, rebuild

Array = np.ndarray[Any, Any]
_LINE = 64  # bytes of a cache line
_PAGE = 4096  # bytes
_LARGE = 4096  # bytes
_STARTS = itertools.cycle(range(0, 17 * _PAGE, 17 * _LINE))  # every line of a page, far apart


@dataclass(frozen=True, slots=True)
class Host:
    """Numbers that the host computes before every call, and the inputs they fill."""

    values: Callable[[], Values]
    advance: Callable[[int], None]
    many: Many | None
    names: tuple[str, ...]
    inputs: tuple[int, ...]
    dtypes: tuple[np.dtype[Any], ...]

    def table(self, calls: int) -> list[Array]:
        """For each input the values of the next so many calls, along a leading axis."""
        pairs = zip(self.names, self.dtypes, strict=True)
        if self.many is not None and calls > 1:
            found = self.many(calls)
            self.advance(calls)
            return [np.ascontiguousarray(found[name], dtype) for name, dtype in pairs]
        rows = []
        for _ in range(calls):
            rows.append(self.values())
            self.advance(1)
        return [np.array([row[name] for row in rows], dtype) for name, dtype in pairs]


@dataclass(slots=True)
class Traced:
    """An array program and how its inputs and outputs meet the world.

    Attributes:
        program: inputs first the arguments, then captured tensors and host numbers as they came.
        arguments: how many inputs are arguments of the call.
        captured: input number → the tensor from outside whose numbers it takes.
        updates: input number → output number: written back into the captured tensor.
        gradients: the captured tensors whose `.grad` the outputs after the results become.
        hosts: numbers computed before each call.
        results: how many outputs, from the first, are results of the call.
        losses: those of them that are single numbers with a gradient.
        layout: how the results are put together again.
    """

    program: Program
    arguments: int
    captured: dict[int, Tensor]
    updates: dict[int, int] = field(default_factory=dict)
    gradients: list[Tensor] = field(default_factory=list)
    hosts: list[Host] = field(default_factory=list)
    results: int = 0
    losses: tuple[int, ...] = ()
    layout: Any = None
    _pairs: list[tuple[int, Array]] = field(default_factory=list)  # of the call before

    def captured_arrays(self) -> list[tuple[int, Array]]:
        """Pairs of input number and array for the captured tensors; updates write into theirs.

        Where two tensors hold one array, as after `detach`, the one that is updated gets a copy.
        """
        before = self._pairs
        if len(before) == len(self.captured) and all(
            self.captured[position].array is array for position, array in before
        ):
            return before  # nobody has put other numbers into them
        holders = Counter(id(holder.array) for holder in self.captured.values())
        pairs = []
        for position, holder in self.captured.items():
            if position in self.updates:
                array = _writable(holder, shared=holders[id(holder.array)] > 1)
            else:
                array = holder.array
            pairs.append((position, array))
        self._pairs = pairs
        return pairs

    @property
    def asked(self) -> list[Any]:
        """The names and the shapes of the numbers that the host computes."""
        inputs = self.program.inputs
        return [(host.names, [inputs[i].shape for i in host.inputs]) for host in self.hosts]

    def host_tables(self, calls: int) -> list[list[Array]]:
        """The host's numbers for the next calls, each (calls, …), in the order of `hosts`."""
        return [host.table(calls) for host in self.hosts]

    def host_values(self, tables: Sequence[Sequence[Array]]) -> list[tuple[int, Array]]:
        """Pairs of input number and array of numbers that `host_tables` gave."""
        pairs = zip(self.hosts, tables, strict=True)
        return [pair for host, own in pairs for pair in zip(host.inputs, own, strict=True)]


def settled(several: Sequence[Traced]) -> list[list[tuple[int, Array]]]:
    """The captured arrays of programs that run together, once none of them moves one any more."""
    before = [traced._pairs for traced in several]
    while True:
        pairs = [traced.captured_arrays() for traced in several]
        if all(a is b for a, b in zip(pairs, before, strict=True)):
            return pairs
        before = pairs


class CallTracer(Tracer):
    """A recorder to which captured tensors and host numbers are inputs, not constants."""

    def __init__(self) -> None:
        super().__init__()
        self.captured: dict[int, tuple[Tensor, SymbolicArray]] = {}  # by id of the tensor
        self.positions: dict[int, Tensor] = {}
        self.originals: list[tuple[Tensor, Array, Tensor | None]] = []
        self.hosts: list[Host] = []

    def capture(self, holder: Any) -> SymbolicArray:
        """The input that stands for a tensor from outside."""
        known = self.captured.get(id(holder))
        if known is not None:
            return known[1]
        array = holder.array
        self.positions[len(self.program.inputs)] = holder
        symbol = self.input(array.shape, array.dtype)
        self.captured[id(holder)] = (holder, symbol)
        self.originals.append((holder, array, holder.grad))
        return symbol

    def per_call(
        self, values: Callable[[], Values], advance: Callable[[int], None], many: Many | None
    ) -> Values:
        """Inputs for numbers of the host, which are read here for their types alone."""
        arrays = {name: np.asarray(value) for name, value in values().items()}
        start = len(self.program.inputs)
        symbols = {name: self.input(a.shape, a.dtype) for name, a in arrays.items()}
        inputs = tuple(range(start, start + len(arrays)))
        dtypes = tuple(a.dtype for a in arrays.values())
        self.hosts.append(Host(values, advance, many, tuple(arrays), inputs, dtypes))
        return {name: Tensor(symbol) for name, symbol in symbols.items()}


def trace_call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Values) -> Traced:
    """The program of one call, for arguments of these shapes.

    Tensors and NumPy arrays among the arguments become inputs; everything else is part of the
    program.

    Raises:
        TracingError: the function wants numbers, which a trace does not have.
    """
    tracer = CallTracer()
    leaves, layout = flatten((args, kwargs))
    symbols = [Tensor(tracer.input(x.shape, x.dtype)) for x in map(as_array, leaves)]
    symbolic_args, symbolic_kwargs = rebuild(layout, symbols)
    token = TRACER.set(tracer)
    try:
        outcome = function(*symbolic_args, **symbolic_kwargs)
        return _finish(tracer, len(leaves), outcome)
    finally:
        TRACER.reset(token)
        for holder, array, gradient in tracer.originals:
            holder.array = array
            holder.grad = None if holder.grad is None else gradient


def reason(error: TracingError) -> str:
    """Why a function cannot be traced, and where, on one line."""
    return f"{error.what} ({error.where or error.line})"


def as_array(value: Any) -> Array:
    """The numbers of an argument."""
    return value.numpy() if isinstance(value, Tensor) else np.asarray(value)


def _writable(holder: Tensor, *, shared: bool) -> Array:
    """The holder's own array if a program can write into it, else a copy that takes its place.

    A larger array has to start on a cache line, which NumPy does not see to: no vector of it then
    lies on two lines. And it starts at another place of its page than its neighbours: where their
    rows are a power of two apart, they would all fall on the same few places of the first cache.
    """
    array: Array = holder.array
    fits = array.flags.writeable and array.flags.c_contiguous and array.flags.aligned
    placed = array.nbytes < _LARGE or array.ctypes.data % _LINE == 0
    if fits and placed and not shared:
        return array
    raw = np.empty(array.nbytes + _PAGE, np.uint8)
    start = (next(_STARTS) - raw.ctypes.data) % _PAGE
    moved: Array = raw[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    moved[...] = array
    holder.array = moved
    return moved


def _finish(tracer: CallTracer, arguments: int, outcome: Any) -> Traced:
    results, layout = flatten(outcome)
    outputs = [_symbol(tracer, value) for value in results]
    traced = Traced(tracer.program, arguments, tracer.positions)
    traced.results, traced.layout = len(outputs), layout
    traced.losses = tuple(
        i
        for i, value in enumerate(results)
        if isinstance(value, Tensor) and value.requires_grad and value.size == 1
    )
    traced.hosts = tracer.hosts
    for holder in tracer.positions.values():
        if holder.grad is not None and holder.grad.is_symbolic:
            traced.gradients.append(holder)
            outputs.append(holder.grad.array)
    for position, holder in tracer.positions.items():
        if holder.is_symbolic:
            _check_update(tracer, position, holder)
            traced.updates[position] = len(outputs)
            outputs.append(holder.array)
    tracer.finish(outputs).check()
    return traced


def _symbol(tracer: CallTracer, value: Any) -> SymbolicArray:
    tensor = value if isinstance(value, Tensor) else Tensor(np.asarray(value))
    return tensor.array if tensor.is_symbolic else tracer.capture(tensor)


def _check_update(tracer: CallTracer, position: int, holder: Tensor) -> None:
    before, after = tracer.program.inputs[position], holder.array
    if (before.shape, before.dtype) != (after.shape, after.dtype):
        raise ProgramError(
            f"{holder.name or 'a tensor'} changes its type in a compiled function",
            expected=f"{before.dtype} {before.shape}",
            received=f"{after.dtype} {after.shape}",
        )
