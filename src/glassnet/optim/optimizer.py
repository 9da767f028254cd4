"""The contract of an optimiser: a pure formula for each parameter, and the step around it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from ..autodiff.functional import HasParameters
from ..errors import ArgumentError, DataError, GradientError, ShapeError, did_you_mean
from ..graph import no_grad, per_call
from ..tensor import Tensor, as_tensor
from .clip import clip_by_norm, clip_by_value

Rate = float | Callable[[int], float]
Steps = int | np.ndarray[Any, Any]  # a step, or many steps at once
State = dict[str, Tensor]
Numbers = Mapping[str, Any]  # Python floats eagerly, tensors of shape () in a compiled program
Parameters = HasParameters | Mapping[str, Tensor] | Iterable[Tensor]


@dataclass(eq=False, kw_only=True)
class Optimizer(ABC):
    """Base of all optimisers.

    A subclass states three things about a single parameter, each a few lines:

    - `init(parameter)`: the tensors kept beside it, such as a momentum;
    - `numbers(step)`: every number that depends on the step, counted from 0, or on each of many;
    - `apply(parameter, gradient, state, numbers)`: the new parameter and the new state, written
      in tensor operations alone, so that the formula can be computed, traced and compiled.

    Args:
        parameters: a module, its parameters as a dictionary or a list; None makes an optimiser
            that is bound later, by `bind` or by `fit`.
        lr: the learning rate, or a schedule: a function of the step.
        weight_decay: strength of the pull towards 0.
        decays: which parameters it pulls, as in `lambda p: p.ndim >= 2` for weights and not for
            biases and norms; all of them when left out.
        clip_value: gradients are cut to ± this number, element by element.
        clip_norm: the gradients, taken together, are scaled down to this norm if they exceed it.

    Raises:
        ArgumentError: a setting is out of its range.
    """

    parameters: Parameters | None = field(default=None, kw_only=False, repr=False)
    lr: Rate
    weight_decay: float = 0.0
    decays: Callable[[Tensor], bool] | None = None
    clip_value: float | None = None
    clip_norm: float | None = None
    steps: int = field(default=0, init=False, repr=False)  # updates done
    state: dict[str, State] = field(default_factory=dict, init=False, repr=False)
    named: dict[str, Tensor] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.check()
        if self.parameters is not None:
            self.named = _named(self.parameters)

    def check(self) -> None:
        """Raises ArgumentError for a setting that is out of its range."""
        if not callable(self.lr):
            check_number(self, "lr", self.lr, low=0.0)
        check_number(self, "weight_decay", self.weight_decay, low=0.0)
        if self.decays is not None and not callable(self.decays):
            raise ArgumentError(
                f"{type(self).__name__} cannot work with this decays",
                expected="a function of a parameter, such as lambda p: p.ndim >= 2",
                received=f"decays={self.decays!r}",
            )
        for name in ("clip_value", "clip_norm"):
            if getattr(self, name) is not None:
                check_number(self, name, getattr(self, name), low=0.0, open_=True)

    # -- the formula -----------------------------------------------------------------------------
    def init(self, parameter: Tensor) -> State:
        """The state that goes with a parameter; nothing by default."""
        return {}

    def rate(self, step: Steps) -> Any:
        """The learning rate of a step, or of each of many."""
        if not callable(self.lr):
            return float(self.lr)
        if isinstance(step, int):
            return float(self.lr(step))
        return np.array([float(self.lr(one)) for one in step.tolist()])

    def decay(self, parameter: Tensor) -> float:
        """λ of a parameter; 0 where the weight decay leaves it alone."""
        return self.weight_decay if self.decays is None or self.decays(parameter) else 0.0

    def numbers(self, step: Steps) -> dict[str, Any]:
        """What the formula needs of a step, or of each of many; the learning rate by default."""
        return {"lr": self.rate(step)}

    @abstractmethod
    def apply(
        self, parameter: Tensor, gradient: Tensor, state: State, numbers: Numbers
    ) -> tuple[Tensor, State]:
        """The new parameter and the new state."""

    def clip(self, gradients: Sequence[Tensor]) -> list[Tensor]:
        """The gradients, clipped as the settings say."""
        clipped = list(gradients)
        if self.clip_value is not None:
            clipped = clip_by_value(clipped, self.clip_value)
        if self.clip_norm is not None:
            clipped = clip_by_norm(clipped, self.clip_norm)
        return clipped

    # -- the step --------------------------------------------------------------------------------
    def bind(self, parameters: Parameters) -> Self:
        """A fresh optimiser with these settings for these parameters."""
        return replace(self, parameters=parameters)

    def step(self) -> None:
        """Updates every parameter that holds a gradient.

        Raises:
            GradientError: the optimiser has no parameters, or none of them has a gradient.
        """
        learning = {name: p for name, p in self.named.items() if p.grad is not None}
        if not learning:
            raise GradientError(
                f"{type(self).__name__} has nothing to update",
                received="no parameters" if not self.named else "no parameter holds a gradient",
                mend="pass the model to the optimizer"
                if not self.named
                else "call loss.backward() before step(); frozen parameters receive no gradient",
            )
        numbers = per_call(self._next, self._count, many=self._coming)
        with no_grad():
            gradients = self.clip([p.grad for p in learning.values() if p.grad is not None])
            for (name, parameter), gradient in zip(learning.items(), gradients, strict=True):
                if name not in self.state:
                    self.state[name] = self.init(parameter)
                self._update(parameter, gradient, self.state[name], numbers)

    def _next(self) -> dict[str, float]:
        """The numbers of the step that comes next."""
        return {name: float(value) for name, value in self.numbers(self.steps).items()}

    def _coming(self, steps: int) -> dict[str, Any]:
        """The numbers of the steps that come next, along one axis."""
        found = self.numbers(np.arange(self.steps, self.steps + steps))
        return {name: np.broadcast_to(value, (steps,)) for name, value in found.items()}

    def _count(self, steps: int) -> None:
        self.steps += steps

    def _update(self, parameter: Tensor, gradient: Tensor, state: State, numbers: Numbers) -> None:
        """Puts the new numbers into the parameter and its state, which stay the same tensors."""
        own = {
            name: number.astype(parameter.dtype) if isinstance(number, Tensor) else number
            for name, number in numbers.items()
        }
        updated, kept = self.apply(parameter, gradient, state, own)
        parameter.array = updated.array
        for key, value in kept.items():
            state[key].array = value.array

    def zero_grad(self) -> None:
        """Clears the gradients, so that `backward` can leave new ones."""
        for parameter in self.named.values():
            parameter.grad = None

    # -- saved and resumed -----------------------------------------------------------------------
    def state_dict(self) -> dict[str, Any]:
        """`{"steps": n, "state": {parameter: {key: array}}}`, enough to go on later."""
        state = {
            name: {key: value.numpy() for key, value in kept.items()}
            for name, kept in self.state.items()
        }
        return {"steps": self.steps, "state": state}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Goes on where `state_dict` was taken.

        Raises:
            DataError: the state belongs to other parameters or to another optimiser.
            ShapeError: an array has another shape than its parameter.
        """
        state: dict[str, State] = {}
        for name, arrays in saved["state"].items():
            if name not in self.named:
                raise DataError(
                    f'the optimizer has no parameter "{name}"', mend=did_you_mean(name, self.named)
                )
            start = self.init(self.named[name])
            if start.keys() != arrays.keys():
                raise DataError(
                    f"this is not the state of {type(self).__name__} for {name}",
                    expected=", ".join(start) or "nothing",
                    received=", ".join(arrays) or "nothing",
                )
            for key, array in arrays.items():
                if array.shape != start[key].shape:
                    raise ShapeError(
                        f'the state "{key}" of {name} has another shape',
                        expected=f"{start[key].shape}",
                        received=f"{array.shape}",
                    )
            state[name] = {
                key: as_tensor(np.array(array, start[key].dtype)) for key, array in arrays.items()
            }
        self.state = state
        self.steps = int(saved["steps"])


