"""What a run was made with."""

from __future__ import annotations

from html import escape

from ...train import Run
from .common import section


def settings(run: Run) -> list[str]:
    """Data and settings, as text."""
    facts = {
        "data": repr(run.train),
        "held out": "" if run.validation is None else repr(run.validation),
        **{name.replace("_", " "): str(value) for name, value in run.settings.items()},
    }
    body = "".join(
        f"<tr><th>{escape(name)}</th><td><code>{escape(text)}</code></td></tr>"
        for name, text in facts.items()
        if text
    )
    return [section("What it was made with", f'<div class="wide"><table>{body}</table></div>')]
