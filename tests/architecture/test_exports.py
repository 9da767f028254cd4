"""Public names: they exist, and none appears or goes unnoticed."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable
from pathlib import Path

PUBLIC = [
    "glassnet",
    *(f"glassnet.{name}" for name in ("data", "losses", "models", "nn", "optim", "view")),
]


def exported(path: Path) -> list[str] | None:
    """The literal `__all__` of a file, or None."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                return list(ast.literal_eval(value))
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.expr() as value):
                return list(ast.literal_eval(value))
    return None


def module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[parts.index("glassnet") :]).removesuffix(".__init__")


def test_no_name_is_listed_twice(sources: list[Path]) -> None:
    # Their order is held by ruff (RUF022): constants, classes, functions, each by the alphabet.
    lists = {module_name(path): exported(path) or [] for path in sources}
    wrong = [name for name, names in lists.items() if len(names) != len(set(names))]
    assert not wrong, wrong


def test_every_folder_says_what_it_exports(sources: list[Path]) -> None:
    silent = [
        module_name(path)
        for path in sources
        if path.name == "__init__.py" and exported(path) is None
    ]
    assert not silent, silent


def test_every_exported_name_exists(sources: list[Path]) -> None:
    missing = [
        f"{module_name(path)}.{name}"
        for path in sources
        for name in exported(path) or ()
        if not hasattr(importlib.import_module(module_name(path)), name)
    ]
    assert not missing, missing


def test_public_names(snapshot: Callable[[str, str], None]) -> None:
    lines = [
        f"{module}.{name}" for module in PUBLIC for name in importlib.import_module(module).__all__
    ]
    snapshot("public_names.txt", "\n".join(lines) + "\n")
