"""What a training needs, made ready and tried out before the first step."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from .. import optim
from ..data import Augmentation, Dataset, as_dataset, check_learnable, split
from ..errors import ArgumentError, DataError, ShapeError
from ..nn import Module
from ..optim import Optimizer
from ..tensor import Generator
from .average import Average
from .goal import Goal
from .metrics import metrics_for
from .reading import DEFAULT_LOSS, Loss, plain_loss, reading_of, tasks_of
from .step import Step
from .work import Work

Data = Dataset | tuple[Any, Any]
# Rate and decay that small networks of all kinds learn well with; see `fit`.
USUAL_RATE = 0.01
USUAL_DECAY = 0.01


def check_model(model: Module) -> None:
    """ArgumentError unless something in it can learn."""
    if not isinstance(model, Module):
        raise ArgumentError(
            "what learns is a module",
            received=repr(model)[:60],
            mend="nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2)) makes one",
        )
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise ArgumentError(
            "no parameter of this model learns by gradients",
            expected="at least one that requires a gradient",
            received=f"{type(model).__name__} with {len(model.parameters())} parameters",
            mend="model.unfreeze() after freeze(); a Perceptron learns by its own fit",
        )


def datasets(
    model: Module,
    data: Data,
    loss: Loss | None,
    validation: Data | float | None,
    seed: int,
) -> tuple[Dataset, Dataset | None]:
    """The data to learn from and the data to judge by, checked, in the model's type of float."""
    train = as_dataset(data, tasks_of(loss)).astype(model.dtype)
    held: Dataset | None = None
    if isinstance(validation, float):
        train, held = split(train, validation, seed=seed)
    elif validation is not None:
        tasks = () if train.task is None else (train.task,)
        held = as_dataset(validation, tasks, classes=train.classes, name="validation")
        _check_alike(train, held)
        held = replace(held, dtype=model.dtype, standardiser=train.standardiser)
    check_learnable(train)
    return train, held


def work_for(
    model: Module,
    train: Dataset,
    loss: Loss | None,
    optimizer: Optimizer,
    metrics: Iterable[Any] | None,
    seed: int,
) -> Work:
    """Everything a step needs, tried out on two rows first."""
    task = train.task or "classification"
    loss = loss or DEFAULT_LOSS[task]
    measured = metrics_for(task, metrics)
    model.initialise(seed)
    if train.lengths is not None:
        _check_padded(model, loss, train)
    few = train.subset(slice(0, 2))
    outputs = model.predict(few.prepared(), lengths=few.lengths)
    goal = Goal(loss, reading_of(loss, outputs, train), train)
    generator = Generator(seed).fork("dropout")
    step = Step(model, goal, optimizer.bind(model), generator, train.prepare)
    step.by_step = train.by_step
    return Work(step, train, goal, measured)


def _check_padded(model: Module, loss: Loss, train: Dataset) -> None:
    """ArgumentError unless network and loss can leave padding out."""
    if not model.takes("lengths"):
        raise ArgumentError(
            "the rows are padded sequences, and the network takes no lengths",
            expected="a network that is called with lengths=…, such as models.lstm_classifier",
            received=type(model).__name__,
            mend="give its forward an argument: def forward(self, x, *, lengths)",
        )
    if train.by_step and "mask" not in inspect.signature(loss).parameters:
        raise ArgumentError(
            "there is a target at every step of padded sequences, and the loss takes no mask",
            expected="a loss (outputs, targets, *, mask) that leaves out what is no step",
            received=getattr(loss, "__name__", repr(loss)),
            mend="give it the argument mask, booleans (rows, time), and hand that to losses.…",
        )


def equip(
    work: Work, *, part: int | None, augment: Augmentation | None, average: float | None
) -> None:
    """Gives the step what it may have beside: parts, moved images, a mean of the weights."""
    work.step.part = part
    if augment is not None:
        work.step.augment = _tried(augment, work.dataset)
    if average is not None:
        work.step.average = Average(work.step.model, average)


def _tried(augment: Augmentation, train: Dataset) -> Augmentation:
    """The augmentation, after it has moved two images of the data."""
    before = train.inputs[:2]
    after = augment(before, Generator(0))
    if after.shape != before.shape:
        raise ShapeError(
            "an augmentation keeps the shape of a batch",
            expected=f"{before.shape}",
            received=f"{after.shape}",
            where=repr(augment),
        )
    return augment


def optimizer_for(chosen: Optimizer | str | None, steps: int) -> Optimizer:
    """The chosen optimiser, or the usual one for so many steps."""
    if chosen is None:
        return optim.AdamW(lr=optim.Cosine(USUAL_RATE, steps=steps), weight_decay=USUAL_DECAY)
    if isinstance(chosen, str):
        return optim.get(chosen)()  # type: ignore[call-arg] # each has a rate of its own
    if not isinstance(chosen, Optimizer):
        raise ArgumentError(
            "this is no optimizer",
            expected='an optimizer such as optim.Adam(lr=0.01), or a name such as "adam"',
            received=repr(chosen)[:60],
        )
    return chosen


def settings_of(work: Work, settings: dict[str, Any], **features: Any) -> dict[str, Any]:
    """What a run was made with, as text and numbers; of the features those that it has."""
    loss = plain_loss(work.goal.loss)
    return {
        "loss": getattr(loss, "__name__", type(loss).__name__),
        "optimizer": repr(work.step.optimizer),
        **({} if work.step.augment is None else {"augment": repr(work.step.augment)}),
        **settings,
        **{name: value for name, value in features.items() if value is not None},
    }


def _check_alike(train: Dataset, held: Dataset) -> None:
    """Validation data that looks like the training data."""
    if (held.lengths is None) != (train.lengths is None):
        raise DataError(
            "training data and validation data both have lengths, or neither has",
            expected=repr(train),
            received=repr(held),
        )
    free = 2 if train.lengths is not None else 1  # how long the longest is does not matter
    if held.inputs.shape[free:] != train.inputs.shape[free:]:
        raise ShapeError(
            "validation data has other features than the training data",
            expected=f"rows of shape {train.inputs.shape[1:]}",
            received=f"rows of shape {held.inputs.shape[1:]}",
        )
    free = int(train.by_step)
    if held.output_shape[free:] != train.output_shape[free:] or held.classes != train.classes:
        raise DataError(
            "validation data has other targets than the training data",
            expected=repr(train),
            received=repr(held),
            mend="name the same classes, in the same order, in both",
        )
