"""The compiler: an array program to machine code, through LLVM, for fixed shapes.

tiled, shares, crews, simplify -> canonical -> fuse -> plan -> schedule -> module (LLVM IR) -> jit.
Each pass is a file; `NativeProgram.show()` prints what they made.
"""

from .cache import user_folder
from .chain import Part, run_chain
from .inputs import Batch, Steps
from .native import NativeProgram, compile_program
from .target import Target, cores

__all__ = [
    "Batch",
    "NativeProgram",
    "Part",
    "Steps",
    "Target",
    "compile_program",
    "cores",
    "run_chain",
    "user_folder",
]
