"""A dependency is a visible act: it is listed, explained and held by a snapshot."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Import names that differ from the name of the distribution.
DISTRIBUTION = {"PIL": "pillow", "sklearn": "scikit-learn"}


def lists(root: Path) -> dict[str, list[str]]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {"core": project["dependencies"], **project["optional-dependencies"]}


def requirements(root: Path) -> list[str]:
    return [line for lines in lists(root).values() for line in lines]


def test_the_list_is_what_it_was(root: Path, snapshot: Callable[[str, str], None]) -> None:
    lines = [f"{kind}: {name}" for kind, names in lists(root).items() for name in names]
    snapshot("dependencies.txt", "\n".join(lines) + "\n")


def test_every_line_says_why(root: Path) -> None:
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    for line in requirements(root):
        assert re.search(rf'^    "{re.escape(line)}", +# \S', text, re.MULTILINE), line


def test_every_requirement_has_a_lower_bound(root: Path) -> None:
    for line in requirements(root):
        requirement = Requirement(line)
        bounds = {specifier.operator for specifier in requirement.specifier}
        assert requirement.name == "glassnet" or bounds & {">=", "~="}, line


def test_every_imported_library_is_listed(root: Path, sources: list[Path]) -> None:
    listed = {canonicalize_name(Requirement(line).name) for line in requirements(root)}
    imported = {module for path in sources for module in imported_libraries(path)}
    known = {canonicalize_name(DISTRIBUTION.get(module, module)) for module in imported}
    assert known <= listed, known - listed


def imported_libraries(path: Path) -> set[str]:
    """Top-level names that a file imports from outside Python and glassnet."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"glassnet"}
