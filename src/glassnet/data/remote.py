"""What is known of files on the net before they are fetched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remote:
    """A file on the net.

    Attributes:
        name: what it is called here.
        addresses: where it lies, the first to be tried first.
        sha256: its checksum, hexadecimal; against damage and against another file in its place.
        size: in bytes; no more than that is ever fetched.
    """

    name: str
    addresses: tuple[str, ...]
    sha256: str
    size: int


def remotes(base: Sequence[str], files: dict[str, tuple[str, int]]) -> dict[str, Remote]:
    """Files that lie together at several addresses, each with its checksum and its size."""
    return {
        name: Remote(name, tuple(address + name for address in base), sha256, size)
        for name, (sha256, size) in files.items()
    }
