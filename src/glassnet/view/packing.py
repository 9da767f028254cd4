"""Many drawings in one page: packed small, and the script that unpacks and shows them."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def packed(drawings: Sequence[str], facts: Any) -> str:
    """Drawings and plain data about them as they stand in a page.

    Drawings of one graph or one plot share most of their lines: each line is kept once.

    Args:
        drawings: as SVG.
        facts: what JSON can hold.
    """
    table: dict[str, int] = {}
    places = [[table.setdefault(line, len(table)) for line in d.split("\n")] for d in drawings]
    content = json.dumps([list(table), places, facts]).encode()
    letters = base64.b64encode(zlib.compress(content, 9)).decode()
    return f'<script type="text/plain" class="gn-packed">{letters}</script>'


def unpacked(page: str) -> tuple[list[str], Any]:
    """The drawings and the data of a page again.

    >>> unpacked(packed(["one drawing", "another"], {"steps": 2}))
    (['one drawing', 'another'], {'steps': 2})
    """
    letters = page.partition('class="gn-packed">')[2].partition("<")[0]
    lines, places, facts = json.loads(zlib.decompress(base64.b64decode(letters)))
    return ["\n".join(lines[i] for i in drawing) for drawing in places], facts


def script(name: str) -> str:
    """The script of this file, which finds the drawings unpacked."""
    code = "".join((HERE / file).read_text(encoding="utf-8") for file in ("unpack.js", name))
    return f"<script>(async () => {{\n{code}}})();</script>"
