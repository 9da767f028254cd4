"""Files from the net: fetched once, checked, kept; what was begun is gone on with."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..errors import DownloadError, OutputError
from .remote import Remote

CHUNK = 1 << 16
ATTEMPTS = 5  # at each address, as long as no new byte arrives
MOST_ATTEMPTS = 100  # in any case
PAUSE = 0.5  # seconds before the second attempt; doubled before each further one
TIMEOUT = 30.0  # seconds without a byte
PARTIAL, WHOLE = 206, 200  # what a server may answer


class BrokenError(Exception):
    """A connection that does not come about, or ends before it should."""


def fetch(remote: Remote, folder: Path) -> Path:
    """The file in this folder, fetched if it is not there whole; returns its path.

    A download that broke off goes on where it ended, also in the next process. Of several processes
    that want the file at once, one fetches it and the others wait.

    Raises:
        DownloadError: no address has it; says what went wrong at each.
        OutputError: the folder cannot be written.
    """
    target = folder / remote.name
    try:
        if is_whole(target, remote):
            return target
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(folder / f".{remote.name}.lock"):
            if is_whole(target, remote):  # another process was quicker
                return target
            return _fetch(remote, target)
    except DownloadError:
        raise
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written",
            expected="a folder that takes files and has room",
            received=error.strerror or str(error),
            mend="give another folder",
        ) from error


def is_whole(path: Path, remote: Remote) -> bool:
    """Whether the file is there, with its size and its checksum."""
    if not path.is_file() or path.stat().st_size != remote.size:
        return False
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == remote.sha256


def _fetch(remote: Remote, target: Path) -> Path:
    part = target.with_name(f".{target.name}.part")
    troubles = []
    for address in remote.addresses:
        trouble = _from_address(address, remote, part)
        if not trouble and is_whole(part, remote):
            part.replace(target)
            return target
        if not trouble:
            part.unlink(missing_ok=True)  # damaged: nothing of it can be gone on with
            trouble = f"another checksum than {remote.sha256}"
        troubles.append(f"{address}: {trouble}")
    raise DownloadError(
        f"{remote.name} cannot be fetched",
        expected=f"{remote.size:,} bytes from one of {len(remote.addresses)} addresses",
        received="\n".join(troubles),
        where=str(target),
        mend=f"connect to the net and try again, or put the file into {target.parent} by hand",
    )


def _from_address(address: str, remote: Remote, part: Path) -> str:
    """Makes the part whole from one address; returns what stood in the way, or an empty text."""
    trouble, idle = "", 0
    for _ in range(MOST_ATTEMPTS):
        if idle == ATTEMPTS:
            break
        before = part.stat().st_size if part.exists() else 0
        if before > remote.size:
            part.unlink()
            return f"more than {remote.size:,} bytes"
        if before == remote.size:
            return ""
        if idle:
            time.sleep(PAUSE * 2 ** (idle - 1))
        try:
            _go_on(address, remote, part, before)
            trouble = "the connection broke off"
        except urllib.error.HTTPError as error:
            error.close()
            trouble = f"the server answers {error.code} {error.reason}"
            if error.code < 500:
                return trouble  # such as 404, or no more bytes: not different in a second
        except BrokenError as error:
            trouble = str(error)
        after = part.stat().st_size if part.exists() else 0
        idle = 0 if after > before else idle + 1
    return trouble


def _go_on(address: str, remote: Remote, part: Path, have: int) -> None:
    """Appends what the server sends from byte `have` on."""
    headers = {"User-Agent": "glassnet", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(address, headers=headers)
    with _from_net(urllib.request.urlopen, request, timeout=TIMEOUT) as answer:
        goes_on = answer.status == PARTIAL and _begins(answer) == have
        if answer.status != WHOLE and not goes_on:
            raise BrokenError(f"the server answers {answer.status} to the wish for a part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.truncate(have if goes_on else 0)
            stream.seek(0, os.SEEK_END)
            left = remote.size - stream.tell() + 1  # by one too many, too long a file is known
            while left > 0 and (chunk := _from_net(answer.read1, min(CHUNK, left))):
                stream.write(chunk)
                left -= len(chunk)


def _from_net(function: Callable[..., Any], *arguments: Any, **settings: Any) -> Any:
    """The function's result; the net's errors as `BrokenError`: those left are the disk's."""
    try:
        return function(*arguments, **settings)
    except urllib.error.HTTPError:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = str(getattr(error, "reason", "") or error) or type(error).__name__
        raise BrokenError(reason) from None


def _begins(answer: Any) -> int:
    """The first byte of a partial answer: 100 in `Content-Range: bytes 100-199/200`."""
    first = answer.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(first) if first.isdecimal() else -1


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """A block that one process at a time is in; a process that dies gives the lock back."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(handle)
        yield
    finally:
        os.close(handle)


if sys.platform == "win32":

    def _lock(handle: int) -> None:
        import msvcrt

        while True:  # it gives up after ten seconds
            with contextlib.suppress(OSError):
                msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
                return

else:

    def _lock(handle: int) -> None:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)
