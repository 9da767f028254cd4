"""`compile_program`, and the compiled program it returns."""

from __future__ import annotations

import functools
import math
import os
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np

from ...errors import ArgumentError, DTypeError, ProgramError, ShapeError
from ..program import Program, Variable
from . import show
from .cache import ObjectCache, user_folder
from .frame import Frame, Placed, aligned_bytes
from .inputs import Batch, Held, Laid, LoopInput, Source, Steps
from .jit import Code
from .layout import Layout
from .pace import Pace
from .passes import Passes
from .target import Target, find
from .threads import Team

Array = np.ndarray[Any, Any]


def compile_program(
    program: Program,
    *,
    threads: int = 1,
    updates: Mapping[int, int] | None = None,
    target: Target | str | None = None,
    cache: Path | str | bool | None = None,
) -> NativeProgram:
    """The program as machine code for fixed shapes.

    Args:
        program: any program that passes `Program.check`.
        threads: how many threads may share one step; the results do not depend on it.
        updates: output `updates[i]` is written over the array of input i (a parameter, an
            optimiser's state), and is not returned.
        target: a processor by name (`"avx512"`, `"avx2"`, `"neon"`); the host by default.
        cache: a folder for compiled code, or True for the user's own; None keeps nothing.

    Raises:
        ArgumentError: threads < 1, an unknown target, or an update that does not exist.
        ProgramError: a program that breaks a rule.

    >>> import numpy as np
    >>> from glassnet.engines import Recorder
    >>> from glassnet.engines.native import compile_program
    >>> xp = Recorder()
    >>> a = xp.input((3,), np.dtype("float32"))
    >>> native = compile_program(xp.finish([xp.add(xp.multiply(a, 2.0), 1.0)]))
    >>> native(np.arange(3, dtype="float32"))[0].tolist()
    [1.0, 3.0, 5.0]
    """
    if threads < 1:
        raise ArgumentError("a program runs on at least one thread", received=str(threads))
    program.check()
    folder = user_folder() if cache is True else cache
    kept = ObjectCache(folder) if folder else None
    return NativeProgram(program, threads, dict(updates or {}), find(target), kept)


