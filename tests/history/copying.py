"""What the tests of copies share: a town whose people pay, consent and withdraw."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pyarrow as pa

from counterfoil.consent import BasisId, CertificateId, Purpose
from counterfoil.history import Copies, Copy, CopyId, History
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountId, AccountNumber, NewAccount, Transfer, TransferId
from counterfoil.money import Money
from counterfoil.people import PersonId
from tests.consent.world import DAY, EUR, START, Town

REASON = "Monthly scores, which you asked for."
EVER = {"since": START - 365 * DAY, "until": START + 365 * DAY}


@dataclass
class Desk:
    """A town, and the operator's desk at which copies are made."""

    place: Town
    folder: Path
    copies: Copies = field(init=False)
    till: AccountNumber = field(init=False)

    def __post_init__(self) -> None:
        self.copies = Copies(
            self.folder, self.place.consent, History(self.place.ledger), self.place.ledger,
            self.place.database, self.place.clock,
        )  # fmt: skip
        self.till = self.place.ledger.open_account(NewAccount(id=AccountId(new_id()), currency=EUR))

    def payer(self, name: str, payments: int = 2) -> PersonId:
        """Register somebody who has paid at the till so many times."""
        person = self.place.person(name, f"{new_id()}@example.org")
        self.pay(self.wallet(person), payments)
        return person

    def wallet(self, person: PersonId) -> AccountNumber:
        """Open an account for somebody."""
        new = NewAccount(id=AccountId(new_id()), currency=EUR)
        return self.place.ledger.open_account(
            new, rows=(self.place.people.account_row(person, new.id),)
        )

    def pay(self, account: AccountNumber, payments: int) -> None:
        """Pay at the till, a minute apart."""
        for minor in range(1, payments + 1):
            self.place.clock.advance(timedelta(minutes=1))
            self.place.ledger.post(
                Transfer(id=TransferId(new_id()), debit_account=account, credit_account=self.till,
                         amount=Money(minor, EUR))
            )  # fmt: skip

    def agree(
        self, *people: PersonId, days: int = 30, purpose: Purpose = Purpose.SCORE
    ) -> list[BasisId]:
        """Have people agree to be scored, or to something else."""
        return [self.place.agree(person, purpose, days=days).id for person in people]

    def withdraw(self, person: PersonId) -> None:
        """Have somebody withdraw all that they have agreed to."""
        for grant in self.place.consent.grants.grants_of(person):
            self.place.consent.grants.revoke_consent(person, grant.id)

    def make(
        self,
        who: CertificateId | None = None,
        people_max: int = 100,
        purpose: Purpose = Purpose.SCORE,
    ) -> list[Copy]:
        """Copy the payments of everybody who agrees."""
        return self.copies.make(
            purpose,
            who=who or self.place.scorer,
            reason=REASON,
            people_max=people_max,
            **EVER,
        )

    def read(self, copy: CopyId, who: CertificateId | None = None) -> pa.Table:
        """Open a copy and read all of it."""
        with self.copies.opened(copy, who=who or self.place.scorer, reason=REASON) as found:
            return found.file.read()

    def held(self, copy: Copy) -> set[PersonId]:
        """Tell who has rows in a copy's file, whether it may be opened or not."""
        from counterfoil.history import copy_store

        known = copy_store.pseudonyms(self.place.database, copy.id)
        file = self.folder / copy.file
        if not file.exists():
            return set()
        import pyarrow.parquet as pq

        there = pq.read_table(file, columns=["person"]).column("person").to_pylist()
        return {known[number] for number in there}


def refuse(*_given: object) -> NoReturn:
    """Be called, and fail the test."""
    raise AssertionError("this was not to be called")
