from __future__ import annotations

import ctypes

import llvmlite.binding as llvm
import numpy as np
import pytest
from benchmarks.peak import Machine, best, fma_ir, triad_ir


@pytest.mark.parametrize("lanes", [4, 8, 16])
def test_the_loops_are_what_llvm_reads(lanes: int) -> None:
    for ir in (fma_ir(lanes, 10), triad_ir(lanes)):
        llvm.parse_assembly(ir).verify()


def test_the_triad_computes() -> None:
    machine = Machine()
    call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3, ctypes.c_int64)
    function = call(machine.address(triad_ir(machine.lanes), "triad"))
    a, b, c = (np.full(64, value, np.float32) for value in (0, 1, 2))
    function(a.ctypes.data, b.ctypes.data, c.ctypes.data, 64)
    assert (a == 7).all()


def test_every_chain_of_the_loop_counts() -> None:
    machine = Machine()
    call = ctypes.CFUNCTYPE(ctypes.c_float, ctypes.c_int64, ctypes.c_float, ctypes.c_float)
    function = call(machine.address(fma_ir(machine.lanes, 8), "fma"))
    # One round: each chain is 1·½ + ¼; the first is counted twice.
    assert function(1, 0.5, 0.25) == 9 * 0.75


def test_the_best_of_two() -> None:
    one = {"lanes": 8, "gflops": {"1": 2.0}, "gigabytes": {"1": 5.0}}
    two = {"lanes": 8, "gflops": {"1": 3.0}, "gigabytes": {"1": 4.0}}
    assert best(one, two) == {"lanes": 8, "gflops": {"1": 3.0}, "gigabytes": {"1": 5.0}}
