"""WHAT HAPPENED: the computational graph, a DAG of values and the operations between them.

A node is made by every operation on a tensor that requires a gradient. `Graph` puts the nodes
behind a result in order and shows them as text or JSON; `trace` records a function from shapes
alone. The graph knows no operation: a node only carries the one it came from.
"""

from .graph import Graph
from .node import Node, Remnant
from .percall import TRACER, Many, Tracer, Values, per_call, repeating
from .recording import Recording, no_grad, recording
from .scope import SCOPE, Scope
from .trace import Shaped, trace

__all__ = [
    "SCOPE",
    "TRACER",
    "Graph",
    "Many",
    "Node",
    "Recording",
    "Remnant",
    "Scope",
    "Shaped",
    "Tracer",
    "Values",
    "no_grad",
    "per_call",
    "recording",
    "repeating",
    "trace",
]
