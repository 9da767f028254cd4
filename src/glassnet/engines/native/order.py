"""An order in which the kernels of a program can run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from heapq import heappop, heappush

from ..program import Variable
from .kernel import Kernel

Reads = Callable[[Kernel], set[Variable]]


def in_order(
    kernels: list[Kernel], reads: Reads, updates: Mapping[Variable, Variable]
) -> list[Kernel]:
    """The kernels so that each follows what it reads, and updates follow all readers."""
    after: dict[int, set[int]] = {id(k): set() for k in kernels}
    writers: dict[Variable, list[Kernel]] = {}
    for kernel in kernels:
        for variable in kernel.writes:
            writers.setdefault(variable, []).append(kernel)
    for kernel in kernels:
        for variable in reads(kernel):
            after[id(kernel)] |= {id(w) for w in writers.get(variable, []) if w is not kernel}
        if kernel.target is not None:
            mates = writers[kernel.target]
            position = next(i for i, k in enumerate(mates) if k is kernel)
            after[id(kernel)] |= {id(k) for k in mates[:position]}
    readers: dict[Variable, list[Kernel]] = {old: [] for old in updates}
    for kernel in kernels:
        for variable in reads(kernel) & readers.keys():
            readers[variable].append(kernel)
    for old, new in updates.items():
        for writer in writers.get(new, []):
            _let_pass(readers[old], writer, after)
    return _topological(kernels, after)


def _let_pass(readers: list[Kernel], writer: Kernel, after: dict[int, set[int]]) -> None:
    """Readers of a parameter before the kernel that writes over it, where that is possible."""
    for reader in readers:
        if reader is not writer and not _follows(reader, writer, after):
            after[id(writer)].add(id(reader))


def _follows(kernel: Kernel, writer: Kernel, after: dict[int, set[int]]) -> bool:
    pending, seen = [id(kernel)], set()
    while pending:
        key = pending.pop()
        if key == id(writer):
            return True
        if key not in seen:
            seen.add(key)
            pending += after[key]
    return False


def _topological(kernels: list[Kernel], after: dict[int, set[int]]) -> list[Kernel]:
    """Always the first kernel in the list whose turn it can be."""
    places = {id(kernel): place for place, kernel in enumerate(kernels)}
    missing = [len(after[id(kernel)]) for kernel in kernels]
    followers: dict[int, list[int]] = {}
    for kernel in kernels:
        for needed in after[id(kernel)]:
            followers.setdefault(needed, []).append(places[id(kernel)])
    ready = [place for place, count in enumerate(missing) if not count]  # a heap, being sorted
    done: list[Kernel] = []
    while ready:
        kernel = kernels[heappop(ready)]
        done.append(kernel)
        for place in followers.get(id(kernel), ()):
            missing[place] -= 1
            if not missing[place]:
                heappush(ready, place)
    return done
