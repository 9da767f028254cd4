"""Layers one after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, overload

from ..errors import ArgumentError
from .module import Module
from .parameter import Parameter


class Sequential(Module):
    """f = fₙ ∘ … ∘ f₂ ∘ f₁: each layer receives what the one before it returned

    Settings of a call, such as the `lengths` of padded sequences, go to all layers that take them.

    Args:
        layers: modules, in order.

    Raises:
        ArgumentError: something that is no module.

    >>> from glassnet import nn
    >>> model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
    >>> model
    Sequential(
      0: Linear(in_features=2, out_features=16)
      1: Tanh()
      2: Linear(in_features=16, out_features=2)
    )
    >>> model[0].out_features, len(model[:2])
    (16, 2)
    """

    layers: list[Module]

    def __init__(self, *layers: Module) -> None:
        for position, layer in enumerate(layers):
            if not isinstance(layer, Module):
                raise ArgumentError(
                    "Sequential holds modules",
                    expected="modules, such as nn.Linear(2, 16) or nn.Tanh()",
                    received=f"{layer!r} as number {position}",
                    mend="write nn.Tanh() with parentheses; put a function into a Module",
                )
        self.layers = list(layers)

    def children(self) -> dict[str, Module | Parameter]:
        """The layers, numbered from 0."""
        return {str(position): layer for position, layer in enumerate(self.layers)}

    def takes(self, setting: str) -> bool:
        """Whether a layer takes it."""
        return any(layer.takes(setting) for layer in self.layers)

    def forward(self, x: Any, **settings: Any) -> Any:
        for name in settings:
            if not self.takes(name):
                raise ArgumentError(f"no layer takes {name}", received=f"{name}={settings[name]!r}")
        for layer in self.layers:
            x = layer(x, **{name: value for name, value in settings.items() if layer.takes(name)})
        return x

    def __setitem__(self, index: int, layer: Module) -> None:
        """Another layer in the place of one, such as a new head: `model[-1] = nn.Linear(84, 3)`."""
        layers = list(self.layers)
        layers[index] = layer
        self.layers = layers

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequential: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return Sequential(*self.layers[index])
        return self.layers[index]
