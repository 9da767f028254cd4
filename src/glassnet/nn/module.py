"""The module: a layer or a network, with its parameters, its parts and its call."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from ..errors import ArgumentError, GlassnetError
from ..graph import SCOPE, Scope, no_grad
from ..tensor import Generator, Seed, Tensor, as_tensor, generator, in_notebook
from ..tensor.dtypes import DType, float32
from .config import configuration
from .context import Entered, key_of, path_of, report
from .loading import load
from .output import prediction
from .parameter import Parameter
from .summary import summary

Array = np.ndarray[Any, Any]
Member = "Module | Parameter"


class ModuleType(type):
    """Keeps the arguments a module is made with: they are its architecture, as data."""

    if not TYPE_CHECKING:  # a type checker shall see the constructors themselves

        def __call__(cls, *args: Any, **settings: Any) -> Any:
            given = cls.bind(args, settings)
            module = cls.__new__(cls)
            vars(module)["_replaced"] = set()
            module.__init__(*args, **settings)
            vars(module)["_given"] = given
            module._label()
            return module

    @property
    def constructor(cls) -> inspect.Signature:
        """The constructor's arguments, `self` left out."""
        signature = inspect.signature(cls.__init__)  # type: ignore[misc]
        return signature.replace(parameters=list(signature.parameters.values())[1:])

    def bind(cls, args: tuple[Any, ...], settings: dict[str, Any]) -> inspect.BoundArguments:
        """The arguments by name; ArgumentError where they do not fit."""
        constructor = cls.constructor.replace(return_annotation=inspect.Signature.empty)
        try:
            return constructor.bind(*args, **settings)
        except TypeError as error:
            raise ArgumentError(
                f"{cls.__name__} cannot be made with these arguments",
                expected=f"{cls.__name__}{constructor}",
                received=str(error),
            ) from None


