"""glassnet: neural networks you can see through, at the speed of the machine.

The folders, in the order in which data flows through them (imports run the same way):

    errors      every error, and how its message is written
    engines     what runs it: array namespaces behind one closed protocol
    tensor      the value: an array with a name, a gradient and a memory
    graph       what happened: nodes, in order, as text and JSON
    ops         the only place an operation is defined
    autodiff    backward: one loop, without knowledge of any operation
    compilation a function or a training step as one program
    nn, losses, optim, data     the model, what it minimises, how, and on what
    models      ready networks, made of public layers
    train       the flow in one place: a step, fit, history, metrics
    files, view                 models on disk, pictures and reports
    cli         the command line
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import data, files, graph, losses, models, nn, ops, optim, train
from .autodiff import (
    StationaryPoint,
    check_grads,
    diagnose,
    grad,
    gradients,
    hessian,
    scan,
    stationary_points,
    value_and_grad,
)
from .compilation import compile
from .errors import (
    ArgumentError,
    ConvergenceWarning,
    DataError,
    DivergenceError,
    DownloadError,
    DTypeError,
    ExpressionError,
    FileFormatError,
    GlassnetError,
    GlassnetWarning,
    GradientError,
    MissingDependencyError,
    NonFiniteError,
    OperationError,
    OutputError,
    ProgramError,
    ShapeError,
    TracingError,
)
from .files import load, save
from .graph import Graph, no_grad, trace
from .ops import Operation
from .optim.descent import Descent, descend
from .tensor import (
    HOOKS,
    Generator,
    Tensor,
    bool_,
    float32,
    float64,
    generator,
    int32,
    int64,
    tensor,
    uint8,
    uint32,
)
from .train import Run, approximate, find_rate, fit, gradient_noise

if TYPE_CHECKING:
    from . import view

__version__ = "0.1.0"

__all__ = [
    "ArgumentError",
    "ConvergenceWarning",
    "DTypeError",
    "DataError",
    "Descent",
    "DivergenceError",
    "DownloadError",
    "ExpressionError",
    "FileFormatError",
    "Generator",
    "GlassnetError",
    "GlassnetWarning",
    "GradientError",
    "Graph",
    "MissingDependencyError",
    "NonFiniteError",
    "Operation",
    "OperationError",
    "OutputError",
    "ProgramError",
    "Run",
    "ShapeError",
    "StationaryPoint",
    "Tensor",
    "TracingError",
    "__version__",
    "approximate",
    "bool_",
    "check_grads",
    "compile",
    "data",
    "descend",
    "diagnose",
    "files",
    "find_rate",
    "fit",
    "float32",
    "float64",
    "generator",
    "grad",
    "gradient_noise",
    "gradients",
    "graph",
    "hessian",
    "int32",
    "int64",
    "load",
    "losses",
    "models",
    "nn",
    "no_grad",
    "ops",
    "optim",
    "save",
    "scan",
    "stationary_points",
    "tensor",
    "trace",
    "train",
    "uint8",
    "uint32",
    "value_and_grad",
    "view",
]


def __getattr__(name: str) -> Any:
    """Pictures are loaded when the first is wanted."""
    if name == "view":
        return import_module(".view", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _with_pictures(name: str) -> Any:
    """What `view` does under this name, once it is loaded."""

    def call(*args: Any, **settings: Any) -> Any:
        import_module(".view", __name__)  # puts its own function in this one's place
        return HOOKS[name](*args, **settings)

    return call


for _name in ("approximation", "descent", "noise", "notebook", "rates", "report"):
    HOOKS.setdefault(_name, _with_pictures(_name))
