"""Draws the pictures of the gallery and of the course: runs a page's code, and saves what it shows.

A block of Python that is followed by `![…](../pictures/…/NAME.svg)`, or by what it prints and then
by that, ends with an expression: the picture. It is saved under that name, and its own words become
the text between the brackets.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

from glassnet.view import Picture

BLOCK = re.compile(
    r"^```python\n(.*?)^```$(?:((?:\n+```text\n[^`]*```)?\n+!\[)[^\]]*(\]\(([^)]+)\)))?",
    re.MULTILINE | re.DOTALL,
)


def draw(page: Path) -> None:
    """Saves the pictures of a page, and writes the page with their words."""
    namespace: dict[str, object] = {}

    def one(match: re.Match[str]) -> str:
        code, between, end, target = match.groups()
        if target is None:
            exec(compile(code, str(page), "exec"), namespace)
            return match[0]
        *statements, last = ast.parse(code).body
        exec(compile(ast.Module(statements, []), str(page), "exec"), namespace)
        picture = eval(compile(ast.Expression(last.value), str(page), "eval"), namespace)
        if not isinstance(picture, Picture):
            raise SystemExit(f"{page}: the block above {target} does not end with a picture")
        picture.save(page.parent / target)
        return f"```python\n{code}```{between}{picture.alt}{end}"

    page.write_text(BLOCK.sub(one, page.read_text(encoding="utf-8")), encoding="utf-8")


for name in sys.argv[1:]:
    draw(Path(name))
