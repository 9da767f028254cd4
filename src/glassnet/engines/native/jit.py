"""IR text to machine code in this process, by way of the cache."""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from typing import Any

import llvmlite.binding as llvm

from ...errors import ProgramError
from .cache import ObjectCache
from .helpers import LIBM
from .target import Target, initialise


class Code:
    """A module's machine code, made when it is first wanted."""

    def __init__(self, text: str, target: Target, cache: ObjectCache | None) -> None:
        self.text, self.target, self.cache = text, target, cache
        self._engine: Any = None

    def object_code(self) -> bytes:
        """The compiled module: from the cache, or compiled now."""
        key = ObjectCache.key(self.text, self.target) if self.cache else ""
        known = self.cache.load(key) if self.cache else None
        if known is not None:
            return known
        code = bytes(self.target.machine().emit_object(self._parsed()))
        if self.cache:
            self.cache.save(key, code)
        return code

    def load(self, threads: int) -> Any:
        """`run(header, thread)` for so many threads; a call to it frees the interpreter's lock."""
        if self._engine is None:
            if not self.target.runs_here:
                raise ProgramError(
                    f"code for {self.target.name} cannot run on this processor",
                    mend="leave out target=, or only look at .ir() and .assembly()",
                )
            _offer_symbols()
            machine = self.target.machine()
            self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
            self._engine.add_object_file(llvm.ObjectFileRef.from_data(self.object_code()))
            self._engine.finalize_object()
        prototype = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)
        run = prototype(self._engine.get_function_address(f"run{threads}"))
        run.engine = self._engine  # type: ignore[attr-defined]  # lives while somebody may call
        return run

    def assembly(self) -> str:
        """The machine code as text."""
        return str(self.target.machine().emit_assembly(self._parsed()))

    def _parsed(self) -> Any:
        initialise()
        return llvm.parse_assembly(self.text)


@functools.cache
def _offer_symbols() -> None:
    """Tells LLVM where libm's functions and `sched_yield` are, once per process."""
    library = ctypes.CDLL(ctypes.util.find_library("m") or None)
    process = ctypes.CDLL(None)
    for name in (*LIBM, "memcpy", "memset", "sched_yield"):
        function = getattr(library if hasattr(library, name) else process, name)
        llvm.add_symbol(name, ctypes.cast(function, ctypes.c_void_p).value or 0)
