"""Told until heard, and nobody waits for somebody else."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from counterfoil.courier import Courier, Delivery, Guard, Outcome, State, store
from counterfoil.kernel.clock import ManualClock, from_us
from counterfoil.kernel.database import connect
from counterfoil.ledger import Ledger
from tests.courier.world import Numbers, numbered, says, shop, wait_until

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
OPENED = Guard.opened(["127.0.0.0/8"])


class World:
    """One database, one clock, and couriers that come and go."""

    def __init__(self, url: str, ledger: Ledger, clock: ManualClock) -> None:
        self.url, self.ledger, self.clock = url, ledger, clock

    @property
    def now(self) -> datetime:
        """Tell the clock's time."""
        return from_us(self.clock.now_us())

    def courier(
        self, channel: Numbers, *, guard: Guard = OPENED, ms: int = 5000, again: Path | None = None
    ) -> Courier:
        """Make a courier with one channel."""
        return Courier(
            self.ledger, self.url, [channel], guard, self.clock, asked_again=again, attempt_ms=ms
        )

    def delivery(self, place: int = 1) -> Delivery | None:
        """Read the delivery of an event."""
        with connect(self.url, writes=False) as database:
            return store.delivery(database, numbered(place))

    def wait_for(self, place: int = 1, **expected: object) -> Delivery:
        """Wait until a delivery stands so."""

        def stands_so() -> bool:
            found = self.delivery(place)
            return found is not None and all(
                getattr(found, name) == value for name, value in expected.items()
            )

        wait_until(stands_so)
        found = self.delivery(place)
        assert found is not None
        return found


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    clock = ManualClock(NOON)
    with Ledger.open(database_url, clock=clock) as ledger:
        yield World(database_url, ledger, clock)


def test_an_event_is_told_once_when_it_is_heard(world: World) -> None:
    """What was acknowledged is not told again, also not after a restart."""
    with shop(says(b"success")) as alice:
        with world.courier(Numbers(alice.url)):
            found = world.wait_for(state=State.DELIVERED)
        assert (found.attempts, found.outcome, found.status) == (1, Outcome.ACKNOWLEDGED, 200)
        assert found.next_at is None
        with world.courier(Numbers(alice.url, alice.url)):
            world.wait_for(2, state=State.DELIVERED)
        assert alice.told == [f"id={numbered(k)}&event={k}".encode() for k in (1, 2)]


def test_it_is_told_again_in_the_gaps_of_the_schedule_by_the_same_id(world: World) -> None:
    """An answer that is not exactly `success` is none; after the last gap it is given up."""
    gaps = Numbers.gaps
    with shop(says(b"fail")) as alice, world.courier(Numbers(alice.url)):
        for attempts, gap in enumerate(gaps, 1):
            found = world.wait_for(attempts=attempts)
            assert found.next_at == world.now + gap
            world.clock.advance(gap - timedelta(microseconds=1))
            assert world.delivery() == found
            world.clock.advance(timedelta(microseconds=1))
        found = world.wait_for(state=State.GIVEN_UP)
        assert (found.attempts, found.next_at) == (4, None)
        assert alice.told == [alice.told[0]] * 4


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"success\n", 200), (b"SUCCESS", 200), (b"", 200), (b"success", 201), (b"success", 500),
     (b"success", 302), (b"success", 307), (b"a" * 100_000, 200)],
)  # fmt: skip
def test_only_the_exact_word_is_an_acknowledgement(world: World, body: bytes, status: int) -> None:
    """No redirect is followed, and a page of errors is not read to its end."""
    with shop(says(body, status)) as alice, world.courier(Numbers(alice.url)):
        found = world.wait_for(attempts=1)
        assert (found.state, found.status) == (State.WAITING, status)
        assert len(alice.told) == 1


def test_a_restart_goes_on_where_it_was(world: World) -> None:
    """What is not done is in the database, with the attempts that were made."""
    with shop(says(b"fail")) as alice:
        with world.courier(Numbers(alice.url)):
            world.wait_for(attempts=1)
        world.clock.advance(timedelta(minutes=4))
        with world.courier(Numbers(alice.url)):
            world.wait_for(attempts=2)
        assert len(alice.told) == 2


