"""IR text to machine code in this process."""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm

from ...errors import ProgramError
from .helpers import LIBM
from .target import Target, initialise


class Code:
    """A module's machine code, made when it is first wanted.

    Args:
        text: gives the IR.
        target: the processor.
        known: the code, where it was made before.
        keep: receives the code that was made.
    """

    def __init__(
        self,
        text: Callable[[], str],
        target: Target,
        known: bytes | None,
        keep: Callable[[bytes], None],
    ) -> None:
        self.text, self.target, self._keep = text, target, keep
        self._known = known
        self._engine: Any = None
        self._functions: dict[str, Any] = {}
        self._addresses: dict[str, int] = {}

    def object_code(self) -> bytes:
        """The compiled module: known already, or compiled now and kept."""
        if self._known is None:
            self._known = bytes(self.target.machine().emit_object(self._parsed()))
            self._keep(self._known)
        return self._known

    def load(self, name: str) -> Any:
        """A function of an address and a thread; a call to it frees the interpreter's lock."""
        if name not in self._functions:
            prototype = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)
            function = prototype(self.address(name))
            function.engine = self._engine  # type: ignore[attr-defined]  # lives as long
            self._functions[name] = function
        return self._functions[name]

    def address(self, name: str) -> int:
        """Where a function lies in memory, as long as this object lives."""
        if name not in self._addresses:
            self._addresses[name] = int(self._ready().get_function_address(name))
        return self._addresses[name]

    def _ready(self) -> Any:
        """LLVM's engine with the module in it."""
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
        return self._engine

    def assembly(self) -> str:
        """The machine code as text."""
        return str(self.target.machine().emit_assembly(self._parsed()))

    def _parsed(self) -> Any:
        initialise()
        return llvm.parse_assembly(self.text())


@functools.cache
def _offer_symbols() -> None:
    """Tells LLVM where libm's functions and `sched_yield` are, once per process."""
    library = ctypes.CDLL(ctypes.util.find_library("m") or None)
    process = ctypes.CDLL(None)
    for name in (*LIBM, "memcpy", "memset", "sched_yield"):
        function = getattr(library if hasattr(library, name) else process, name)
        llvm.add_symbol(name, ctypes.cast(function, ctypes.c_void_p).value or 0)
