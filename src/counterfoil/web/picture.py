"""Codes in a still picture from a phone: looked at in memory, never kept.

A picture is first measured by its header, so that a small file cannot ask for gigabytes; only the
three formats that phones send are opened at all.
"""

import io
import warnings
from typing import Final

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from counterfoil.qr import read_symbols

PIXELS_MAX: Final = 50_000_000
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_SIDE_MAX: Final = 2_000
"""More pixels than this a side find no code that fewer do not, and take longer."""


def codes_in(picture: bytes) -> tuple[str, ...]:
    """Read the texts of the codes in a picture; none, where there are none or it is no picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(picture), formats=_FORMATS)
            if image.width * image.height > PIXELS_MAX:
                return ()
            image.draft("L", (_SIDE_MAX, _SIDE_MAX))
            gray = ImageOps.exif_transpose(image).convert("L")
            gray.thumbnail((_SIDE_MAX, _SIDE_MAX))
            return read_symbols(np.asarray(gray))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning):
        return ()
