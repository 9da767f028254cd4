from __future__ import annotations

import io
import json

import pytest
from benchmarks.protocol import ContestantError, ask, receive, send, serve


def answered(*messages: str, **answers: object) -> list[dict[str, object]]:
    """What a contestant with these answers writes when it reads these lines."""
    outgoing = io.StringIO()
    serve(io.StringIO("".join(line + "\n" for line in messages)), outgoing, answers)  # type: ignore[arg-type]
    return [json.loads(line) for line in outgoing.getvalue().splitlines()]


def test_a_message_is_one_line() -> None:
    stream = io.StringIO()
    send(stream, {"ask": "run", "text": "two\nlines"})
    assert stream.getvalue().count("\n") == 1
    stream.seek(0)
    assert receive(stream) == {"ask": "run", "text": "two\nlines"}


def test_nan_is_no_message() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        send(io.StringIO(), {"answer": float("nan")})


def test_half_a_line_is_the_end() -> None:
    with pytest.raises(EOFError):
        receive(io.StringIO('{"answer": {'))


def test_only_objects_are_messages() -> None:
    with pytest.raises(TypeError, match="object"):
        receive(io.StringIO("[1]\n"))


def test_answers_in_order_until_closed() -> None:
    lines = ['{"ask": "add", "a": 1, "b": 2}', '{"ask": "close"}', '{"ask": "add", "a": 0, "b": 0}']
    replies = answered(*lines, add=lambda a, b: {"sum": a + b})
    assert replies == [{"answer": {"sum": 3}}, {"answer": {}}]


def test_a_failure_is_told_and_the_next_question_answered() -> None:
    replies = answered('{"ask": "divide"}', '{"ask": "two"}', divide=lambda: 1 / 0, two=dict)
    assert replies == [{"error": "ZeroDivisionError: division by zero"}, {"answer": {}}]


def test_an_unknown_question_is_an_error() -> None:
    assert answered('{"ask": "fly"}') == [{"error": "ContestantError: nobody answers 'fly'"}]


def test_ask_returns_the_answer_or_raises() -> None:
    sent = io.StringIO()
    assert ask(sent, io.StringIO('{"answer": {"steps": 3}}\n'), "run", seconds=1) == {"steps": 3}
    assert json.loads(sent.getvalue()) == {"ask": "run", "seconds": 1}
    with pytest.raises(ContestantError, match="out of breath"):
        ask(io.StringIO(), io.StringIO('{"error": "out of breath"}\n'), "run")
    with pytest.raises(ContestantError, match="ended at 'run'"):
        ask(io.StringIO(), io.StringIO(""), "run")
