"""What strikes a worker: each fault is a function that works one round up to the last death.

A fault gets a `Round`, starts workers on its ledger, strikes at instants that chance chooses, and
returns once every worker is dead. Whether anything was lost is checked after it, the same for all.
"""

import contextlib
import random
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Final
from uuid import uuid4

import psycopg

from counterfoil.kernel.database import DatabaseURL
from tools.local_postgres import LocalPostgres
from tools.soak import words
from tools.soak.books import Books
from tools.soak.disk import Skipped, SmallDisk, small_disk
from tools.soak.watch import Stuck, Watched, Worker

_SQLITE_DISK_MB: Final = 64
_POSTGRES_DISK_MB: Final = 400
_ROOM_LEFT_BYTES: Final = 1 << 20

_CUT_EVERYONE: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@dataclass(slots=True)
class Site:
    """A ledger under soak, with the books that are kept of it."""

    url: str
    books: Books = field(default_factory=Books)


@dataclass(slots=True)
class Round:
    """What a fault has at hand."""

    context: ForkServerContext
    worker: Worker
    chance: random.Random
    seed: str
    load_s: float
    """How long the load may go on before the fault strikes."""
    folder: Path
    site: Site
    postgres: LocalPostgres | None
    workers: list[Watched] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """What a worker did not do that it had to do."""

    def act(self, act: "Callable[[Round], None]") -> None:
        """Do what strikes; whatever becomes of it, every worker is dead at its end."""
        try:
            act(self)
        except Stuck as stuck:
            self.complaints.append(str(stuck))
        finally:
            for worker in self.workers:
                worker.kill()

    def start(self, *, is_patient: bool = False, snapshot_every: int | None = None) -> Watched:
        """Start a worker on the round's ledger."""
        orders = words.Orders(
            url=self.site.url,
            seed=f"{self.seed}/{len(self.workers)}",
            snapshot_every=snapshot_every or self.chance.choice((5_000, 1 << 20)),
            marks_max=self.chance.choice((2, 64, 4096)),
            is_patient=is_patient,
        )
        self.workers.append(Watched(self.context, self.worker, orders))
        return self.workers[-1]

    def start_working(self) -> Watched:
        """Start a worker, and wait until it works."""
        worker = self.start()
        worker.wait_until_it_works()
        return worker

    def wait(self, until_s: float | None = None) -> None:
        """Let a random time go by."""
        time.sleep(self.chance.uniform(0, self.load_s if until_s is None else until_s))

    def take_fresh_site(self, folder: Path | None = None) -> None:
        """Work on an empty database of its own in this round."""
        name = f"fresh_{uuid4().hex}"
        if self.postgres is not None:
            self.site = Site(self.postgres.new_database(name))
        else:
            self.site = Site(f"sqlite:///{folder or self.folder}/{name}.db")

    @property
    def server(self) -> LocalPostgres:
        """The PostgreSQL server of the round's ledger."""
        assert self.postgres is not None
        return self.postgres


Fault = Callable[[Round], contextlib.AbstractContextManager[None]]
"""Entered, it works the round up to the last death; what it set up lasts until it is left."""


def _fault(act: Callable[[Round], None]) -> Fault:
    @contextlib.contextmanager
    def fault(round_: Round) -> Iterator[None]:
        round_.act(act)
        yield

    return fault


def kill_under_load(round_: Round) -> None:
    """The worker is killed while it works."""
    worker = round_.start_working()
    round_.wait()
    worker.kill()


def kill_while_opening(round_: Round) -> None:
    """The worker is killed while it opens the ledger, or has only just begun to work."""
    for _ in range(3):
        worker = round_.start()
        round_.wait(0.25)
        worker.kill()


def kill_while_creating(round_: Round) -> None:
    """The worker is killed while it makes the tables of a new ledger."""
    round_.take_fresh_site()
    for _ in range(3):
        worker = round_.start()
        round_.wait(0.4)
        worker.kill()


def kill_while_saving(round_: Round) -> None:
    """The worker is killed while it saves snapshots and marks without end."""
    worker = round_.start(snapshot_every=100)
    worker.wait_until_it_works()
    round_.wait()
    worker.kill()


def kill_competing_openers(round_: Round) -> None:
    """Two processes want one ledger; whoever has it is killed, then the other."""
    both = [round_.start(is_patient=True), round_.start(is_patient=True)]
    round_.wait(0.3)
    while not any(worker.has_opened for worker in both):
        time.sleep(0.001)
    round_.wait(0.5)
    if all(worker.has_opened for worker in both):
        raise Stuck("two processes have one ledger open for writing")
    first, second = both if both[0].has_opened else reversed(both)
    first.kill()
    second.wait_until_it_works()
    round_.wait(0.5)
    second.kill()
    dying = [round_.start(is_patient=True), round_.start(is_patient=True)]
    round_.wait(0.3)
    for worker in dying:
        worker.kill()


