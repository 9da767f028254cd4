"""Modules made from data: only classes of this list, or passed by the caller, can be named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from inspect import BoundArguments
from inspect import Parameter as Argument
from typing import Any

from ..errors import FileFormatError, GlassnetError, did_you_mean
from .activation import ACTIVATIONS
from .attention import MultiHeadAttention
from .batchnorm import BatchNorm1d, BatchNorm2d
from .cell import GRUCell, LSTMCell, RNNCell
from .convolution import Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d
from .dropout import Dropout
from .embedding import Embedding
from .flatten import Flatten
from .linear import Linear
from .module import Module
from .normalisation import GroupNorm, LayerNorm, RMSNorm
from .perceptron import Perceptron
from .pooling import (
    AvgPool1d,
    AvgPool2d,
    GlobalAvgPool1d,
    GlobalAvgPool2d,
    MaxPool1d,
    MaxPool2d,
    Upsample,
)
from .position import LearnedPositions, RotaryPositions, SinusoidalPositions
from .recurrent import GRU, LSTM, RNN
from .sequential import Sequential
from .transformer import (
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)

LIBRARY: tuple[type[Module], ...] = (
    AvgPool1d,
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Conv1d,
    Conv2d,
    ConvTranspose1d,
    ConvTranspose2d,
    Dropout,
    Embedding,
    Flatten,
    GRU,
    GRUCell,
    GlobalAvgPool1d,
    GlobalAvgPool2d,
    GroupNorm,
    LayerNorm,
    LearnedPositions,
    Linear,
    LSTM,
    LSTMCell,
    MultiHeadAttention,
    MaxPool1d,
    MaxPool2d,
    Perceptron,
    RMSNorm,
    RNN,
    RNNCell,
    RotaryPositions,
    Sequential,
    SinusoidalPositions,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
    Upsample,
    *ACTIVATIONS.values(),
)
FLOATS = ("float32", "float64")
DEPTH = 100  # of modules within modules; a file that goes deeper is no model


def build(config: Mapping[str, Any], classes: Iterable[type[Module]] = ()) -> Module:
    """The module that a configuration describes, its parameters not drawn yet.

    Args:
        config: what `Module.config()` returned, possibly through JSON.
        classes: your own modules that the configuration may name.

    Raises:
        FileFormatError: this is no configuration, or it names an unknown class.

    >>> from glassnet import nn
    >>> nn.build(nn.Linear(2, 3).config())
    Linear(in_features=2, out_features=3)
    """
    known = {cls.__name__: cls for cls in (*LIBRARY, *classes)}
    module = _module(config, known, 0)
    dtype = config.get("dtype", "float32")
    if dtype not in FLOATS:
        raise FileFormatError(
            "this is no type of a model", expected=" or ".join(FLOATS), received=repr(dtype)
        )
    return module.astype(dtype)


def _module(config: Mapping[str, Any], known: Mapping[str, type[Module]], depth: int) -> Module:
    name, arguments = config.get("class"), config.get("arguments", {})
    replaced = config.get("replaced", {})
    if not (isinstance(name, str) and isinstance(arguments, dict) and isinstance(replaced, dict)):
        raise FileFormatError(
            "this does not describe a module",
            expected='{"class": name, "arguments": {…}}',
            received=repr(config)[:60],
        )
    if depth > DEPTH:
        raise FileFormatError("modules are nested too deeply", expected=f"at most {DEPTH} levels")
    if name not in known:
        raise FileFormatError(
            f'there is no module class "{name}"',
            received=name,
            mend=f"if it is your own class, pass classes=[{name}]. {did_you_mean(name, known)}",
        )
    cls = known[name]
    try:
        bound = _bound(cls, {key: _value(item, known, depth) for key, item in arguments.items()})
        module = cls(*bound.args, **bound.kwargs)
        for field, value in replaced.items():
            if field not in cls._fields:
                raise FileFormatError(f'{name} has no field "{field}"')
            setattr(module, field, _value(value, known, depth))
    except GlassnetError as error:
        error.inside(f"the description of a {name}")
        raise
    except (TypeError, ValueError) as error:  # from a constructor fed with what is no setting
        raise FileFormatError(
            f"this does not describe a {name}", received=str(error), where=name
        ) from error
    return module


def _value(value: Any, known: Mapping[str, type[Module]], depth: int) -> Any:
    """Plain data, with the modules described in it built."""
    if isinstance(value, dict):
        if "class" in value:
            return _module(value, known, depth + 1)
        return {key: _value(item, known, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_value(item, known, depth + 1) for item in value]
    return value


def _bound(cls: type[Module], arguments: dict[str, Any]) -> BoundArguments:
    """The arguments sorted into the constructor's places."""
    constructor = cls.constructor
    unknown = [name for name in arguments if name not in constructor.parameters]
    if unknown:
        raise FileFormatError(
            f'{cls.__name__} has no argument "{unknown[0]}"',
            mend=did_you_mean(unknown[0], constructor.parameters),
        )
    for name, argument in constructor.parameters.items():
        if argument.kind is Argument.VAR_POSITIONAL and name in arguments:
            arguments[name] = tuple(arguments[name])
    ordered = {name: arguments[name] for name in constructor.parameters if name in arguments}
    return BoundArguments(constructor, ordered)
