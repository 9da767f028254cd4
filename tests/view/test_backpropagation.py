from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import glassnet as gn
from glassnet import losses, nn, view
from glassnet.view.factors import passes

from .visual import Looks

Texts = Callable[[view.Picture], list[str]]


def fresh() -> gn.Tensor:
    a, b, w, t = (
        gn.tensor(value, name=name, requires_grad=True)
        for name, value in zip("abwt", (1.0, 2.0, 2.0, 4.0), strict=True)
    )
    return ((a + b) * w - t) ** 2 + w**2


def test_the_worked_example_step_by_step(worked_example: gn.Tensor) -> None:
    told = [
        "Forward: every value is known. Result 8.",
        "Backward starts at the result: its gradient by itself is 1.",
        "+ passes 1 × 1 = 1 to ( )² and 1 × 1 = 1 to ( )².",
        "( )² passes 1 × 4 = 4 to w.",
        "( )² passes 1 × 4 = 4 to −.",
        "− passes 4 × 1 = 4 to × and 4 × −1 = −4 to t.",
        "× passes 4 × 2 = 8 to + and 4 × 3 = 12 to w.",
        "+ passes 8 × 1 = 8 to a and 8 × 1 = 8 to b.",
    ]
    assert list(view.backpropagation(fresh()).labels) == told
    assert list(view.backpropagation(worked_example).labels) == told  # small numbers are kept


def test_frames_are_of_one_size_and_gradients_add_up(texts: Texts) -> None:
    frames = view.backpropagation(fresh()).frames
    assert len({frame.svg.split("viewBox")[1].split('"')[1] for frame in frames}) == 1
    places = [texts(frame) for frame in frames]
    beside_w = [words[words.index("w") + 1 :][:2] for words in places]
    assert beside_w[0] == ["2", "×"]  # no gradient yet
    assert beside_w[3] == ["2", "4"]  # half of it
    assert beside_w[-1] == ["2", "16"]


def test_it_ends_with_the_gradients_that_backward_leaves() -> None:
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 3))
    x = gn.Generator(0).normal((5, 2))
    loss = losses.cross_entropy(model(x), gn.tensor([0, 1, 2, 0, 1]))
    graph = gn.Graph(loss)
    sums: dict[int, np.ndarray] = {}
    for step in passes(graph):
        for source, share in step.shares.items():
            sums[source] = sums.get(source, 0.0) + share
    player = view.backpropagation(loss)
    loss.backward()
    leaves = [value for value in graph.values if value.name in model.named_parameters()]
    assert len(leaves) == 4
    for leaf in leaves:
        assert np.allclose(sums[leaf.index], leaf.gradient, rtol=1e-5, atol=1e-7)
    assert any("…" in label for label in player.labels)  # ranges of what arrives


def test_a_step_looks_as_it_did(looks: Looks) -> None:
    looks(view.backpropagation(fresh()).frames[5], "backpropagation")


def test_what_cannot_be_played() -> None:
    with pytest.raises(gn.GradientError, match="single number that was computed"):
        view.backpropagation(gn.tensor(1.0, requires_grad=True))
    with pytest.raises(gn.GradientError, match="single number that was computed"):
        view.backpropagation(gn.tensor([1.0, 2.0], requires_grad=True) * 2.0)
    x = gn.tensor(np.ones(20, np.float32), requires_grad=True)
    loss = (x.exp() * 2.0).sum()
    loss.backward()
    with pytest.raises(gn.GradientError, match="retain_graph=True"):
        view.backpropagation(loss)
    long = gn.tensor(1.0, requires_grad=True)
    for _ in range(101):
        long = long * 1.0
    with pytest.raises(gn.ArgumentError, match="at most 100 operations"):
        view.backpropagation(long)
