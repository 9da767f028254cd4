"""The commands gathered, and what becomes of errors."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated, Any

import typer

from ..errors import GlassnetError, GlassnetWarning
from .approximate import approximate
from .console import say_error, say_warning
from .descend import descend
from .draw import draw
from .predict import predict
from .report import report
from .see import see
from .train import train

USER_MISTAKE = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells have it

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command()(train)
app.command()(predict)
app.command()(report)
app.command()(see)
app.command()(draw)
app.command()(descend)
app.command()(approximate)


def _version(asked: bool) -> None:
    if asked:
        print(f"glassnet {metadata.version('glassnet')}")
        raise typer.Exit


@app.callback()
def glassnet(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    """Neural networks you can see through, at the speed of the machine.

    Train a network, use it, and look inside: every value, every gradient, every step.
    """


def run(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits: 0 when done, 2 after a user's mistake."""
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            app(args=None if arguments is None else list(arguments), prog_name="glassnet")
    except GlassnetError as error:
        say_error(error)
        sys.exit(USER_MISTAKE)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read the output has left; nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    """Warnings of glassnet in words; others in a line."""
    if issubclass(category, GlassnetWarning):
        say_warning(str(message))
    else:
        print(f"{category.__name__}: {message}", file=sys.stderr)
