from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import glassnet as gn
from glassnet import view
from glassnet.view.packing import unpacked

from .visual import difference, pixels


@pytest.fixture(scope="module")
def frames() -> list[view.Picture]:
    return [view.confusion([0, 1], [0, i], ["a", "b"]) for i in (0, 1)]


def test_the_page_holds_every_frame_and_its_words(frames: list[view.Picture]) -> None:
    page = view.Animation(frames, "Two <steps>", labels=["one", "two & more"]).html()
    assert unpacked(page) == ([frame.svg for frame in frames], ["one", "two & more"])
    assert frames[1].svg in page  # shown where no script runs
    assert "two &amp; more</p>" in page
    assert "<title>Two &lt;steps&gt;</title>" in page
    words = re.sub(r"[\w+/=]{200,}", "", page)  # packed frames, in which // is no address
    addresses = re.findall(r"(?:https?:)?//[\w.]+", words)
    assert {a for a in addresses if "w3.org" not in a} <= set()


def test_saved_in_each_format(frames: list[view.Picture], tmp_path: Path) -> None:
    made = view.Animation(frames, "both", shown=0)
    assert made.save(tmp_path / "a.svg").read_text(encoding="utf-8") == frames[0].svg
    assert made.save(tmp_path / "a.png").read_bytes() == frames[0].png()
    with Image.open(made.save(tmp_path / "a.gif")) as image:
        assert image.n_frames == 2  # type: ignore[attr-defined]
        assert image.info["loop"] == 0
    with pytest.raises(gn.ArgumentError, match=r"\.svg, \.png, \.html, \.gif"):
        made.save(tmp_path / "a.mp4")
    with pytest.raises(gn.ArgumentError, match=r"a\.gif"):
        frames[0].save(tmp_path / "a.gif")


def test_a_gif_shows_the_frames(frames: list[view.Picture]) -> None:
    with Image.open(io.BytesIO(view.Animation(frames, "both").gif(dark=True))) as image:
        image.seek(1)
        last = np.asarray(image.convert("RGB"), np.float64)
    assert difference(last, pixels(frames[1].png(96, dark=True))) < 10


def test_in_a_notebook_it_stands_by_itself(frames: list[view.Picture]) -> None:
    element = view.Animation(frames, 'a "title"')._repr_html_()
    assert element.startswith('<iframe title="a &quot;title&quot;" srcdoc="&lt;!doctype html&gt;')


def test_what_is_no_animation(frames: list[view.Picture]) -> None:
    with pytest.raises(gn.ArgumentError, match="0 frames"):
        view.Animation([], "none")
    with pytest.raises(gn.ArgumentError, match="2 frames and 1 labels"):
        view.Animation(frames, "both", labels=["one"])
