"""The networks in PyTorch, named as glassnet's, so that parameters are exchanged by name.

Images stay in the layout in which they are stored, (N, H, W, C): seen as PyTorch's (N, C, H, W)
they are in the channels-last memory format, in which its convolutions are fastest here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

Array = np.ndarray[Any, Any]


class ChannelsFirst(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.permute(0, 3, 1, 2)


class Rows(nn.Module):
    """Flattens (N, C, H, W) in the order of memory, (H, W, C); no copy."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.permute(0, 2, 3, 1).flatten(1)


def images(*layers: nn.Module) -> nn.Module:
    """Layers whose numbers begin at 0 as glassnet's do, behind the change of axes."""
    return nn.Sequential(ChannelsFirst(), nn.Sequential(*layers))


def lenet() -> nn.Module:
    return images(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), Rows(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


def cnn(dropout: float = 0.0) -> nn.Module:
    drops = [[nn.Dropout(dropout)] if dropout else [] for _ in range(2)]
    return images(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), Rows(),
        *drops[0], nn.Linear(9216, 128), nn.ReLU(), *drops[1], nn.Linear(128, 10),
    )  # fmt: skip


class ResidualBlock(nn.Module):
    def __init__(self, inner: int, outer: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inner, outer, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outer),
            nn.ReLU(),
            nn.Conv2d(outer, outer, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outer),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inner != outer:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inner, outer, 1, stride, bias=False), nn.BatchNorm2d(outer)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


class Mean(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean((2, 3))


def resnet() -> nn.Module:
    return images(
        nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        ResidualBlock(16, 16, 1), ResidualBlock(16, 32, 2), ResidualBlock(32, 64, 2),
        Mean(), nn.Linear(64, 10),
    )  # fmt: skip


class Recurrent(nn.Module):
    def __init__(self, features: int = 64) -> None:
        super().__init__()
        self.body = nn.LSTM(features, 128, batch_first=True)
        self.head = nn.Linear(128, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        _, (h, _) = self.body(x.flatten(2))
        return self.head(h[-1])  # type: ignore[no-any-return]


class Rotary(nn.Module):
    """Queries and keys turned by their position: feature i is paired with i + features/2."""

    def __init__(self, features: int, length: int = 64) -> None:
        super().__init__()
        rates = 10_000.0 ** (-torch.arange(0, features, 2, dtype=torch.float64) / features)
        phi = torch.outer(torch.arange(length, dtype=torch.float64), rates)
        self.register_buffer("cosine", phi.cos().float(), persistent=False)
        self.register_buffer("sine", phi.sin().float(), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a, b = x.chunk(2, -1)
        turned = a * self.cosine - b * self.sine, a * self.sine + b * self.cosine
        return torch.cat(turned, -1)


class Block(nn.Module):
    """Pre-norm, queries, keys and values from one product."""

    def __init__(
        self, width: int = 128, heads: int = 4, bias: bool = True, rotary: bool = False
    ) -> None:
        super().__init__()
        self.turn = Rotary(width // heads) if rotary else nn.Identity()
        self.heads = heads
        self.norm1, self.norm2 = (nn.LayerNorm(width, bias=bias) for _ in range(2))
        self.qkv = nn.Linear(width, 3 * width, bias)
        self.out_proj = nn.Linear(width, width, bias)
        self.linear1 = nn.Linear(width, 4 * width, bias)
        self.linear2 = nn.Linear(4 * width, width, bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        b, t, width = x.shape
        parts = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, width // self.heads)
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        q, k = self.turn(q), self.turn(k)
        seen = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out_proj(seen.transpose(1, 2).reshape(b, t, width))
        return x + self.linear2(functional.gelu(self.linear1(self.norm2(x))))  # type: ignore[no-any-return]


class GPT(nn.Module):
    def __init__(self, bias: bool = True, rotary: bool = False) -> None:
        super().__init__()
        self.tokens = nn.Embedding(65, 128)
        self.positions = None if rotary else nn.Embedding(64, 128)
        self.blocks = nn.Sequential(*[Block(bias=bias, rotary=rotary) for _ in range(4)])
        self.norm = nn.LayerNorm(128, bias=bias)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.tokens(tokens)
        if self.positions is not None:
            x = x + self.positions.weight
        return functional.linear(self.norm(self.blocks(x)), self.tokens.weight)


MODULES = {"lenet": lenet, "cnn": cnn, "resnet": resnet, "lstm": Recurrent, "gpt": GPT}


def load(model: nn.Module, arrays: Mapping[str, Array]) -> None:
    """Takes over glassnet's parameters: convolutions turned, queries, keys and values joined."""
    state = dict(arrays)
    for name in [name for name in state if ".self_attn." in name]:
        block, _, part = name.partition(".self_attn.")
        array = state.pop(name)
        if part.startswith("out_proj"):
            state[f"{block}.{part}"] = array
        elif part.startswith("q_proj"):
            kind = part.rpartition(".")[2]
            others = (arrays[f"{block}.self_attn.{x}_proj.{kind}"] for x in "kv")
            state[f"{block}.qkv.{kind}"] = np.concatenate([array, *others])
    prefix = "1." if isinstance(model, nn.Sequential) else ""
    tensors = {
        prefix + name: torch.tensor(a.transpose(0, 3, 1, 2).copy() if a.ndim == 4 else a)
        for name, a in state.items()
    }
    missing, unexpected = model.load_state_dict(tensors, strict=False)
    assert not unexpected, unexpected
    assert all(name.endswith("num_batches_tracked") for name in missing), missing
    model.to(memory_format=torch.channels_last)
