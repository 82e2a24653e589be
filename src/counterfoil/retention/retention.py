"""The run: what is past its limit goes, once a day, in batches, on record.

A run belongs to a day of the operator's and compares with that day's beginning, whatever the clock
says while it works. It is begun by a row, each batch is one commit with its count, and it ends with a
record; a kill leaves a run that has been begun, and the next call goes on with it. Asked again on the
same day, the day's run is the answer.

A clock that goes back is refused, as by everything that records. One that has jumped ahead would
delete what is not due, for good: when more days have passed since the last run than is plausible, a
human says that they really have (`after_gap`).
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from counterfoil.consent import Regime, SubjectId
from counterfoil.consent.limits import APPLICATION, LIMITS, NO_BASIS, Limit, cutoff
from counterfoil.consent.model import FOREVER_US
from counterfoil.kernel.clock import Clock, from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database, Writes
from counterfoil.kernel.i18n import _
from counterfoil.people.records import Json, Recorder, record_row
from counterfoil.retention import departed, duties, store
from counterfoil.retention.departed import Departed
from counterfoil.retention.errors import ClockJumped
from counterfoil.retention.model import PAYMENTS, PERSONS, RECORDS, Gone, Kept, Plan, Run
from counterfoil.rights import PersonRights
from counterfoil.wallet.day import Calendar

BATCH_ROWS: Final = 1000
EVERYTHING: Final = 1 << 62
GAP_DAYS_MAX: Final = 31
"""Longer than any holiday without a run; shorter than any limit that is counted in months."""


class Retention:
    """Keeps to every limit. `database` is a reading connection that one thread uses at a time.

    `forget_accounts` is told whose halves can no longer be opened (`sealing.forget_accounts`).
    """

    def __init__(
        self,
        writes: Writes,
        database: Database,
        rights: PersonRights,
        calendar: Calendar,
        clock: Clock,
        *,
        regime: Regime = Regime.GDPR,
        forget_accounts: Callable[[Sequence[int]], None] = lambda _accounts: None,
        batch_rows: int = BATCH_ROWS,
    ) -> None:
        self._database, self._rights, self._calendar = database, rights, calendar
        self._recorder = Recorder(writes, database, clock)
        self._regime, self._forget_accounts = regime, forget_accounts
        self._batch_rows = batch_rows

    def plan(self) -> Plan:
        """Tell what a run would delete now, and what is kept because of what; nothing is changed.

        Raises:
            ClockWentBack: the clock is earlier than the last record.

        """
        now_us = self._recorder.now_us()
        today = self._calendar.day_of(from_us(now_us))
        found = {
            limit.code: store.count_past(
                self._database, limit, self._cutoff(limit, today), now_us, EVERYTHING
            )
            for limit in LIMITS
        }
        found[PERSONS] = sum(1 for _person in self._to_erase(today, now_us))
        found[PAYMENTS] = found[RECORDS] = 0
        for one in self._departed(today):
            tied = departed.accounts_kept(self._database, one)
            if self._is_past(one.payments_until, today):
                found[PAYMENTS] += len(tied)
                tied = []
            if self._is_past(one.records_until, today):
                found[RECORDS] += departed.forgetting_rows(
                    self._database, one, EVERYTHING, is_tied=bool(tied)
                )[1]
        gone = tuple(store.gone(what, count) for what, count in found.items() if count)
        return Plan(today, gone, tuple(self._kept(today, now_us)))

    def run(self, *, after_gap: bool = False) -> Run:
        """Delete what is past its limit today; give today's run, also when it was done before.

        Raises:
            ClockJumped: too long after the last run; say `after_gap` when the clock is right.
            ClockWentBack: the clock is earlier than the last record.
            StoreUnavailable: it is not known how far it came; the next call goes on.

        """
        latest = self._latest()
        if latest is not None and latest.finished_at is None:
            latest = self._carried_out(latest)
        today = self._calendar.day_of(from_us(self._recorder.now_us()))
        if latest is not None and latest.day >= today:
            return latest
        if latest is not None and (today - latest.day).days > GAP_DAYS_MAX and not after_gap:
            raise ClockJumped(
                _("The last run was on {last}, and the clock says {today}. Nothing was deleted. If "
                  "the clock is right, run it with --after-gap.", last=latest.day, today=today),
                last=latest.day, today=today,
            )  # fmt: skip
        return self._carried_out(self._begun(today))

    def history(self, most: int = 30) -> list[Run]:
        """List the latest runs, the last one first."""
        return store.runs(self._database, most)

    def _latest(self) -> Run | None:
        return next(iter(store.runs(self._database, 1)), None)

    def _begun(self, today: date) -> Run:
        def attempt(at_us: int) -> Sequence[AttachedRow]:
            latest = self._latest()
            if latest is not None and latest.day >= today:
                return ()
            return (store.beginning_row(latest.number + 1 if latest else 1, today, at_us),)

        self._recorder.commit(attempt)
        begun = self._latest()
        assert begun is not None
        return begun

    def _carried_out(self, run: Run) -> Run:
        if run.finished_at is None:
            # Who is erased first leaves fewer rows for the limits.
            self._erase_idle(run)
            for limit in LIMITS:
                self._sweep(run, limit)
            for one in self._departed(run.day):
                self._part_with(run, one)
            self._finish(run)
        done = self._latest()
        assert done is not None
        return done

    def _sweep(self, run: Run, limit: Limit) -> None:
        cutoff_us, found = self._cutoff(limit, run.day), 0

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            nonlocal found
            batch = self._batch_rows
            found = store.count_past(self._database, limit, cutoff_us, at_us, batch)
            if not found:
                return ()
            return (
                store.deleting_row(limit, cutoff_us, at_us, batch, found),
                store.counting_row(run.number, limit.code, found),
            )

        self._recorder.commit(attempt)
        while found == self._batch_rows:
            self._recorder.commit(attempt)

    def _erase_idle(self, run: Run) -> None:
        for person in list(self._to_erase(run.day, self._recorder.now_us())):
            self._rights.erasures.erase(
                person, by="retention", regime=self._regime,
                beside=(store.counting_row(run.number, PERSONS, 1),),
            )  # fmt: skip

    def _part_with(self, run: Run, one: Departed) -> None:
        tied = departed.accounts_kept(self._database, one)
        if tied and self._is_past(one.payments_until, run.day):
            self._recorder.commit(
                lambda _at: (
                    *departed.untying_rows(self._database, one, tied),
                    store.counting_row(run.number, PAYMENTS, len(tied)),
                )
            )
            self._forget_accounts(tied)
            tied = []
        if not self._is_past(one.records_until, run.day):
            return
        while self._forget_some(run, one, is_tied=bool(tied)):
            pass
        if not tied:
            self._recorder.commit(lambda _at: departed.parting_rows(one.person))

    def _forget_some(self, run: Run, one: Departed, *, is_tied: bool) -> int:
        found = 0

        def attempt(_at_us: int) -> Sequence[AttachedRow]:
            nonlocal found
            rows, found = departed.forgetting_rows(
                self._database, one, self._batch_rows, is_tied=is_tied
            )
            return (*rows, store.counting_row(run.number, RECORDS, found)) if found else ()

        self._recorder.commit(attempt)
        return found

    def _finish(self, run: Run) -> None:
        def attempt(at_us: int) -> Sequence[AttachedRow]:
            counted = next(one for one in store.runs(self._database, 1) if one.number == run.number)
            content: dict[str, Json] = {
                "run": run.number,
                "day": run.day.isoformat(),
                "deleted": [_gone(one) for one in counted.gone],
                "kept": [
                    {"what": one.what, "reason": one.reason, "count": one.count}
                    for one in self._kept(run.day, at_us)
                ],
            }
            return (
                store.finishing_row(run.number, at_us),
                record_row("retention-run", None, at_us, content),
            )

        self._recorder.commit(attempt)

    def _to_erase(self, today: date, now_us: int) -> Iterator[SubjectId]:
        for person in self._idle(today, now_us):
            if not self._rights.erasures.obstacles_of(person):
                yield person

    def _idle(self, today: date, now_us: int) -> list[SubjectId]:
        before_us = to_us(self._calendar.start_of(cutoff(NO_BASIS, today)))
        found = self._database.query(duties.idle(before_us, now_us))
        return [SubjectId(UUID(bytes=row["id"])) for row in found.to_pylist()]

    def _kept(self, today: date, now_us: int) -> Iterator[Kept]:
        """Count what is not deleted although its purpose is over, by what keeps it."""
        waiting = sum(
            bool(self._rights.erasures.obstacles_of(one)) for one in self._idle(today, now_us)
        )
        if waiting:
            yield Kept(PERSONS, "open money", waiting)
        yield from duties.facts_kept(self._database, now_us)
        by_article: dict[tuple[str, str], int] = {}
        for one in departed.departed(self._database, FOREVER_US):
            for what, until, article in (
                (PAYMENTS, one.payments_until, one.payments_article),
                (RECORDS, one.records_until, one.records_article),
            ):
                if not self._is_past(until, today):
                    by_article[what, article] = by_article.get((what, article), 0) + 1
        yield from (Kept(what, article, n) for (what, article), n in sorted(by_article.items()))

    def _departed(self, today: date) -> Iterator[Departed]:
        """Yield the erased of whom the shortest keeping duty may have ended."""
        before_us = to_us(self._calendar.start_of(cutoff(APPLICATION, today)))
        return departed.departed(self._database, before_us)

    def _cutoff(self, limit: Limit, today: date) -> int:
        return to_us(self._calendar.start_of(cutoff(limit.period, today)))

    def _is_past(self, until: datetime, today: date) -> bool:
        return self._calendar.day_of(until) < today


def _gone(one: Gone) -> Json:
    return {"what": one.what, "table": one.table, "article": one.article, "count": one.count}
