"""The shape of a log's files, as C2SP tlog-tiles has it: immutable tiles, 256 wide.

`tile/<L>/<N>`        256 hashes of level L; entry i of tile n is the root over the 256^L leaves
                      from (n·256 + i)·256^L on
`tile/entries/<N>`    the entries of 256 leaves, each after its length in two bytes
`….p/<W>`             the first W of them, as far as a checkpoint reaches

A level above 0 holds full tiles only. These are names: `packs` keeps what they name, and `export`
writes it out file by file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from counterfoil.receipts.merkle import HASH_BYTES

TILE_WIDTH: Final = 256
TILE_HEIGHT: Final = 8
TILE_BYTES: Final = TILE_WIDTH * HASH_BYTES
_ENTRIES: Final = "entries"


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile's place: a level (or the entries), a number, and how many of 256 are wanted."""

    level: int | None
    """None: the entries of level 0's leaves."""
    number: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Its name: the number in groups of three digits, all but the last after an x."""
        digits = str(self.number)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[place : place + 3] for place in range(0, len(digits), 3)]
        folder = _ENTRIES if self.level is None else str(self.level)
        name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{folder}/{name}{partial}"


def width_at(size: int, level: int, number: int) -> int:
    """Tell how many hashes a tile holds in a log of `size` leaves; 0 if it is not there yet."""
    return min(max((size >> (TILE_HEIGHT * level)) - number * TILE_WIDTH, 0), TILE_WIDTH)


def tiles_between(old: int, size: int) -> Iterator[Tile]:
    """List the tiles that a log of `size` leaves has and one of `old` leaves has not.

    Those of the entries come last.
    """
    level = 0
    while size >> (TILE_HEIGHT * level):
        yield from _row_between(level, old >> (TILE_HEIGHT * level), size >> (TILE_HEIGHT * level))
        level += 1
    yield from _row_between(None, old, size)


def _row_between(level: int | None, old: int, count: int) -> Iterator[Tile]:
    if count == old:
        return
    for number in range(old // TILE_WIDTH, -(-count // TILE_WIDTH)):
        yield Tile(level, number, min(count - number * TILE_WIDTH, TILE_WIDTH))
