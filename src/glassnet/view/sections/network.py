"""What the network is, layer by layer."""

from __future__ import annotations

from html import escape

from ...nn.summary import output_shapes
from ...tensor import int64
from ...train import Run
from .common import section


def network(run: Run) -> list[str]:
    """A table of the layers."""
    dtype = None if run.predictor.vocabulary is None else int64
    shapes = output_shapes(run.model, run.predictor.input_shape, dtype=dtype)
    rows = [
        (name, repr(part), shapes.get(id(part)), sum(p.size for p in part.parameters()))
        for name, part in run.model.named_modules().items()
        if name and "\n" not in repr(part)
    ]
    body = "".join(
        f"<tr><td>{escape(name)}</td><td><code>{escape(text)}</code></td>"
        f'<td class="number">{_shape(shape)}</td><td class="number">{count:,}</td></tr>'
        for name, text, shape, count in rows
    )
    table = (
        '<div class="wide"><table><thead><tr><th></th><th>layer</th>'
        '<th class="number">output</th><th class="number">parameters</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
    return [section("The network", table if rows else f"<pre>{escape(repr(run.model))}</pre>")]


def _shape(shape: tuple[int, ...] | None) -> str:
    """Of one row, without the batch."""
    return "" if shape is None else " × ".join(map(str, shape[1:])) or "1"
