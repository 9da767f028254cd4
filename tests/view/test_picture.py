from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

import glassnet as gn
from glassnet import view
from glassnet.view.canvas import Box, Canvas
from glassnet.view.raster import raster

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def picture(worked_example: gn.Tensor) -> view.Picture:
    return view.graph(worked_example)


def test_saved_in_each_format(picture: view.Picture, tmp_path: Path) -> None:
    assert picture.save(tmp_path / "a.svg").read_text(encoding="utf-8") == picture.svg
    assert picture.save(tmp_path / "new" / "a.PNG").read_bytes().startswith(PNG)
    page = picture.save(tmp_path / "a.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert picture.svg in page


def test_png_grows_with_its_resolution(picture: view.Picture) -> None:
    def width(content: bytes) -> int:
        return int.from_bytes(content[16:20], "big")

    natural = float(re.search(r'width="([\d.]+)"', picture.svg)[1])  # type: ignore[index]
    assert width(picture.png(96)) == pytest.approx(natural, abs=1)
    assert width(picture.png(192)) == pytest.approx(2 * natural, abs=2)


def test_an_unknown_ending(picture: view.Picture, tmp_path: Path) -> None:
    with pytest.raises(gn.ArgumentError, match=r"\.svg, \.png, \.html"):
        picture.save(tmp_path / "a.bmp")


def test_a_place_that_cannot_be_written(picture: view.Picture, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(gn.OutputError, match="cannot be written"):
        picture.save(tmp_path / "file" / "a.svg")


def test_notebooks_show_it(picture: view.Picture) -> None:
    assert picture._repr_svg_() == picture.svg
    assert repr(picture).startswith("<picture: Graph of 6 operations.")


def test_as_an_element_of_a_page(picture: view.Picture) -> None:
    element = picture.image("wide")
    assert f'alt="{picture.alt}"' in element
    data = re.search(r"base64,([^\"]+)", element)
    assert data is not None
    assert base64.b64decode(data[1]).decode() == picture.svg


def test_words_are_escaped(worked_example: gn.Tensor) -> None:
    picture = view.graph(worked_example, title='<b> & "c"')
    assert "<b>" not in picture.svg
    assert "<b>" not in picture.html()
    assert 'alt="&lt;b&gt; &amp; &quot;c&quot;"' in picture.image()


def test_the_dark_form_for_everybody(picture: view.Picture, tmp_path: Path) -> None:
    for ending in ("svg", "html"):
        text = picture.save(tmp_path / f"a.{ending}", dark=True).read_text(encoding="utf-8")
        assert "@media all{" in text
        assert "prefers-color-scheme" not in text
    assert picture.save(tmp_path / "a.png", dark=True).read_bytes() == picture.png(dark=True)


def test_a_very_long_picture_has_fewer_pixels() -> None:
    canvas = Canvas(60_000, 40)
    canvas.add(Box(0, 0, 60_000, 40, "leaf"))
    content = raster(canvas, 192)
    width, height = (int.from_bytes(content[i : i + 4], "big") for i in (16, 20))
    assert 31_000 < width <= 32_000
    assert height > 10
