"""A drawing of a page: what it is called, the SVG, and what to know when reading it."""

from typing import NamedTuple


class Drawing(NamedTuple):
    """One figure: the title stands above it, the caption below."""

    title: str
    svg: str
    caption: str
