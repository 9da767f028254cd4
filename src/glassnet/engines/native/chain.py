"""Steps of several programs in one native call.

Such as a program for the shorter batch at the end, or one that looks into every fiftieth step. Each
counts its own steps; they run piece by piece, each piece with a header of its own.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .frame import Frame

if TYPE_CHECKING:
    from .inputs import Held, LoopInput
    from .native import NativeProgram

Array = np.ndarray[Any, Any]


@dataclass(slots=True)
class Part:
    """What one of the programs does in a chain.

    Attributes:
        program: which.
        inputs: as its `loop` takes them; None where `held` has one.
        steps: how many, in all its pieces together.
        each: outputs to record at every step.
        held: inputs that seldom change, by number.
    """

    program: NativeProgram
    inputs: Sequence[LoopInput | None]
    steps: int
    each: Sequence[int]
    held: Held


def run_chain(parts: Sequence[Part], pieces: Sequence[tuple[int, int]]) -> list[list[Array]]:
    """Runs the pieces in order, and returns for each part what its `loop` would.

    Args:
        parts: one for each program.
        pieces: (number of the part, steps).
    """
    laid = [part.program.laid(part.inputs, part.steps, part.each, part.held) for part in parts]
    programs = [part.program for part in parts]
    if len(parts) == 1:
        programs[0].run(parts[0].steps, laid[0])
        return [laid[0].results]
    lead = max(parts, key=lambda part: part.steps).program
    alike = len({program.threads for program in programs}) == 1
    with ExitStack() as held:
        pairs = zip(programs, laid, strict=True)
        frames = [held.enter_context(program.placed(own)) for program, own in pairs]
        left = _Left(pieces)
        while left.steps and not any(frame.flag[0] for frame in frames):
            threads, count = lead.pace.next(left.steps)
            threads = threads if alike else 1  # all that every program can run on
            runs = [program.code.address(f"run{threads}") for program in programs]
            words = _words(left.take(count), runs, frames)
            start = time.perf_counter()
            lead.team(threads).run(lead.code.load("chain"), words[0].ctypes.data)
            lead.pace.saw(threads, count, time.perf_counter() - start)
        for frame in frames:
            frame.check()
    return [own.results for own in laid]


class _Left:
    """The pieces that have not run yet."""

    def __init__(self, pieces: Sequence[tuple[int, int]]) -> None:
        self.pieces = list(pieces)[::-1]  # the next one last
        self.steps = sum(count for _, count in pieces)
        self.done: dict[int, int] = {}

    def take(self, steps: int) -> list[tuple[int, int, int]]:
        """The next pieces of so many steps: part, the first of its steps, how many."""
        taken = []
        self.steps -= steps
        while steps:
            part, count = self.pieces.pop()
            if count > steps:
                self.pieces.append((part, count - steps))
                count = steps
            first = self.done.get(part, 0)
            taken.append((part, first, count))
            self.done[part] = first + count
            steps -= count
        return taken


def _words(
    pieces: Sequence[tuple[int, int, int]], runs: Sequence[int], frames: Sequence[Frame]
) -> tuple[Array, Array]:
    """What `runtime.CHAIN` reads, and the headers at which it points."""
    part, first, count = np.array(pieces, np.int64).T
    headers = np.stack([frame.header for frame in frames])[part]
    headers[:, 0], headers[:, 1] = first, count
    words = np.empty(1 + 2 * len(pieces), np.int64)
    words[0], words[1::2] = len(pieces), np.array(runs)[part]
    words[2::2] = headers.ctypes.data + headers.strides[0] * np.arange(len(pieces))
    return words, headers
