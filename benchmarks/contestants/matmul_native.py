"""The product alone: glassnet's compiled kernel, its packing of an operand included."""

from __future__ import annotations

from typing import Any

from glassnet.engines import Recorder
from glassnet.engines.native import compile_program, user_folder

from ..material import Material
from .matmul_numpy import MatmulNumpy


class MatmulNative(MatmulNumpy):
    flags = "compiled for the shape"

    def __init__(self, material: Material, threads: int) -> None:
        super().__init__(material, threads)
        xp = Recorder()
        a, b = (xp.input(array.shape, array.dtype) for array in (self.a, self.b))
        program = xp.finish([xp.contract(a, b, "mk,kn->mn")])
        self.program = compile_program(program, threads=threads, cache=user_folder())

    def run(self) -> Any:
        for _ in range(self.steps):
            self.program(self.a, self.b, out=[self.c])
        return self.c
