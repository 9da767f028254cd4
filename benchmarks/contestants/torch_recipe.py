"""PyTorch trains a recipe eagerly: fused AdamW in two groups, the rate set before each step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from ..recipes import Recipe
from .torch_modules import GPT, Recurrent, cnn, lenet, load

Array = np.ndarray[Any, Any]
MODULES: dict[str, Callable[[Recipe], nn.Module]] = {
    "lenet": lambda _: lenet(),
    "cnn": lambda recipe: cnn(recipe.dropout),
    "lstm": lambda _: Recurrent(28),
    "gpt": lambda _: GPT(bias=False),
    "gpt-rotary": lambda _: GPT(bias=False, rotary=True),
}


def train(
    recipe: Recipe, inputs: Array, targets: Array, start: dict[str, Array], threads: int, seed: int
) -> nn.Module:
    """The trained module."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    model: nn.Module = MODULES[recipe.network](recipe)
    load(model, start)
    x, y = torch.from_numpy(inputs), torch.from_numpy(targets)
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    others = [p for p in model.parameters() if p.ndim < 2]
    groups = [
        {"params": matrices, "weight_decay": recipe.decay},
        {"params": others, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=recipe.lr, betas=(0.9, recipe.beta2), fused=True)
    step, steps = 0, recipe.steps(len(x))
    model.train()
    for _ in range(recipe.epochs):
        for index in torch.randperm(len(x)).split(recipe.batch):
            for group in optimizer.param_groups:
                group["lr"] = recipe.rate(step, steps)
            batch = x[index]
            loss = cross_entropy(model(moved(batch) if recipe.augmented else batch), y[index])
            optimizer.zero_grad()
            loss.backward()
            if recipe.clip is not None:
                nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
            optimizer.step()
            step += 1
    return model


def cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return functional.cross_entropy(logits.flatten(0, -2), labels.flatten())


def moved(images: torch.Tensor) -> torch.Tensor:
    """Images (N, H, W, C), each shifted by up to 2 whole pixels and turned by up to 10 degrees."""
    count, side = images.shape[:2]
    angle = (2 * torch.rand(count) - 1) * math.radians(10)
    sine, cosine = angle.sin(), angle.cos()
    shift = torch.randint(-2, 3, (2, count)) * (2 / side)  # the image reaches from −1 to 1
    rows = (
        torch.stack([cosine, -sine, cosine * shift[0] - sine * shift[1]], 1),
        torch.stack([sine, cosine, sine * shift[0] + cosine * shift[1]], 1),
    )
    size = (count, images.shape[3], side, images.shape[2])
    grid = functional.affine_grid(torch.stack(rows, 1), list(size), align_corners=False)
    turned = functional.grid_sample(images.permute(0, 3, 1, 2), grid, align_corners=False)
    return turned.permute(0, 2, 3, 1)


def judge(recipe: Recipe, model: nn.Module, inputs: Array, targets: Array) -> float:
    """The accuracy; of a text the mean loss."""
    model.eval()
    right = total = 0.0
    with torch.no_grad():
        for x, y in zip(
            torch.from_numpy(inputs).split(256), torch.from_numpy(targets).split(256), strict=True
        ):
            logits = model(x)
            total += cross_entropy(logits, y).item() * len(x)
            right += (logits.argmax(-1) == y).double().mean().item() * len(x)
    return (total if recipe.is_text else right) / len(inputs)
