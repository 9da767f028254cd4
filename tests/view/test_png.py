from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib import image as mpimg

import glassnet as gn
from glassnet.view.png import png, to_bytes


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 3), (5, 7, 4), (1, 1)])
def test_another_reader_sees_the_same_pixels(shape: tuple[int, ...]) -> None:
    image = gn.Generator(0).integers(0, 256, shape).astype(np.uint8)
    found = np.rint(255 * mpimg.imread(io.BytesIO(png(image)), format="png")).astype(np.uint8)
    np.testing.assert_array_equal(found, image.reshape(found.shape))


@pytest.mark.parametrize("shape", [(5,), (5, 7, 2), (0, 3), (1, 2, 3, 4)])
def test_what_is_no_image(shape: tuple[int, ...]) -> None:
    with pytest.raises(gn.ShapeError, match="rows, columns and channels"):
        png(np.zeros(shape, np.uint8))


def test_to_bytes_cuts_off_what_lies_beyond() -> None:
    assert to_bytes([-1.0, 0.0, 0.5, 1.0, 9.0], 0.0, 1.0).tolist() == [0, 0, 128, 255, 255]
    assert to_bytes([3.0, 3.0], 3.0, 3.0).tolist() == [0, 0]
