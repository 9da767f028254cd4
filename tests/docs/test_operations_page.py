"""The page of all operations says what the classes say."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from glassnet import ops
from glassnet.ops import OPERATIONS

HEAD = """\
# Operations

Every number a network computes comes from one of these, whatever engine it runs on. They are
functions of `glassnet.ops`; many are also an operator or a method of tensors. This page is written
from the classes themselves, whose derivatives the tests hold against finite differences.
"""


def cell(text: str) -> str:
    """A paragraph as one cell of a table."""
    return " ".join(text.split()).replace("|", r"\|").replace("*", r"\*")


def paragraphs(thing: Any) -> list[str]:
    return (inspect.getdoc(thing) or "").split("\n\n")


def call(operation: Any) -> str:
    """`softmax(a, *, axis=-1)`."""
    signature = inspect.signature(operation)
    bare = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    return f"{operation.name}{signature.replace(parameters=bare)}"


def families() -> dict[ModuleType, list[Any]]:
    """The operations of the library by the file they stand in."""
    found: dict[ModuleType, list[Any]] = {}
    for _, operation in sorted(OPERATIONS.items()):
        module = inspect.getmodule(type(operation))
        if module is not None and module.__name__.startswith(ops.__name__ + "."):
            found.setdefault(module, []).append(operation)
    return dict(sorted(found.items(), key=lambda family: family[0].__name__))


def page() -> str:
    lines = [HEAD]
    for module, operations in families().items():
        lines += [f"## {module.__name__.rpartition('.')[2].capitalize()}", ""]
        lines += [paragraphs(module)[0], ""]
        lines += ["| operation | on the node | formula | derivative |", "|---|---|---|---|"]
        for operation in operations:
            formula, derivative = map(cell, paragraphs(type(operation))[:2])
            symbol = cell(operation.symbol)
            lines.append(f"| `{call(operation)}` | {symbol} | {formula} | {derivative} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def test_the_page_is_current(snapshot: Callable[[str, str], None]) -> None:
    snapshot("../../docs/operations.md", page())
