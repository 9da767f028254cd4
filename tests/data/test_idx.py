"""IDX files: what is read, and that no file, however broken, does harm."""

from __future__ import annotations

import contextlib
import gzip
import re
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import data
from glassnet.data.idx import TYPES
from glassnet.errors import DataError, FileFormatError

MNIST = "shared/data/mnist8k"


def written(array: np.ndarray, code: int = 8) -> bytes:
    header = bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(TYPES[code]).tobytes()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("idx") / "some-idx3-ubyte"


@pytest.mark.parametrize("code", TYPES)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_every_type_of_number(place: Path, code: int, packed: bool) -> None:
    array = np.array([[0, 1, 2], [100, 101, 127]])
    content = written(array, code)
    place.write_bytes(gzip.compress(content) if packed else content)
    found = data.read_idx(place)
    np.testing.assert_array_equal(found, array)
    assert found.dtype == TYPES[code].newbyteorder("=")


def test_no_rows_are_an_array_too(place: Path) -> None:
    place.write_bytes(written(np.zeros((0, 28, 28))))
    assert data.read_idx(place).shape == (0, 28, 28)


GOOD = written(np.arange(24).reshape(2, 3, 4))
HUGE = bytes([0, 0, 8, 3]) + struct.pack(">3I", 2**32 - 1, 2**32 - 1, 2**32 - 1) + b"some"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "received: nothing"),
        (b"\x89PNG....", "a type from 8 to 14"),
        (bytes([0, 0, 7, 1, 0, 0, 0, 0]), "a type from 8 to 14"),
        (bytes([0, 0, 8, 0, 0, 0, 0, 0]), "the number of axes"),
        (GOOD[:9], "the sizes of 3 axes"),
        (GOOD[:-1], "23 bytes"),
        (GOOD + b"\0", "24 bytes for the shape (2, 3, 4)"),
        (HUGE, "a file that cannot hold them"),
        (gzip.compress(GOOD)[:-9], "a whole gzip file"),
        (gzip.compress(GOOD)[:20] + b"xyz" + gzip.compress(GOOD)[23:], "a whole gzip file"),
        (gzip.compress(GOOD[:-1]), "23 bytes"),
        (gzip.compress(GOOD + b"\0"), "more bytes"),
        (gzip.compress(HUGE), "a file that cannot hold them"),
    ],
)
def test_broken_files_are_refused(place: Path, content: bytes, words: str) -> None:
    place.write_bytes(content)
    with pytest.raises(FileFormatError, match=re.escape(words)):
        data.read_idx(place)


def test_a_promise_takes_no_memory(place: Path) -> None:
    size = 900 * 1024 * 1024
    promise = bytes([0, 0, 8, 1]) + struct.pack(">I", size)
    place.write_bytes(promise + b"\0" * 1000)
    tracemalloc.start()
    with pytest.raises(FileFormatError):
        data.read_idx(place)
    place.write_bytes(gzip.compress(promise + bytes(1 << 20)) + gzip.compress(b"\0" * 10))
    with pytest.raises(FileFormatError):
        data.read_idx(place)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


@given(
    content=st.binary(max_size=80),
    start=st.sampled_from([b"", GOOD[:4], GOOD[:12], GOOD, gzip.compress(GOOD)[:25], b"\x1f\x8b"]),
)
def test_any_bytes(place: Path, content: bytes, start: bytes) -> None:
    place.write_bytes(start + content)
    with contextlib.suppress(FileFormatError):
        data.read_idx(place)


@given(array=st.integers(0, 3).flatmap(
    lambda n: st.lists(st.integers(0, 4), min_size=n + 1, max_size=n + 1)
))  # fmt: skip
def test_what_was_written_is_read(place: Path, array: list[int]) -> None:
    numbers = np.arange(np.prod(array)).reshape(array) % 128
    place.write_bytes(written(numbers))
    np.testing.assert_array_equal(data.read_idx(place), numbers)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="cannot be read"):
        data.read_idx(tmp_path / "missing")


def images(folder: Path, part: str, images: int, labels: int) -> None:
    (folder / f"{part}-images-idx3-ubyte").write_bytes(written(np.ones((images, 5, 4))))
    (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(
        gzip.compress(written(np.arange(labels) % 3))
    )


def test_a_folder_of_images_and_labels(tmp_path: Path) -> None:
    images(tmp_path, "train", 9, 9)
    images(tmp_path, "t10k", 3, 3)
    assert data.idx_parts(tmp_path) == ("t10k", "train")
    dataset = data.idx(tmp_path, "t10k")
    assert dataset.inputs.shape == (3, 5, 4, 1)
    assert dataset.inputs.dtype == np.uint8
    assert dataset.image_shape == (5, 4, 1)
    np.testing.assert_allclose(dataset.prepared(), 1 / 255, rtol=1e-6)
    with pytest.raises(FileFormatError, match="no file valid-images-idx") as caught:
        data.idx(tmp_path, "valid")
    assert "t10k, train" in str(caught.value)
    images(tmp_path, "odd", 3, 4)
    with pytest.raises(ValueError, match="one target for each row"):
        data.idx(tmp_path, "odd")
    (tmp_path / "odd-images-idx3-ubyte").write_bytes(written(np.ones(3)))
    with pytest.raises(DataError, match="no images with their labels"):
        data.idx(tmp_path, "odd")


def test_digits_of_mnist(root: Path) -> None:
    folder = root.parent / MNIST
    if not folder.exists():
        pytest.skip(f"there is no {MNIST} beside the repository")
    train, valid = data.idx(folder), data.idx(folder, "valid")
    assert (len(train), len(valid)) == (7000, 1000)
    assert train.inputs.shape[1:] == (28, 28, 1)
    assert train.inputs.nbytes == 7000 * 784
    assert train.outputs == valid.outputs == 10
