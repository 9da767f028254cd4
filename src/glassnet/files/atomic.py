"""Files that are whole at every moment: the old content or the new, never a part."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from pathlib import Path

from ..errors import OutputError

OLD = 600.0  # seconds without a byte: until then its writer may be at work on another machine


def write_atomically(path: str | os.PathLike[str], content: bytes) -> Path:
    """Writes beside the file first and then renames; returns the path.

    Whoever reads, and whatever is killed or runs out of space in between, finds the old content
    or the new. A process killed while it writes leaves a `.name.number.part` behind, which the
    next write of the file takes away once it is old.

    Raises:
        OutputError: it cannot be written; the old content is still there.
    """
    target = Path(path)
    try:
        place = target.resolve()  # a link goes on pointing to the file
        part = place.with_name(f".{place.name}.{os.getpid()}.part")
        try:
            _write_to_disk(part, content)
            part.replace(place)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
        _settle_folder(place.parent)
        _sweep(place)
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written",
            expected="a file in a folder that is there, takes files and has room",
            received=error.strerror or str(error),
            where=str(target),
            mend="choose another place, or make room; what was there before is unchanged",
        ) from error
    return target


def _sweep(place: Path) -> None:
    """Removes what processes that are gone left of this file; whatever is in doubt stays."""
    name = re.compile(rf"\.{re.escape(place.name)}\.(\d+)\.part")
    with contextlib.suppress(OSError):
        for path in place.parent.iterdir():
            found = name.fullmatch(path.name)
            if found and time.time() - path.stat().st_mtime > OLD and _is_gone(int(found[1])):
                path.unlink()  # Windows keeps a file that somebody has open


if sys.platform == "win32":

    def _is_gone(_process: int) -> bool:
        return True  # a signal 0 would end it there; its open file cannot be removed anyway

else:

    def _is_gone(process: int) -> bool:
        """Whether no process has this number; one of somebody else's is there too."""
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        except (OSError, OverflowError):
            return False
        return False


def _write_to_disk(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())  # before the rename, so that no crash leaves an empty file


def _settle_folder(folder: Path) -> None:
    """Makes the rename itself survive a crash; a system without folders to sync has no need."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
