"""A small town for the tests of consent: an operator, its people, and who may look."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from counterfoil.consent import (
    DEFINITIONS,
    Basis,
    BasisId,
    Category,
    CertificateId,
    CollectorId,
    CollectorKind,
    Consent,
    ConsentGrant,
    Operator,
    PeopleReaders,
    PersonalReader,
    Purpose,
    Wall,
)
from counterfoil.kernel.clock import ManualClock
from counterfoil.kernel.database import Database, connect
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import (
    AccountId,
    AccountNumber,
    Ledger,
    NewAccount,
    Transfer,
    TransferId,
)
from counterfoil.money import Money, currency_by_code
from counterfoil.people import (
    FactKind,
    LocalKeys,
    NewPerson,
    People,
    PersonId,
    WordsKind,
    parse_contact,
)
from counterfoil.people.store import accounts_of

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)
EUR = currency_by_code("EUR")
OPERATOR = Operator("Larch Savings", "privacy@larch.example")
REASON = "To answer her letter of Monday."


@dataclass(frozen=True, slots=True)
class Town:
    """Everything wired to one database, on a clock that moves when told."""

    clock: ManualClock
    ledger: Ledger
    database: Database
    wall: Wall
    people: People
    consent: Consent
    readers: PeopleReaders
    alice: PersonId
    bob: PersonId
    clerk: CertificateId
    """A clerk of the operator, certified to run wallets."""
    scorer: CertificateId
    """The operator's scoring program."""
    marketer: CertificateId
    """The operator's newsletter."""

    def payments(self) -> "PersonalReader[int]":
        """Read the sequence numbers of a person's transfers, as the room of history will."""

        def latest(database: Database, person: PersonId) -> list[int]:
            return [
                posting.seq
                for account in accounts_of(database, person)
                for posting in self.ledger.latest(AccountNumber(account), 50, through=database)
            ]

        return PersonalReader("payments", Category.PAYMENTS, latest)

    def agree(
        self,
        person: PersonId,
        purpose: Purpose,
        categories: Category | None = None,
        *,
        days: int = 30,
        recipient: CollectorId | None = None,
        given_by: PersonId | None = None,
        grant: UUID | None = None,
    ) -> ConsentGrant:
        """Have a person read the notice and agree."""
        notice = self.consent.purposes.notice(purpose, "en")
        return self.consent.grants.grant_consent(
            BasisId(grant or new_id()),
            subject=person,
            purpose=purpose,
            categories=categories or DEFINITIONS[purpose].categories,
            until=now(self.clock) + days * DAY,
            notice_hash=notice.hash,
            recipient=recipient,
            given_by=given_by,
        )

    def contract(self, person: PersonId) -> Basis:
        """Have a person agree to the wallet's terms."""
        self.consent.bases.enter_contract(BasisId(new_id()), person, "terms of 2026-01")
        return self.consent.bases.on_contract(person)

    def scoring_basis(self, person: PersonId) -> Basis:
        """Have a person agree to be scored, and take the basis."""
        self.agree(person, Purpose.SCORE)
        return self.consent.bases.on_consent(person, Purpose.SCORE, Category.PAYMENTS)

    def certified(
        self,
        kind: CollectorKind,
        name: str,
        purpose: Purpose,
        categories: Category | None = None,
        *,
        days: int = 365,
    ) -> tuple[CollectorId, CertificateId]:
        """Register a collector and certify it."""
        collector, certificate = CollectorId(new_id()), CertificateId(new_id())
        self.consent.collectors.register(collector, kind, name)
        self.consent.collectors.certify(
            certificate,
            collector,
            purpose,
            categories or DEFINITIONS[purpose].categories,
            until=now(self.clock) + days * DAY,
        )
        return collector, certificate

    def person(self, name: str, contact: str) -> PersonId:
        """Register somebody."""
        new = NewPerson(id=PersonId(new_id()), name=name, contact=parse_contact(contact))
        return self.people.register(new)


@contextmanager
def town(url: str, folder: Path, at: datetime = START) -> Iterator[Town]:
    """Open a town; every purpose runs, and Alice and Bob have registered."""
    clock = ManualClock(at)
    keys = LocalKeys(folder / "keys")
    with Ledger.open(url, clock=clock) as ledger, connect(url, writes=False) as database:
        wall = Wall.connect(url)
        people = People(ledger, database, keys, clock)
        consent = Consent(ledger, database, wall, people, clock)
        for purpose in Purpose:
            consent.purposes.assess(new_id(), purpose, by="Edda, privacy officer", text="Assessed.")
            consent.purposes.start(purpose, OPERATOR)
        nobody, nothing = PersonId(new_id()), CertificateId(new_id())
        bare = Town(clock, ledger, database, wall, people, consent, PeopleReaders(keys),
                    nobody, nobody, nothing, nothing, nothing)  # fmt: skip
        operator = CollectorKind.OPERATOR
        alice = bare.person("Alice Arnaud", "alice@example.org")
        bob = bare.person("Bob Bauer", "+33 6 39 98 12 34")
        _, clerk = bare.certified(operator, "Clara, clerk", Purpose.RUN_WALLET)
        _, scorer = bare.certified(operator, "Scoring", Purpose.SCORE)
        _, marketer = bare.certified(operator, "Newsletter", Purpose.MARKETING)
        try:
            yield Town(clock, ledger, database, wall, people, consent, PeopleReaders(keys),
                       alice, bob, clerk, scorer, marketer)  # fmt: skip
        finally:
            wall.close()


def now(clock: ManualClock) -> datetime:
    """Tell the town's time."""
    from counterfoil.kernel.clock import from_us

    return from_us(clock.now_us())


def every_reader(town: Town) -> list[PersonalReader[object]]:
    """List everything that reads personal data."""
    return [*town.readers.all, town.payments()]


def enrich(town: Town) -> None:
    """Give Alice something of everything that can be read."""
    town.contract(town.alice)
    for kind in (FactKind.IDENTITY_DOCUMENT, FactKind.BANK_CARD):
        for value in ("X122", "X123"):
            town.consent.give_fact(town.alice, kind, Purpose.RUN_WALLET, value)
    town.people.change_name(town.alice, "Alice Arnaud")
    town.people.change_contact(town.alice, parse_contact("alice@example.org"))
    for field in ("name", "payment:1"):
        words = new_id()
        at_us = town.clock.now_us()
        town.ledger.write(
            town.people.words.keep(
                words, town.alice, WordsKind.STATEMENT, field, "This is wrong.", at_us
            )
        )
    hers, till = AccountId(new_id()), AccountId(new_id())
    numbers = town.ledger.open_accounts(
        [NewAccount(id=one, currency=EUR) for one in (hers, till)],
        rows=(town.people.account_row(town.alice, hers),),
    )
    paying = Transfer(
        id=TransferId(new_id()),
        debit_account=numbers[0],
        credit_account=numbers[1],
        amount=Money(5, EUR),
    )
    town.ledger.post(paying)