class NativeProgram:
    """Machine code for one program: call it, or run it many times in a loop."""

    def __init__(
        self,
        program: Program,
        threads: int,
        updates: dict[int, int],
        target: Target,
        cache: ObjectCache | None,
    ) -> None:
        self.source = program
        self.updates = updates
        self.target = target
        self._check_updates()
        self._most_threads = threads
        self.returned = [i for i in range(len(program.outputs)) if i not in updates.values()]
        key = cache.key(program, updates, threads, target) if cache else ""
        known = cache.load(key) if cache else None
        self.layout, code = (
            Layout.split(known) if known else (Layout.of(self.passes, self.returned), None)
        )

        def keep(made: bytes) -> None:
            if cache:
                cache.save(key, self.layout.join(made))

        self.code = Code(lambda: self.passes.module.text, target, code, keep)
        self.threads = self.layout.threads
        self._teams: dict[tuple[int, int], Team] = {}
        self.pace = Pace(self.threads)
        self._frame: Frame | None = None
        self._sources: dict[int, Source] = {}  # by input: the table of its batches
        self._held: Held = ()  # what the last run left in its place …
        self._kept: list[Array] = []  # … as the program takes it
        self._lock = threading.Lock()

    @functools.cached_property
    def passes(self) -> Passes:
        """What the passes make of the program; run only where the code is not known already."""
        return Passes.over(self.source, self.updates, self._most_threads, self.target)

    def _check_updates(self) -> None:
        program = self.source
        for i, o in self.updates.items():
            if not (0 <= i < len(program.inputs) and 0 <= o < len(program.outputs)):
                raise ArgumentError(f"no input {i} or no output {o} to update")
            old, new = program.inputs[i], program.outputs[o]
            if (old.shape, old.dtype) != (new.shape, new.dtype):
                raise ShapeError(
                    f"output {o} cannot be written over input {i}",
                    expected=f"{old.dtype} {old.shape}",
                    received=f"{new.dtype} {new.shape}",
                )

    # -- running ---------------------------------------------------------------------------------
    def __call__(self, *arrays: Array, out: Sequence[Array] | None = None) -> list[Array]:
        """The outputs that are not updates, in fresh arrays or in those of `out`."""
        self._check_count(arrays)
        inputs = [
            self._input(i, v, a)
            for i, (v, a) in enumerate(zip(self.source.inputs, arrays, strict=True))
        ]
        outputs = [self.source.outputs[i] for i in self.returned]
        results = self._results(outputs, out)
        self.run(1, Laid([(a, 0) for a in inputs], [(a, 0) for a in results]))
        return results

    def loop(
        self, inputs: Sequence[LoopInput], steps: int, *, each: Sequence[int] = ()
    ) -> list[Array]:
        """`steps` steps in one native call.

        Args:
            inputs: one per input of the program: a plain array (the same at every step; written
                over where it has an update), a `Batch`, or `Steps`.
            steps: how many.
            each: outputs to record at every step.

        Returns:
            For each output in `each` an array with a leading step axis.
        """
        laid = self.laid(inputs, steps, each)
        self.run(steps, laid)
        return laid.results

    def laid(
        self,
        inputs: Sequence[LoopInput | None],
        steps: int,
        each: Sequence[int],
        held: Held = (),
    ) -> Laid:
        """Where everything lies that a loop reads and writes; None where `held` has an input."""
        self._check_count(inputs)
        if steps < 1:
            raise ArgumentError("a loop takes at least one step", received=str(steps))
        keep: list[Any] = []
        tables: list[Placed | None] = []
        batches: list[list[int]] = []
        for i, (variable, given) in enumerate(zip(self.source.inputs, inputs, strict=True)):
            if given is None:
                tables.append(None)
            elif isinstance(given, Batch):
                tables.append((self._batch(i, variable, given, steps, batches, keep), 0))
            elif isinstance(given, Steps):
                array = self._steps(variable, given, steps)
                tables.append((array, variable.size * variable.dtype.itemsize))
            else:
                tables.append((self._input(i, variable, given), 0))
        return Laid(tables, *self._recorded(steps, each), batches, keep, held)

    def _recorded(self, steps: int, each: Sequence[int]) -> tuple[list[Placed], list[Array]]:
        """Arrays for the outputs: with a step axis for those in `each`, reused for the others."""
        arrays: dict[int, Placed] = {}
        for position in self.returned:
            v = self.source.outputs[position]
            wanted = position in each
            shape = (steps, *v.shape) if wanted else v.shape
            stride = v.size * v.dtype.itemsize if wanted else 0
            arrays[position] = (np.empty(shape, v.dtype), stride)
        missing = [position for position in each if position not in arrays]
        if missing:
            raise ArgumentError(f"output {missing[0]} is an update or does not exist")
        return [arrays[p] for p in self.returned], [arrays[p][0] for p in each]

    def _check_count(self, given: Sequence[Any]) -> None:
        if len(given) != len(self.source.inputs):
            raise ProgramError(
                f"a program of {len(self.source.inputs)} inputs received {len(given)}"
            )

    def _input(self, position: int, variable: Variable, array: Any) -> Array:
        if not isinstance(array, np.ndarray):
            array = np.asarray(array, variable.dtype)
        if array.dtype != variable.dtype or array.shape != variable.shape:
            _check_type(f"input {position}", variable.shape, variable.dtype, array)
        if position in self.updates:
            if not (array.flags.c_contiguous and array.flags.writeable):
                raise ArgumentError(
                    f"input {position} is updated in place and cannot be written",
                    expected="a contiguous, writable array",
                    mend="pass a copy: array.copy()",
                )
            return cast(Array, array)
        if array.flags.c_contiguous:
            return cast(Array, array)  # the very same one, so that its place is known already
        return np.ascontiguousarray(array)

    def _batch(
        self,
        position: int,
        variable: Variable,
        given: Batch,
        steps: int,
        batches: list[list[int]],
        keep: list[Any],
    ) -> Array:
        source, data = self._sources.get(position), given.data
        if source is None or source.given() is not data:
            source, data = self._source(position, variable, data)
        if keep and keep[-1][0] is given.rows:  # as for the table before
            rows, address = keep[-1][1:]
        else:
            rows = np.ascontiguousarray(given.rows, np.int64)
            address = rows.ctypes.data
        length = len(data)
        if rows.shape != (steps, variable.shape[0]):
            raise ShapeError(
                "the rows of a batch do not fit",
                expected=f"(steps, batch) = {(steps, variable.shape[0])}",
                received=str(rows.shape),
            )
        # As unsigned numbers the negative rows are the largest: one look at each row is enough.
        if rows.size and np.maximum.reduce(rows.view(np.uint64), axis=None) >= length:
            outside = rows[(rows < 0) | (rows >= length)]
            raise ArgumentError(
                "a row of a batch lies outside the data",
                expected=f"rows from 0 to {length - 1}",
                received=str(int(outside[0])),
            )
        keep += [data, (given.rows, rows, address)]
        target, first, size, stride = source.words
        batches.append([target, first, length, address, rows.shape[1], size, stride])
        return source.target

    def _source(self, position: int, variable: Variable, given: Array) -> tuple[Source, Array]:
        """Where the rows of a batch come from and go, and the table; looked at once for each."""
        data = given
        if data.ndim and (data.strides[0] < 0 or not data[:1].flags.c_contiguous):
            data = np.ascontiguousarray(data)  # otherwise rows may overlap, or lie in a mapped file
        _check_type("a batch's data", (len(data), *variable.shape[1:]), variable.dtype, data)
        before = self._sources.get(position)
        target = (  # only one run at a time writes to it
            aligned_bytes(variable.size * variable.dtype.itemsize)
            if before is None
            else before.target
        )
        size = data.itemsize * math.prod(data.shape[1:])
        words = target.ctypes.data, data.ctypes.data, size, data.strides[0]
        source = Source(weakref.ref(given), target, words)
        if data is given:  # a copy would not follow what happens to the table
            self._sources[position] = source
        return source, data

    def _steps(self, variable: Variable, given: Steps, steps: int) -> Array:
        values = np.ascontiguousarray(given.values)
        _check_type("a per-step input", (steps, *variable.shape), variable.dtype, values)
        return values

    def _results(self, outputs: list[Variable], out: Sequence[Array] | None) -> list[Array]:
        if out is None:
            return [np.empty(v.shape, v.dtype) for v in outputs]
        if len(out) != len(outputs):
            raise ProgramError(f"{len(outputs)} outputs, but {len(out)} arrays for them")
        for i, (variable, array) in enumerate(zip(outputs, out, strict=True)):
            _check_type(f"output {i}", variable.shape, variable.dtype, array)
            if not (array.flags.c_contiguous and array.flags.writeable):
                raise ArgumentError(f"output {i} needs a contiguous, writable array")
        return list(out)

    def run(self, steps: int, laid: Laid) -> None:
        """So many steps on what was laid out."""
        with self.placed(laid) as frame:
            done = 0
            while done < steps and not frame.flag[0]:
                threads, count = self.pace.next(steps - done)
                frame.steps(done, count)
                start = time.perf_counter()
                self.team(threads).run(self.code.load(f"run{threads}"), frame.address)
                self.pace.saw(threads, count, time.perf_counter() - start)
                done += count
            frame.check()

    @contextmanager
    def placed(self, laid: Laid) -> Iterator[Frame]:
        """The program's memory with the arrays of a run in their places, for nobody else."""
        layout = self.layout
        with self._lock:
            frame = self._frame or self._new_frame()
            self._hold(frame, laid.held)
            for slot, placed in zip(layout.inputs, laid.inputs, strict=True):
                if placed is not None:
                    frame.place(slot, placed)
            for slot, result in zip(layout.outputs, laid.outputs, strict=True):
                frame.place(slot, result)
            gathered = frame.batches(laid.batches)
            frame.flag[0] = 0
            yield frame
            del gathered

    def _hold(self, frame: Frame, held: Held) -> None:
        """Puts arrays in their places, unless the last run left the very same ones there."""
        if held and held is self._held:
            return
        self._kept = [self._input(i, self.source.inputs[i], array) for i, array in held]
        for (i, _), array in zip(held, self._kept, strict=True):
            frame.place(self.layout.inputs[i], (array, 0))
        copied = any(a is not b for (_, a), b in zip(held, self._kept, strict=True))
        self._held = () if copied else held

    def _new_frame(self) -> Frame:
        self._frame = frame = Frame(self.layout)
        for slot, array in self.layout.constants.items():
            frame.place(slot, (array, 0))
        return frame

    def team(self, threads: int) -> Team:
        """So many threads of its own."""
        key = (os.getpid(), threads)  # a forked process has none of its parent's threads
        if key not in self._teams:
            self._teams[key] = Team(threads)
        return self._teams[key]

    # -- looking inside --------------------------------------------------------------------------
    def show(self) -> str:
        """The statements, the fused loops with their sizes, the memory plan and the schedule."""
        return show.describe(self.passes)

    def ir(self) -> str:
        """The LLVM IR of the whole program."""
        return self.passes.module.text

    def assembly(self) -> str:
        """The machine code of the whole program, as text."""
        return self.code.assembly()


def _check_type(what: str, shape: tuple[int, ...], dtype: Any, array: Array) -> None:
    if array.dtype != dtype:
        raise DTypeError(
            f"{what} has the wrong dtype", expected=str(dtype), received=str(array.dtype)
        )
    if array.shape != shape:
        raise ShapeError(
            f"{what} has the wrong shape", expected=str(shape), received=str(array.shape)
        )