def zeros_like(parameter: Tensor, value: float = 0.0) -> Tensor:
    """A tensor of the parameter's shape and type with one value everywhere."""
    engine = parameter.engine
    return Tensor(engine.full(shape=parameter.shape, value=value, dtype=parameter.dtype))


def check_number(
    optimizer: Optimizer,
    name: str,
    value: Any,
    *,
    low: float = 0.0,
    high: float = math.inf,
    open_: bool = False,
) -> None:
    """ArgumentError unless low ≤ value < high, or low < value where the interval is open."""
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if number and low <= value < high and not (open_ and value == low):
        return
    below = f" < {high:g}" if math.isfinite(high) else ""
    raise ArgumentError(
        f"{type(optimizer).__name__} cannot work with this {name}",
        expected=f"{low:g} {'<' if open_ else '≤'} {name}{below}",
        received=f"{name}={value!r}",
    )


def _named(parameters: Parameters) -> dict[str, Tensor]:
    """The parameters by name; those of a list by their own names, or else by number."""
    if isinstance(parameters, HasParameters):
        return dict(parameters.named_parameters())
    if isinstance(parameters, Mapping):
        return dict(parameters)
    given: Any = parameters
    listed = list(given) if isinstance(given, Iterable) else [given]
    wrong = [p for p in listed if not isinstance(p, Tensor)]
    if wrong:
        raise ArgumentError(
            "an optimizer updates tensors",
            expected="model, model.parameters() or a dictionary of tensors",
            received=repr(wrong[0])[:60],
            mend="settings are given by name: SGD(model.parameters(), lr=0.1)",
        )
    names = [p.name for p in listed]
    own = all(names) and len(set(names)) == len(names)
    return dict(zip(names if own else map(str, range(len(listed))), listed, strict=True))
