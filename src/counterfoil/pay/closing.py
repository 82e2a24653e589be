"""What happens by itself: orders time out, holds and agreements end, paid orders become final.

Nothing here is needed for an answer to be right: what has timed out is refused by its time, whether
or not this has run. It writes what has come about, gives limits back, and tells whoever wants to know.
A server runs it every few seconds and a command once; running it twice does nothing twice.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from counterfoil.kernel.clock import to_us
from counterfoil.kernel.database import AttachedRow
from counterfoil.ledger import Ledger, ReadingConnection
from counterfoil.pay import order_store as store
from counterfoil.pay.commit import Change, Commits, Known
from counterfoil.pay.event import EventKind, events_where
from counterfoil.pay.order import ClosedBy, Order, OrderId, OrderState
from counterfoil.pay.orders import Orders, closing, created_event
from counterfoil.pay.settings import FINISHED_THROUGH, OperatorTerms, setting, setting_row

BATCH: Final = 500
DueWork = Callable[[datetime, int], int]
"""Do what is due at an instant, at most so many, and tell how many."""


@dataclass(frozen=True, slots=True)
class Done:
    """What one run has brought about."""

    orders_closed: int
    orders_finished: int
    holds_ended: int
    agreements_ended: int

    @property
    def count(self) -> int:
        """How many things changed."""
        return self.orders_closed + self.orders_finished + self.holds_ended + self.agreements_ended


class Closing:
    """Brings about what time does."""

    def __init__(
        self,
        commits: Commits,
        ledger: Ledger,
        reading: ReadingConnection,
        orders: Orders,
        terms: OperatorTerms,
        holds: DueWork,
        agreements: DueWork,
    ) -> None:
        self._commits = commits
        self._ledger = ledger
        self._reading = reading
        self._orders = orders
        self._holds = holds
        self._agreements = agreements
        self.terms = terms

    def run_due(self) -> Done:
        """Do all that is due now.

        Raises:
            StoreUnavailable: some of it was not done; run it again.

        """
        now = self._commits.now()
        self._ledger.release_due()
        return Done(
            orders_closed=_until_done(self._close, now),
            orders_finished=self._finish(now),
            holds_ended=_until_done(self._holds, now),
            agreements_ended=_until_done(self._agreements, now),
        )

    def _close(self, now: datetime, limit: int) -> int:
        with self._reading.lend() as database:
            due = store.orders_where(
                database,
                "state = 'created' AND expires_at <= $1 ORDER BY expires_at LIMIT $2",
                (to_us(now), limit),
            )
        return wait_for(self._commits.submit(_timing_out(self._orders, one.id)) for one in due)

    def _finish(self, now: datetime) -> int:
        """Look at payments in the order in which they were made, up to those of one period ago."""
        count = 0
        while True:
            with self._reading.lend() as database:
                through = int(setting(database, FINISHED_THROUGH) or 0)
                events = events_where(
                    database,
                    "number > $1 AND number <= $2 AND at <= $3 ORDER BY number",
                    (through, through + BATCH, to_us(now - self.terms.refund_period)),
                )
                paid = [event.about for event in events if event.kind is EventKind.ORDER_PAID]
                orders = store.orders_among(database, paid) if paid else []
            if not events:
                return count
            count += wait_for(
                self._commits.submit(_finishing(self._orders, one.id))
                for one in orders
                if one.state.is_refundable
            )
            self._ledger.write(setting_row(FINISHED_THROUGH, str(events[-1].number)))


def wait_for(futures: "Iterable[Future[int]]") -> int:
    """Wait until all of what was submitted together is done, and tell how many changed."""
    return sum([future.result() for future in list(futures)])


def _until_done(work: DueWork, now: datetime) -> int:
    total = 0
    while (count := work(now, BATCH)) > 0:
        total += count
    return total


def _timing_out(
    orders: Orders,
    id: OrderId,  # noqa: A002
) -> Callable[[datetime], Change[int] | Known[int]]:
    def prepare(at: datetime) -> Change[int] | Known[int]:
        order = orders.order(id)
        if order.state is not OrderState.CREATED:
            return Known(0)
        return Change(rows=closing(order, ClosedBy.TIMEOUT, at).rows, answer=1)

    return prepare


def _finishing(
    orders: Orders,
    id: OrderId,  # noqa: A002
) -> Callable[[datetime], Change[int] | Known[int]]:
    def prepare(at: datetime) -> Change[int] | Known[int]:
        order = orders.order(id)
        if not order.state.is_refundable:
            return Known(0)
        return Change(rows=_finished(order, at), answer=1)

    return prepare


def _finished(order: Order, at: datetime) -> tuple[AttachedRow, ...]:
    return (store.finished_row(order), created_event(order, order.id, EventKind.ORDER_FINISHED, at))
