"""Machine code kept on disk, so that the second run of a program starts at once.

One file per program, named by a hash of its statements, the processor and the compiler itself, so
that none of its passes has to run again; inside, a checksum, the layout and the object code. Files
are written beside their place and then moved there, so two processes never see half of one; a file
that does not match its checksum is built anew. Code is only ever loaded from a folder that nobody
else can write to.
"""

from __future__ import annotations

import functools
import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm
import numpy as np

from ..caches import cache_folder
from ..program import Program
from .target import Target

_MAGIC = b"glassnet object 2\n"
_KEPT = 256  # files: the oldest give way


def user_folder() -> Path:
    """Where compiled code of this user is kept."""
    return cache_folder("native")


class ObjectCache:
    """Object code by key, in a private folder; a folder that cannot be used is no error."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    @staticmethod
    def key(program: Program, updates: Mapping[int, int], threads: int, target: Target) -> str:
        """The name of a program's code: changes with all that the code depends on."""
        parts = [program.fingerprint(), *map(repr, (sorted(updates.items()), threads, target))]
        return hashlib.sha256("\0".join([*parts, _compiler()]).encode()).hexdigest()

    def load(self, key: str) -> bytes | None:
        """The code, if a whole and private file of it is there."""
        path = self.folder / key
        try:
            if not (_is_private(self.folder) and _is_private(path)):
                return None
            data = path.read_bytes()
        except OSError:
            return None
        head, digest, code = data[: len(_MAGIC)], data[len(_MAGIC) :][:32], data[len(_MAGIC) + 32 :]
        return code if head == _MAGIC and hashlib.sha256(code).digest() == digest else None

    def save(self, key: str, code: bytes) -> None:
        """Keeps the code; does nothing where that is not possible."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _is_private(self.folder):
                return
            self._prune()
            handle, name = tempfile.mkstemp(dir=self.folder, prefix="new-")  # mode 0600
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_MAGIC + hashlib.sha256(code).digest() + code)
                Path(name).replace(self.folder / key)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError:
            return

    def _prune(self) -> None:
        files = sorted(self.folder.iterdir(), key=lambda path: path.stat().st_mtime)
        for path in files[: max(0, len(files) - _KEPT + 1)]:
            path.unlink(missing_ok=True)


@functools.cache
def _compiler() -> str:
    """A hash of what compiles: the source of the engines, and the libraries below it."""
    versions = (sys.version, np.__version__, llvmlite.__version__, *llvm.llvm_version_info)
    found = hashlib.sha256(repr(versions).encode())
    for path in sorted(Path(__file__).resolve().parents[1].rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()


def _is_private(path: Path) -> bool:
    """Does the path belong to this user alone?"""
    if sys.platform == "win32":
        return path.exists()
    status = path.lstat()
    shared = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return not stat.S_ISLNK(status.st_mode) and status.st_uid == os.getuid() and not shared
