"""Named arrays and a description in one file, in the safetensors format.

Eight bytes with the header's length, the header as JSON, then the numbers. The description stands
in the header's metadata. The format holds data only: reading a file never runs code from it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileFormatError
from .atomic import write_atomically

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is supposed to be, for messages.

    Attributes:
        name: such as "a model of glassnet".
        writer: the call that writes one.
        mend: what to do about a broken one.
    """

    name: str
    writer: str
    mend: str


MODEL = Kind(
    "a model of glassnet", "gn.save(model, path)", "copy or download it again, or train anew"
)
LENGTH = 8  # bytes of the header's length, little-endian
KEY = "glassnet"  # of the description, within the metadata


def write_container(
    path: str | os.PathLike[str], arrays: Mapping[str, Array], description: Mapping[str, Any]
) -> Path:
    """Writes the file whole or not at all; see `write_atomically`."""
    from safetensors.numpy import save

    text = json.dumps(description, ensure_ascii=False)
    ordered = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    return write_atomically(path, save(ordered, {KEY: text}))


def read_container(
    path: str | os.PathLike[str], kind: Kind = MODEL
) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays and the description of a file, which is of this kind.

    Raises:
        FileFormatError: no such file; none of this format; truncated; damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    content = _read(path, kind)
    header = _header(path, content, kind)
    _check_length(path, content, header, kind)
    try:
        arrays = load(content)
    except (SafetensorError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise _damaged(path, kind, str(error)) from error
    return arrays, _description(path, header, kind)


def _read(path: str | os.PathLike[str], kind: Kind) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise FileFormatError(
            f"{Path(path)} cannot be read",
            expected=kind.name,
            received=error.strerror or str(error),
            mend=f"check the path; {kind.writer} writes such a file",
        ) from error


def _header(path: str | os.PathLike[str], content: bytes, kind: Kind) -> dict[str, Any]:
    """The header as JSON has it, once it looks like one."""
    length = int.from_bytes(content[:LENGTH], "little")
    if len(content) <= LENGTH or content[LENGTH : LENGTH + 1] != b"{":
        raise _not_it(path, kind, f"{len(content)} bytes that begin with {content[:12]!r}")
    if LENGTH + length > len(content):
        raise _truncated(path, kind, len(content), LENGTH + length)
    try:
        header = json.loads(content[LENGTH : LENGTH + length])
    except (ValueError, RecursionError) as error:
        raise _damaged(path, kind, f"a header that is no JSON: {error}") from error
    if not isinstance(header, dict):
        raise _damaged(path, kind, "a header that is no JSON object")
    return header


def _check_length(
    path: str | os.PathLike[str], content: bytes, header: dict[str, Any], kind: Kind
) -> None:
    """FileFormatError where the header tells of more bytes than there are."""
    length = LENGTH + int.from_bytes(content[:LENGTH], "little")
    ends = [
        entry["data_offsets"][-1]
        for name, entry in header.items()
        if name != "__metadata__"
        and isinstance(entry, dict)
        and _is_span(entry.get("data_offsets"))
    ]
    expected = length + max(ends, default=0)
    if len(content) < expected:
        raise _truncated(path, kind, len(content), expected)


def _is_span(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(x, int) for x in value)


def _description(
    path: str | os.PathLike[str], header: dict[str, Any], kind: Kind
) -> dict[str, Any]:
    metadata = header.get("__metadata__")
    text = metadata.get(KEY) if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise _not_it(path, kind, "a safetensors file without a description of the network")
    try:
        description = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, kind, f"a description that is no JSON: {error}") from error
    if not isinstance(description, dict):
        raise _damaged(path, kind, "a description that is no JSON object")
    return description


def _not_it(path: str | os.PathLike[str], kind: Kind, received: str) -> FileFormatError:
    return FileFormatError(
        f"{Path(path)} is not {kind.name}",
        expected=f"a file written by {kind.writer}",
        received=received,
        mend="give the path of a model file or of a run folder" if kind is MODEL else kind.mend,
    )


def _truncated(
    path: str | os.PathLike[str], kind: Kind, length: int, expected: int
) -> FileFormatError:
    return FileFormatError(
        f"{Path(path)} is truncated",
        expected=f"{expected} bytes",
        received=f"{length} bytes",
        mend=f"{kind.mend}; glassnet itself never writes a part of a file",
    )


def _damaged(path: str | os.PathLike[str], kind: Kind, received: str) -> FileFormatError:
    return FileFormatError(
        f"{Path(path)} is damaged",
        expected=f"a file written by {kind.writer}",
        received=received[:200],
        mend=kind.mend,
    )
