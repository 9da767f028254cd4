"""Computes the reference values of the recurrent layers and cells with PyTorch.

    python tests/reference/make_recurrent_references.py

Sequences of different lengths are packed there and are rows with zeros behind them here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from make_references import Array, store
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

BATCH, STEPS, FEATURES, HIDDEN = 3, 5, 4, 3
LENGTHS = [2, 5, 3]
BOTH = {"num_layers": 2, "bidirectional": True}
CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("RNN", {}, {}),
    ("RNN", {"nonlinearity": "relu", "bias": False} | BOTH, {"state": True}),
    ("GRU", {}, {"state": True}),
    ("GRU", BOTH, {"lengths": True}),
    ("LSTM", {}, {}),
    ("LSTM", BOTH, {"state": True, "lengths": True}),
    ("RNNCell", {"nonlinearity": "relu"}, {"state": True}),
    ("GRUCell", {}, {"state": True}),
    ("LSTMCell", {}, {"state": True}),
]


def flat(found: Any) -> list[torch.Tensor]:
    """All tensors of an outcome, in order."""
    if isinstance(found, torch.Tensor):
        return [found]
    return [tensor for part in found for tensor in flat(part)]


def outcome(layer: Any, x: torch.Tensor, state: Any, lengths: bool) -> Any:
    if not lengths:
        return layer(x, state)
    packed = pack_padded_sequence(x, torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False)
    out, last = layer(packed, state)
    return pad_packed_sequence(out, batch_first=True, total_length=STEPS)[0], last


def main() -> None:
    rng = np.random.default_rng(6)
    cases: dict[str, Any] = {}
    arrays: dict[str, Array] = {"lengths": np.array(LENGTHS)}
    for name, settings, call in CASES:
        key = f"{name} {len(cases)}"
        cases[key] = {"layer": name, "settings": settings, "call": call}
        cell = name.endswith("Cell")
        extra = {} if cell else {"batch_first": True}
        layer = getattr(torch.nn, name)(FEATURES, HIDDEN, **settings, **extra)
        for parameter in layer.parameters():
            parameter.data = torch.tensor(rng.normal(size=parameter.shape) * 0.5)
        shape = (BATCH, FEATURES) if cell else (BATCH, STEPS, FEATURES)
        x = torch.tensor(rng.normal(size=shape), requires_grad=True)
        depth = settings.get("num_layers", 1) * (1 + settings.get("bidirectional", False))
        first = (BATCH, HIDDEN) if cell else (depth, BATCH, HIDDEN)
        count = (2 if name.startswith("LSTM") else 1) if call.get("state") else 0
        states = [torch.tensor(rng.normal(size=first), requires_grad=True) for _ in range(count)]
        state = (states[0] if count == 1 else tuple(states)) if count else None
        outs = flat(outcome(layer, x, state, bool(call.get("lengths"))))
        weights = [rng.normal(size=tuple(out.shape)) for out in outs]
        loss = sum((out * torch.tensor(w)).sum() for out, w in zip(outs, weights, strict=True))
        loss.backward()  # type: ignore[union-attr]
        for kind, values in (("out", outs), ("state", states)):
            arrays |= {f"{key}/{kind}{i}": v.detach().numpy() for i, v in enumerate(values)}
        arrays |= {f"{key}/weights{i}": w for i, w in enumerate(weights)}
        arrays |= {f"{key}/x": x.detach().numpy(), f"{key}/grad": x.grad.numpy()}  # type: ignore[union-attr]
        arrays |= {f"{key}/state_grad{i}": s.grad.numpy() for i, s in enumerate(states)}  # type: ignore[union-attr]
        for part, value in layer.named_parameters():
            arrays[f"{key}/parameter/{part}"] = value.detach().numpy()
            arrays[f"{key}/parameter_grad/{part}"] = value.grad.numpy()
    store("recurrent.npz", cases, arrays)


if __name__ == "__main__":
    main()
