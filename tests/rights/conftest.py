"""The town of the tests of consent, with a desk at which rights are answered."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from counterfoil.consent import Category, Regime, RightsRequestId
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import TransferId
from counterfoil.rights import PersonRights
from tests.consent.conftest import emptied_schema, larch, rich
from tests.consent.world import REASON, Town
from tests.people.signing import signed_in

__all__ = ["emptied_schema", "larch", "rich"]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where rights are answered."""

    town: Town
    rights: PersonRights

    def contest(self, field: str, value: str) -> RightsRequestId:
        """Let Alice say that something is wrong."""
        request = RightsRequestId(new_id())
        self.rights.corrections.propose(
            request, self.town.alice, field, value, [Regime.GDPR, Regime.CREDIT_REPORTING]
        )
        return request

    def look(self, categories: Category = Category.NAME) -> None:
        """Let the clerk read her name."""
        reader = {Category.NAME: self.town.readers.name, Category.PAYMENTS: self.town.payments()}
        with self.town.consent.gate.read(
            self.town.consent.bases.on_contract(self.town.alice),
            who=self.town.clerk,
            categories=categories,
            reason=REASON,
        ) as access:
            access.rows(reader[categories])

    def own_name(self) -> str:
        """Let Alice read her name."""
        with self.town.consent.gate.own(signed_in(self.town.people, self.town.alice)) as own:
            (name,) = own.rows(self.town.readers.name)
        return name

    @property
    def payment(self) -> TransferId:
        """Give the id of Alice's one payment."""
        found = self.town.database.query("SELECT id FROM transfers ORDER BY seq")
        value = found.column(0)[0].as_py()
        return TransferId(value if isinstance(value, UUID) else UUID(bytes=bytes(value)))


def desk_of(town: Town) -> Desk:
    """Open a desk in a town."""
    rights = PersonRights(town.ledger, town.database, town.people, town.consent, town.clock)
    return Desk(town, rights)


@pytest.fixture
def desk(rich: Town) -> Desk:
    """Open a desk in a town where Alice has something of everything."""
    return desk_of(rich)
