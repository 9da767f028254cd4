"""The watcher of a call."""

from __future__ import annotations

import pytest

import glassnet as gn
from glassnet import nn


def test_every_layer_is_reported_once_it_ran() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Tanh()))
    seen: list[tuple[str, str, tuple[int, ...]]] = []
    with nn.watching(lambda m, path, out: seen.append((path, type(m).__name__, out.shape))):
        model([[1.0, 2.0]])
    model([[1.0, 2.0]])
    assert seen == [
        ("0", "Linear", (1, 3)),
        ("1.0", "Tanh", (1, 3)),
        ("1", "Sequential", (1, 3)),
        ("", "Sequential", (1, 3)),
    ]


def test_the_watcher_goes_when_the_block_fails() -> None:
    seen: list[str] = []
    model = nn.Linear(2, 3)
    with pytest.raises(gn.ShapeError), nn.watching(lambda _m, path, _out: seen.append(path)):
        model([[1.0]])
    model([[1.0, 2.0]])
    assert seen == []
