"""The most this machine can do: float32 arithmetic in registers, and bytes to and from memory.

GFLOP/s: a loop of independent fused multiply-adds on vectors of the host's width, nothing loaded
or stored. GB/s: a[i] = b[i] + s·c[i] over arrays far larger than any cache; two reads and one
write are counted. `python -m benchmarks.peak THREADS` prints both as JSON.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .machine import pin
from .process import environment

ROUNDS = 20  # short ones: others can only take away, so the fastest counts
CHAINS = (8, 10, 12, 16, 24)  # independent sums; how many hide the latency differs by machine
FMA_LOOPS = 1_000_000
TRIAD_BYTES = 64 * 2**20  # of each array


def fma_ir(lanes: int, chains: int) -> str:
    """`float fma(i64 n)`: n rounds of `chains` multiply-adds on vectors of `lanes` floats."""
    vector = f"<{lanes} x float>"
    sums = range(chains)
    phis = [f"  %a{i} = phi {vector} [ splat (float 1.0), %entry ], [ %b{i}, %loop ]" for i in sums]
    work = [
        f"  %b{i} = call {vector} @llvm.fma.v{lanes}f32({vector} %a{i}, {vector} %x, {vector} %y)"
        for i in sums
    ]
    total = [f"  %t0 = fadd {vector} %b0, %b0"]
    total += [f"  %t{i} = fadd {vector} %t{i - 1}, %b{i}" for i in range(1, chains)]
    return "\n".join(
        [
            f"declare {vector} @llvm.fma.v{lanes}f32({vector}, {vector}, {vector})",
            "define float @fma(i64 %n, float %f, float %g) {",
            "entry:",
            f"  %f0 = insertelement {vector} poison, float %f, i64 0",
            f"  %x = shufflevector {vector} %f0, {vector} poison, <{lanes} x i32> zeroinitializer",
            f"  %g0 = insertelement {vector} poison, float %g, i64 0",
            f"  %y = shufflevector {vector} %g0, {vector} poison, <{lanes} x i32> zeroinitializer",
            "  br label %loop",
            "loop:",
            "  %i = phi i64 [ 0, %entry ], [ %next, %loop ]",
            *phis,
            *work,
            "  %next = add i64 %i, 1",
            "  %more = icmp slt i64 %next, %n",
            "  br i1 %more, label %loop, label %end",
            "end:",
            *total,
            f"  %r = extractelement {vector} %t{chains - 1}, i64 0",
            "  ret float %r",
            "}",
        ]
    )


def triad_ir(lanes: int) -> str:
    """`void triad(a, b, c, i64 n)`: a = b + 3·c over n floats, a multiple of the lanes."""
    vector = f"<{lanes} x float>"
    return "\n".join(
        [
            f"declare {vector} @llvm.fma.v{lanes}f32({vector}, {vector}, {vector})",
            "define void @triad(ptr noalias %a, ptr noalias %b, ptr noalias %c, i64 %n) {",
            "entry:",
            "  br label %loop",
            "loop:",
            "  %i = phi i64 [ 0, %entry ], [ %next, %loop ]",
            "  %pa = getelementptr float, ptr %a, i64 %i",
            "  %pb = getelementptr float, ptr %b, i64 %i",
            "  %pc = getelementptr float, ptr %c, i64 %i",
            f"  %vb = load {vector}, ptr %pb, align 4",
            f"  %vc = load {vector}, ptr %pc, align 4",
            f"  %va = call {vector} @llvm.fma.v{lanes}f32("
            f"{vector} %vc, {vector} splat (float 3.0), {vector} %vb)",
            f"  store {vector} %va, ptr %pa, align 4",
            f"  %next = add i64 %i, {lanes}",
            "  %more = icmp slt i64 %next, %n",
            "  br i1 %more, label %loop, label %end",
            "end:",
            "  ret void",
            "}",
        ]
    )


class Machine:
    """Machine code for this processor, made by LLVM."""

    def __init__(self) -> None:
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        self.llvm = llvm
        features = llvm.get_host_cpu_features()
        self.lanes = 16 if features.get("avx512f") else 8 if features.get("avx") else 4
        self.features = features.flatten()
        self.engines: list[Any] = []

    def address(self, ir: str, name: str) -> int:
        """Where the compiled function is; `prefer-vector-width` keeps LLVM from halving vectors."""
        width = f'attributes #0 = {{ "prefer-vector-width"="{32 * self.lanes}" }}\n'
        text = ir.replace(") {\nentry:", ") #0 {\nentry:") + "\n" + width
        target = self.llvm.Target.from_default_triple().create_target_machine(
            cpu=self.llvm.get_host_cpu_name(), features=self.features, opt=2, jit=True
        )  # the engine takes it, so each needs one
        engine = self.llvm.create_mcjit_compiler(self.llvm.parse_assembly(text), target)
        engine.finalize_object()
        self.engines.append(engine)  # keeps the code alive
        return int(engine.get_function_address(name))


def gflops(machine: Machine, threads: int) -> float:
    """The best of several rounds and numbers of chains."""
    kind = ctypes.CFUNCTYPE(ctypes.c_float, ctypes.c_int64, ctypes.c_float, ctypes.c_float)
    best = 0.0
    for chains in CHAINS:
        function = kind(machine.address(fma_ir(machine.lanes, chains), "fma"))
        calls = [lambda f=function: f(FMA_LOOPS, 0.5, 0.25)] * threads  # tends to 0.5: no overflow
        flop = 2.0 * machine.lanes * chains * FMA_LOOPS * threads
        best = max(best, flop / _fastest(calls) / 1e9)
    return best


def gigabytes(machine: Machine, threads: int) -> float:
    """Memory bandwidth; each thread has its own part of the arrays."""
    kind = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3, ctypes.c_int64)
    function = kind(machine.address(triad_ir(machine.lanes), "triad"))
    count = TRIAD_BYTES // 4
    part = count // threads // 64 * 64
    arrays = [np.ones(count, np.float32) for _ in range(3)]
    places = [[a[t * part :].ctypes.data for a in arrays] for t in range(threads)]
    calls = [lambda p=p: function(*p, part) for p in places]
    return 3 * 4 * part * threads / _fastest(calls) / 1e9


def _fastest(calls: list[Callable[[], Any]]) -> float:
    """Seconds of the fastest round; all calls of a round run at once, each in its own thread."""
    times = []
    for _ in range(ROUNDS):
        threads = [threading.Thread(target=call) for call in calls[1:]]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        calls[0]()
        for thread in threads:
            thread.join()
        times.append(time.perf_counter() - start)
    return min(times)


def measure(threads: int) -> dict[str, Any]:
    """Both numbers for one core and for `threads` of them."""
    machine = Machine()
    counts = sorted({1, threads})
    return {
        "lanes": machine.lanes,
        "gflops": {str(n): gflops(machine, n) for n in counts},
        "gigabytes": {str(n): gigabytes(machine, n) for n in counts},
    }


def measured_by(python: str, threads: int, folder: Path) -> dict[str, Any]:
    """The same, in a process of its own."""
    done = subprocess.run(
        [python, "-m", "benchmarks.peak", str(threads)],
        cwd=Path(__file__).resolve().parents[1],
        env=environment(threads, folder),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def best(*found: dict[str, Any]) -> dict[str, Any]:
    """The higher numbers of several measurements: others can only take away."""
    first = found[0]
    return {
        "lanes": first["lanes"],
        **{
            unit: {n: max(f[unit][n] for f in found) for n in first[unit]}
            for unit in ("gflops", "gigabytes")
        },
    }


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else min(2, os.cpu_count() or 1)
    pin(wanted)
    print(json.dumps(measure(wanted), indent=1))
