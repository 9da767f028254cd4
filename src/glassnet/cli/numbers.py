"""Whole numbers in an option, such as `--hidden 64,32`."""

from __future__ import annotations

from ..errors import ArgumentError


def whole_numbers(text: str, what: str, example: str, low: int, high: int) -> tuple[int, ...]:
    """`64, 32` as (64, 32).

    Args:
        text: what was typed.
        what: the numbers are, for the message.
        example: of the option, for the message.
        low: the smallest number there can be.
        high: the largest.

    Raises:
        ArgumentError: these are no such numbers.

    >>> whole_numbers("64, 32", "widths of hidden layers", "--hidden 64,32", 1, 1000)
    (64, 32)
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isdecimal() and low <= int(part) <= high for part in parts):
        raise ArgumentError(
            f"these are no {what}",
            expected=f"whole numbers from {low} to {high} with commas, as in {example}",
            received=text,
        )
    return tuple(map(int, parts))
