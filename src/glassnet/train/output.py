"""The folder that results go to, tried out before anything is computed for it."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import OutputError


def writable_folder(folder: str | os.PathLike[str]) -> Path:
    """The folder, made if need be, once a file could be written into it.

    Raises:
        OutputError: it cannot be made, or nothing can be written into it.
    """
    import tempfile  # which takes time to load

    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
        # Only writing tells: permission bits say nothing of full disks and read-only mounts.
        with tempfile.TemporaryFile(dir=path) as probe:
            probe.write(b"\0")
    except OSError as error:
        raise OutputError(
            f"nothing can be written to {path}",
            expected="a folder that can be made or is there, and takes files",
            received=error.strerror or str(error),
            where=str(path),
            mend="choose another folder, or free this one; nothing has been computed yet",
        ) from error
    return path
