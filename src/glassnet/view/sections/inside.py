"""What happened inside while it learned: weights, gradients, units, said in words and drawn."""

from __future__ import annotations

from html import escape

from ...train import Run, Statistics
from ..histograms import histograms
from ..norms import norms
from .common import figure, section

NOTABLE = ' class="notable"'


def inside(run: Run) -> list[str]:
    """Findings, norms and histograms, where statistics were measured."""
    return happened(run.statistics, "What happened inside")


def happened(statistics: Statistics | None, title: str, *, short: bool = False) -> list[str]:
    """A section of this title where there are readings; a short one is without histograms."""
    if statistics is None or not len(statistics):
        return []
    said = "".join(
        f"<li{'' if f.kind == 'summary' else NOTABLE}>{escape(f.text)}</li>"
        for f in statistics.findings
    )
    figures = [f'<ul class="findings">{said}</ul>']
    if statistics.matrices:
        figures.append(
            figure(
                lambda: norms(statistics),
                "How large gradients and weights were, and by how much of itself a step changed a "
                "weight.",
                wide=True,
            )
        )
    if statistics.matrices and not short:
        figures.append(
            figure(
                lambda: histograms(statistics, "weight"),
                "How the weights were spread, from the first reading on top to the last.",
            )
        )
    if statistics.names("activation") and not short:
        figures.append(
            figure(
                lambda: histograms(statistics, "activation"),
                "What the layers put out; a unit that is always 0 adds to the peak there.",
            )
        )
    return [section(title, *figures)]
