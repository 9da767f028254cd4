"""What this machine is, and how busy others keep it."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys
import time
from pathlib import Path
from typing import Any


def facts() -> dict[str, Any]:
    """Processor, cores, memory, system."""
    return {
        "processor": _processor(),
        "cores": len(cores()),
        "memory_gib": _memory(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _memory() -> float:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return round(pages / 2**30, 1)


def cores() -> list[int]:
    """Processors that this process may use, one for each physical core."""
    if not hasattr(os, "sched_getaffinity"):
        return list(range(os.cpu_count() or 1))
    chosen: dict[str, int] = {}
    for cpu in sorted(os.sched_getaffinity(0)):
        siblings = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        chosen.setdefault(siblings.read_text() if siblings.exists() else str(cpu), cpu)
    return sorted(chosen.values())


def pin(threads: int) -> None:
    """Keeps this process and all its threads on as many cores as it may have threads."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores()[:threads])


def end_with_parent() -> None:
    """On Linux this process is killed when its parent dies, even while it is stopped."""
    if sys.platform == "linux":
        set_death_signal = 1  # PR_SET_PDEATHSIG of prctl(2)
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)


def peak_memory() -> float:
    """The most memory this process has held at once, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not getrusage: its peak is inherited from the process that started this one.
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes on macOS


class Foreign:
    """How much processor time others took while something ran, in cores; None where unknown."""

    def __init__(self) -> None:
        self.start = time.perf_counter(), _busy()

    def cores(self, own: float) -> float | None:
        """`own`: seconds of processor time that what ran took itself."""
        (begin, before), after = self.start, _busy()
        if before is None or after is None:
            return None
        return max(0.0, (after - before - own) / (time.perf_counter() - begin))


def _busy() -> float | None:
    """Seconds that all processors together have worked; stolen time counts, waiting does not."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return None
    user, nice, system, _, _, irq, softirq, steal = map(
        int, stat.read_text().split("\n", 1)[0].split()[1:9]
    )
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
