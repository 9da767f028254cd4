"""Compiled programs against the reference engine, over random programs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from glassnet.engines import Program, numpy_engine, replay
from glassnet.engines.native import compile_program

from .random_programs import programs

SLOW = settings(
    max_examples=60,
)


def agree(program: Program, values: list[np.ndarray], rtol: float, **options: object) -> None:
    expected = replay(program, numpy_engine, values)
    received = compile_program(program, **options)(*values)
    for mine, reference in zip(received, expected, strict=True):
        reference = np.asarray(reference)
        assert (mine.dtype, mine.shape) == (reference.dtype, reference.shape)
        scale = np.max(np.abs(reference), initial=1.0)
        np.testing.assert_allclose(mine, reference, rtol=rtol, atol=rtol * scale)


@pytest.mark.no_cover
@SLOW
@given(programs(np.float32))
def test_float32_programs_agree_with_numpy(case: tuple[Program, list[np.ndarray]]) -> None:
    agree(*case, rtol=3e-5)


@pytest.mark.no_cover
@SLOW
@given(programs(np.float64))
def test_float64_programs_agree_with_numpy(case: tuple[Program, list[np.ndarray]]) -> None:
    agree(*case, rtol=1e-12)
