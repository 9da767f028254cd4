"""A compiled step that made NaN or infinity: which call did, and at which node.

The loss of every call is looked at. Now and then the parameters are looked at, too, and all that
the step updates is copied; the calls since then are kept. When something is no longer finite, the
copies are put back, the good calls are done again, and the bad one runs eagerly, which names the
node.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from ..autodiff import diagnosing
from ..errors import NonFiniteError
from ..graph import repeating
from ..tensor import Tensor
from ..tensor.structure import flatten
from .trace import Traced, as_array

Array = np.ndarray[Any, Any]
Run = Callable[..., list[Array]]
SHARE = 0.005  # of the time that the calls take, for copies
MOST = 1 << 24  # bytes of arguments that are kept: what a cache may hold


@dataclass(frozen=True, slots=True)
class Call:
    """What a call was given: by the caller, and by the host (pairs of input number and value)."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    arguments: Sequence[Array]
    hosts: Sequence[tuple[int, Array]]

    def inputs(self, traced: Traced) -> list[Array]:
        """The program's inputs, captured tensors as they are now."""
        inputs: list[Any] = [*self.arguments]
        inputs += [None] * (len(traced.program.inputs) - len(inputs))
        for position, array in (*traced.captured_arrays(), *self.hosts):
            inputs[position] = array
        return inputs


class Guard:
    """Watches one program that updates parameters.

    Args:
        function: what was compiled.
        traced: its program.
        run: the program made ready.
    """

    def __init__(self, function: Callable[..., Any], traced: Traced, run: Run) -> None:
        self.function, self.traced, self._program = function, traced, run
        self._kept: dict[int, Array] = {}  # by input number, as they were before `_calls`
        self._parameters = [
            tensor
            for position, tensor in traced.captured.items()
            if position in traced.updates and tensor.requires_grad
        ]
        self._calls: list[Call] = []
        self._before = 0  # calls done before `_calls`
        self._bytes = 0
        self._due = 0.0  # seconds of calls that pay for the next copies
        self._keep()

    def __call__(self, call: Call) -> list[Array]:
        """The program's outputs.

        Raises:
            NonFiniteError: the loss or a parameter is no longer finite.
        """
        if self._due <= 0.0 or self._bytes > MOST:
            self._keep(ahead=1)
        last = self._calls[-1].arguments if self._calls else ()
        self._bytes += sum(a.nbytes for a in call.arguments if not any(a is b for b in last))
        self._calls.append(call)
        start = time.perf_counter()
        outputs = self._run(call)
        self._due -= time.perf_counter() - start
        if not self._has_sound_losses(outputs):
            self._explain()
        return outputs

    # -- copies ----------------------------------------------------------------------------------
    def _keep(self, ahead: int = 0) -> None:
        """Looks at what the program updates, and copies it for the calls to come."""
        start = time.perf_counter()
        if not self._has_sound_parameters():
            self._explain(ahead)
        self._copy()
        self._before += len(self._calls)
        self._calls.clear()
        self._bytes = 0
        self._due = (time.perf_counter() - start) / SHARE

    def _copy(self) -> None:
        for position, array in self.traced.captured_arrays():
            if position in self._kept:
                np.copyto(self._kept[position], array)
            elif position in self.traced.updates:
                self._kept[position] = array.copy()

    def _restore(self) -> None:
        for position, array in self.traced.captured_arrays():
            if position in self._kept:
                np.copyto(array, self._kept[position])

    # -- looks -----------------------------------------------------------------------------------
    def _has_sound_parameters(self) -> bool:
        return all(_is_finite(parameter.array) for parameter in self._parameters)

    def _has_sound_losses(self, outputs: Sequence[Array]) -> bool:
        return all(math.isfinite(outputs[i].item()) for i in self.traced.losses)

    # -- once more -------------------------------------------------------------------------------
    def _run(self, call: Call) -> list[Array]:
        return self._program(*call.inputs(self.traced))

    def _explain(self, ahead: int = 0) -> NoReturn:
        """Finds the bad call, puts everything back to where it was before, and runs it eagerly.

        `ahead`: calls for which the host has given its numbers, and which are not done.
        """
        calls, good = list(self._calls), 0
        self._restore()
        while good < len(calls):
            self._copy()  # the bad call will have to be undone
            if not (
                self._has_sound_losses(self._run(calls[good])) and self._has_sound_parameters()
            ):
                self._restore()
                break
            good += 1
        for host in self.traced.hosts:
            host.advance(good - len(calls) - ahead)
        self._before += good
        self._calls.clear()
        name = getattr(self.function, "__qualname__", repr(self.function))
        where = f"call {self._before + 1} of {name}; what it updates is as it was before"
        if good < len(calls):
            self._diagnose(calls[good], where)
        raise NonFiniteError(
            f"what {name} computes is not finite, but is when the calls are done again",
            expected="the same numbers from the same arguments",
            where=where,
            mend="pass each call arrays of its own, and let nobody else change the parameters;"
            " or use a smaller learning rate",
        )

    def _diagnose(self, call: Call, where: str) -> None:
        """Runs the call eagerly, with the host's numbers of then; what it changes is put back."""
        with self._undone(), repeating(self._numbers(call)), diagnosing(where=where):
            results = flatten(self.function(*call.args, **call.kwargs))[0]
            for parameter in self._parameters:
                if not _is_finite(parameter.array):
                    raise NonFiniteError(
                        f"the update of {parameter.name or 'a parameter'} is not finite",
                        expected="finite numbers",
                        received="a finite gradient, and too large a step",
                        where=where,
                        mend="a smaller learning rate, or clipped gradients",
                    )
        bad = [i for i in self.traced.losses if not _is_finite(as_array(results[i]))]
        if bad:
            raise NonFiniteError(
                f"result {bad[0]} is {as_array(results[bad[0]]).item():g}",
                expected="a finite number",
                where=where,
                mend="call gn.diagnose on it before its graph is freed, to see which node made it",
            )

    def _numbers(self, call: Call) -> Iterator[dict[str, Any]]:
        """What the host gave the call, as `per_call` gives it."""
        values = dict(call.hosts)
        for host in self.traced.hosts:
            pairs = zip(host.names, host.inputs, strict=True)
            found = {name: values[position] for name, position in pairs}
            yield {name: value if value.ndim else value.item() for name, value in found.items()}

    @contextmanager
    def _undone(self) -> Iterator[None]:
        """Tensors from outside have no gradients in the block, and afterwards are as before it."""
        holders = list(self.traced.captured.values())
        before: list[tuple[Tensor, Array, Tensor | None]] = []
        for holder in holders:
            before.append((holder, holder.array, holder.grad))
            holder.grad = None
        try:
            yield
        finally:
            for holder, array, gradient in before:
                holder.array, holder.grad = array, gradient


def _is_finite(array: Array) -> bool:
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())
