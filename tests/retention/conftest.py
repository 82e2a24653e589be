"""The town of the tests of consent, with an operator who keeps to limits."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest

from counterfoil.consent import BasisId, Category
from counterfoil.kernel.ids import new_id
from counterfoil.people import PersonId
from counterfoil.retention import Retention, Run
from counterfoil.rights import PersonRights
from counterfoil.wallet.day import Calendar
from tests.consent.conftest import emptied_schema, larch
from tests.consent.world import REASON, Town

__all__ = ["emptied_schema", "larch"]


@dataclass
class House:
    """A town, and what keeps its limits."""

    town: Town
    rights: PersonRights = field(init=False)
    forgotten: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        town = self.town
        self.rights = PersonRights(
            town.ledger, town.database, town.people, town.consent, town.clock
        )

    def retention(self, zone: str = "UTC", batch_rows: int = 3) -> Retention:
        """Make the run anew, as a process that has just been started does."""
        return Retention(
            self.town.ledger, self.town.database, self.rights, Calendar.of(zone), self.town.clock,
            forget_accounts=self.forgotten.extend, batch_rows=batch_rows,
        )  # fmt: skip

    def run(self, at: datetime | None = None) -> Run:
        """Run, on a day that may be far away."""
        if at is not None:
            self.town.clock.set(at)
        return self.retention().run(after_gap=True)

    def gone(self, at: datetime | None = None) -> dict[str, int]:
        """Run, and count what went."""
        return {one.what: one.count for one in self.run(at).gone}

    def count(self, table: str, where: str = "TRUE") -> int:
        """Count rows."""
        found = self.town.database.query(f"SELECT count(*) AS n FROM {table} WHERE {where}")
        return int(found.column(0)[0].as_py())

    def contract(self, person: PersonId) -> BasisId:
        """Have somebody agree to the terms; give the contract's id."""
        basis = BasisId(new_id())
        self.town.consent.bases.enter_contract(basis, person, "terms of 2026-01")
        return basis

    def look(self, person: PersonId) -> None:
        """Let the clerk read somebody's name."""
        with self.town.consent.gate.read(
            self.town.consent.bases.on_contract(person),
            who=self.town.clerk,
            categories=Category.NAME,
            reason=REASON,
        ) as access:
            access.rows(self.town.readers.name)  # fmt: skip


@pytest.fixture
def house(larch: Town) -> House:
    """Open a town that keeps to limits."""
    return House(larch)
