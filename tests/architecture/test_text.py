"""Every text file of the repository: clean, portable, and about nobody's own machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDERS = [".ci", "benchmarks", "docs", "examples", "scripts", "src", "tests"]
GENERATED = {"__pycache__"}
LOCAL = {".coverage", ".git"}  # the latter is a file where a branch is checked out beside another

RULES = {
    "an absolute path of somebody's machine": r"(?<![\w.])/(home|root|work|Users)/\w",
    "a line that ends in blanks": r"[ \t]+$",
    "a carriage return": r"\r",
    "a mark of something unfinished": r"\b([T]ODO|[F]IXME|[X]XX)\b",
    "the mark of a conflict": r"^(<{7}|>{7}) ",
    "a blank line at the end": r"\n\n\Z",
}


def text_files(root: Path) -> dict[Path, str]:
    """The text of every file, binary ones left out, by its path from the root."""
    files = [path for path in root.iterdir() if path.is_file() and path.name not in LOCAL]
    files += [path for folder in FOLDERS for path in (root / folder).rglob("*") if path.is_file()]
    texts = {}
    for path in files:
        content = path.read_bytes()
        if b"\0" not in content and not GENERATED & set(path.parts):
            texts[path.relative_to(root)] = content.decode("utf-8")
    return texts


@pytest.mark.parametrize("rule", RULES)
def test_no_file_has(rule: str, root: Path) -> None:
    pattern = re.compile(RULES[rule], re.MULTILINE)
    found = [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1}"
        for path, text in text_files(root).items()
        for match in pattern.finditer(text)
    ]
    assert not found, f"{rule}: {', '.join(found)}"


def test_every_file_ends_with_a_newline(root: Path) -> None:
    found = [str(p) for p, text in text_files(root).items() if text and not text.endswith("\n")]
    assert not found, found


def test_the_rules_find_what_they_name() -> None:
    wrong = ["at /" + "home/ada/x", "a \n", "a\r\n", "TO" + "DO: later", "<" * 7 + " HEAD", "a\n\n"]
    for pattern, text in zip(RULES.values(), wrong, strict=True):
        assert re.search(pattern, text, re.MULTILINE), text
