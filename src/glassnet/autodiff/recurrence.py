"""`scan`: a loop over steps whose step is traced once, and its backward pass, a loop as well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from ..errors import ArgumentError, ShapeError
from ..graph import Node, Recording
from ..graph.recording import RECORDING
from ..ops.operation import array_for, engine_for, filled
from ..tensor import Tensor, as_tensor
from ..tensor.bundle import Bundle
from ..tensor.structure import flatten, rebuild, signature
from .body import Body, BodyTracer
from .pullback import pullback, with_residuals

Step = Callable[[Any, Any], Any]


class Part:
    """One tensor of a bundle."""

    name: ClassVar[str] = "part"
    symbol: ClassVar[str] = "[i]"

    def backward(
        self, grad: Tensor, out: Tensor, *inputs: Any, **settings: Any
    ) -> tuple[Tensor | None, ...]:
        """The bundle of gradients with this one alone."""
        (bundle,) = inputs
        return (bundle.alone(settings["index"], grad),)


class Scan:
    """A loop as one node of the graph: (first states, sequences, constants) → a bundle."""

    name: ClassVar[str] = "scan"
    symbol: ClassVar[str] = "scan"

    def backward(
        self, grad: Tensor, out: Tensor, *inputs: Any, **settings: Any
    ) -> tuple[Tensor | None, ...]:
        """The gradients by all inputs, from a loop in the other direction."""
        assert isinstance(grad, Bundle)  # noqa: S101 (Part gives it)
        assert isinstance(out, Bundle)  # noqa: S101
        body: Body = settings["body"]
        count, many = len(body.old), len(body.old) + len(body.rows)
        made = pullback(body, tuple(part is not None for part in grad.parts[count:]))
        stacked = {id(row): inputs[count + j] for j, row in enumerate(body.rows)}
        for k, value in enumerate(body.outputs):
            if id(value) not in stacked:
                stacked[id(value)] = _part(out, count + k)
        first = [_or_zeros(grad.parts[i], inputs[i]) for i in made.states]
        first += [_or_zeros(None, inputs[many + i]) for i in made.summed]
        rows = [stacked[id(value)] for value in made.read]
        rows += [_known(grad.parts[count + k]) for k in made.gradients]
        results = run(made.body, first, rows, settings["steps"], not settings["reverse"])
        outputs = results[len(first) :]
        emitted = dict(zip(map(id, made.body.outputs), outputs, strict=True))
        gradients: list[Tensor | None] = [None] * len(inputs)
        places = [*made.states, *(many + i for i in made.summed), *(count + j for j in made.rows)]
        for i, result in zip(places, results, strict=False):
            gradients[i] = result
        for i, total in made.totals.items():
            gradients[many + i] = total(lambda t: (emitted | stacked)[id(t)])
        return tuple(gradients)


SCAN, PART = Scan(), Part()


def _or_zeros(part: Tensor | None, like: Tensor) -> Tensor:
    return filled(like, 0.0) if part is None else part


def _known(part: Tensor | None) -> Tensor:
    assert part is not None  # noqa: S101 (the pullback was made for those that are there)
    return part


def _part(bundle: Bundle, index: int) -> Tensor:
    part = _known(bundle.parts[index])
    node = Node(PART, (bundle,), {"index": index})
    return Tensor(part.array, node=node, requires_grad=bundle.requires_grad)


def run(
    body: Body, first: Sequence[Tensor], rows: Sequence[Tensor], steps: int, reverse: bool
) -> list[Tensor]:
    """The last states and the stacked outputs of a loop, on the engine of the moment."""
    given = [*first, *rows, *body.constants]
    flows = any(x.requires_grad for x in given)
    recorded = RECORDING.get() is Recording.EVERYTHING or (
        flows and RECORDING.get() is Recording.GRADIENTS
    )
    wanted = len(body.new) + len(body.outputs)
    if flows and recorded:
        body = with_residuals(body)
    operands = (*first, *rows, *body.constants)
    engine = engine_for(operands)
    results = engine.scan(
        *(array_for(x, engine) for x in operands),
        body=body.program,
        length=steps,
        carried=len(first),
        sequences=len(rows),
        reverse=reverse,
    )
    tensors = [Tensor(array) for array in results]
    if not recorded:
        return tensors
    out = Bundle(tensors, [t.shape for t in tensors])
    out.node = Node(SCAN, operands, {"body": body, "steps": steps, "reverse": reverse})
    out.requires_grad = flows
    return [_part(out, index) for index in range(wanted)]


def scan(
    step: Step, init: Any, xs: Any = None, *, length: int | None = None, reverse: bool = False
) -> tuple[Any, Any]:
    """The last state and the stacked outputs of sₜ, yₜ = step(sₜ₋₁, xₜ).

    The step is traced once, whatever the number of steps, and compiled as a program of its own;
    eagerly it runs on NumPy, step by step. Tensors from outside that it uses, such as weights,
    receive their gradients. States, rows and outputs are tensors or tuples, lists and dictionaries
    of them.

    Args:
        step: takes a state and a row of `xs`; returns the next state and an output, or None.
        init: the state before the first step.
        xs: tensors with a leading axis of steps, (T, …); None for a loop without inputs.
        length: the number of steps T, where there is no `xs`.
        reverse: from the last row to the first; outputs stand at the place of their row.

    Returns:
        The last state, and the outputs (T, …).

    Raises:
        ShapeError: the state changes its shape or type, or sequences differ in length.

    >>> import glassnet as gn
    >>> def smooth(average, x):
    ...     average = 0.5 * average + 0.5 * x
    ...     return average, average
    >>> last, path = gn.scan(smooth, gn.tensor(0.0), gn.tensor([8.0, 4.0, 2.0]))
    >>> last.item(), path.numpy().tolist()
    (3.0, [4.0, 4.0, 3.0])
    """
    states, layout = flatten(init)
    rows, row_layout = flatten(xs)
    first, sequences = [as_tensor(x) for x in states], [as_tensor(x) for x in rows]
    steps = _steps(sequences, length)
    body, layouts = _trace(step, first, sequences, layout, row_layout)
    results = run(body, first, sequences, steps, reverse)
    last, outputs = results[: len(first)], results[len(first) :]
    return rebuild(layouts[0], last), rebuild(layouts[1], outputs)


def _steps(sequences: list[Tensor], length: int | None) -> int:
    lengths = {x.shape[0] if x.ndim else 0 for x in sequences}
    lengths |= set() if length is None else {length}
    if len(lengths) != 1 or min(lengths) < 1:
        raise ShapeError(
            "a scan takes sequences of one length, at least one step",
            expected="arrays (T, …) with one T, or length=T",
            received=", ".join(str(x.shape) for x in sequences) or f"length={length}",
        )
    return lengths.pop()


def _trace(
    step: Step, first: list[Tensor], sequences: list[Tensor], layout: Any, row_layout: Any
) -> tuple[Body, tuple[Any, Any]]:
    """The step traced, and the layouts of its state and its output."""
    tracer = BodyTracer()
    old = [tracer.placeholder(x) for x in first]
    rows = [tracer.placeholder(x, row=True) for x in sequences]
    quiet = RECORDING.get() is Recording.NOTHING
    with tracer.tracing(Recording.NOTHING if quiet else Recording.GRADIENTS):
        result = step(rebuild(layout, old), rebuild(row_layout, rows))
        if not (isinstance(result, tuple) and len(result) == 2):
            raise ArgumentError(
                "a step of scan returns two things",
                expected="(next state, output); None for no output",
                received=type(result).__name__,
            )
        new, new_layout = flatten(result[0])
        outputs, output_layout = flatten(result[1])
        body = Body(tracer, old, rows, [as_tensor(x) for x in new], [as_tensor(x) for x in outputs])
        body.program  # noqa: B018 (names every tensor from outside that the results are)
    if signature(layout) != signature(new_layout):
        raise ArgumentError(
            "a step of scan changes the structure of its state",
            expected=str(signature(layout)),
            received=str(signature(new_layout)),
        )
    for before, after in zip(old, body.new, strict=True):
        if (before.shape, before.dtype) != (after.shape, after.dtype):
            raise ShapeError(
                "a step of scan changes the shape or type of its state",
                expected=f"{before.dtype} {before.shape}, as the first state has",
                received=f"{after.dtype} {after.shape}",
                mend="give a first state of the shape and type that the step returns",
            )
    return body, (new_layout, output_layout)
