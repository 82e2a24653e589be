"""Letters as outlines, from the fonts of the system: what is printed needs no font where it is read.

A sheet holds a few words, perhaps in Chinese, and there are thousands of sheets. A font that is cut
down for each would cost a hundred times what the sheet does, and a font that is left out prints
boxes; an outline is the letter itself, taken from the font once. Fonts are found by fontconfig, in the
order of its preference, else in the usual folders.
"""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont, TTLibError

from counterfoil.qr.errors import GlyphMissing

_PREFERRED: Final = "sans:lang=zh-cn"
_FOLDERS: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "~/.fonts")
_FONTS_MAX: Final = 64
_WAIT_S: Final = 20


@dataclass(frozen=True, slots=True)
class Glyph:
    """One letter: PDF path operators in units of an em, and how far the next one stands."""

    path: str
    advance_em: int
    """In thousandths of an em."""


class Letters:
    """The letters of the system's fonts, each taken from the first font that has it."""

    def __init__(self, paths: list[tuple[Path, int]] | None = None) -> None:
        """Find the fonts; `paths` names them, with each one's place in its file."""
        self._paths = iter(found_fonts() if paths is None else paths)
        self._fonts: list[_Font] = []
        self._glyphs: dict[str, Glyph] = {}

    def glyphs(self, text: str) -> list[Glyph]:
        """Take a text's letters.

        Raises:
            GlyphMissing: no font at hand has one of them.

        """
        missing = sorted({one for one in text if not self._find(one)})
        if missing:
            names = " ".join(missing)
            raise GlyphMissing(
                f"No font here has {names}; install one that does, such as fonts-noto-cjk or "
                "fonts-wqy-microhei",
                characters=tuple(missing),
            )
        return [self._glyphs[one] for one in text]

    def width_em(self, text: str) -> int:
        """Tell how long a text is, in thousandths of an em."""
        return sum(one.advance_em for one in self.glyphs(text))

    def _find(self, letter: str) -> bool:
        if letter in self._glyphs:
            return True
        for font in self._known_fonts():
            if (glyph := font.glyph(letter)) is not None:
                self._glyphs[letter] = glyph
                return True
        return False

    def _known_fonts(self) -> Iterator["_Font"]:
        yield from self._fonts
        for path, place in self._paths:
            try:
                font = _Font(path, place)
            except (TTLibError, OSError, KeyError):  # a file that is no font of this kind
                continue
            self._fonts.append(font)
            yield font


class _Font:
    def __init__(self, path: Path, place: int) -> None:
        self._font = TTFont(BytesIO(path.read_bytes()), fontNumber=place, lazy=True)
        self._names: dict[int, str] = self._font.getBestCmap() or {}
        self._glyph_set: Any = self._font.getGlyphSet()
        self._em: int = self._font["head"].unitsPerEm

    def glyph(self, letter: str) -> Glyph | None:
        """Take a letter, if this font has it."""
        name = self._names.get(ord(letter))
        if name is None:
            return None
        pen = _PathPen(self._glyph_set, self._em)
        drawn = self._glyph_set[name]
        drawn.draw(pen)
        return Glyph(" ".join(pen.operators), round(drawn.width * 1000 / self._em))


class _PathPen(BasePen):  # type: ignore[misc]  # it has no types
    """Writes an outline as PDF path operators, in thousandths of an em."""

    def __init__(self, glyph_set: Any, em: int) -> None:
        super().__init__(glyph_set)
        self._em = em
        self.operators: list[str] = []

    def _numbers(self, *points: tuple[float, float]) -> str:
        return " ".join(f"{round(n * 1000 / self._em)}" for point in points for n in point)

    def _moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802  # fontTools' names
        self.operators.append(f"{self._numbers(point)} m")

    def _lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self.operators.append(f"{self._numbers(point)} l")

    def _curveToOne(  # noqa: N802
        self, first: tuple[float, float], second: tuple[float, float], end: tuple[float, float]
    ) -> None:
        self.operators.append(f"{self._numbers(first, second, end)} c")

    def _closePath(self) -> None:  # noqa: N802
        self.operators.append("h")


def found_fonts() -> list[tuple[Path, int]]:
    """Find the system's fonts, the preferred first: the file of each, and its place in it."""
    if program := shutil.which("fc-match"):
        listing = subprocess.run(  # noqa: S603  # fontconfig's own program
            [program, "-s", _PREFERRED, "--format", "%{index}\t%{file}\n"],
            capture_output=True, text=True, check=False, timeout=_WAIT_S,
        ).stdout  # fmt: skip
        pairs = [line.split("\t", 1) for line in listing.splitlines() if "\t" in line]
        # Above 16 bits the index says which variation; the file's own outline serves.
        return [(Path(path), int(index) & 0xFFFF) for index, path in pairs][:_FONTS_MAX]
    folders = [Path(one).expanduser() for one in _FOLDERS]
    files = [path for folder in folders for path in sorted(folder.rglob("*.[to]t[fc]"))]
    return [(path, 0) for path in files][:_FONTS_MAX]
