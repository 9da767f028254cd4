"""PyTorch's networks, eagerly and compiled the usual way."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from .torch_compile import TorchCompile
from .torch_eager import TorchEager
from .torch_modules import MODULES, load

Array = np.ndarray[Any, Any]


class TorchNetwork(TorchEager):
    flags = "channels last, fused optimizer, gradients set to None"

    def _build(self) -> nn.Module:
        return MODULES[self.row.network]().train()

    def _load(self) -> None:
        load(self.model, self.material.arrays)

    def loss(self, index: torch.Tensor) -> torch.Tensor:
        logits = self.model(self.inputs[index])
        return functional.cross_entropy(logits.flatten(0, -2), self.labels[index].flatten())

    def weights(self) -> list[tuple[Array, Array]]:
        return []


class TorchNetworkCompile(TorchCompile, TorchNetwork):
    flags = "channels last, torch.compile of gather, model and loss; fused optimizer"

    def whole(self) -> bool:
        """It refuses nn.LSTM in a graph: that stays one call of oneDNN between two graphs."""
        return self.row.network != "lstm"
