"""The machine that code is made for: its vectors, its registers, its LLVM names."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import llvmlite.binding as llvm

from ...errors import ArgumentError, did_you_mean
from ..protocol import DType


@dataclass(frozen=True, slots=True)
class Target:
    """A processor as the code generator sees it."""

    name: str
    triple: str
    cpu: str
    features: str
    vector_bytes: int  # width of a vector register
    registers: int  # number of vector registers
    cache_bytes: int = 1 << 20  # of a core's second-level cache

    def lanes(self, dtype: DType) -> int:
        """Elements per vector register."""
        return max(self.vector_bytes // dtype.itemsize, 1)

    def machine(self, optimisation: int = 2) -> llvm.TargetMachine:
        """LLVM's own description, which turns IR into machine code."""
        initialise()
        return llvm.Target.from_triple(self.triple).create_target_machine(
            cpu=self.cpu, features=self.features, opt=optimisation, jit=True
        )

    @property
    def runs_here(self) -> bool:
        """Does this machine have the vectors that the code uses?"""
        here = host()
        known = {"generic": 0, "neon": 0, "avx2": 1, "avx512": 2}
        return self.triple == here.triple and known[self.name] <= known[here.name]


@functools.cache
def initialise() -> None:
    """Loads LLVM's targets, once per process."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()


def _host_features(without: str = "") -> dict[str, bool]:
    features = dict(llvm.get_host_cpu_features())
    return {
        name: on and not (without and name.startswith(without)) for name, on in features.items()
    }


def _second_level_cache() -> int:
    """Its size as Linux tells it; elsewhere that of most processors."""
    for place in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        try:
            if (place / "level").read_text().strip() == "2":
                return int((place / "size").read_text().strip().removesuffix("K")) * 1024
        except (OSError, ValueError):
            continue
    return 1 << 20


def _flatten(features: dict[str, bool]) -> str:
    return ",".join(f"{'+' if on else '-'}{name}" for name, on in sorted(features.items()))


@functools.cache
def host() -> Target:
    """The processor this runs on, with the widest vectors it has."""
    initialise()
    triple, cpu, features = llvm.get_process_triple(), llvm.get_host_cpu_name(), _host_features()
    flat = _flatten(features)
    cache = _second_level_cache()
    if features.get("avx512f") and features.get("avx512vl") and features.get("avx512bw"):
        return Target("avx512", triple, cpu, flat, 64, 32, cache)
    if features.get("avx2") and features.get("fma"):
        return Target("avx2", triple, cpu, flat, 32, 16, cache)
    if triple.startswith(("aarch64", "arm64")):
        return Target("neon", triple, cpu, flat, 16, 32, cache)
    return Target("generic", triple, cpu, flat, 16, 16, cache)


def _avx2() -> Target:
    triple = llvm.get_process_triple()
    if triple.startswith("x86_64"):
        flat = _flatten(_host_features(without="avx512"))
        return Target("avx2", triple, "haswell", flat, 32, 16)
    return Target("avx2", "x86_64-unknown-linux-gnu", "haswell", "", 32, 16)


_NAMED: dict[str, Callable[[], Target]] = {
    "avx2": _avx2,
    "avx512": lambda: (
        host()
        if host().name == "avx512"
        else Target("avx512", "x86_64-unknown-linux-gnu", "skylake-avx512", "", 64, 32)
    ),
    "host": host,
    "neon": lambda: (
        host()
        if host().name == "neon"
        else Target("neon", "aarch64-unknown-linux-gnu", "generic", "+neon", 16, 32)
    ),
}


def find(target: Target | str | None) -> Target:
    """A target by name (`"avx512"`, `"avx2"`, `"neon"`, `"host"`); None is the host."""
    if isinstance(target, Target):
        return target
    if target is None:
        return host()
    if target not in _NAMED:
        raise ArgumentError(f'no target "{target}"', mend=did_you_mean(target, _NAMED))
    return _NAMED[target]()


def cores() -> int:
    """How many cores this process may use, which can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
