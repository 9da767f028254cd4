"""Files that are whole at every moment: the old content or the new, never a part."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ..errors import OutputError


def write_atomically(path: str | os.PathLike[str], content: bytes) -> Path:
    """Writes beside the file first and then renames; returns the path.

    Whoever reads, and whatever is killed or runs out of space in between, finds the old content
    or the new. A process killed while it writes may leave a `.name.number.part` behind.

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
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written",
            expected="a file in a folder that is there, takes files and has room",
            received=error.strerror or str(error),
            where=str(target),
            mend="choose another place, or make room; what was there before is unchanged",
        ) from error
    return target


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
