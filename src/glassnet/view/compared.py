"""Several runs on one page: their results side by side, and their curves in one picture."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from ..files import Kept, read_run, write_atomically
from ..train import History
from ..train.history import HELD_OUT
from .comparison import compare
from .curves import SMALL_IS_GOOD, TITLES, measured, number_text
from .report import page
from .sections.common import duration, figure, section
from .sections.inside import happened


def compared_report(
    folders: Sequence[str | os.PathLike[str]], path: str | os.PathLike[str]
) -> Path:
    """Writes a page that compares the runs in several folders; returns its path.

    A table has a row for each: its best result, its time and its size; below stand the curves of
    all runs, for the loss and for each metric that all have in common, then what happened inside
    those that measured statistics, and their settings.

    Raises:
        ArgumentError: no run, or more than eight.
        FileFormatError: a folder holds no run.
        OutputError: the file cannot be written.
    """
    runs = {str(Path(folder)): read_run(folder) for folder in folders}
    return write_atomically(path, compared_html(runs).encode())


def compared_html(runs: Mapping[str, Kept]) -> str:
    """The page as text."""
    histories = {name: kept.history for name, kept in runs.items()}
    columns = [measured(history) for history in histories.values()]
    shared = [name for name in columns[0] if all(name in own for own in columns)] if columns else []
    figures = [
        figure(lambda name=name: compare(histories, name), "")  # type: ignore[misc]
        for name in shared or ["loss"]
    ]
    title = f"{len(runs)} runs compared" if len(runs) > 1 else "A run"
    names = [str(kept.facts.get("data", {}).get("name", "a run")) for kept in runs.values()]
    heading = escape(", ".join(dict.fromkeys(names)))
    parts = [
        f'<header>\n<p class="eyebrow">{title}</p>\n<h1>{heading}</h1>\n</header>',
        section("Results", _table(runs, shared)),
        section("How they learned", f'<div class="figures">{"".join(figures)}</div>'),
        *_inside(runs),
        section("What they were made with", _settings(runs)),
    ]
    return page(title, parts)


def _inside(runs: Mapping[str, Kept]) -> list[str]:
    """What happened inside each run that measured it; of a single one, all of it."""
    if len(runs) == 1:
        return happened(next(iter(runs.values())).statistics, "What happened inside")
    return [
        part
        for name, kept in runs.items()
        for part in happened(kept.statistics, f"What happened inside {name}", short=True)
    ]


def _table(runs: Mapping[str, Kept], shared: Sequence[str]) -> str:
    """A row for each run, the best number of each column in bold."""
    bests = {run: [_best(kept.history, name) for name in shared] for run, kept in runs.items()}
    top = [
        (min if name in SMALL_IS_GOOD else max)(column)
        for name, column in zip(shared, zip(*bests.values(), strict=True), strict=True)
    ]
    rows = []
    for run, kept in runs.items():
        words = [
            f"<b>{number_text(name, value)}</b>" if value == most else number_text(name, value)
            for name, value, most in zip(shared, bests[run], top, strict=True)
        ]
        words += [
            f"{len(kept.history):,}",
            escape(duration(float(kept.facts.get("seconds", 0.0)))),
            f"{int(kept.facts.get('parameters', 0)):,}",
        ]
        cells = "".join(f'<td class="number">{word}</td>' for word in words)
        rows.append(f"<tr><td>{escape(run)}</td>{cells}</tr>")
    heads = [f"best {TITLES.get(name, name)}" for name in shared]
    head = "".join(
        f'<th class="number">{escape(name)}</th>'
        for name in (*heads, "epochs", "training", "parameters")
    )
    return _wide(f"<tr><th>run</th>{head}</tr>", "".join(rows))


def _best(history: History, name: str) -> float:
    """Of the data held out, where there is any."""
    held = HELD_OUT + name
    values = history.column(held if held in history.columns else name)
    return (min if name in SMALL_IS_GOOD else max)(values)


def _settings(runs: Mapping[str, Kept]) -> str:
    """A row for each setting, those in which the runs differ first."""
    settings = [kept.facts.get("settings", {}) for kept in runs.values()]
    names = dict.fromkeys(name for own in settings for name in own)
    rows = [(name, [str(own.get(name, "")) for own in settings]) for name in names]
    rows.sort(key=lambda row: len(set(row[1])) == 1)
    head = "".join(f"<th>{escape(run)}</th>" for run in runs)
    body = "".join(
        f"<tr><th>{escape(name.replace('_', ' '))}</th>"
        + "".join(f"<td><code>{escape(value)}</code></td>" for value in values)
        + "</tr>"
        for name, values in rows
    )
    return _wide(f"<tr><th></th>{head}</tr>", body)


def _wide(head: str, body: str) -> str:
    return f'<div class="wide"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>'
