"""A folder of images for each class: what is read, resized and refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from glassnet import data
from glassnet.data.images import read_images
from glassnet.errors import ArgumentError, DataError, FileFormatError

RNG = np.random.default_rng(0)


def draw(path: Path, shape: tuple[int, ...] = (6, 5, 3), **settings: Any) -> np.ndarray:
    pixels = RNG.integers(0, 256, shape).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **settings)
    return pixels


def test_classes_are_folders(tmp_path: Path) -> None:
    one, two = draw(tmp_path / "cat" / "1.png"), draw(tmp_path / "cat" / "2.PNG")
    three = draw(tmp_path / "dog" / "1.png")
    (tmp_path / "dog" / "notes.txt").write_text("a good dog", encoding="utf-8")
    (tmp_path / "dog" / ".1.png").write_text("hidden", encoding="utf-8")
    (tmp_path / ".cache").mkdir()
    dataset = data.images(tmp_path)
    assert dataset.classes == ("cat", "dog")
    assert dataset.targets.tolist() == [0, 0, 1]
    assert dataset.image_shape == (6, 5, 3)
    assert dataset.inputs.dtype == np.uint8
    np.testing.assert_array_equal(dataset.inputs, [one, two, three])
    np.testing.assert_allclose(dataset.prepared(), np.array([one, two, three]) / 255, rtol=1e-5)


def test_grey_images_have_one_channel_unless_some_are_coloured(tmp_path: Path) -> None:
    grey = draw(tmp_path / "a" / "1.png", (6, 5))
    draw(tmp_path / "b" / "1.png", (6, 5))
    dataset = data.images(tmp_path)
    np.testing.assert_array_equal(dataset.inputs[0, :, :, 0], grey)
    draw(tmp_path / "b" / "2.png")
    coloured = data.images(tmp_path)
    np.testing.assert_array_equal(coloured.inputs[0], np.repeat(grey[:, :, None], 3, axis=2))
    assert data.images(tmp_path, channels=1).inputs.shape == (3, 6, 5, 1)


def test_sixteen_bits_keep_their_upper_half(tmp_path: Path) -> None:
    values = RNG.integers(0, 65536, (6, 5)).astype(np.uint16)
    for name in "ab":
        (tmp_path / name).mkdir()
        Image.fromarray(values).save(tmp_path / name / "1.png")
    np.testing.assert_array_equal(data.images(tmp_path).inputs[0, :, :, 0], values >> 8)


def test_sizes_are_checked_or_made_one(tmp_path: Path) -> None:
    draw(tmp_path / "a" / "1.png")
    draw(tmp_path / "b" / "2.png", (8, 5, 3))
    with pytest.raises(DataError, match="different sizes") as caught:
        data.images(tmp_path)
    assert "1.png of (6, 5), 2.png of (8, 5)" in str(caught.value)
    assert data.images(tmp_path, size=(4, 3)).inputs.shape == (2, 4, 3, 3)


def test_a_photograph_taken_sideways_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in "ab":
        draw(tmp_path / name / "1.png", (8, 4, 3), exif=exif)
    assert data.images(tmp_path).inputs.shape == (2, 4, 8, 3)


def test_broken_files_are_all_named(tmp_path: Path) -> None:
    for name in ("a/1.png", "b/1.png", "b/2.png"):
        draw(tmp_path / name)
    whole = (tmp_path / "b" / "2.png").read_bytes()
    (tmp_path / "b" / "2.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "a" / "0.jpg").write_bytes(b"no image")
    with pytest.raises(FileFormatError, match="2 of 4 images cannot be read") as caught:
        data.images(tmp_path)
    assert "0.jpg" in str(caught.value)
    assert "2.png" in str(caught.value)


def test_an_image_that_would_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(tmp_path / "a.png", (60, 60, 3))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 2000)
    with pytest.raises(FileFormatError, match="1 of 1 images"):
        read_images([tmp_path / "a.png"])


def test_folders_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="cannot be read"):
        data.images(tmp_path / "missing")
    draw(tmp_path / "a" / "1.png")
    with pytest.raises(DataError, match="no folder of images in classes"):
        data.images(tmp_path)
    (tmp_path / "b").mkdir()
    with pytest.raises(DataError, match='no images in "b"'):
        data.images(tmp_path)
    with pytest.raises(ArgumentError, match="channels=4"):
        data.images(tmp_path, channels=4)


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures") / "any.png"


def content(kind: str) -> bytes:
    import io

    stream = io.BytesIO()
    Image.new("RGB", (5, 4), "red").save(stream, kind)
    return stream.getvalue()


KINDS = [content(kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")]


@given(
    start=st.sampled_from(KINDS),
    cut=st.integers(0, 60),
    tail=st.binary(max_size=60),
)
def test_any_bytes(picture: Path, start: bytes, cut: int, tail: bytes) -> None:
    picture.write_bytes(start[:cut] + tail + start[cut + len(tail) :])
    try:
        read_images([picture])
    except FileFormatError:
        return
