"""A village whose payments are sealed: a ledger, people, keys, and the logs in a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from counterfoil.kernel.clock import SystemClock
from counterfoil.kernel.database import connect
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import Ledger
from counterfoil.people import LocalKeys as PeopleKeys
from counterfoil.people import NewPerson, People, PersonId, parse_contact
from counterfoil.receipts import LocalKeys, SigningKey, new_signing_key
from counterfoil.sealing import Auditor, Issuer, Keys, Sealing
from tests.ledger.given import Village, pay, village

PATIENCE_MS = 20_000


@dataclass
class Place:
    """Where everything of one operator lies, and the keys that stay the same over restarts."""

    url: str
    folder: Path
    transfers: SigningKey = field(default_factory=lambda: new_signing_key("foil.example/transfers"))
    records: SigningKey = field(default_factory=lambda: new_signing_key("foil.example/records"))

    @property
    def keys(self) -> Keys:
        """The keys, read from where they are kept."""
        return Keys(
            transfers=[self.transfers],
            records=[self.records],
            salts=LocalKeys(self.folder / "salts"),
            people=PeopleKeys(self.folder / "people"),
        )

    @property
    def logs(self) -> Path:
        """The folder of the two logs."""
        return self.folder / "logs"

    @contextmanager
    def sealing(self, ledger: Ledger) -> Iterator[Sealing]:
        """Seal what this ledger writes; all of it is sealed at the end."""
        with Sealing.open(ledger, self.url, self.logs, self.keys) as sealing:
            yield sealing

    def village(self) -> Village:
        """Open a ledger with a mint, Alice and Bob, on an empty database."""
        return village(self.url)

    def village_again(self) -> Ledger:
        """Open the ledger once more."""
        return Ledger.open(self.url)

    @contextmanager
    def issuer(self) -> Iterator[Issuer]:
        """Give out receipts."""
        with connect(self.url, writes=False) as database:
            yield Issuer(database, self.logs, self.keys.salts, self.keys.people)

    def differences(self) -> list[str]:
        """Hold the database against the logs; give what differs."""
        with connect(self.url, writes=False) as database:
            auditor = Auditor(database, self.logs, self.keys.salts, self.keys.people)
            found = [auditor.transfers(_silent), auditor.records(_silent)]
        return [one.difference for one in found if one.difference]

    @contextmanager
    def people(self, ledger: Ledger) -> Iterator[People]:
        """Keep people through this ledger's writer."""
        with connect(self.url, writes=False) as database:
            yield People(ledger, database, self.keys.people, SystemClock())


def _silent(done: int, total: int) -> None:
    assert done <= total


def register(people: People, number: int) -> PersonId:
    """Register somebody."""
    contact = parse_contact(f"person-{number}@example.org")
    person = PersonId(new_id())
    return people.register(NewPerson(id=person, name=f"Person {number}", contact=contact))


def pay_often(v: Village, count: int) -> None:
    """Have Alice pay Bob so many times, one minor unit each."""
    v.fund(v.alice, count)
    v.ledger.post_each([pay(v.alice, v.bob, 1) for _ in range(count)])
