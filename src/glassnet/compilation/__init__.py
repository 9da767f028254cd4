"""ONE PROGRAM: a function or a training step, traced once, handed to an engine, called often.

`trace.py` runs the user's function on symbolic tensors and finds out what it reads, what it
updates and what changes from call to call; `compiled.py` keeps one program for each signature;
`guard.py` finds the call and the node that made NaN; `loop.py` runs a training step many times in
one native call.
"""

from .compiled import Compiled, compile
from .loop import Loop, Piece, in_turn
from .trace import Traced, reason, trace_call

__all__ = ["Compiled", "Loop", "Piece", "Traced", "compile", "in_turn", "reason", "trace_call"]
