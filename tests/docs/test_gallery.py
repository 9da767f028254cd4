"""Gallery and course: every picture is there, has words, and is small; none is left over."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

LARGEST, ALL = 135_000, 2_000_000  # bytes
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")


@pytest.mark.parametrize("folder", ["gallery", "course"])
def test_every_picture_has_its_place_and_its_words(root: Path, folder: str) -> None:
    shown = {}
    for page in (root / "docs" / folder).glob("*.md"):
        for words, target in IMAGE.findall(page.read_text(encoding="utf-8")):
            shown[(page.parent / target).resolve()] = words
    kept = set((root / "docs" / "pictures" / folder).iterdir())
    assert set(shown) == kept
    assert all(len(words) > 20 for words in shown.values())
    sizes = {path.name: path.stat().st_size for path in kept}
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}
    assert sum(sizes.values()) <= ALL


def test_a_page_is_drawn_from_its_own_code(root: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    text = (
        "```python\nimport glassnet as gn\nx = gn.tensor(2.0, name='x', requires_grad=True)\n"
        "```\n\nWords.\n\n```python\ngn.view.graph(x * x)\n```\n\n![{}](pictures/square.svg)\n"
    )
    page.write_text(text.format("old words"), encoding="utf-8")
    command = [sys.executable, root / "scripts" / "gallery.py", page]
    subprocess.run(command, check=True, timeout=60)
    words = "Graph of 1 operation. x = 2. Result 4."
    assert page.read_text(encoding="utf-8") == text.format(words)
    drawn = (tmp_path / "pictures" / "square.svg").read_text(encoding="utf-8")
    assert f"<title>{words}</title>" in drawn
