"""What a table holds about a person, and how much of it they get; or why they get none.

A *holding* says which rows of a table are about a person, which file they become, and what each
column is. A column that is not handed over has a reason, and so has a table. Nothing is left out
in silence: a table or column that nobody has declared fails the tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from counterfoil.kernel.i18n import Message
from counterfoil.rights.export.kind import Kind, columns

Extra = tuple[str, Kind]
"""A column that is computed: an SQL expression over the table's row, and what it gives."""


class Source(Enum):
    """Through what a holding is read."""

    TABLE = "table"
    """The table itself, as the register of what was done."""
    WALLED = "walled"
    """The table itself, over the person's own access: it stands behind the wall."""
    SEALED = "sealed"
    """The person's own access at the gate, which opens what is sealed."""
    PAYMENTS = "payments"
    """The person's own access at the gate, to what happened on their accounts."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Holding:
    """One table's part in an export."""

    table: str
    name: str
    """Of the files: `data/NAME.json` and `data/NAME.csv`."""
    title: Message
    columns: Mapping[str, Kind]
    """What is handed over, in the order of the file."""
    whose: str = "subject = $1"
    """Which rows are about the person `$1`, as SQL."""
    told: str = ""
    """Which of them may be told at the instant `$2`, in microseconds; all, where it is empty."""
    key: str = "subject"
    """The columns that say whose a row is, which is the same in all: they are left out."""
    extras: Mapping[str, Extra] = field(default_factory=dict)
    """Columns that are computed; one that bears a stored column's name stands in its place."""
    stands_for: Mapping[str, str] = field(default_factory=dict)
    """Stored columns that are handed over under another name."""
    withheld: Mapping[str, Message] = field(default_factory=dict)
    """Stored columns that are not handed over, each with its reason."""
    order: str = ""
    source: Source = Source.TABLE

    @property
    def covered(self) -> frozenset[str]:
        """The stored columns that are handed over, the same for all rows, or withheld."""
        return frozenset(
            {*self.columns, *self.extras, *self.stands_for, *self.withheld, *self.key.split()}
        )

    @property
    def written(self) -> Mapping[str, Kind]:
        """The columns of the file, computed ones last."""
        return {**self.columns, **{name: kind for name, (_sql, kind) in self.extras.items()}}

    @property
    def condition(self) -> str:
        """Which rows are handed over, as SQL."""
        return f"({self.whose}) AND {self.told}" if self.told else self.whose


@dataclass(frozen=True, slots=True)
class Excluded:
    """A table that is in no export, and why."""

    reason: Message
    is_about_people: bool
    """Whether it has a person's key or an account's; the reason is then told in each export."""


OWN_ACCOUNTS: Final = "SELECT account FROM person_accounts WHERE person = $1"


def holding(
    table: str,
    name: str,
    title: Message,
    text: str,
    *,
    whose: str = "subject = $1",
    told: str = "",
    key: str = "subject",
    extras: Mapping[str, Extra] | None = None,
    stands_for: Mapping[str, str] | None = None,
    withheld: Mapping[str, Message] | None = None,
    order: str = "",
    source: Source = Source.TABLE,
) -> Holding:
    """Declare a holding; `text` lists its columns as `kind.columns` reads them."""
    return Holding(
        table=table, name=name, title=title, columns=columns(text), whose=whose, told=told, key=key,
        extras=extras or {}, stands_for=stands_for or {}, withheld=withheld or {}, order=order,
        source=source,
    )  # fmt: skip


def together(reason: Message, names: str) -> dict[str, Message]:
    """Withhold several columns for one reason."""
    return dict.fromkeys(names.split(), reason)
