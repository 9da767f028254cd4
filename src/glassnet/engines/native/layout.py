"""What a run has to know of a compiled program beside its code; kept together with it on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .passes import Passes

Array = np.ndarray[Any, Any]
_LENGTH = 8  # bytes that say how long the description is


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes, and places in the table of arrays.

    Attributes:
        threads: how many share a step at most.
        scratch_bytes: of one thread.
        arena_bytes: of everything that is stored between kernels.
        inputs: the slot of each input.
        outputs: the slot of each output that is returned, and not written over an input.
        constants: the arrays that are put into slots once.
    """

    threads: int
    scratch_bytes: int
    arena_bytes: int
    inputs: Sequence[int]
    outputs: Sequence[int]
    constants: Mapping[int, Array]

    @staticmethod
    def of(passes: Passes, returned: Sequence[int]) -> Layout:
        """The layout that the passes have made; `returned` are numbers of outputs."""
        program, slots, module = passes.program, passes.plan.slots, passes.module
        return Layout(
            passes.schedule.threads,
            module.scratch_bytes,
            module.arena_bytes,
            [slots[v] for v in program.inputs],
            [slots[program.outputs[i]] for i in returned],
            {slots[v]: np.ascontiguousarray(array) for v, array in program.constants.items()},
        )

    @property
    def slots(self) -> int:
        """The length of the table of arrays."""
        return max([*self.inputs, *self.constants, *self.outputs], default=-1) + 1

    def join(self, code: bytes) -> bytes:
        """The layout and the code as one string of bytes."""
        words = {
            "threads": self.threads,
            "scratch_bytes": self.scratch_bytes,
            "arena_bytes": self.arena_bytes,
            "inputs": list(self.inputs),
            "outputs": list(self.outputs),
            "constants": [(slot, a.dtype.str, a.shape) for slot, a in self.constants.items()],
        }
        head = json.dumps(words).encode()
        arrays = [array.tobytes() for array in self.constants.values()]
        return b"".join([len(head).to_bytes(_LENGTH, "little"), head, *arrays, code])

    @staticmethod
    def split(data: bytes) -> tuple[Layout, bytes]:
        """The layout and the code that were joined."""
        start = _LENGTH + int.from_bytes(data[:_LENGTH], "little")
        words = json.loads(data[_LENGTH:start])
        constants: dict[int, Array] = {}
        for slot, name, shape in words.pop("constants"):
            dtype, size = np.dtype(name), int(np.prod(shape, dtype=np.int64))
            constants[slot] = np.frombuffer(data, dtype, size, start).reshape(shape)
            start += size * dtype.itemsize
        return Layout(**words, constants=constants), data[start:]