def freeze_while_another_opens(round_: Round) -> None:
    """A worker that stands still keeps its ledger; it goes on as if nothing had been."""
    frozen = round_.start_working()
    round_.wait(0.5)
    frozen.freeze()
    another = round_.start()
    another.wait_for_end()
    if another.has_opened or not any(isinstance(word, words.InUse) for word in another.said):
        raise Stuck(f"a second writer was not refused by name: {another.said!r:.500}")
    frozen.thaw()
    frozen.wait_until_it_works()
    round_.wait(0.3)
    frozen.kill()


def limit_file_size(round_: Round) -> None:
    """No file may grow any more, as on a full disk; then it may again, and the same worker goes on.

    RLIMIT_FSIZE with SIGXFSZ ignored makes every write past the limit fail (setrlimit(2)).
    """
    if not hasattr(resource, "prlimit"):
        raise Skipped("another process's limits can be set only on Linux")
    round_.take_fresh_site()
    worker = round_.start_working()
    round_.wait(0.5)
    path = DatabaseURL(round_.site.url).path
    largest = max(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))
    limit = largest + round_.chance.randrange(_ROOM_LEFT_BYTES)
    soft, hard = resource.prlimit(worker.pid, resource.RLIMIT_FSIZE)
    said = len(worker.said)
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (limit, hard))
    worker.wait_for(words.Unknown, count=5, after=said)
    round_.wait(0.5)
    if round_.chance.random() < 0.7:
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (soft, hard))
        worker.wait_until_it_works()
        round_.wait(0.3)
    worker.kill()


@contextlib.contextmanager
def fill_the_disk(round_: Round) -> Iterator[None]:
    """The disk fills up under load; then there is space again, and the same worker goes on."""
    on_postgres = round_.postgres is not None
    with contextlib.ExitStack() as stack:
        disk = stack.enter_context(
            small_disk(_POSTGRES_DISK_MB if on_postgres else _SQLITE_DISK_MB)
        )
        if on_postgres:
            round_.postgres = stack.enter_context(LocalPostgres(under=disk.folder))
        round_.take_fresh_site(disk.folder)
        round_.act(lambda round_: _fill_and_empty(round_, disk))
        yield


def _fill_and_empty(round_: Round, disk: SmallDisk) -> None:
    worker = round_.start_working()
    round_.wait(0.5)
    said = len(worker.said)
    disk.fill()
    worker.wait_for(words.Unknown, count=5, after=said)
    round_.wait(0.5)
    goes_on = round_.chance.random() < 0.7
    if not goes_on:
        worker.kill()
    disk.make_space()
    if round_.postgres is not None:
        _start_if_down(round_.postgres)
    if goes_on:
        worker.wait_until_it_works()
        round_.wait(0.3)
        worker.kill()


def _start_if_down(server: LocalPostgres) -> None:
    """PostgreSQL ends itself when it cannot write its log; it may also be recovering by itself."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not (server.folder / "data" / "postmaster.pid").exists():
            server.start()
            return
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(server.url).close()
            return
        time.sleep(0.1)
    raise Stuck("PostgreSQL does not come back although there is space again")


def stop_postgres(round_: Round) -> None:
    """PostgreSQL goes down as by a power cut and comes back; the same worker goes on."""
    worker = round_.start_working()
    for _ in range(2):
        round_.wait(0.7)
        round_.server.stop("immediate")
        round_.wait(0.3)
        round_.server.start()
        worker.wait_until_it_works()
    round_.wait(0.3)
    worker.kill()


def kill_during_outage(round_: Round) -> None:
    """PostgreSQL goes down as by a power cut, and the worker is killed while it is down."""
    worker = round_.start_working()
    round_.wait()
    round_.server.stop("immediate")
    round_.wait(0.2)
    worker.kill()
    round_.server.start()


def cut_connections(round_: Round) -> None:
    """The server cuts all connections, again and again, also in a commit; the worker goes on."""
    worker = round_.start_working()
    for _ in range(5):
        round_.wait(0.3)
        with psycopg.connect(round_.site.url, autocommit=True) as connection:
            connection.execute(_CUT_EVERYONE)
        worker.wait_until_it_works()
    worker.kill()


ON_BOTH: Final[dict[str, Fault]] = {
    "kill under load": _fault(kill_under_load),
    "kill while opening": _fault(kill_while_opening),
    "kill while creating": _fault(kill_while_creating),
    "kill while saving": _fault(kill_while_saving),
    "kill competing openers": _fault(kill_competing_openers),
    "freeze while another opens": _fault(freeze_while_another_opens),
    "full disk": fill_the_disk,
}
FAULTS: Final[dict[str, dict[str, Fault]]] = {
    "sqlite": ON_BOTH | {"file size limit": _fault(limit_file_size)},
    "postgresql": ON_BOTH
    | {
        "stop immediate": _fault(stop_postgres),
        "kill during outage": _fault(kill_during_outage),
        "cut connections": _fault(cut_connections),
    },
}
"""Every fault by its name, for each store."""