def test_an_address_that_hangs_does_not_stop_the_others(world: World) -> None:
    """However many of its deliveries wait, everybody else's go out meanwhile."""
    released = threading.Event()

    def hang(request: BaseHTTPRequestHandler, number: int) -> None:
        released.wait(20)

    with shop(hang) as mallory, shop(says(b"success"), "127.0.0.2") as alice:
        channel = Numbers(*[mallory.url] * 200, *[alice.url] * 20)
        with world.courier(channel, ms=8000):
            alice.wait_for(20)
            world.wait_for(220, state=State.DELIVERED)
            assert len(mallory.told) <= 8
            released.set()


def test_a_hanging_address_is_let_go_after_a_while(world: World) -> None:
    """An attempt has an end, from the look-up of the name to the last byte of the reply."""
    released = threading.Event()

    def drip(request: BaseHTTPRequestHandler, number: int) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "7")
        request.end_headers()
        while not released.wait(0.05):
            request.wfile.flush()

    with shop(drip) as mallory, world.courier(Numbers(mallory.url), ms=200):
        found = world.wait_for(attempts=1)
        released.set()
    assert (found.outcome, found.state) == (Outcome.TIMED_OUT, State.WAITING)


@pytest.mark.parametrize(
    ("url", "outcome"),
    [("http://127.0.0.1:9/told", Outcome.FORBIDDEN), ("http://localhost:9/told", Outcome.FORBIDDEN),
     ("http://[::ffff:127.0.0.1]:9/", Outcome.FORBIDDEN), ("nonsense", Outcome.FORBIDDEN),
     ("http://nobody.invalid/told", Outcome.UNREACHABLE)],
)  # fmt: skip
def test_where_it_may_not_or_cannot_go_is_on_record(
    world: World, url: str, outcome: Outcome
) -> None:
    """The merchant sees why nothing came."""
    with world.courier(Numbers(url), guard=Guard()):
        assert world.wait_for(attempts=1).outcome is outcome


def test_a_name_that_leads_inside_is_not_connected_to(world: World) -> None:
    """The check is made on the very address that is connected to."""
    with shop(says(b"success")) as alice:
        inside = alice.url.replace("127.0.0.1", "localhost.localdomain")
        guard = Guard.opened([])
        with world.courier(Numbers(inside), guard=guard):
            assert world.wait_for(attempts=1).outcome in {Outcome.FORBIDDEN, Outcome.UNREACHABLE}
        assert alice.told == []


def test_a_delivery_can_be_asked_for_again(world: World, tmp_path: Path) -> None:
    """Who has lost it gets it once more, by the same id, from whichever process asks."""
    again = tmp_path / "again"
    again.mkdir()
    with shop(says(b"success")) as alice, world.courier(Numbers(alice.url), again=again):
        world.wait_for(state=State.DELIVERED)
        (again / str(numbered(1))).touch()
        (again / "nonsense").touch()
        alice.wait_for(2)
        world.wait_for(attempts=2, state=State.DELIVERED)
        assert list(again.iterdir()) == []
        assert len(set(alice.told)) == 1


def test_events_that_are_told_to_nobody_are_passed_over(world: World) -> None:
    """Most events have no address; the place moves on all the same."""
    with shop(says(b"success")) as alice, world.courier(Numbers("", "", alice.url)):
        world.wait_for(3, state=State.DELIVERED)
        assert world.delivery(1) is None


def test_deliveries_are_listed_newest_first(world: World) -> None:
    """The operator looks at what was told, and at what was not."""
    with shop(says(b"success")) as alice, world.courier(Numbers(alice.url, "http://127.0.0.1:9/")):
        world.wait_for(1, state=State.DELIVERED)
        world.wait_for(2, attempts=1)
    with connect(world.url, writes=False) as database:
        both = store.latest(database, None, 10)
        waiting = store.latest(database, State.WAITING, 10)
        assert [one.event for one in both] == [2, 1]
        assert [one.event for one in waiting] == [2]
        assert store.backlog(database) == 1
