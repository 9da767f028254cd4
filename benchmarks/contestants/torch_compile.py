"""PyTorch compiled the usual way: gather, model and loss in one graph, fused optimiser."""

from __future__ import annotations

import torch

from ..material import Material
from .torch_eager import TorchEager


class TorchCompile(TorchEager):
    flags = "torch.compile(fullgraph) of gather, model and loss; fused optimizer"

    def __init__(self, material: Material, threads: int) -> None:
        super().__init__(material, threads)
        self.compiled = torch.compile(super().loss, fullgraph=self.whole())

    def whole(self) -> bool:
        """Whether everything has to fit into one graph."""
        return True

    def loss(self, index: torch.Tensor) -> torch.Tensor:
        loss: torch.Tensor = self.compiled(index)
        return loss
