"""The words of this room: run, what is gone, what is kept and by which law.

Everything here is a value: frozen, without I/O and without a clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from counterfoil.consent.limits import LIMITS
from counterfoil.kernel.i18n import Message, lazy

PERSONS: Final = "persons"
PAYMENTS: Final = "payments"
RECORDS: Final = "records"

GONE_WORDS: Final[Mapping[str, Message]] = {
    **{limit.code: limit.words for limit in LIMITS},
    PERSONS: lazy("persons without any basis: their keys destroyed"),
    PAYMENTS: lazy("accounts of the erased: whose they were"),
    RECORDS: lazy("what was done about the erased: the words of records, and the rows beside them"),
}
ARTICLES: Final[Mapping[str, str]] = {
    **{limit.code: limit.article for limit in LIMITS},
    PERSONS: "PIPL 47",
    PAYMENTS: "电子商务法 31",
    RECORDS: "PIPL 56",
}


@dataclass(frozen=True, slots=True)
class Gone:
    """How much of one kind went, or would go."""

    what: str
    """The code of the limit, or `persons`, `payments`, `records`."""
    table: str
    article: str
    count: int

    @property
    def words(self) -> str:
        """Say what it is, in the current language."""
        return str(GONE_WORDS[self.what])


@dataclass(frozen=True, slots=True)
class Kept:
    """How much stays beyond the wish or the purpose, and because of what."""

    what: str
    reason: str
    """The article that makes the operator keep it, or what is still open."""
    count: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do now."""

    day: date
    gone: tuple[Gone, ...]
    kept: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it stands: one for each day of the operator's, at most."""

    number: int
    day: date
    begun_at: datetime
    finished_at: datetime | None
    """None: it was broken off, and the next one goes on with it."""
    gone: tuple[Gone, ...]
    record: int = 0
    """The number of its record, for its receipt; 0 until it is finished."""
