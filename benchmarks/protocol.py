"""What runner and contestant say to each other: one line of JSON a message.

runner       {"ask": "open", "contestant": …, "row": …, "material": …, "threads": …}
contestant   {"answer": {…}}   or   {"error": "what went wrong"}

ask         answer
open        versions, flags, note, import_s and first_s (the time to the first step's loss)
calibrate   steps and repeats of one measurement of at least `seconds`; threads chosen
run         seconds, steps, cpu_s, losses of the first steps; starts at the initial weights
memory      peak_mib of the process so far
whole       import_s, seconds of a training from start to end, accuracy on data kept apart
learn       seconds of a recipe's training, and what it reached on data kept apart
close       nothing; the process ends
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TextIO

Message = dict[str, Any]


class ContestantError(Exception):
    """A contestant could not do what it was asked."""


def send(stream: TextIO, message: Message) -> None:
    """Writes one message; NaN and infinity are not JSON and are refused."""
    stream.write(json.dumps(message, allow_nan=False) + "\n")
    stream.flush()


def receive(stream: TextIO) -> Message:
    """The next message; EOFError when the other side has gone."""
    line = stream.readline()
    if not line.endswith("\n"):
        raise EOFError("the other side has gone")
    message = json.loads(line)
    if not isinstance(message, dict):
        raise TypeError(f"a message is an object, not {line!r}")
    return message


def ask(outgoing: TextIO, incoming: TextIO, what: str, **details: Any) -> Message:
    """Asks and waits for the answer.

    Raises:
        ContestantError: the contestant says that it failed, or has gone.
    """
    try:
        send(outgoing, {"ask": what, **details})
        message = receive(incoming)
    except (BrokenPipeError, EOFError) as error:
        raise ContestantError(f"the process ended at {what!r}") from error
    if "error" in message:
        raise ContestantError(message["error"])
    answer = message["answer"]
    assert isinstance(answer, dict)
    return answer


def serve(incoming: TextIO, outgoing: TextIO, answers: dict[str, Callable[..., Message]]) -> None:
    """Answers until asked to close or left alone; an exception becomes an error message."""
    while True:
        try:
            message = receive(incoming)
        except EOFError:
            return
        what = message.pop("ask", None)
        if what == "close":
            send(outgoing, {"answer": {}})
            return
        try:
            if what not in answers:
                raise ContestantError(f"nobody answers {what!r}")
            reply = {"answer": answers[what](**message)}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        send(outgoing, reply)
