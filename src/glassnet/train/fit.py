"""Training from beginning to end: `fit`."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .. import losses
from ..data import Augmentation, batches
from ..data.checks import check_count
from ..nn import Module
from ..optim import Optimizer
from .audience import Audience
from .callbacks import Callback
from .engines import ENGINES, check_engine
from .interrupt import Interrupt
from .metric import Metric
from .output import writable_folder
from .predictor import Predictor
from .preparation import (
    Data,
    check_model,
    datasets,
    optimizer_for,
    settings_of,
    tried,
    work_for,
)
from .probe import Probe
from .progress import ProgressBar, wanted
from .reading import Loss
from .run import Run
from .runner import Runner
from .totals import Totals

Array = np.ndarray[Any, Any]


def fit(
    model: Module,
    data: Data,
    loss: Loss | str | None = None,
    optimizer: Optimizer | str | None = None,
    *,
    epochs: int = 60,
    batch_size: int | None = 32,
    validation: Data | float | None = None,
    augment: Augmentation | None = None,
    seed: int = 0,
    callbacks: Iterable[Callback] = (),
    metrics: Iterable[str | Metric | Callable[[Array, Array], float]] | None = None,
    progress: bool | None = None,
    engine: str = "native",
    watch: Iterable[str] = (),
    watch_every: int = 50,
    out: str | os.PathLike[str] | None = None,
) -> Run:
    """Trains the model on the data, in place, and returns the run.

    Every epoch deals the rows out in mini-batches, in an order of its own; every batch is one
    `Step`. The same seed gives the same bits. A model that has learned before goes on from there.

    Args:
        model: what learns; parameters without numbers are drawn from the seed.
        data: a data set, or a pair (inputs, targets).
        loss: a function of (outputs, targets), or its name; left out, cross-entropy for
            classification and the mean squared error for regression.
        optimizer: with its settings, or its name; left out, AdamW with a learning rate that falls
            from 0.01 to 0 along half a cosine. It starts afresh, even where it was used before.
        epochs: passes over the data.
        batch_size: rows a step; None for all of them: full-batch gradient descent.
        validation: data to be judged by after every epoch, or the share of the rows to hold out.
        augment: moves the images of every step a little, inside the step: `data.Augmentation`.
        seed: of parameters, batches, dropout, augmentation and the share held out.
        callbacks: what is told after each epoch, and can end the training.
        metrics: names or functions; left out, accuracy, or R² and mean absolute error.
        progress: whether to draw a bar; left out, if standard error is a terminal.
        engine: "native" compiles the step into one program; "numpy" runs it as it is written.
        watch: values and gradients to keep while learning, by name: a parameter (`0.weight`), a
            layer's output (`3`), or either with `.grad`. They are in `run.watched` afterwards.
        watch_every: steps between two looks at them.
        out: folder for model, history and report; tried out before training begins.

    Raises:
        DataError: nothing can be learned from the data.
        ShapeError: data and network do not fit.
        NonFiniteError: a NaN or an infinity appeared; says in which layer of which step. The model
            stays as it was before that step.
        OutputError: nothing can be written to `out`.

    Ctrl-C ends the training after the step that runs; what was learned is kept.

    >>> import glassnet as gn
    >>> from glassnet import data, nn, train
    >>> model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    >>> run = train.fit(model, data.gaussians(200, seed=0), epochs=5, seed=0)
    >>> run.history[-1]["accuracy"]
    1.0
    """
    check_count(epochs, "epochs")
    if batch_size is not None:
        check_count(batch_size, "batch_size")
    check_model(model)
    check_engine(engine)
    loss = losses.get(loss) if isinstance(loss, str) else loss
    folder = None if out is None else writable_folder(out)
    train, held = datasets(model, data, loss, validation, seed)
    steps = epochs * math.ceil(len(train) / (batch_size or len(train)))
    work = work_for(model, train, loss, optimizer_for(optimizer, steps), metrics, seed)
    if augment is not None:
        work.step.augment = tried(augment, train)
    if names := tuple(watch):
        check_count(watch_every, "watch_every")
        work.probe = Probe(work.step, names, watch_every)
    runner = ENGINES[engine](work)
    settings = settings_of(work, epochs=epochs, batch_size=batch_size, seed=seed, engine=engine)
    run = Run(Predictor.of(model, work.goal.reading, train), train, held, settings)
    if work.probe is not None:
        run.watched = work.probe.records
    listeners = [*callbacks, *([ProgressBar()] if wanted(progress) else [])]
    with Interrupt() as interrupt, Audience(run, listeners) as audience:
        for epoch in range(1, epochs + 1):
            start = time.perf_counter()
            dealt = list(batches(len(train), batch_size, seed=seed, epoch=epoch))
            totals = Totals(work.metrics)
            runner(dealt, totals, audience.watch(epoch, len(dealt), interrupt))
            row = {"epoch": epoch, **_measured(run, runner, totals)}
            row["seconds"] = time.perf_counter() - start
            run.history.append(row)
            run.interrupted = interrupt.asked
            if audience.epoch_done(row, totals) or run.interrupted:
                break
    if folder is not None:
        run.save(folder)
    return run


def _measured(run: Run, runner: Runner, totals: Totals) -> dict[str, float]:
    """An epoch in numbers: means over its batches, and the same for the data held out."""
    row = totals.values()
    if run.validation is not None:
        held = runner.evaluate(run.validation)
        row |= {f"validation_{name}": value for name, value in held.items()}
    return row
