"""An operator's rooms, opened together and closed in the opposite order.

    with Site.open("sqlite:///bank.db", Path("site"), origin="bank.example") as site:
        site.ledger.post(…)

`Site` writes: there is one for a database. `SiteReader` reads beside it, from any process.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from counterfoil.bank import Bank
from counterfoil.bootstrap.daily import Daily, Task
from counterfoil.bootstrap.folder import OriginMissing, SiteFolder
from counterfoil.breach import Breaches
from counterfoil.consent import Consent, PeopleReaders, Wall
from counterfoil.evidence import Evidence
from counterfoil.evidence.evidence import Sources
from counterfoil.history import Copies, History
from counterfoil.kernel.clock import Clock, SystemClock
from counterfoil.kernel.database import Database, connect
from counterfoil.kernel.errors import StoreUnavailable
from counterfoil.kernel.i18n import _
from counterfoil.kernel.shared import SharedReader
from counterfoil.ledger import Ledger
from counterfoil.pay import Pay, PayRooms, Settling
from counterfoil.people import People
from counterfoil.receipts import seal
from counterfoil.receipts.log import Cosigner
from counterfoil.retention import Retention
from counterfoil.rights import PersonRights
from counterfoil.rights.export import Exports, Proving
from counterfoil.score.answers import Answers
from counterfoil.score.live import LiveScores
from counterfoil.score.registry import Registry
from counterfoil.score.score_store import erasing_rows
from counterfoil.score.scores import Scores
from counterfoil.score.watching import Watching
from counterfoil.sealing import Auditor, Issuer, Sealing
from counterfoil.wallet import Banking, Requests, Rooms, Wallets

_SEALED_WITHIN_MS: Final = 10_000
"""How long an export waits for its last row to be sealed; sealing is a second behind at most."""


class Site:
    """Everything of one operator: the ledger, people, consent, history, wallets, pay, and the sealing.

    Its rooms may be called from several threads. Whoever serves for days asks `daily` now and then,
    and what is to be done each day is done.
    """

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        origin: str | None,
        cosigners: Sequence[Cosigner],
        clock: Clock,
    ) -> None:
        self.url = url
        self.place = place = SiteFolder(folder)
        self._clock = clock
        self.keys = place.keys(origin)
        with ExitStack() as undo:
            self.ledger = undo.enter_context(Ledger.open(url, clock=clock))
            self.database = database = undo.enter_context(SharedReader(url))
            wall = Wall.connect(url)
            undo.callback(wall.close)
            self.people = People(self.ledger, database, self.keys.people, clock)
            self.consent = Consent(self.ledger, database, wall, self.people, clock)
            self.rights = PersonRights(
                self.ledger, database, self.people, self.consent, clock,
                erasing=[partial(erasing_rows, database)],
            )  # fmt: skip
            self.readers = PeopleReaders(self.keys.people)
            self.history = History(self.ledger)
            self.copies = Copies(
                place.copies, self.consent, self.history, self.ledger, database, clock
            )
            rooms = Rooms(self.ledger, self.people, self.consent.gate, self.history, clock)
            self.wallets = undo.enter_context(Wallets(rooms, url))
            self._open_payments(undo, rooms)
            self.issuer = Issuer(database, place.logs, self.keys.salts, self.keys.people)
            self.sealing = undo.enter_context(
                Sealing.open(self.ledger, url, place.logs, self.keys, cosigners)
            )
            self.models = Registry(
                place.models, place.model_key(origin), self.ledger, database, clock
            )
            self.scores = Scores(
                self.models, self.consent, self.history, self.rights, self.ledger, database, clock
            )
            self.watching = Watching(self.models, database, clock, place.models)
            self._keep_to_limits(database, clock)
            self.exports = Exports(
                self.ledger, database, self.people, self.consent, self.readers, self.history,
                Proving(
                    issuer=self.issuer,
                    transfers=self.keys.transfers,
                    records=self.keys.records,
                    in_step=self._in_step,
                ),
                clock,
                more=[self.scores.own_files],
            )  # fmt: skip
            self.answers = Answers(self.consent, self.ledger, database, clock)
            self.live_scores = LiveScores(self.scores, self.consent, self.ledger, database, clock)
            self._close = undo.pop_all()

    def _keep_to_limits(self, database: Database, clock: Clock) -> None:
        """Open what runs by itself every day, and what a leak is told with."""
        self.retention = Retention(
            self.ledger, database, self.rights, self.wallets.calendar, clock,
            forget_accounts=self.sealing.forget_accounts,
        )  # fmt: skip
        self.breaches = Breaches(self.ledger, database, clock)
        self.daily = Daily(
            [
                Task("copies", self.copies.refresh_due),
                Task("erasures", self.rights.erasures.finish_due),
                Task("reminders", self.rights.notices.remind),
                Task("retention", self.retention.run),
                Task("scores", self.watching.look),
            ],
            lambda: self.wallets.calendar,
            clock,
        )

    def warm_up(self) -> None:
        """Compile what posts and what seals now (once for each machine, some seconds)."""
        self.ledger.warm_up()
        seal.warm_up()

    def evidence(self) -> Evidence:
        """Give what packs evidence, once everything that is in the database is sealed.

        Raises:
            StoreUnavailable: sealing has not come to the end in time; ask again.

        """
        if not self._in_step(self.ledger.seq, self._record_count()):
            raise StoreUnavailable(_("The log is not in step with the database; ask again."))
        sources = Sources(
            database=self.database,
            consent=self.consent,
            retention=self.retention,
            breaches=self.breaches,
            issuer=self.issuer,
            logs=self.place.logs,
            models=self.place.models,
            signers=self.keys.records,
        )
        return Evidence(sources, self._clock)

    def _record_count(self) -> int:
        found = self.database.query("SELECT coalesce(max(number), 0) AS n FROM records")
        return int(found.column(0)[0].as_py())

    def _open_payments(self, undo: ExitStack, rooms: Rooms) -> None:
        """Open what moves money beyond wallets: the bank, requests, merchants, settlement."""
        url, keys, clock = self.url, self.keys.people, rooms.clock
        self.bank = undo.enter_context(Bank(self.ledger, keys, url, clock))
        self.banking = Banking(rooms, self.wallets, self.bank, self.consent, self.readers, url)
        undo.callback(self.banking.close)
        self.requests = Requests(rooms, self.wallets, keys, self.readers, url)
        undo.callback(self.requests.close)
        below = PayRooms(self.ledger, self.consent.gate, self.wallets, keys, clock)
        self.pay = undo.enter_context(Pay(below, url))
        self.settling = Settling(self.ledger, self.wallets, self.bank, keys, clock, url)
        undo.callback(self.settling.close)

    def _in_step(self, transfers: int, records: int) -> bool:
        return self.sealing.wait_for(
            transfers=transfers, records=records, timeout_ms=_SEALED_WITHIN_MS
        )

    @classmethod
    def open(
        cls,
        url: str,
        folder: Path,
        *,
        origin: str | None = None,
        cosigners: Sequence[Cosigner] = (),
        clock: Clock | None = None,
    ) -> Self:
        """Open everything for writing; what is written is sealed from then on.

        Raises:
            OriginMissing: the folder is new, and its logs have no name.
            LedgerInUse: another process writes to the database.
            CounterfoilError: a room cannot be opened, and says why.

        """
        return cls(url, folder, origin=origin, cosigners=cosigners, clock=clock or SystemClock())

    def close(self) -> None:
        """Seal what is there, and close everything."""
        self._close.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class SiteReader:
    """Receipts and comparisons of one operator, read beside whoever writes."""

    def __init__(self, url: str, folder: Path) -> None:
        """Open the database and the keys.

        Raises:
            OriginMissing: nothing has been sealed from this folder yet.
            StoreUnavailable: the database cannot be read.

        """
        place = SiteFolder(folder)
        keys = place.keys(None)
        self._database = connect(url, writes=False)
        given = self._database, place.logs, keys.salts, keys.people
        self.issuer, self.auditor = Issuer(*given), Auditor(*given)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()


__all__ = ["OriginMissing", "Site", "SiteReader"]
