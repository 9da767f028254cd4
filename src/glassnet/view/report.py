"""The report of a run: one page that needs no network, to be read on any screen or printed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from html import escape
from importlib.resources import files as package_files
from pathlib import Path

from ..files import write_atomically
from ..train import Run
from .sections import SECTIONS, head, headline


def report(run: Run, path: str | os.PathLike[str]) -> Path:
    """Writes the report of a run as one HTML file; returns its path.

    It says what was trained on what, shows the curves of training, and then what fits the task:
    the confusion matrix, images or rows that are right and wrong, the decision regions of two
    features, or predicted against true numbers; and what happened inside, where `fit` was told to
    measure statistics. Where matplotlib is missing, it says so in the
    places of the pictures.

    Raises:
        OutputError: the file cannot be written.
    """
    return write_atomically(path, html(run).encode())


def html(run: Run) -> str:
    """The report as text."""
    title = f"{run.train.name or 'A run'}: {headline(run)}"
    return page(title, [head(run), *(part for make in SECTIONS for part in make(run))])


def page(title: str, parts: Iterable[str]) -> str:
    """A page in the style of reports, of these pieces of HTML."""
    style = package_files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n<footer>Made by glassnet. This page is one file and fetches nothing.</footer>\n"
        "</body>\n</html>\n"
    )
