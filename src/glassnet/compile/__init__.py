"""ONE PROGRAM: a function or a training step, traced once, handed to an engine, called often.

`trace.py` runs the user's function on symbolic tensors and finds out what it reads, what it
updates and what changes from call to call; `compiled.py` keeps one program for each signature.
"""

from .compiled import Compiled, compile
from .trace import Traced, trace_call

__all__ = ["Compiled", "Traced", "compile", "trace_call"]
