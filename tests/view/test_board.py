"""The drawing board: what lies on it is measured, and has a dark form."""

from __future__ import annotations

import numpy as np

from glassnet.view.board import NEGATIVE, POSITIVE, Place, board
from glassnet.view.palette import DARK
from glassnet.view.plot import INK

from .pixels import masks
from .visual import pixels


def test_an_image_keeps_its_proportions_in_its_place() -> None:
    inner = Place(1.0, 2.0, 4.0, 4.0).within((10, 20, 1))
    assert (inner.x, inner.y, inner.width, inner.height) == (1.0, 3.0, 4.0, 2.0)
    assert (inner.middle, inner.end) == (3.0, 5.0)


def test_numbers_on_both_sides_of_0_are_two_masks() -> None:
    values = np.array([[1.0, -0.5], [0.0, 0.25]])
    with board(2, 2) as drawn:
        drawn.signed(values, Place(0, 0, 1, 1), 1.0)
        picture = drawn.picture("Four numbers.")
    (up,), (down,) = masks(picture, POSITIVE), masks(picture, NEGATIVE)
    np.testing.assert_allclose(up - down, values, atol=1 / 255)


def test_an_empty_mask_is_left_out() -> None:
    with board(2, 2) as drawn:
        drawn.signed(np.zeros((3, 3)), Place(0, 0, 1, 1), 0.0)
        assert not masks(drawn.picture("Nothing."))


def test_masks_change_their_colour_on_dark_ground_and_photographs_do_not() -> None:
    photograph = np.full((2, 2, 3), (0.2, 0.4, 0.6))
    with board(2, 1) as drawn:
        drawn.image(np.ones((2, 2, 1)), Place(0, 0, 1, 1), 0.0, 1.0)
        drawn.image(photograph, Place(1, 0, 1, 1), 0.0, 1.0)
        picture = drawn.picture("Ink, and a colour.")
    light, dark = (pixels(picture.png(48, dark=form)).astype(int) for form in (False, True))
    for image, ink in ((light, INK), (dark, DARK[INK])):
        assert image[24, 24].tolist() == [int(ink[i : i + 2], 16) for i in (1, 3, 5)]
        assert image[24, 72].tolist() == [51, 102, 153]
    assert f'[id^="gn-mask-{INK[1:]}"]{{filter:url(#gn-dark-{INK[1:]})}}' in picture.svg
