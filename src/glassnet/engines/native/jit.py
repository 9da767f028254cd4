"""IR text to machine code in this process, and the cache of compiled objects."""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from typing import Any

import llvmlite.binding as llvm

from .helpers import LIBM
from .target import Target, initialise


class Code:
    """A module's machine code; `run` is its entry point."""

    def __init__(self, text: str, target: Target) -> None:
        initialise()
        _offer_symbols()
        self.text, self.target = text, target
        self._module = llvm.parse_assembly(text)
        self._engine: Any = None
        self.object_code = b""

    def load(self) -> Any:
        """Compiles, and returns `run(header, thread)` as a C function that frees the GIL."""
        machine = self.target.machine()
        self._engine = llvm.create_mcjit_compiler(self._module, machine)
        self._engine.finalize_object()
        address = self._engine.get_function_address("run")
        return ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)(address)

    def assembly(self) -> str:
        """The machine code as text."""
        return str(self.target.machine().emit_assembly(llvm.parse_assembly(self.text)))


@functools.cache
def _offer_symbols() -> None:
    """Tells LLVM where libm's functions and `sched_yield` are, once per process."""
    library = ctypes.CDLL(ctypes.util.find_library("m") or None)
    process = ctypes.CDLL(None)
    for name in (*LIBM, "memcpy", "sched_yield"):
        function = getattr(library if hasattr(library, name) else process, name)
        llvm.add_symbol(name, ctypes.cast(function, ctypes.c_void_p).value or 0)
