"""The contract of an operation: one class holds everything that is known about it."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..engines import Engine, NumpyEngine, Recorder, SymbolicArray, numpy_engine
from ..engines.recorder import broadcast_shapes
from ..errors import ArgumentError, GlassnetError, OperationError, did_you_mean
from ..graph import SCOPE, TRACER, Node, Recording
from ..graph.recording import RECORDING
from ..tensor import OPERATIONS, Generator, Tensor, as_tensor, float32
from ..tensor.dtypes import DType, is_float, promote

Shape = tuple[int, ...]
Number = bool | int | float
Operand = Tensor | Number
Gradients = tuple[Tensor | None, ...]
Engine_ = Engine[Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """One call of an operation: inputs as NumPy arrays or numbers, and settings by name."""

    inputs: tuple[Any, ...]
    settings: dict[str, Any]


def sample(*inputs: Any, **settings: Any) -> Sample:
    """A sample for `Operation.samples`: `sample(a, b, axis=1)`."""
    return Sample(inputs, settings)


class Operation(ABC):
    """Base of all operations. A subclass is defined once and is then a function.

    A subclass states its `name` and `symbol`, a docstring whose first line is the formula and
    whose second is the derivative, and four methods:

    - `shape(*shapes, **settings)`: the output's shape, or ShapeError before any arithmetic;
    - `forward(xp, *arrays, **settings)`: the values, written against the array namespace `xp`;
    - `backward(grad, out, *inputs, **settings)`: one gradient per input, written in operations;
      None where there is none;
    - `samples(rng)`: inputs that avoid kinks, for tests, docs and benchmarks.

    An operand of `forward` with the default None may be left out; `shape`, `backward` and the
    samples then do without it.

    Calling the class gives its single instance. A class that lacks a part is refused when it is
    defined, and so is a name that is taken.

    Raises:
        OperationError: the definition has a hole.
    """

    name: ClassVar[str]
    symbol: ClassVar[str]
    # The operands that are brought to one dtype; the others keep theirs (conditions, indices).
    common: ClassVar[slice] = slice(None)
    # Whether integers are turned into float32 first, as for exp.
    floats_only: ClassVar[bool] = False

    _instance: ClassVar[Operation]
    _defaults: ClassVar[dict[str, Any]]
    _count: ClassVar[int | None]  # operands it takes; None for any number
    _least: ClassVar[int]  # operands that may not be left out
    _optional: ClassVar[tuple[str, ...]]  # those that may: the last ones

    def __init_subclass__(cls, *, abstract: bool = False) -> None:
        super().__init_subclass__()
        if abstract:
            return
        _check_complete(cls)
        parameters = list(inspect.signature(cls.forward).parameters.values())[2:]
        kinds = inspect.Parameter
        variadic = any(p.kind is kinds.VAR_POSITIONAL for p in parameters)
        operands = [p for p in parameters if p.kind is kinds.POSITIONAL_OR_KEYWORD]
        cls._count = None if variadic else len(operands)
        cls._optional = tuple(p.name for p in operands if p.default is None)
        cls._least = len(operands) - len(cls._optional)
        cls._defaults = {p.name: p.default for p in parameters if p.kind is kinds.KEYWORD_ONLY}
        cls._instance = object.__new__(cls)
        cls._instance.__name__ = cls.name  # type: ignore[attr-defined]
        cls._instance.__doc__ = cls.__doc__
        cls._instance.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        OPERATIONS[cls.name] = cls._instance

    def __new__(cls) -> Operation:
        return cls._instance

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    @abstractmethod
    def shape(self, *shapes: Shape, **settings: Any) -> Shape:
        """The output's shape for inputs of these shapes."""

    @abstractmethod
    def forward(self, xp: Engine_, *arrays: Any, **settings: Any) -> Any:
        """The output's values, with the functions of the array namespace."""

    @abstractmethod
    def backward(self, grad: Tensor, out: Tensor, *inputs: Any, **settings: Any) -> Gradients:
        """The gradient by each input, given the gradient by the output."""

    @abstractmethod
    def samples(self, rng: Generator) -> list[Sample]:
        """Inputs in float64 on which the operation is smooth."""

    def __call__(self, *inputs: Any, **settings: Any) -> Tensor:
        try:
            if self._optional:
                inputs, settings = self._without_absent(inputs, settings)
            complete = self.complete(settings)
            operands = self._operands(inputs)
            shapes = [x.shape if isinstance(x, Tensor) else () for x in operands]
            self.shape(*shapes, **complete)
            engine = engine_for(operands)
            arrays = [array_for(x, engine) for x in operands]
            out = self.forward(engine, *arrays, **complete)
        except GlassnetError as error:
            path = SCOPE.get().path
            layer = f'layer "{path}", ' if path else ""
            error.inside(f"{layer}operation {self.name}")
            raise
        if engine is numpy_engine and type(out) is not np.ndarray:
            out = np.asarray(out)  # NumPy's reductions give scalars
        return self._record(Tensor(out), operands, complete)

    def _record(
        self, out: Tensor, operands: tuple[Operand, ...], settings: dict[str, Any]
    ) -> Tensor:
        what = RECORDING.get()
        if what is Recording.NOTHING:
            return out
        flows = is_float(out.dtype) and any(
            x.requires_grad for x in operands if isinstance(x, Tensor)
        )
        if flows or what is Recording.EVERYTHING:
            out.node = Node(self, operands, settings)
            out.requires_grad = flows
        return out

    def complete(self, settings: dict[str, Any]) -> dict[str, Any]:
        """The settings with defaults filled in."""
        if not settings.keys() <= self._defaults.keys():
            unknown = next(iter(settings.keys() - self._defaults.keys()))
            raise ArgumentError(
                f'{self.name} has no setting "{unknown}"',
                mend=did_you_mean(unknown, self._defaults) if self._defaults else "leave it out",
            )
        complete = {**self._defaults, **settings}
        for name, value in complete.items():
            if value is inspect.Parameter.empty:
                raise ArgumentError(
                    f'{self.name} needs the setting "{name}"',
                    expected=f"{self.name}(…, {name}=…)",
                )
        return complete

    def _without_absent(
        self, inputs: tuple[Any, ...], settings: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Operands given by name in their places; those that are None at the end left out."""
        given = list(inputs)
        given += [settings.get(name) for name in self._optional[max(len(given) - self._least, 0) :]]
        rest = {name: value for name, value in settings.items() if name not in self._optional}
        while given and given[-1] is None:
            given.pop()
        return tuple(given), rest

    def _operands(self, inputs: tuple[Any, ...]) -> tuple[Operand, ...]:
        """Inputs as tensors and Python numbers, those in `common` brought to one dtype."""
        if self._count is not None and not self._least <= len(inputs) <= self._count:
            raise ArgumentError(
                f"{self.name} takes {self._count} operand{'s' * (self._count != 1)}",
                received=f"{len(inputs)}",
                expected=f"{self.name}{inspect.signature(self)}",
            )
        # bool, int and float are told by type, so that NumPy's own scalars become tensors.
        operands = [
            x if isinstance(x, Tensor) or type(x) in _NUMBERS else as_tensor(x) for x in inputs
        ]
        numbers = operands[self.common]
        tensors = [x for x in numbers if isinstance(x, Tensor)]
        if not tensors:
            tensors = [as_tensor(x) for x in numbers]
            operands[self.common] = tensors
        if tensors:
            dtype = self._common_dtype(tensors, numbers)
            if any(x.dtype != dtype for x in tensors):
                operands[self.common] = [
                    x.astype(dtype) if isinstance(x, Tensor) and x.dtype != dtype else x
                    for x in operands[self.common]
                ]
        return tuple(operands)

    def _common_dtype(self, tensors: list[Tensor], operands: list[Operand]) -> DType:
        first = tensors[0].dtype
        same = all(x.dtype is first for x in tensors)
        dtype = first if same else promote(x.dtype for x in tensors)
        if dtype.kind == "f":
            return dtype
        fraction = self.floats_only or any(type(x) is float for x in operands)
        return float32 if fraction else dtype


_NUMBERS = frozenset((bool, int, float))


class Elementwise(Operation, abstract=True):
    """An operation whose output has the broadcast shape of its inputs."""

    def shape(self, *shapes: Shape, **settings: Any) -> Shape:
        first = shapes[0]
        return first if all(shape == first for shape in shapes) else broadcast_shapes(*shapes)


def needs_gradient(operand: Operand) -> bool:
    """Whether the gradient by this input is wanted, so that a costly one can be left out."""
    return isinstance(operand, Tensor) and operand.requires_grad


def onto(operand: Operand, gradient: Callable[[], Tensor]) -> Tensor | None:
    """The gradient summed down to the operand's shape, undoing its broadcast; None if unwanted.

    Shapes: an operand of (4, 1) that was broadcast to (3, 4, 5) receives Σ over axes 0 and 2.
    """
    if not isinstance(operand, Tensor) or not operand.requires_grad:
        return None
    full = gradient()
    target = operand.shape
    if full.shape == target:
        return full
    lead = full.ndim - len(target)
    axes = tuple(range(lead)) + tuple(
        lead + i for i, n in enumerate(target) if n == 1 and full.shape[lead + i] != 1
    )
    total = OPERATIONS["sum"](full, axis=axes) if axes else full
    return total if total.shape == target else OPERATIONS["reshape"](total, shape=target)


def engine_for(operands: tuple[Operand, ...]) -> NumpyEngine | Recorder:
    """What computes: an active tracer, the engine of a symbolic operand, or NumPy."""
    tracer = TRACER.get()
    if tracer is not None:
        return tracer
    for x in operands:
        if isinstance(x, Tensor) and isinstance(x.array, SymbolicArray):
            return x.array.engine
    return numpy_engine


def array_for(operand: Operand, engine: NumpyEngine | Recorder) -> Any:
    """The operand for this engine: numbers stay numbers, tensors from outside are captured."""
    if not isinstance(operand, Tensor):
        return operand
    array = operand.array
    if isinstance(engine, NumpyEngine):
        return array
    own = isinstance(array, SymbolicArray) and array.engine is engine
    return array if own else engine.capture(operand)


def filled(like: Tensor, value: float, shape: Shape | None = None) -> Tensor:
    """A tensor full of one number, for the engine and of the type of another tensor."""
    engine = engine_for((like,))
    shape = like.shape if shape is None else shape
    return Tensor(engine.full(shape=shape, value=value, dtype=like.dtype))


def _check_complete(cls: type[Operation]) -> None:
    """OperationError unless the class has every part and a name of its own."""
    missing = [part for part in ("name", "symbol") if not isinstance(getattr(cls, part, None), str)]
    missing += [
        part
        for part in ("shape", "forward", "backward", "samples")
        if getattr(cls, part) is getattr(Operation, part)
    ]
    if not (cls.__doc__ and cls.__dict__.get("__doc__")):
        missing.append("docstring with the formula")
    if missing:
        raise OperationError(
            f"the operation {cls.__name__} is not complete",
            expected="name, symbol, a docstring, shape, forward, backward, samples",
            received=f"no {', no '.join(missing)}",
            mend="add them to the class; see the page on adding an operation",
        )
    taken = OPERATIONS.get(cls.name)
    same = (type(taken).__module__, type(taken).__qualname__) == (cls.__module__, cls.__qualname__)
    if taken is not None and not same:  # running a notebook cell again is no clash
        raise OperationError(
            f'the name "{cls.name}" is taken',
            received=f"{cls.__module__}.{cls.__qualname__}",
            expected=f"a name other than that of {type(taken).__module__}.{type(taken).__name__}",
        )
