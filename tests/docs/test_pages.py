"""What pages repeat of the code is what the code says."""

from __future__ import annotations

from pathlib import Path

from glassnet import errors


def fenced(text: str, beginning: str) -> str:
    """The content of the fenced block that begins so."""
    (block,) = [b for b in text.split("```")[1::2] if b.partition("\n")[2].startswith(beginning)]
    return block.partition("\n")[2]


def test_the_tree_of_errors(root: Path) -> None:
    page = (root / "docs" / "errors.md").read_text(encoding="utf-8")
    tree = fenced(errors.__doc__ or "", "GlassnetError")
    assert fenced(page, "GlassnetError") in tree


def test_the_flow_names_every_room(root: Path) -> None:
    page = (root / "docs" / "flow.md").read_text(encoding="utf-8")
    package = root / "src" / "glassnet"
    rooms = [path.name for path in package.glob("*.py") if not path.name.startswith("__")]
    rooms += [f"{path.parent.name}/" for path in package.glob("*/__init__.py")]
    assert [room for room in rooms if f"\n| `{room}` |" not in page] == []
