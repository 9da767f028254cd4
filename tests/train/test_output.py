"""A folder is tried out by writing into it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from glassnet.errors import OutputError
from glassnet.train import writable_folder

NOBODY = 65534


@contextmanager
def as_normal_user() -> Iterator[None]:
    """Permission bits do not bind root: act as somebody whom they bind."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_folders_are_made(tmp_path: Path) -> None:
    folder = writable_folder(tmp_path / "a" / "b")
    assert folder.is_dir()
    assert list(folder.iterdir()) == []
    assert writable_folder(str(folder)) == folder


@pytest.mark.parametrize("name", ["file", "file/below", "file/far/below"])
def test_below_a_regular_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError) as caught:
        writable_folder(tmp_path / name)
    text = str(caught.value)
    assert f"nothing can be written to {tmp_path / name}" in text
    assert "mend:     choose another folder" in text


def test_a_folder_for_reading_only() -> None:
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o555)
        with as_normal_user():
            with pytest.raises(OutputError, match="nothing can be written") as caught:
                writable_folder(place)
            with pytest.raises(OutputError, match="nothing can be written"):
                writable_folder(Path(place) / "below")
        assert "received: Permission denied" in str(caught.value)
        Path(place).chmod(0o755)
