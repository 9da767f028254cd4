"""Every ```python block of the README and of docs/ runs, and prints what the page says it prints.

The blocks of a page share one namespace, as a reader who types them in order would have it. A
```text block directly below one is its output, to the letter. `<!-- not run: reason -->` above a
block exempts it.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from glassnet.ops import OPERATIONS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXEMPT = "<!-- not run: "
MOST_EXEMPT = 2

FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@dataclass
class Block:
    """A fenced block of a page; `line` is where its content starts."""

    language: str
    content: str
    line: int
    before: str  # what stands between the block above and this one

    @property
    def is_exempt(self) -> bool:
        return self.before.rstrip().rpartition("\n")[2].startswith(EXEMPT)

    @property
    def follows_directly(self) -> bool:
        return not self.before.strip()


def blocks(text: str) -> list[Block]:
    found, end = [], 0
    for match in FENCE.finditer(text):
        indent, language, content = match.groups()
        content = re.sub(f"^{indent}", "", content, flags=re.MULTILINE)
        line = text.count("\n", 0, match.start(3)) + 1
        found.append(Block(language, content, line, text[end : match.start()]))
        end = match.end()
    return found


def outputs(text: str, name: str) -> list[tuple[Block, str]]:
    """Runs a page; each ```text block that states an output, with what was really printed."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    printed: str | None = None
    stated = []
    for block in blocks(text):
        if block.language == "python" and not block.is_exempt:
            # Blank lines in front make a traceback's line numbers those of the page.
            code = compile("\n" * (block.line - 1) + block.content, name, "exec")
            with contextlib.redirect_stdout(io.StringIO()) as output:
                exec(code, namespace)
            printed = output.getvalue()
        elif block.language == "text" and block.follows_directly and printed is not None:
            stated.append((block, printed))
            printed = None
        else:
            printed = None
    return stated


@pytest.fixture
def own_operations() -> Iterator[None]:
    """Operations that a page defines are forgotten after it."""
    before = dict(OPERATIONS)
    yield
    OPERATIONS.clear()
    OPERATIONS.update(before)


@pytest.mark.no_cover
@pytest.mark.usefixtures("own_operations")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for block, printed in outputs(page.read_text(encoding="utf-8"), str(page)):
        assert printed.rstrip() == block.content.rstrip(), f"{page.name}, line {block.line}"


def test_few_blocks_are_exempt() -> None:
    count = sum(page.read_text(encoding="utf-8").count(EXEMPT) for page in PAGES)
    assert count <= MOST_EXEMPT


def test_blocks_share_a_namespace_and_their_output_is_compared() -> None:
    page = "```python\na = 1\n```\nand\n\n```python\nprint(a + 1)\n```\n\n```text\n3\n```\n"
    ((block, printed),) = outputs(page, "page.md")
    assert (block.content, printed, block.line) == ("3\n", "2\n", 11)


def test_an_exempt_block_does_not_run() -> None:
    assert outputs("<!-- not run: needs a GPU -->\n```python\n1 / 0\n```\n", "page.md") == []


def test_an_error_names_the_line_of_the_page() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        outputs("# Title\n\n```python\n1 / 0\n```\n", "page.md")
    assert (caught.traceback[-1].path, caught.traceback[-1].lineno) == ("page.md", 3)
