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
        md5: its checksum, hexadecimal, as its authors publish it; against damage, not malice.
        size: in bytes; no more than that is ever fetched.
    """

    name: str
    addresses: tuple[str, ...]
    md5: str
    size: int


def remotes(base: Sequence[str], files: dict[str, tuple[str, int]]) -> dict[str, Remote]:
    """Files that lie together at several addresses, each with its checksum and its size."""
    return {
        name: Remote(name, tuple(address + name for address in base), md5, size)
        for name, (md5, size) in files.items()
    }
