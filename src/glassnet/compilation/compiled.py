"""A function that runs as one program: traced at the first call of each signature."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from ..engines import Program, numpy_engine, replay
from ..errors import ArgumentError, GlassnetWarning, TracingError, did_you_mean
from ..tensor import Tensor
from ..tensor.structure import flatten, rebuild, signature
from .guard import Call, Guard
from .trace import Traced, as_array, reason, trace_call

Array = np.ndarray[Any, Any]
MANY = 8  # programs of one function, beyond which a warning says why it is slow


class Runner(Protocol):
    """An array program made ready: arrays in, arrays out, updates written in place."""

    def __call__(self, *inputs: Array) -> list[Array]:
        """The outputs that are no updates, in order; updated inputs are overwritten."""


class Replayed:
    """The reference: the program replayed on NumPy, statement by statement."""

    def __init__(self, program: Program, updates: dict[int, int]) -> None:
        self.program = program
        self.updates = updates

    def __call__(self, *inputs: Array) -> list[Array]:
        """The outputs that are no updates, in order; updated inputs are overwritten."""
        # A copy first: an output may be a view of an input that is about to be overwritten.
        outputs = [np.array(array) for array in replay(self.program, numpy_engine, inputs)]
        for source, target in self.updates.items():
            inputs[source][...] = outputs[target]
        written = set(self.updates.values())
        return [array for position, array in enumerate(outputs) if position not in written]

    def show(self) -> str:
        """The program as text."""
        return str(self.program)


def _native(program: Program, updates: dict[int, int]) -> Runner:
    from ..engines.native import compile_program, cores, user_folder

    return compile_program(program, updates=updates, threads=cores(), cache=user_folder())


BUILDERS: dict[str, Callable[[Program, dict[int, int]], Runner]] = {
    "native": _native,
    "numpy": Replayed,
}


class Compiled:
    """A function of tensors as one native program; made by `glassnet.compile`."""

    def __init__(self, function: Callable[..., Any], engine: str) -> None:
        if engine not in BUILDERS:
            raise ArgumentError(
                f'there is no engine "{engine}"', mend=did_you_mean(engine, BUILDERS)
            )
        functools.update_wrapper(self, function)
        self.function = function
        self.engine = engine
        self._programs: dict[Any, tuple[Traced, Runner, Guard | None]] = {}
        self._eager = False

    def __repr__(self) -> str:
        name = getattr(self.function, "__qualname__", repr(self.function))
        return f"<compiled {name}: {len(self._programs)} programs on {self.engine}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the program for arguments of these shapes, compiling it first if it is new."""
        leaves, layout = flatten((args, kwargs))
        arrays = [as_array(leaf) for leaf in leaves]
        if self._eager:
            return self.function(*args, **kwargs)
        key = (signature(layout), tuple((a.shape, a.dtype) for a in arrays))
        known = self._programs.get(key)
        if known is None:
            known = self._compile(key, args, kwargs)
            if known is None:
                return self.function(*args, **kwargs)
        hosts = [
            (position, values[0])
            for position, values in known[0].host_values(known[0].host_tables(1))
        ]
        return self._run(*known, Call(args, kwargs, arrays, hosts))

    def _compile(
        self, key: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Traced, Runner, Guard | None] | None:
        try:
            traced = trace_call(self.function, args, kwargs)
        except TracingError as error:
            self._eager = True
            words = f"{self!r} cannot be compiled and runs eagerly on numpy: {reason(error)}"
            warnings.warn(words, GlassnetWarning, stacklevel=3)
            return None
        runner = BUILDERS[self.engine](traced.program, traced.updates)
        learns = any(traced.captured[position].requires_grad for position in traced.updates)
        guard = Guard(self.function, traced, runner) if learns else None
        made = self._programs[key] = traced, runner, guard
        if len(self._programs) == MANY + 1:
            warnings.warn(
                f"{self!r} was compiled for more than {MANY} signatures; pad the inputs to a few"
                " shapes, or pass changing numbers as tensors",
                GlassnetWarning,
                stacklevel=3,
            )
        return made

    def _run(self, traced: Traced, runner: Runner, guard: Guard | None, call: Call) -> Any:
        found = runner(*call.inputs(traced)) if guard is None else guard(call)
        outputs = [Tensor(array) for array in found]
        for holder, gradient in zip(traced.gradients, outputs[traced.results :], strict=True):
            holder.grad = gradient
        return rebuild(traced.layout, outputs[: traced.results])

    def show(self) -> str:
        """Every program compiled so far: statements, fused loops, memory plan, schedule."""
        return self._told("show")

    def ir(self) -> str:
        """The LLVM IR of every program compiled so far."""
        return self._told("ir")

    def assembly(self) -> str:
        """The machine code of every program compiled so far, as text."""
        return self._told("assembly")

    def _told(self, how: str) -> str:
        if not self._programs:
            return f"{self!r}: call it once, then its program can be shown"
        runners = [runner for _, runner, _ in self._programs.values()]
        if not all(hasattr(runner, how) for runner in runners):
            raise ArgumentError(
                f"there is no {how} on the {self.engine} engine",
                expected='gn.compile(f), or engine="native"',
            )
        return "\n\n".join(getattr(runner, how)() for runner in runners)


def compile(function: Callable[..., Any], *, engine: str = "native") -> Compiled:
    """The same function as one program, compiled at the first call of each signature.

    Works on any function of tensors, and on a training step as a whole: parameters and optimiser
    state that the function updates are overwritten in place. Tensors and arrays among the
    arguments are inputs; other arguments belong to the signature. What cannot be traced, such as
    an operation that calls NumPy itself, says so in a warning and runs eagerly.

    Args:
        function: takes and returns tensors, or tuples, lists and dictionaries of them.
        engine: "native", or "numpy" for the reference.

    >>> import glassnet as gn
    >>> fast = gn.compile(lambda x: (x * 2.0).sum(), engine="numpy")
    >>> fast(gn.tensor([1.0, 2.0])).item()
    6.0
    """
    return Compiled(function, engine)