class Module(metaclass=ModuleType):
    """A layer, or a network of layers: numbers to learn and a `forward` that uses them.

    A subclass annotates every field that holds a parameter, a module, or a list or dictionary of
    them, assigns the fields in its constructor, and defines `forward`. Called, a module runs
    `forward` and tells every operation inside which layer it belongs to.

    Raises:
        ArgumentError: a parameter or module is assigned to a field the class does not declare.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> class Residual(nn.Module):
    ...     inner: nn.Linear
    ...
    ...     def __init__(self, width: int) -> None:
    ...         self.inner = nn.Linear(width, width)
    ...
    ...     def forward(self, x: gn.Tensor) -> gn.Tensor:
    ...         return x + self.inner(x).tanh()
    >>> model = Residual(3)
    >>> model(gn.tensor([[1.0, 2.0, 3.0]])).shape
    (1, 3)
    >>> list(model.named_parameters())
    ['inner.weight', 'inner.bias']
    """

    _fields: ClassVar[frozenset[str]] = frozenset()
    _given: inspect.BoundArguments  # of the constructor; set once the constructor is done
    _replaced: set[str]  # fields that were assigned anew after that

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        inherited = [base._fields for base in cls.__bases__ if issubclass(base, Module)]
        cls._fields = frozenset(inspect.get_annotations(cls)).union(*inherited)

    def __init__(self) -> None:
        """A module without settings takes no arguments."""

    def __setattr__(self, name: str, value: Any) -> None:
        holds = _holds_members(value)
        if holds and name not in self._fields:
            raise _undeclared(self, name, value)
        if "_given" not in vars(self):
            super().__setattr__(name, value)
            return
        if not holds and name in type(self).constructor.parameters:
            raise ArgumentError(
                f'"{name}" was fixed when this {type(self).__name__} was made',
                received=f"{name} = {value!r}",
                mend=f"make a new one: {type(self).__name__}(…, {name}={value!r})",
            )
        super().__setattr__(name, value)
        if holds:
            self._label()
            if any(isinstance(part, Module) for _, part in _members(name, value)):
                self._replaced.add(name)

    # -- its parts -------------------------------------------------------------------------------
    def children(self) -> dict[str, Module | Parameter]:
        """The modules and parameters directly in it, by field; `blocks.0` for those of a list."""
        found: dict[str, Module | Parameter] = {}
        for field in vars(self):
            if field in self._fields:
                found.update(_members(field, vars(self)[field]))
        return found

    def named_modules(self) -> dict[str, Module]:
        """This module, as "", and all modules in it by dotted name; each once."""
        return {name: part for name, part in _walk(self) if isinstance(part, Module)}

    def named_parameters(self) -> dict[str, Tensor]:
        """All parameters by dotted name, such as `0.weight`; one that is shared is named once."""
        return {name: part for name, part in _walk(self) if isinstance(part, Parameter)}

    def parameters(self) -> list[Tensor]:
        """All parameters, in the order of their names."""
        return list(self.named_parameters().values())

    def _parameters(self) -> dict[str, Parameter]:
        return {name: part for name, part in _walk(self) if isinstance(part, Parameter)}

    def _label(self) -> None:
        """Tells the parameters what they are called here."""
        for name, parameter in self._parameters().items():
            parameter.name = name

    # -- running it ------------------------------------------------------------------------------
    def forward(self, *inputs: Any, **settings: Any) -> Any:
        """The layer's formula, written with tensors; called by the module's call."""
        raise ArgumentError(
            f"{type(self).__name__} does not say what it computes",
            mend="define forward(self, x) in the class",
        )

    def __call__(
        self,
        *inputs: Any,
        training: bool | None = None,
        generator: Generator | Tensor | None = None,
        **settings: Any,
    ) -> Any:
        """Runs `forward`.

        Args:
            inputs: tensors or arrays.
            training: whether layers such as dropout behave as in training; what the calling
                module was told when left out, and False at the root.
            generator: where random layers draw from; or their key (seed low, seed high, step)
                itself, as a uint32 tensor. Handed down like `training`.
            settings: passed on to `forward`.
        """
        outer = SCOPE.get()
        path = path_of(self)
        training = outer.training if training is None else training
        key = outer.key if generator is None else key_of(generator)
        with Entered(self, Scope(path, training, key), fresh=generator is not None):
            try:
                output = self.forward(*map(_as_input, inputs), **settings)
            except GlassnetError as error:
                name = type(self).__name__
                error.inside(f'layer "{path}" ({name})' if path else name)
                raise
        report(self, path, output)
        return output

    def takes(self, setting: str) -> bool:
        """Whether a call may have this setting, such as the `lengths` of padded sequences.

        >>> from glassnet import nn
        >>> nn.LSTM(2, 3).takes("lengths"), nn.Linear(2, 3).takes("lengths")
        (True, False)
        """
        parameters = inspect.signature(type(self).forward).parameters
        anything = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
        return anything or setting in parameters

    def predict(self, x: Any, *, batch_size: int = 1024, lengths: Any = None) -> Array:
        """The outputs for many inputs as a NumPy array, computed in batches and without a graph.

        Of a network that puts out several tensors it is the first.

        Args:
            x: (N, …) inputs; floats are converted to the model's type.
            batch_size: how many inputs are computed at once.
            lengths: (N,) of padded sequences, for a network whose call takes them.

        >>> from glassnet import nn
        >>> nn.Linear(2, 3, seed=0).predict([[1.0, 2.0]]).shape
        (1, 3)
        """
        if batch_size < 1:
            raise ArgumentError("a batch holds at least one input", received=f"{batch_size=}")
        inputs = as_tensor(x).numpy()
        if inputs.dtype.kind == "f":
            inputs = inputs.astype(self.dtype, copy=False)
        found = []
        with no_grad():
            for start in range(0, max(len(inputs), 1), batch_size):
                rows = slice(start, start + batch_size)
                told = {} if lengths is None else {"lengths": as_tensor(lengths)[rows]}
                output = self(Tensor(inputs[rows]), training=False, **told)
                found.append(prediction(output).numpy())
        return np.concatenate(found)

    # -- its numbers -----------------------------------------------------------------------------
    @property
    def dtype(self) -> DType:
        """The type of its parameters; float32 where it has none."""
        return next((p.dtype for p in self._parameters().values()), float32)

    def astype(self, dtype: Any) -> Self:
        """Converts all parameters, in place; returns the module."""
        for parameter in self._parameters().values():
            parameter.convert(dtype)
        return self

    def initialise(self, seed: Seed) -> Self:
        """Draws every parameter that has no numbers yet; returns the module.

        The numbers of a parameter depend on the seed and its dotted name alone.
        """
        rng = generator(seed)
        for name, parameter in self._parameters().items():
            if not parameter.drawn:
                parameter.draw(rng.fork(name))
        return self

    def freeze(self) -> Self:
        """Keeps all parameters as they are: no gradient reaches them; returns the module."""
        for parameter in self._parameters().values():
            parameter.requires_grad = False
        return self

    def unfreeze(self) -> Self:
        """Lets gradients reach the trainable parameters again; returns the module."""
        for parameter in self._parameters().values():
            parameter.requires_grad = parameter.trainable
        return self

    def load_parameters(self, values: Mapping[str, Any], *, strict: bool = True) -> Self:
        """Takes over parameters by dotted name, in the model's own type; returns the module.

        All names and shapes are checked before the first number changes.

        Args:
            values: arrays or tensors by dotted name.
            strict: False leaves parameters alone that have no value, and ignores values that have
                no parameter.

        Raises:
            DataError: a parameter is missing or unexpected.
            ShapeError: a value has another shape than its parameter.
        """
        load(self._parameters(), values, strict=strict)
        return self

    # -- what it is ------------------------------------------------------------------------------
    def arguments(self) -> dict[str, Any]:
        """The constructor's arguments by name, defaults included.

        `seed` is left out, and so is an initialiser that is a function: they say how numbers are
        drawn, and the numbers themselves are saved with a model.
        """
        bound = inspect.BoundArguments(self._given.signature, dict(self._given.arguments))
        bound.apply_defaults()
        given = dict(bound.arguments)
        given.pop("seed", None)
        if callable(given.get("init")):
            del given["init"]
        return given

    def config(self) -> dict[str, Any]:
        """The architecture as plain data that JSON can hold; `nn.build` makes a module of it.

        >>> from glassnet import nn
        >>> nn.Linear(2, 3, bias=False).config()  # doctest: +NORMALIZE_WHITESPACE
        {'class': 'Linear',
         'arguments': {'in_features': 2, 'out_features': 3, 'bias': False, 'init': None}}
        """
        config = configuration(self)
        return config if self.dtype == float32 else {**config, "dtype": str(self.dtype)}

    def summary(self, input_shape: tuple[int, ...] | None = None, *, dtype: Any = None) -> str:
        """A table of the layers, their output shapes and their parameters.

        Nothing is computed: shapes are found by tracing.

        Args:
            input_shape: of one input, without the batch; left out, it is read from the first
                layer, if that one knows.
            dtype: of the input; the model's own when left out.

        >>> from glassnet import nn
        >>> print(nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2)).summary())
        layer         output shape  parameters
        Sequential    (batch, 2)            82
          0 (Linear)  (batch, 16)           48
          1 (Tanh)    (batch, 16)            0
          2 (Linear)  (batch, 2)            34
        82 parameters, 82 of them trainable, 328 bytes
        """
        return summary(self, input_shape, dtype=dtype)

    def extra_repr(self) -> str:
        """What stands in the parentheses of its text: plain arguments other than the defaults."""
        defaults = {key: a.default for key, a in type(self).constructor.parameters.items()}
        return ", ".join(
            f"{name}={value!r}"
            for name, value in self.arguments().items()
            if isinstance(value, bool | int | float | str) and value != defaults[name]
        )

    def _repr_html_(self) -> str | None:
        return in_notebook(self)

    def __repr__(self) -> str:
        name = type(self).__name__
        parts = {k: v for k, v in self.children().items() if isinstance(v, Module)}
        if not parts:
            return f"{name}({self.extra_repr()})"
        lines = [f"{key}: {part!r}".replace("\n", "\n  ") for key, part in parts.items()]
        return f"{name}({self.extra_repr()}\n  " + "\n  ".join(lines) + "\n)"


