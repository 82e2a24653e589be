"""Reading a table of a policy file: every value typed and in range, nothing left unread.

A reader knows its place in the file, so that a message can say `listing.below` and not only
"a number was expected". A key that no rule reads is refused: a misspelt rule that silently did
nothing would be worse than none.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from counterfoil.kernel.i18n import _
from counterfoil.policy.errors import PolicyInvalid

_Word = TypeVar("_Word", bound=StrEnum)


class Reader:
    """Takes values out of one table; `done()` refuses what nobody took."""

    def __init__(self, table: Mapping[str, object], place: str = "") -> None:
        self._rest = dict(table)
        self._place = place

    def at(self, key: str) -> str:
        """Give the full name of a key of this table."""
        return f"{self._place}.{key}" if self._place else key

    def refuse(self, key: str, problem: str, **facts: object) -> PolicyInvalid:
        """Make the error for a key; the caller raises it."""
        return PolicyInvalid(f"{self.at(key)}: {problem}", place=self.at(key), **facts)

    def text(self, key: str, default: str | None = None) -> str:
        """Take a string."""
        value = self._rest.pop(key, default)
        if not isinstance(value, str) or (not value.strip() and default is None):
            raise self.refuse(key, _("a text is needed here"), value=value)
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """Take true or false."""
        value = self._rest.pop(key, default)
        if not isinstance(value, bool):
            raise self.refuse(
                key, _("true or false is needed, not {value!r}", value=value), value=value
            )
        return value

    def number(
        self, key: str, default: float | None = None, *, low: float = -4000, high: float = 4000
    ) -> float:
        """Take a number between two bounds, both allowed."""
        value = self._rest.pop(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(key, _("a number is needed, not {value!r}", value=value), value=value)
        if not low <= value <= high:
            raise self.refuse(
                key,
                _("{value} is outside {low} to {high}", value=value, low=low, high=high),
                value=value,
            )
        return float(value)

    def optional_number(self, key: str, *, low: float = -4000, high: float = 4000) -> float | None:
        """Take a number, or None where the key is absent."""
        return self.number(key, low=low, high=high) if key in self._rest else None

    def rate(self, key: str, default: float = 0.0) -> float:
        """Take a probability a month; a negative rate or one above 1 is refused."""
        return self.number(key, default, low=0.0, high=1.0)

    def numbers(self, key: str, count: int) -> tuple[float, ...]:
        """Take a list of exactly `count` numbers; all zero where the key is absent."""
        values = self._rest.pop(key, [0] * count)
        if not isinstance(values, list) or len(values) != count:
            raise self.refuse(
                key, _("a list of {count} numbers is needed, one for each level", count=count)
            )
        inner = Reader({str(place): value for place, value in enumerate(values)}, self.at(key))
        return tuple(inner.number(str(place)) for place in range(count))

    def strings(self, key: str) -> tuple[str, ...]:
        """Take a list of texts; empty where the key is absent."""
        values = self._rest.pop(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise self.refuse(key, _("a list of names is needed"))
        return tuple(values)

    def words(self, key: str, allowed: type[_Word]) -> tuple[_Word, ...]:
        """Take a list of names from a closed list; empty where the key is absent."""
        values = self.strings(key)
        known = {str(word): word for word in allowed}
        for value in values:
            if value not in known:
                raise self.refuse(
                    key,
                    _("unknown {word!r}; use one of {known}", word=value, known=", ".join(known)),
                )
        return tuple(known[value] for value in values)

    def table(self, key: str) -> "Reader":
        """Take an inner table; an empty one where the key is absent."""
        value = self._rest.pop(key, {})
        if not isinstance(value, dict):
            raise self.refuse(key, _("a table is needed"))
        return Reader(value, self.at(key))

    def tables(self, key: str) -> list["Reader"]:
        """Take a list of tables; none where the key is absent."""
        values = self._rest.pop(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.refuse(key, _("a list of tables is needed"))
        return [Reader(value, f"{self.at(key)}[{place}]") for place, value in enumerate(values)]

    def names(self) -> tuple[str, ...]:
        """List the keys nobody has taken yet."""
        return tuple(self._rest)

    def is_table(self, key: str) -> bool:
        """Tell whether a key holds a table."""
        return isinstance(self._rest.get(key), dict)

    def done(self) -> None:
        """Refuse whatever is left.

        Raises:
            PolicyInvalid: a key that no rule reads.

        """
        for key in self._rest:
            raise self.refuse(
                key, _("there is no such rule; see docs/reference/policy-files.md"), unknown=key
            )
