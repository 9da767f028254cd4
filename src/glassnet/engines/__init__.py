"""WHAT RUNS IT: array namespaces behind one protocol.

An engine knows arrays, never tensors, operations or graphs. `protocol.py` is the closed list of
functions; `numpy.py` computes them at once; `program.py` writes them down as an array program,
which can be printed, checked, replayed on another engine, or compiled.
"""

from .numpy import NumpyEngine, numpy_engine
from .program import Program, Recorder, SymbolicArray, replay
from .protocol import Engine

__all__ = [
    "Engine",
    "NumpyEngine",
    "Program",
    "Recorder",
    "SymbolicArray",
    "numpy_engine",
    "replay",
]
