"""Every error glassnet raises, and how its message is written.

```
GlassnetError
├── ShapeError            shapes that do not fit together           (also a ValueError)
├── DTypeError            a type of number that does not belong     (also a TypeError)
│   └── TracingError      numbers are wanted where a trace has none
├── ArgumentError         a setting out of its range                (also a ValueError)
├── OperationError        an operation class with a hole            (also a TypeError)
├── GradientError         a gradient that cannot be computed        (also a RuntimeError)
├── NonFiniteError        a NaN or an infinity appeared             (also an ArithmeticError)
│   └── DivergenceError   a descent ran away
├── DataError             data that cannot be learned from          (also a ValueError)
├── ExpressionError       an expression outside the closed grammar  (also a ValueError)
├── ProgramError          an array program that breaks a rule       (also a RuntimeError)
├── FileFormatError       a file that is not what it should be      (also a ValueError)
├── OutputError           a place that cannot be written            (also an OSError)
├── DownloadError         a file that cannot be fetched             (also an OSError)
└── MissingDependencyError  an optional library is not installed    (also an ImportError)

GlassnetWarning           something worth a look; the result stands (also a UserWarning)
└── ConvergenceWarning    a rule stopped before it converged
```

A message answers four questions, a line each: what was expected, what was received, where it
happened, and how to mend it.
"""

from __future__ import annotations

import difflib
import linecache
import sys
from collections.abc import Iterable
from types import FrameType

PACKAGE = __name__.partition(".")[0]


class GlassnetError(Exception):
    """The root of every error raised by glassnet.

    Args:
        what: one sentence that says what went wrong.
        expected: what would have been right.
        received: what came instead.
        where: the layer, file, row or step; the user's own line is added by itself.
        mend: what to do about it.
    """

    def __init__(
        self,
        what: str,
        *,
        expected: str = "",
        received: str = "",
        where: str = "",
        mend: str = "",
    ) -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected
        self.received = received
        self.where = where
        self.line = user_line()
        self.mend = mend

    def inside(self, place: str) -> None:
        """Adds the place the error passed through, unless a deeper one is already named."""
        self.where = self.where or place

    def __str__(self) -> str:
        where = "; ".join(part for part in (self.where, self.line) if part)
        answers = {
            "expected": self.expected,
            "received": self.received,
            "where": where,
            "mend": self.mend,
        }
        lines = [self.what]
        for question, answer in answers.items():
            if answer:
                indented = answer.replace("\n", "\n" + " " * 12)
                lines.append(f"  {question + ':':<10}{indented}")
        return "\n".join(lines)


class ShapeError(GlassnetError, ValueError):
    """Shapes that do not fit together."""


class DTypeError(GlassnetError, TypeError):
    """A type of number that does not belong here."""


class TracingError(DTypeError):
    """Numbers are wanted from a value that is only described, since its function is traced."""


class ArgumentError(GlassnetError, ValueError):
    """A setting out of its range, or a name that does not exist."""


class OperationError(GlassnetError, TypeError):
    """The definition of an operation lacks a part or repeats a name."""


class GradientError(GlassnetError, RuntimeError):
    """A gradient was asked for that cannot be computed."""


class NonFiniteError(GlassnetError, ArithmeticError):
    """A value became NaN or infinite."""


class DivergenceError(NonFiniteError):
    """A descent left every bound."""


class DataError(GlassnetError, ValueError):
    """Data that cannot be learned from."""


class ExpressionError(GlassnetError, ValueError):
    """An expression outside the closed grammar."""


class ProgramError(GlassnetError, RuntimeError):
    """An array program that breaks a rule of its engine."""


class FileFormatError(GlassnetError, ValueError):
    """A file that is not what its name or its header promises."""


class OutputError(GlassnetError, OSError):
    """A place that cannot be written."""


class DownloadError(GlassnetError, OSError):
    """A file from the net that is not here and cannot be fetched."""


class MissingDependencyError(GlassnetError, ImportError):
    """An optional library is needed and not installed."""

    def __init__(self, library: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs {library}, which is not installed",
            mend=f'pip install "glassnet[{extra}]"',
        )


class GlassnetWarning(UserWarning):
    """The root of every warning of glassnet."""


class ConvergenceWarning(GlassnetWarning):
    """A learning rule stopped before it converged."""


def user_frame() -> FrameType | None:
    """The innermost stack frame that does not belong to glassnet, or None."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module != PACKAGE and not module.startswith(PACKAGE + "."):
            return frame
        frame = frame.f_back
    return None


def user_line() -> str:
    """`train.py, line 12: model(x)` for the caller's own line, or an empty string."""
    frame = user_frame()
    return "" if frame is None else describe_line(frame.f_code.co_filename, frame.f_lineno)


def describe_line(filename: str, number: int) -> str:
    """A source line as text: `train.py, line 12: loss = model(x)`."""
    source = linecache.getline(filename, number).strip()
    name = filename.replace("\\", "/").rpartition("/")[2]
    return f"{name}, line {number}: {source}" if source else f"{name}, line {number}"


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """A hint at the nearest of the known names, and the whole list of them.

    >>> did_you_mean("addam", ["sgd", "adam"])
    'did you mean "adam"? Known: adam, sgd'
    """
    known = sorted(choices)
    near = difflib.get_close_matches(name, known, n=1)
    hint = f'did you mean "{near[0]}"? ' if near else ""
    return f"{hint}Known: {', '.join(known)}"
