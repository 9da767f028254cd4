"""Training from beginning to end: `fit`."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .. import losses
from ..data import Augmentation
from ..data.checks import check_count
from ..data.sampling import Sampling, check_sampling
from ..nn import Module
from ..optim import Optimizer
from .audience import Audience
from .best import Judge
from .callbacks import Callback
from .checkpoint import Checkpoint, Keeper
from .engines import ENGINES, check_engine
from .gauge import Gauge
from .interrupt import Interrupt
from .metric import Metric
from .output import writable_folder
from .predictor import Predictor
from .preparation import (
    Data,
    check_model,
    datasets,
    equip,
    optimizer_for,
    settings_of,
    work_for,
)
from .probe import Probe
from .progress import ProgressBar, wanted
from .reading import Loss
from .run import Run
from .training import Training
from .work import Work

Array = np.ndarray[Any, Any]


def fit(
    model: Module,
    data: Data,
    loss: Loss | str | None = None,
    optimizer: Optimizer | str | None = None,
    *,
    epochs: int = 60,
    batch_size: int | None = 32,
    accumulate: int = 1,
    validation: Data | float | None = None,
    augment: Augmentation | None = None,
    sampling: Sampling = "shuffled",
    seed: int = 0,
    callbacks: Iterable[Callback] = (),
    metrics: Iterable[str | Metric | Callable[[Array, Array], float]] | None = None,
    patience: int | None = None,
    keep_best: bool = False,
    monitor: str | None = None,
    average: float | None = None,
    progress: bool | None = None,
    engine: str = "native",
    watch: Iterable[str] = (),
    statistics: bool = False,
    watch_every: int = 50,
    checkpoint: str | os.PathLike[str] | Checkpoint | None = None,
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
        batch_size: rows computed at once; None for all of them: full-batch gradient descent.
        accumulate: batches a step; their gradients are added up before the update, so that a step
            is the one of a batch so many times larger, in the memory of one.
        validation: data to be judged by after every epoch, or the share of the rows to hold out.
        augment: moves the images of every step a little, inside the step: `data.Augmentation`.
        sampling: "stratified" gives every batch each class in its proportion, "balanced" all
            classes alike, "by_length" sequences of about one length, computed with no more steps
            than they need; see `data.batches`.
        seed: of parameters, batches, dropout, augmentation and the share held out.
        callbacks: what is told after each epoch, and can end the training.
        metrics: names or functions; left out, accuracy, or R² and mean absolute error.
        patience: epochs without a better one after which training ends early.
        keep_best: whether the model ends as it was after its best epoch, and not after its last.
        monitor: the column of the history that says which epoch is better; left out, the loss, on
            the data held out if there is any.
        average: how slowly a running mean of the weights forgets, such as 0.999; it is what is
            judged after every epoch, and what the model ends with.
        progress: whether to draw a bar; left out, if standard error is a terminal.
        engine: "native" compiles the step into one program; "numpy" runs it as it is written.
        watch: values and gradients to keep while learning, by name: a parameter (`0.weight`), a
            layer's output (`3`), or either with `.grad`. They are in `run.watched` afterwards.
        statistics: whether to measure weights, gradients, updates and activations as well: norms,
            histograms, dead units. They are in `run.statistics` afterwards, with what there is to
            say about them in `run.statistics.findings`.
        watch_every: steps between two looks at what is watched and measured.
        checkpoint: folder for a checkpoint, written every minute and at the end; or a
            `train.Checkpoint`, which says how often. The same call goes on from there: after a
            kill or Ctrl-C, or with more epochs where the optimiser's rate does not depend on them.
        out: folder for model, history and report; tried out before training begins.

    Raises:
        DataError: nothing can be learned from the data.
        ShapeError: data and network do not fit.
        NonFiniteError: a NaN or an infinity appeared; says in which layer of which step. The model
            stays as it was before that step.
        OutputError: nothing can be written to `out` or `checkpoint`.
        FileFormatError: the checkpoint is truncated or damaged.

    Ctrl-C ends the training after the step that runs; what was learned is kept.

    >>> import glassnet as gn
    >>> from glassnet import data, nn, train
    >>> model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    >>> run = train.fit(model, data.gaussians(200, seed=0), epochs=5, seed=0)
    >>> run.history[-1]["accuracy"]
    1.0
    """
    _check_settings(epochs, batch_size, accumulate, sampling)
    check_model(model)
    check_engine(engine)
    loss = losses.get(loss) if isinstance(loss, str) else loss
    folder = None if out is None else writable_folder(out)
    train, held = datasets(model, data, loss, validation, seed)
    rows = None if batch_size is None else batch_size * accumulate
    steps = epochs * math.ceil(len(train) / (rows or len(train)))
    work = work_for(model, train, loss, optimizer_for(optimizer, steps), metrics, seed)
    equip(work, part=batch_size if accumulate > 1 else None, augment=augment, average=average)
    work.probe = _probe(work, tuple(watch), watch_every, statistics, rows)
    judge = Judge.of(monitor, patience, work.metrics, held=held is not None)
    settings = settings_of(
        work,
        {"epochs": epochs, "batch_size": batch_size, "seed": seed, "engine": engine},
        accumulate=accumulate if accumulate > 1 else None,
        average=average,
        sampling=None if sampling == "shuffled" else sampling,
        patience=patience,
        best_by=judge.column if keep_best else None,
    )
    run = Run(Predictor.of(model, work.goal.reading, train), train, held, settings)
    plan = judge, keep_best, rows, epochs, seed, sampling
    training = Training(work, ENGINES[engine](work), run, *plan)
    keeper = None if checkpoint is None else Keeper.of(checkpoint, training)
    if keeper is not None:
        keeper.resume()
    with Interrupt() as interrupt, Audience(run, _listeners(callbacks, progress)) as audience:
        training.go(audience, interrupt, keeper)
    training.finish()
    if folder is not None:
        run.save(folder)
    return run


def _probe(
    work: Work, names: tuple[str, ...], every: int, measured: bool, rows: int | None
) -> Probe | None:
    """What reads the values that are watched or measured, where any are."""
    if not names and not measured:
        return None
    check_count(every, "watch_every")
    whole = min(rows or len(work.dataset), len(work.dataset))
    gauge = Gauge(work.step.model) if measured else None
    return Probe(work.step, names, every, gauge, whole)


def _listeners(callbacks: Iterable[Callback], progress: bool | None) -> list[Callback]:
    """The callbacks, and the bar that shows progress."""
    return [*callbacks, *([ProgressBar()] if wanted(progress) else [])]


def _check_settings(epochs: int, batch_size: int | None, accumulate: int, sampling: str) -> None:
    """ArgumentError unless all of them can be counted, and there is such a sampling."""
    check_sampling(sampling)
    check_count(epochs, "epochs")
    check_count(accumulate, "accumulate", most=1 if batch_size is None else None)
    if batch_size is not None:
        check_count(batch_size, "batch_size")
