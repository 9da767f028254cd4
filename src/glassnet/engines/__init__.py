"""WHAT RUNS IT: array namespaces behind one protocol.

An engine knows arrays, never tensors, operations or graphs. `protocol.py` is the closed list of
functions; `numpy.py` computes them at once; `recorder.py` writes them down as an array program
(`program.py`), which can be printed, checked, replayed on another engine, or compiled.
"""

from .numpy import NumpyEngine, numpy_engine
from .program import Program, Statement, SymbolicArray, Variable, cut, replay
from .protocol import Engine
from .recorder import Recorder

__all__ = [
    "Engine",
    "NumpyEngine",
    "Program",
    "Recorder",
    "Statement",
    "SymbolicArray",
    "Variable",
    "cut",
    "numpy_engine",
    "replay",
]
