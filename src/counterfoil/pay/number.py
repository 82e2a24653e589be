"""Numbers that shops and people quote: 28 digits that begin with the date, and the words in codes.

An order, a refund, a hold or an agreement has one 128-bit id. Its *number* is the same id, written
as people write it: eight digits of the date (UTC), eight of the millisecond of the day, twelve by
chance. Its *word* is that number in the alphabet of pay codes. Each form gives back the others, so
that nothing is stored twice and no index is needed to find an order by its number.
"""

import re
import secrets
import threading
from datetime import UTC, date, datetime, time
from typing import Final
from uuid import UUID

from counterfoil.kernel.clock import to_us
from counterfoil.qr import ALPHABET

DIGITS: Final = 28
WORD_LENGTH: Final = 19
"""Letters of 5 bits for a number below 10^28."""

_CHANCE: Final = 10**12
_STEP: Final = 10**8
"""How far apart two ids of one millisecond are at most: as hard to guess as that."""
_DAY_MS: Final = 86_400_000
_VERSION_7: Final = 0x7 << 76
_VARIANT: Final = 0b10 << 62
_LOW: Final = (1 << 62) - 1
_NUMBER: Final = re.compile(r"[0-9]{28}")


class _Maker:
    """Makes ids that rise within one process, also within one millisecond."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ms = 0
        self._chance = 0

    def __call__(self, at_us: int) -> UUID:
        with self._lock:
            ms = at_us // 1000
            if ms != self._ms:
                self._ms, self._chance = ms, secrets.randbelow(_CHANCE - _STEP)
            else:
                self._chance += 1 + secrets.randbelow(_STEP)
            if self._chance >= _CHANCE:  # the millisecond is full: borrow the next
                self._ms, self._chance = ms + 1, secrets.randbelow(_STEP)
            return _id(self._ms, self._chance)


def new_numbered_id(at_us: int) -> UUID:
    """Make an id that has a number, at an instant in microseconds."""
    return _make(at_us)


def number_of(id: UUID) -> str:  # noqa: A002  # what it is
    """Write an id that `new_numbered_id` made as its number.

    >>> number_of(UUID("019b3e5e-8400-7000-8000-0000075bcd15"))
    '2025122102740224000123456789'
    """
    ms, chance = id.int >> 80, id.int & _LOW
    days, ms = divmod(ms, _DAY_MS)
    day = date.fromordinal(_EPOCH_DAY + days)
    return f"{day:%Y%m%d}{ms:08}{chance:012}"


def id_of(number: str) -> UUID | None:
    """Read a number; None when no id has it."""
    if not _NUMBER.fullmatch(number):
        return None
    try:
        day = date.fromisoformat(f"{number[:4]}-{number[4:6]}-{number[6:8]}")
    except ValueError:
        return None
    ms = int(number[8:16])
    if day.toordinal() < _EPOCH_DAY or ms >= _DAY_MS:
        return None
    start = to_us(datetime.combine(day, time.min, UTC)) // 1000
    return _id(start + ms, int(number[16:]))


def word_of(id: UUID) -> str:  # noqa: A002
    """Write an id as the word of its pay code."""
    left, letters = int(number_of(id)), []
    for _ in range(WORD_LENGTH):
        left, place = divmod(left, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(reversed(letters))


def id_of_word(word: str) -> UUID | None:
    """Read a word; None when no id has it."""
    if len(word) != WORD_LENGTH or not set(word) <= set(ALPHABET):
        return None
    number = 0
    for letter in word:
        number = number * len(ALPHABET) + ALPHABET.index(letter)
    return id_of(f"{number:0{DIGITS}}")


_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


def _id(ms: int, chance: int) -> UUID:
    return UUID(int=(ms & (1 << 48) - 1) << 80 | _VERSION_7 | _VARIANT | chance)


_make: Final = _Maker()
