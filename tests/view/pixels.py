"""The heat maps of a picture as numbers again."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import numpy as np
from PIL import Image

from glassnet.view import Picture

Array = np.ndarray[Any, Any]
IMAGE = re.compile(r'href="data:image/png;base64,\s*([^"]+)"[^>]*id="gn-mask-(\w{6})')


def masks(picture: Picture, colour: str | None = None) -> list[Array]:
    """The opacities, from 0 to 1, of each mask in the order drawn; of one colour or all."""
    return [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))[..., 3] / 255
        for data, name in IMAGE.findall(picture.svg)
        if colour is None or f"#{name}" == colour
    ]
