"""`glassnet train`: a network for a data set, from nothing to a run folder with a report."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..errors import ArgumentError
from .console import say
from .networks import network, usual
from .numbers import whole_numbers
from .options import (
    Activation,
    Averaged,
    Batch,
    Data,
    Engine,
    Epochs,
    Folder,
    Hidden,
    KeepBest,
    Leave,
    Length,
    Measured,
    Method,
    Missing,
    Network,
    Patience,
    Rate,
    Resumed,
    Seed,
    Size,
    Target,
)
from .parts import parts, what_it_is
from .recipes import RECIPES, USUAL, Recipe
from .result import conclude

if TYPE_CHECKING:
    from ..data import Dataset
    from ..nn import Module
    from ..optim import Optimizer
    from ..train import Run

RUNS = Path("runs")
INTERRUPTED = 130


def train(
    data: Data,
    target: Target = None,
    leave: Leave = None,
    missing: Missing = None,
    size: Size = None,
    length: Length = None,
    model: Network = None,
    hidden: Hidden = None,
    activation: Activation = None,
    optimizer: Method = None,
    lr: Rate = None,
    epochs: Epochs = None,
    batch: Batch = None,
    patience: Patience = None,
    keep_best: KeepBest = None,
    average: Averaged = None,
    checkpoint: Resumed = None,
    statistics: Measured = False,
    seed: Seed = 0,
    engine: Engine = None,
    out: Folder = None,
) -> None:
    """Train a network on a data set and write a report about it.

    A fifth of the rows is held out, and the result is judged on these alone; of a text its last
    tenth, and of IDX files the part that is meant for it. The data decides about the network and
    about settings that suit it; each option changes one of them. Ctrl-C ends the training and keeps
    what was learned.

    **Examples**

        glassnet train digits

        glassnet train spiral --hidden 32,32 --activation relu --epochs 100

        glassnet train iris --optimizer sgd --lr 0.1 --seed 7 --out runs/my-iris

        glassnet train flowers.csv --target species

        glassnet train photos --size 28,28 --model cnn

        glassnet train book.txt

        glassnet train digits --patience 5 --keep-best --statistics
    """
    from ..train import fit

    given = {"target": target, "leave": leave, "missing": missing, "size": size, "length": length}
    learn, held = parts(data, {k: v for k, v in given.items() if v is not None}, seed)
    name = model or usual(learn)
    if name != "mlp" and (hidden is not None or activation is not None):
        raise ArgumentError(
            "--hidden and --activation are settings of mlp",
            received=f"the network {name}",
            mend="leave them out, or say --model mlp",
        )
    chosen = {
        "hidden": None if hidden is None else widths(hidden),
        "activation": activation, "optimizer": optimizer, "lr": lr, "epochs": epochs,
        "batch": batch, "patience": patience, "keep_best": keep_best,
    }  # fmt: skip
    recipe = RECIPES.get(data, USUAL.get(name, USUAL["mlp"])).changed(chosen, len(learn))
    plan = Plan(name, recipe, seed)
    ready, method, loss = plan.model(learn), plan.method(len(learn)), plan.loss(learn)
    folder = out or _new_folder(Path(data).stem or "data")
    run = fit(
        ready, learn, loss, method, epochs=recipe.epochs, batch_size=recipe.batch or None,
        validation=held, patience=recipe.patience, keep_best=recipe.keep_best,
        average=average, checkpoint=checkpoint, statistics=statistics,
        seed=seed, out=folder, callbacks=[_announcement(plan)], engine=engine or "native",
    )  # fmt: skip
    conclude(run, folder)
    if run.interrupted:
        raise typer.Exit(INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the command and the recipe together ask for."""

    network: str
    recipe: Recipe
    seed: int

    def describe(self, learn: Dataset) -> str:
        """How it will be trained, in a line."""
        recipe = self.recipe
        rows = f"batches of {recipe.batch}" if recipe.batch else "all rows at once"
        smoothed = learn.task == "classification" and recipe.smoothing
        labels = f", labels smoothed by {recipe.smoothing:g}" if smoothed else ""
        limit = "" if recipe.patience is None else "at most "
        return (
            f"{recipe.optimizer}, learning rate {recipe.lr:g} falling to 0, {rows}, "
            f"{limit}{recipe.epochs} epochs, seed {self.seed}{labels}"
        )

    def model(self, learn: Dataset) -> Module:
        """The network, its parameters drawn."""
        made = network(self.network, learn, self.recipe.hidden, self.recipe.activation)
        return made.initialise(self.seed)

    def method(self, rows: int) -> Optimizer:
        """The optimiser, its learning rate falling along a cosine over the whole training."""
        from .. import optim

        recipe = self.recipe
        steps = recipe.epochs * -(-rows // (recipe.batch or rows))
        kind = optim.get(recipe.optimizer)
        kind(lr=recipe.lr)  # an error then speaks of the number that was given
        return kind(lr=optim.Cosine(recipe.lr, steps=max(1, steps)))

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
    if text.strip() in ("none", "0"):
        return ()
    example = "--hidden 64,32, or none"
    return whole_numbers(text, "widths of hidden layers", example, 1, 100_000)


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
            learn = run.train
            say("data", what_it_is(learn, run.held_out))
            count = sum(p.size for p in run.model.parameters())
            chain = [
                str(learn.inputs[0].size),
                *(f"{n} {plan.recipe.activation}" for n in plan.recipe.hidden),
            ]
            layers = " → ".join([*chain, str(learn.outputs)])
            shown = layers if plan.network == "mlp" else f"{plan.network}, {learn.outputs} outputs"
            say("network", f"{shown}, {count:,} parameters")
            say("training", plan.describe(learn))

    return Announcement()
