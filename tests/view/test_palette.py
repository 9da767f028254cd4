from __future__ import annotations

import pytest

from glassnet.view.palette import ROLES, SERIES, contrast

READABLE = 4.5  # WCAG 2.2, AA, for text
VISIBLE = 3.0  # WCAG 2.2, for shapes that carry meaning


@pytest.mark.parametrize("form", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("ink", "ground"),
        ("ink", "card"),
        ("ink", "leaf"),
        ("muted", "ground"),
        ("muted", "card"),
        ("muted", "leaf"),
        ("forward", "ground"),
        ("backward", "ground"),
        ("on_result", "result"),
    ],
)
def test_text_is_readable(text: str, ground: str, form: str) -> None:
    assert contrast(getattr(ROLES[text], form), getattr(ROLES[ground], form)) >= READABLE


@pytest.mark.parametrize("form", ["light", "dark"])
@pytest.mark.parametrize("place", range(3))
def test_the_first_series_are_visible(place: int, form: str) -> None:
    assert contrast(getattr(SERIES[place], form), getattr(ROLES["ground"], form)) >= VISIBLE


def test_one_light_colour_has_one_dark_form() -> None:
    forms: dict[str, set[str]] = {}
    for role in (*ROLES.values(), *SERIES):
        forms.setdefault(role.light, set()).add(role.dark)
    assert all(len(dark) == 1 for dark in forms.values()), forms


def test_contrast_of_known_pairs() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1
