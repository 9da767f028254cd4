"""Short ways to record a program and to compare its compiled outputs with the reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassnet.engines import Program, Recorder, numpy_engine, replay
from glassnet.engines.native import NativeProgram, compile_program

ODD = (1, 7, 15, 17, 31, 33)
F32, F64, I64 = np.dtype("float32"), np.dtype("float64"), np.dtype("int64")


def record(function: Callable[..., Any], *arrays: np.ndarray) -> Program:
    """The program of `function(xp, *arrays)`, which returns one array or several."""
    xp = Recorder()
    outputs = function(xp, *(xp.input(a.shape, a.dtype) for a in arrays))
    return xp.finish(outputs if isinstance(outputs, list | tuple) else [outputs])


def run(function: Callable[..., Any], *arrays: np.ndarray, **options: Any) -> list[np.ndarray]:
    """The compiled outputs."""
    return compile_program(record(function, *arrays), **options)(*arrays)


def check(
    function: Callable[..., Any], *arrays: np.ndarray, rtol: float = 0.0, **options: Any
) -> NativeProgram:
    """Compiled equals replayed; bit for bit where rtol is 0."""
    program = record(function, *arrays)
    native = compile_program(program, **options)
    compare(native(*arrays), replay(program, numpy_engine, arrays), rtol)
    return native


def compare(mine: Sequence[np.ndarray], reference: Sequence[Any], rtol: float) -> None:
    for got, wanted in zip(mine, map(np.asarray, reference), strict=True):
        assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape)
        if rtol:
            scale = np.max(np.abs(wanted), initial=1.0)
            np.testing.assert_allclose(got, wanted, rtol=rtol, atol=rtol * scale)
        else:
            np.testing.assert_array_equal(got, wanted)
