"""Computes the reference values with PyTorch and stores them beside this script.

    python tests/reference/make_references.py

PyTorch is not needed to run the tests: they read the stored files. Each file names the versions
it was made with, and holds its own list of cases, so that the tests run exactly those.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812 (the name everybody knows)

HERE = Path(__file__).parent
STEPS = 100
Array = np.ndarray[Any, Any]

torch.set_default_dtype(torch.float64)


def store(name: str, cases: dict[str, Any], arrays: dict[str, Array]) -> None:
    """Writes the arrays, the cases as JSON, and the versions."""
    versions = json.dumps({"torch": torch.__version__, "numpy": np.__version__})
    np.savez_compressed(HERE / name, versions=versions, cases=json.dumps(cases), **arrays)


# -- operations ------------------------------------------------------------------------------------
UNARY: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "abs": torch.abs,
    "cos": torch.cos,
    "elu": F.elu,
    "erf": torch.erf,
    "exp": torch.exp,
    "expm1": torch.expm1,
    "gelu": F.gelu,
    "leaky_relu": F.leaky_relu,
    "log_softmax": lambda a: F.log_softmax(a, -1),
    "logsumexp": lambda a: torch.logsumexp(a, -1),
    "mean": torch.mean,
    "relu": F.relu,
    "sigmoid": torch.sigmoid,
    "silu": F.silu,
    "sin": torch.sin,
    "softmax": lambda a: F.softmax(a, -1),
    "softplus": F.softplus,
    "sum": torch.sum,
    "tanh": torch.tanh,
    "var": torch.var,
}
POSITIVE: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "log": torch.log,
    "log1p": torch.log1p,
    "sqrt": torch.sqrt,
}
BINARY: dict[str, Callable[..., torch.Tensor]] = {
    "add": torch.add,
    "divide": torch.divide,
    "matmul": lambda a, b: a @ b.T,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "multiply": torch.multiply,
    "power": torch.pow,
    "subtract": torch.subtract,
}


def operations() -> None:
    rng = np.random.default_rng(0)
    cases: dict[str, int] = {}
    arrays: dict[str, Array] = {}

    def add(name: str, function: Callable[..., torch.Tensor], *inputs: Array) -> None:
        tensors = [torch.tensor(x, requires_grad=True) for x in inputs]
        out = function(*tensors)
        weights = rng.uniform(0.5, 1.5, tuple(out.shape))
        (out * torch.tensor(weights)).sum().backward()
        cases[name] = len(inputs)
        arrays[f"{name}/weights"], arrays[f"{name}/out"] = weights, out.detach().numpy()
        for i, (x, tensor) in enumerate(zip(inputs, tensors, strict=True)):
            arrays[f"{name}/input{i}"], arrays[f"{name}/grad{i}"] = x, tensor.grad.numpy()

    for name, function in UNARY.items():
        add(name, function, rng.normal(0.0, 2.0, (4, 5)))
    for name, function in POSITIVE.items():
        add(name, function, rng.uniform(0.1, 3.0, (4, 5)))
    for name, function in BINARY.items():
        add(name, function, rng.uniform(0.2, 2.0, (4, 5)), rng.uniform(0.2, 2.0, (4, 5)))
    add("linear", F.linear, rng.normal(size=(6, 3)), rng.normal(size=(2, 3)), rng.normal(size=2))
    store("operations.npz", cases, arrays)


# -- losses ----------------------------------------------------------------------------------------
def last(function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    """PyTorch wants the classes on axis 1; ours lie on the last."""

    def moved(a: torch.Tensor, t: torch.Tensor, **settings: Any) -> torch.Tensor:
        a = a.movedim(-1, 1)
        return function(a, t.movedim(-1, 1) if t.is_floating_point() else t, **settings)

    return moved


def kl(a: torch.Tensor, t: torch.Tensor, reduction: str = "mean", **settings: Any) -> torch.Tensor:
    return F.kl_div(a, t, reduction={"mean": "batchmean"}.get(reduction, reduction), **settings)


def hinge(
    a: torch.Tensor, t: torch.Tensor, margin: float = 1.0, reduction: str = "mean"
) -> torch.Tensor:
    if a.ndim > t.ndim:
        return F.multi_margin_loss(a, t, margin=margin, reduction=reduction)
    return torch.clamp(margin - a * t, min=0.0).mean()


LOSSES: dict[str, Callable[..., torch.Tensor]] = {
    "binary_cross_entropy_with_logits": F.binary_cross_entropy_with_logits,
    "cross_entropy": last(F.cross_entropy),
    "hinge": hinge,
    "huber": F.huber_loss,
    "kl_divergence": kl,
    "mean_absolute_error": F.l1_loss,
    "mean_squared_error": F.mse_loss,
    "negative_log_likelihood": last(F.nll_loss),
}
TENSORS = {"weight", "pos_weight"}  # settings that PyTorch wants as tensors


def losses() -> None:
    rng = np.random.default_rng(1)
    cases: dict[str, Any] = {}
    arrays: dict[str, Array] = {}
    a, b = rng.normal(0.0, 2.0, (2, 6, 4))
    wide = rng.normal(size=(2, 3, 4))
    labels, tall = rng.integers(0, 4, 6), rng.integers(0, 4, (2, 3))
    ignored = np.where(np.arange(6) % 3 == 0, -100, labels)
    shares = rng.dirichlet(np.ones(4), 6)
    signs = rng.choice([-1.0, 1.0], (6, 4))
    weight = [0.5, 1.0, 2.0, 0.25]
    logs = np.log(rng.dirichlet(np.ones(4), 6))

    def add(loss: str, x: Array, target: Array, **settings: Any) -> None:
        key = f"{loss} {len(cases)}"
        for_torch = {k: torch.tensor(v) if k in TENSORS else v for k, v in settings.items()}
        variable = torch.tensor(x, requires_grad=True)
        value = LOSSES[loss](variable, torch.tensor(target), **for_torch)
        value.sum().backward()
        cases[key] = {"loss": loss, "settings": settings}
        arrays[f"{key}/input"], arrays[f"{key}/target"] = x, target
        arrays[f"{key}/value"], arrays[f"{key}/grad"] = (
            value.detach().numpy(),
            variable.grad.numpy(),
        )

    for loss in ("mean_absolute_error", "mean_squared_error", "huber"):
        for reduction in ("mean", "sum", "none"):
            add(loss, a, b, reduction=reduction)
    add("huber", a, b, delta=0.3)
    for settings in (
        {},
        {"reduction": "sum"},
        {"reduction": "none"},
        {"label_smoothing": 0.1},
        {"weight": weight},
        {"weight": weight, "label_smoothing": 0.2},
        {"weight": weight, "reduction": "sum"},
        {"weight": weight, "reduction": "none"},
    ):
        add("cross_entropy", a, labels, **settings)
        add("cross_entropy", a, shares, **settings)
        add("cross_entropy", a, ignored, **settings, ignore_index=-100)
        add("cross_entropy", wide, tall, **settings)
        if "label_smoothing" not in settings:
            add("negative_log_likelihood", logs, labels, **settings)
            add("negative_log_likelihood", logs, ignored, **settings, ignore_index=-100)
    for settings in ({}, {"reduction": "sum"}, {"reduction": "none"}, {"pos_weight": weight}):
        add("binary_cross_entropy_with_logits", a, shares, **settings)
    add("hinge", a, signs)
    add("hinge", a, signs, margin=0.3)
    add("hinge", a, labels)
    add("hinge", a, labels, margin=0.5, reduction="sum")
    add("kl_divergence", logs, shares)
    add("kl_divergence", logs, shares, reduction="sum")
    add("kl_divergence", logs, np.log(shares), log_target=True)
    store("losses.npz", cases, arrays)


# -- optimisers ------------------------------------------------------------------------------------
class Lion(torch.optim.Optimizer):
    """Chen et al. 2023, algorithm 2, which PyTorch has not."""

    def __init__(
        self,
        parameters: Any,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            first, second = group["betas"]
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                c = first * m + (1.0 - first) * p.grad
                p -= group["lr"] * (c.sign() + group["weight_decay"] * p)
                m.copy_(second * m + (1.0 - second) * p.grad)


TRAJECTORIES: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"lr": 0.5}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.5, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.5, "clip_norm": 0.1}),
    ("SGD", {"lr": 0.5, "clip_value": 0.02}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.05}),
    ("Adagrad", {"lr": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.2, "eps": 1e-6}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.02, "alpha": 0.9, "eps": 1e-6, "weight_decay": 0.1}),
    ("RMSprop", {"lr": 0.01, "momentum": 0.9}),
    ("RMSprop", {"lr": 0.01, "momentum": 0.5, "centered": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.05, "betas": [0.8, 0.99], "eps": 1e-6}),
    ("Adam", {"lr": 0.05, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.05, "amsgrad": True}),
    ("Adam", {"lr": 0.05, "clip_norm": 0.05}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.05, "weight_decay": 0.1}),
    ("AdamW", {"lr": 0.05, "weight_decay": 0.1, "amsgrad": True, "betas": [0.8, 0.99]}),
    ("Lion", {}),
    ("Lion", {"lr": 0.01, "betas": [0.8, 0.95], "weight_decay": 0.1}),
]


def optimizers() -> None:
    """Fits tanh(xWᵀ + b) to random numbers, and keeps W and b after every step."""
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(10, 3)), rng.uniform(-0.9, 0.9, (10, 2))
    weight, bias = rng.normal(size=(2, 3)), rng.normal(size=2)
    cases: dict[str, Any] = {}
    arrays: dict[str, Array] = {"x": x, "y": y, "weight": weight, "bias": bias}
    for name, settings in TRAJECTORIES:
        w, b = (torch.tensor(value, requires_grad=True) for value in (weight, bias))
        own = {k: v for k, v in settings.items() if not k.startswith("clip")}
        optimizer = (Lion if name == "Lion" else getattr(torch.optim, name))([w, b], **own)
        path = []
        for _ in range(STEPS):
            optimizer.zero_grad()
            F.mse_loss(torch.tanh(F.linear(torch.tensor(x), w, b)), torch.tensor(y)).backward()
            if "clip_norm" in settings:
                torch.nn.utils.clip_grad_norm_([w, b], settings["clip_norm"])
            if "clip_value" in settings:
                torch.nn.utils.clip_grad_value_([w, b], settings["clip_value"])
            optimizer.step()
            path.append(torch.cat([w.flatten(), b]).detach().numpy())
        key = " ".join([name, *(f"{k}={v}" for k, v in settings.items())])
        cases[key] = {"optimizer": name, "settings": settings}
        arrays[key] = np.array(path)
    store("optimizers.npz", cases, arrays)


# -- schedules -------------------------------------------------------------------------------------
def schedules() -> None:
    from torch.optim import lr_scheduler as s

    makers: dict[str, tuple[dict[str, Any], Callable[[Any], Any]]] = {
        "Constant": ({"lr": 0.1}, lambda o: s.ConstantLR(o, factor=1.0)),
        "StepDecay": (
            {"lr": 0.1, "every": 15, "gamma": 0.5},
            lambda o: s.StepLR(o, step_size=15, gamma=0.5),
        ),
        "Cosine": (
            {"lr": 0.1, "steps": 99, "final": 0.01},
            lambda o: s.CosineAnnealingLR(o, T_max=99, eta_min=0.01),
        ),
        "Polynomial": (
            {"lr": 0.1, "steps": 80, "power": 1.5},
            lambda o: s.PolynomialLR(o, total_iters=80, power=1.5),
        ),
        "WarmUp": (
            {"then": 0.1, "steps": 30, "start": 0.2},
            lambda o: s.LinearLR(o, start_factor=0.2, total_iters=30),
        ),
        "OneCycle": (
            {"lr": 0.1, "steps": 100, "rise": 0.25, "div": 10.0, "final_div": 100.0},
            lambda o: s.OneCycleLR(
                o,
                0.1,
                total_steps=100,
                pct_start=0.25,
                div_factor=10.0,
                final_div_factor=100.0,
                cycle_momentum=False,
            ),
        ),
    }
    cases: dict[str, Any] = {}
    arrays: dict[str, Array] = {}
    for name, (settings, make) in makers.items():
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
        scheduler = make(optimizer)
        rates = []
        for _ in range(STEPS):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        cases[name] = settings
        arrays[name] = np.array(rates)
    store("schedules.npz", cases, arrays)


if __name__ == "__main__":
    operations()
    losses()
    optimizers()
    schedules()
