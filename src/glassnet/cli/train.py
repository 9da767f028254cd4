"""`glassnet train`: a network for a data set, from nothing to a run folder with a report."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from .console import say
from .options import (
    Activation,
    Batch,
    Data,
    Engine,
    Epochs,
    Folder,
    Hidden,
    Method,
    Rate,
    Seed,
)
from .recipes import RECIPES, USUAL, Recipe

if TYPE_CHECKING:
    from ..data import Dataset
    from ..nn import Module
    from ..optim import Optimizer
    from ..train import Run

RUNS = Path("runs")
HELD_OUT = 0.2  # share of the rows, stratified
INTERRUPTED = 130


def train(
    data: Data,
    hidden: Hidden = None,
    activation: Activation = None,
    optimizer: Method = None,
    lr: Rate = None,
    epochs: Epochs = None,
    batch: Batch = None,
    seed: Seed = 0,
    engine: Engine = None,
    out: Folder = None,
) -> None:
    """Train a network on a data set and write a report about it.

    A fifth of the rows is held out, and the result is judged on these alone. Every data set brings
    settings that suit it; each option changes one of them. Ctrl-C ends the training and keeps what
    was learned.

    **Examples**

        glassnet train digits

        glassnet train spiral --hidden 32,32 --activation relu --epochs 100

        glassnet train iris --optimizer sgd --lr 0.1 --seed 7 --out runs/my-iris
    """
    from ..data import load
    from ..train import fit

    recipe = RECIPES.get(data, USUAL)
    plan = Plan(
        hidden=recipe.hidden if hidden is None else widths(hidden),
        activation=activation or recipe.activation,
        optimizer=optimizer or recipe.optimizer,
        lr=recipe.lr if lr is None else lr,
        epochs=recipe.epochs if epochs is None else epochs,
        batch=recipe.batch if batch is None else batch,
        seed=seed,
        recipe=recipe,
    )
    learn, held = _parts(load(data, seed=seed), seed)
    model, method, loss = plan.model(learn), plan.method(len(learn)), plan.loss(learn)
    folder = out or _new_folder(data)
    chosen: dict[str, Any] = {"engine": engine} if engine else {}
    run = fit(
        model, learn, loss, method, epochs=plan.epochs, batch_size=plan.batch or None,
        validation=held, seed=seed, out=folder, callbacks=[_announcement(plan)], **chosen,
    )  # fmt: skip
    _conclude(run, folder)
    if run.interrupted:
        raise typer.Exit(INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the command and the recipe together ask for."""

    hidden: tuple[int, ...]
    activation: str
    optimizer: str
    lr: float
    epochs: int
    batch: int
    seed: int
    recipe: Recipe

    def describe(self, learn: Dataset) -> str:
        """How it will be trained, in a line."""
        rows = f"batches of {self.batch}" if self.batch else "all rows at once"
        smoothed = learn.task == "classification" and self.recipe.smoothing
        labels = f", labels smoothed by {self.recipe.smoothing:g}" if smoothed else ""
        return (
            f"{self.optimizer}, learning rate {self.lr:g} falling to 0, {rows}, "
            f"{self.epochs} epochs, seed {self.seed}{labels}"
        )

    def model(self, learn: Dataset) -> Module:
        """A multi-layer perceptron of the asked widths, its parameters drawn."""
        from .. import nn

        width, layers = int(learn.inputs[0].size), list[Any]()
        if learn.inputs.ndim > 2:
            layers.append(nn.Flatten())
        for units in self.hidden:
            layers += [nn.Linear(width, units), nn.activation(self.activation)]
            width = units
        model = nn.Sequential(*layers, nn.Linear(width, learn.outputs))
        model.initialise(self.seed)
        return model

    def method(self, rows: int) -> Optimizer:
        """The optimiser, its learning rate falling along a cosine over the whole training."""
        from .. import optim

        steps = self.epochs * -(-rows // (self.batch or rows))
        kind = optim.get(self.optimizer)
        kind(lr=self.lr)  # an error then speaks of the number that was given
        return kind(lr=optim.Cosine(self.lr, steps=max(1, steps)))

    def loss(self, learn: Dataset) -> Any:
        """The loss of the task, with the recipe's label smoothing; None for the usual one."""
        from .. import losses

        if learn.task == "regression" or not self.recipe.smoothing:
            return None
        return functools.partial(losses.cross_entropy, label_smoothing=self.recipe.smoothing)


def widths(text: str) -> tuple[int, ...]:
    """`64,32` as (64, 32); `none` as no layers.

    Raises:
        ArgumentError: these are no widths.

    >>> widths("64, 32"), widths("none")
    ((64, 32), ())
    """
    from ..errors import ArgumentError

    parts = [part.strip() for part in text.split(",") if part.strip()]
    if parts in (["none"], ["0"]):
        return ()
    if not parts or not all(part.isdecimal() and 0 < int(part) <= 100_000 for part in parts):
        raise ArgumentError(
            "these are no widths of hidden layers",
            expected="whole numbers from 1 to 100000 with commas, as in --hidden 64,32, or none",
            received=text,
        )
    return tuple(map(int, parts))


def _parts(dataset: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    """The part to learn from and the part held out, standardised by what the first has taught."""
    from ..data import split, standardise

    learn, held = standardise(*split(dataset, HELD_OUT, seed=seed))
    return learn, held


def _new_folder(data: str) -> Path:
    """runs/digits, or where that is taken runs/digits-2 and so on: no run is lost."""
    folder, number = RUNS / data, 1
    while folder.exists() and any(folder.iterdir()):
        number += 1
        folder = RUNS / f"{data}-{number}"
    return folder


def _announcement(plan: Plan) -> Any:
    """A callback that says what will be done, once everything is checked and before it begins."""
    from ..train import Callback

    class Announcement(Callback):
        def on_start(self, run: Run) -> None:
            learn, held = run.train, run.held_out
            width = int(learn.inputs[0].size)
            classes = f"{len(learn.classes)} classes"
            goal = classes if learn.task == "classification" else "a number to predict"
            say(
                "data",
                f"{learn.name}: {len(learn) + len(held):,} rows of {width} numbers, {goal}; "
                f"{len(learn):,} to learn from, {len(held):,} held out",
            )
            chain = [str(width), *(f"{n} {plan.activation}" for n in plan.hidden)]
            count = sum(p.size for p in run.model.parameters())
            say("network", f"{' → '.join([*chain, str(learn.outputs)])}, {count:,} parameters")
            say("training", plan.describe(learn))

    return Announcement()


def _conclude(run: Run, folder: Path) -> None:
    held = run.held_out
    epochs = f"{len(run.history)} epochs in {run.seconds:.1f} s"
    if run.interrupted:
        say("stopped", f"after {epochs}; what was learned is kept")
    if held.task == "classification":
        right = int((run.predict(held) == held.targets).sum())
        share = f"{100 * right / len(held):.1f} % right on the {len(held):,} rows held out"
        say("result", f"{share} ({len(held) - right} wrong), {epochs}")
    elif len(run.history):
        last = run.history.rows[-1]
        numbers = (last["validation_r2"], last["validation_mae"])
        say(
            "result",
            "R² {:.4g}, mean absolute error {:.4g} on the rows held out, ".format(*numbers)
            + epochs,
        )
    say("run", f"{folder}")
    report = folder / "report.html"
    if report.exists():
        say("report", f"{report}")
    say("use it", f"glassnet predict {folder} NEW-DATA.csv")
