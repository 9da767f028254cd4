"""What happened inside while it learned: weights, gradients, units, said in words and drawn."""

from __future__ import annotations

from html import escape

from ...train import Run
from ..histograms import histograms
from ..norms import norms
from .common import figure, section

NOTABLE = ' class="notable"'


def inside(run: Run) -> list[str]:
    """Findings, norms and histograms, where statistics were measured."""
    statistics = run.statistics
    if statistics is None or not len(statistics):
        return []
    said = "".join(
        f"<li{'' if f.kind == 'summary' else NOTABLE}>{escape(f.text)}</li>"
        for f in statistics.findings
    )
    figures = [f'<ul class="findings">{said}</ul>']
    if statistics.matrices:
        figures += [
            figure(
                lambda: norms(statistics),
                "How large gradients and weights were, and by how much of itself a step changed a "
                "weight.",
                wide=True,
            ),
            figure(
                lambda: histograms(statistics, "weight"),
                "How the weights were spread, from the first reading on top to the last.",
            ),
        ]
    if statistics.names("activation"):
        figures.append(
            figure(
                lambda: histograms(statistics, "activation"),
                "What the layers put out; a unit that is always 0 adds to the peak there.",
            )
        )
    return [section("What happened inside", *figures)]