def _as_input(value: Any) -> Any:
    return as_tensor(value) if isinstance(value, np.ndarray | list) else value


def _walk(root: Module) -> Iterator[tuple[str, Module | Parameter]]:
    """The root and everything in it with dotted names, parents first, each once."""
    seen: set[int] = set()
    pending: list[tuple[str, Module | Parameter]] = [("", root)]
    while pending:
        name, part = pending.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield name, part
        if isinstance(part, Module):
            inside = [(f"{name}.{key}".strip("."), child) for key, child in part.children().items()]
            pending.extend(reversed(inside))


def _members(name: str, value: Any) -> Iterator[tuple[str, Module | Parameter]]:
    """The modules and parameters that one field holds."""
    if isinstance(value, Module | Parameter):
        yield name, value
        return
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    for key, item in items:
        yield from _members(f"{name}.{key}", item)


def _holds_members(value: Any) -> bool:
    return isinstance(value, Tensor) or any(True for _ in _members("", value))


def _undeclared(module: Module, name: str, value: Any) -> ArgumentError:
    cls, kind = type(module).__name__, type(value).__name__
    return ArgumentError(
        f'{cls} does not declare the field "{name}"',
        expected=f"an annotation for every field that holds a parameter or a module; {cls} has "
        + (", ".join(sorted(module._fields)) or "none"),
        received=f"{name} = a {kind}",
        mend=f'write "{name}: {kind}" in the body of class {cls}',
    )
