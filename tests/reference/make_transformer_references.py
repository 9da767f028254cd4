"""Computes the reference values of attention and the Transformer's layers with PyTorch.

    python tests/reference/make_transformer_references.py

PyTorch packs the weights of queries, keys and values into one; they are stored apart, as glassnet
has them. Its masks say what is hidden, ours what is seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from make_references import Array, store

BATCH, LENGTH, MEMORY, WIDTH = 3, 4, 5, 6
KEPT = np.arange(MEMORY) < np.array([[5], [3], [1]])  # keys of the memory that are no padding

ENCODER: dict[str, Any] = {"d_model": WIDTH, "nhead": 2, "dim_feedforward": 5}
CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("MultiHeadAttention", {"embed_dim": WIDTH, "num_heads": 2}, {"causal": True}),
    ("MultiHeadAttention", {"embed_dim": WIDTH, "num_heads": 3, "bias": False}, {}),
    ("MultiHeadAttention", {"embed_dim": WIDTH, "num_heads": 1}, {"memory": True}),
    ("TransformerEncoderLayer", ENCODER, {}),
    ("TransformerEncoderLayer", ENCODER | {"norm_first": True, "activation": "gelu"}, {}),
    ("TransformerEncoderLayer", ENCODER | {"bias": False}, {"causal": True}),
    ("TransformerDecoderLayer", ENCODER, {"memory": True}),
    ("TransformerDecoderLayer", ENCODER | {"norm_first": True}, {"memory": True}),
]


def apart(name: str, value: Array) -> dict[str, Array]:
    """A parameter by the names that glassnet gives it and its parts."""
    path, _, last = name.rpartition(".")
    if not last.startswith("in_proj"):
        return {name: value}
    kind = last.rpartition("_")[2]
    parts = zip("qkv", np.split(value, 3), strict=True)
    return {f"{path}.{letter}_proj.{kind}".strip("."): part for letter, part in parts}


def outcome(name: str, layer: Any, x: torch.Tensor, memory: torch.Tensor, call: Any) -> Any:
    hidden = torch.tensor(~KEPT) if call.get("memory") else None
    causal = call.get("causal") or "Decoder" in name
    ahead = torch.triu(torch.ones(LENGTH, LENGTH, dtype=torch.bool), 1) if causal else None
    if name == "MultiHeadAttention":
        source = memory if call.get("memory") else x
        return layer(x, source, source, key_padding_mask=hidden, attn_mask=ahead)[0]
    if "Decoder" in name:
        return layer(x, memory, tgt_mask=ahead, memory_key_padding_mask=hidden)
    return layer(x, src_mask=ahead)


def layers() -> None:
    rng = np.random.default_rng(4)
    cases: dict[str, Any] = {}
    arrays: dict[str, Array] = {"kept": KEPT}
    for name, settings, call in CASES:
        key = f"{name} {len(cases)}"
        theirs = "MultiheadAttention" if name == "MultiHeadAttention" else name
        layer = getattr(torch.nn, theirs)(**settings, dropout=0.0, batch_first=True)
        for parameter in layer.parameters():
            parameter.data = torch.tensor(rng.uniform(-1.0, 1.0, tuple(parameter.shape)))
        inputs = [rng.normal(size=(BATCH, n, WIDTH)) for n in (LENGTH, MEMORY)]
        x, memory = (torch.tensor(a, requires_grad=True) for a in inputs)
        out = outcome(name, layer, x, memory, call)
        weights = rng.uniform(0.5, 1.5, tuple(out.shape))
        (out * torch.tensor(weights)).sum().backward()
        arrays |= {f"{key}/x": inputs[0], f"{key}/memory": inputs[1], f"{key}/weights": weights}
        arrays |= {f"{key}/out": out.detach().numpy(), f"{key}/grad": x.grad.numpy()}
        for parameter, value in layer.named_parameters():
            for part, array in apart(parameter, value.detach().numpy()).items():
                arrays[f"{key}/parameter/{part}"] = array
            for part, array in apart(parameter, value.grad.numpy()).items():
                arrays[f"{key}/grad/{part}"] = array
        cases[key] = {"layer": name, "settings": settings, "call": call}
    store("transformers.npz", cases, arrays)


if __name__ == "__main__":
    layers()
