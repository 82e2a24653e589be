"""A ledger and its oracle side by side, and the commands that are drawn for both.

Ids, accounts, amounts and instants come from small pools, and what is named is mostly something
that exists: duplicates, conflicts, replays and resolved holds have to happen often.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from counterfoil.kernel.clock import ManualClock, from_us
from counterfoil.kernel.database import connect
from counterfoil.ledger import (
    AccountId,
    AccountKind,
    AccountNumber,
    AccountRefused,
    Flags,
    Ledger,
    Limit,
    NewAccount,
    Outcome,
    Posted,
    Refusal,
    Transfer,
    TransferId,
    TransferRefused,
)
from counterfoil.ledger import books as bk
from counterfoil.ledger.engine import REPLAYED
from counterfoil.ledger.request import asked_records, asked_tuple
from counterfoil.ledger.state import State
from counterfoil.ledger.writer import Answers
from counterfoil.money import Money, currency_by_code
from tests.ledger.oracle import Answer, Oracle

EUR, JPY = currency_by_code("EUR"), currency_by_code("JPY")
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
TABLES = ("accounts", "account_changes", "transfers", "resolutions", "marks", "snapshot")

_FACTOR = int(os.environ.get("COUNTERFOIL_EXAMPLES", "1"))


def examples(count: int, **more: Any) -> settings:
    """Ask for so many examples; COUNTERFOIL_EXAMPLES=50 in the environment makes it 50 times."""
    return settings(
        max_examples=count * _FACTOR,
        deadline=None,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.function_scoped_fixture,  # the database is emptied by each example
        ],
        **more,
    )


def account_id(number: int) -> AccountId:
    return AccountId(UUID(int=number << 64 | 0xACC))


def transfer_id(number: int) -> TransferId:
    return TransferId(UUID(int=number << 64 | 0x7F if number else 0))


def _new(number: int, kind: AccountKind, limit: Limit, code: str = "EUR") -> NewAccount:
    return NewAccount(
        id=account_id(number), currency=currency_by_code(code), kind=kind, limit=limit
    )


CASH, ALICE, BOB, SHOP, LOAN, LIQUIDITY, CHIYO = map(AccountNumber, range(1, 8))
ACCOUNTS = (
    _new(CASH, AccountKind.ASSET, Limit.NONE),
    _new(ALICE, AccountKind.LIABILITY, Limit.DEBITS_NOT_OVER_CREDITS),
    _new(BOB, AccountKind.LIABILITY, Limit.DEBITS_NOT_OVER_CREDITS),
    _new(SHOP, AccountKind.LIABILITY, Limit.NONE),
    _new(LOAN, AccountKind.ASSET, Limit.CREDITS_NOT_OVER_DEBITS),
    _new(LIQUIDITY, AccountKind.EQUITY, Limit.NONE, "JPY"),
    _new(CHIYO, AccountKind.LIABILITY, Limit.DEBITS_NOT_OVER_CREDITS, "JPY"),
)
NOBODY = AccountNumber(99)
REFERENCE = UUID(int=0xBEEF)

Draw = Callable[..., Any]

_small = st.integers(1, 9)
_amounts = st.one_of(_small, _small, _small, st.sampled_from([0, -1, 40, 2**62, 2**63 - 1]))
_numbers = st.one_of(
    st.sampled_from([CASH, ALICE, BOB, SHOP, LOAN]),
    st.sampled_from([CASH, ALICE, BOB, SHOP, LOAN]),
    st.sampled_from([LIQUIDITY, CHIYO, NOBODY, AccountNumber(0), AccountNumber(-1)]),
)
_pairs = st.one_of(
    st.sampled_from([(CASH, ALICE), (CASH, BOB), (ALICE, BOB), (ALICE, SHOP), (BOB, SHOP)]),
    st.sampled_from([(CASH, LOAN), (LOAN, CASH), (LIQUIDITY, CHIYO), (CHIYO, LIQUIDITY)]),
    st.tuples(_numbers, _numbers),
)
_instants = st.integers(-5, 60).map(lambda minute: START + timedelta(minutes=minute))
_kinds = st.sampled_from(
    ["plain"] * 4 + ["hold"] * 4 + ["post"] * 3 + ["void"] * 2 + ["correction"] * 2
    + ["balancing"] * 2 + ["imported", "mess", "again", "again"]
)  # fmt: skip
_balancing = st.sampled_from(
    [Flags.BALANCING_DEBIT, Flags.BALANCING_CREDIT, Flags.BALANCING_DEBIT | Flags.BALANCING_CREDIT]
)


class World:
    """One ledger on one database, its oracle, the clock of both, and what has been asked."""

    def __init__(self, url: str) -> None:
        wipe(url)
        self.url = url
        self.clock = ManualClock(START)
        self.oracle = Oracle()
        self.ledger = Ledger.open(url, clock=self.clock)
        self.asked: list[Transfer] = []
        self.ledger.open_accounts(ACCOUNTS)
        for new in ACCOUNTS:
            self.oracle.open(new)

    @property
    def now(self) -> datetime:
        """The time, which moves only when told."""
        return from_us(self.clock.now_us())

    @property
    def state(self) -> State:
        """The writer's memory."""
        return self.ledger._writer.state

    def advance(self, by: timedelta) -> None:
        """Let time pass; nothing is released by it yet."""
        self.clock.advance(by)

    def release_due(self) -> None:
        """Release the holds whose time has come."""
        self.ledger.release_due()
        self.oracle.release(self.now)

    def post_each(self, batch: Sequence[Transfer]) -> tuple[list[Outcome], list[Answer]]:
        """Post a batch to both, and give both answers."""
        self.asked += batch
        return self.ledger.post_each(batch), self.oracle.post(batch, self.now)

    def post_records(self, batch: Sequence[Transfer]) -> tuple[Answers, list[Answer]]:
        """Post a batch to both, to the ledger as records, and give both answers."""
        self.asked += batch
        records = asked_records([asked_tuple(transfer) for transfer in batch])
        return self.ledger.post_records(records), self.oracle.post(batch, self.now)

    def reopen(self, *, with_snapshot: bool) -> None:
        """Close and open again; without a snapshot as if the process had been killed."""
        if with_snapshot:
            self.ledger.close()
        else:
            abandon(self.ledger)
        self.ledger = Ledger.open(self.url, clock=self.clock)

    def batches(self, size_max: int = 12) -> st.SearchStrategy[list[Transfer]]:
        """Draw batches of transfers of which some are linked."""
        return st.composite(lambda draw: self._batch(draw, size_max))()

    def _batch(self, draw: Draw, size_max: int) -> list[Transfer]:
        count = draw(st.integers(1, size_max))
        batch: list[Transfer] = []
        for place in range(count):
            transfer = self._transfer(draw, batch)
            # The last one is linked now and then: a chain that is open.
            odds = 4 if place < count - 1 else 30
            if draw(st.integers(1, odds)) == odds:
                transfer = replace(transfer, flags=transfer.flags | Flags.LINKED)
            batch.append(transfer)
        return batch

    def _transfer(self, draw: Draw, before: Sequence[Transfer]) -> Transfer:
        """Draw a transfer of any kind, sensible or not; `before` it in the batch stand these."""
        kind = draw(_kinds)
        asked = [*self.asked, *before]
        if kind == "again" and asked:
            return self._again(draw, asked[-1 - draw(st.integers(0, min(30, len(asked) - 1)))])
        fresh = len(asked) + 1
        used = st.integers(0, fresh)
        number = fresh if draw(st.integers(0, 9)) < 9 else draw(used)
        debit, credit = draw(_pairs)
        currency = JPY if debit in {LIQUIDITY, CHIYO} else EUR
        plain = Transfer(
            id=transfer_id(number),
            debit_account=debit,
            credit_account=credit,
            amount=Money(draw(_amounts), currency),
            code=draw(st.sampled_from([0, 0, 7])),
            reference=draw(st.sampled_from([None, None, REFERENCE])),
        )
        if kind == "hold":
            expires_at = draw(st.one_of(st.none(), _instants))
            return replace(plain, flags=Flags.PENDING, expires_at=expires_at)
        if kind in {"post", "void", "correction"}:
            return self._naming(draw, plain, Flags[kind.upper()], before)
        if kind == "balancing":
            held = draw(st.sampled_from([Flags.NONE, Flags.NONE, Flags.PENDING]))
            return replace(plain, flags=draw(_balancing) | held)
        if kind == "imported":
            minutes = draw(st.sampled_from([0, 0, 1, 5, -1]))
            at = self.now - timedelta(minutes=minutes)
            return replace(plain, flags=Flags.IMPORTED, at=at)
        return self._mess(draw, plain) if kind == "mess" else plain

    def _naming(self, draw: Draw, plain: Transfer, flag: Flags, before: Sequence[Transfer]) -> Transfer:  # fmt: skip
        """Draw what names another transfer: mostly one that it may name."""
        wants_hold = flag is not Flags.CORRECTION
        fitting = [row.id for row in self.oracle.open_holds()] if wants_hold else [
            row.id for row in self.oracle.rows if row.posted
        ]  # fmt: skip
        fitting += [t.id for t in before if t.flags & Flags.PENDING and wants_hold and t.id.int]
        ids = [id_ for id_ in fitting[-8:] if id_] * 3
        ids += [t.id for t in [*self.asked, *before][-15:] if t.id.int]
        ids.append(transfer_id(len(self.asked) + len(before) + 2))  # the next, not yet asked for
        subject = draw(st.sampled_from(ids))
        says_accounts = draw(st.integers(1, 6)) == 1
        amount = plain.amount if flag is Flags.POST and draw(st.booleans()) else None
        return replace(
            plain,
            flags=flag,
            subject=TransferId(subject),
            amount=amount,
            debit_account=plain.debit_account if says_accounts else AccountNumber(0),
            credit_account=plain.credit_account if says_accounts else AccountNumber(0),
        )

    def _again(self, draw: Draw, first: Transfer) -> Transfer:
        """Ask again: the same, or with one thing changed."""
        debit, credit = draw(_pairs)
        changes: list[dict[str, Any]] = [
            {}, {}, {}, {"debit_account": debit}, {"credit_account": credit}, {"code": 8},
            {"amount": Money(draw(_small), EUR)}, {"amount": None}, {"reference": UUID(int=1)},
            {"subject": transfer_id(1)}, {"expires_at": draw(_instants)}, {"at": draw(_instants)},
            {"flags": first.flags ^ Flags.LINKED}, {"flags": first.flags ^ Flags.PENDING},
        ]  # fmt: skip
        return replace(first, **draw(st.sampled_from(changes)))

    def _mess(self, draw: Draw, plain: Transfer) -> Transfer:
        """Set everything to anything."""
        maybe = st.booleans()
        return replace(
            plain,
            flags=Flags(draw(st.integers(0, 1023))) & ~Flags.LINKED,
            amount=plain.amount if draw(maybe) else None,
            subject=transfer_id(draw(st.integers(1, 9))) if draw(maybe) else None,
            expires_at=draw(_instants) if draw(maybe) else None,
            at=draw(_instants) if draw(maybe) else None,
        )


def wipe(url: str) -> None:
    """Make a ledger without accounts, or empty the one that an earlier example left behind."""
    if url not in _made:
        _made.add(url)
        Ledger.open(url).close()
        return
    with connect(url, writes=True) as database:
        for table in TABLES:
            database.execute(f"DELETE FROM {table}")
        database.commit()


_made: set[str] = set()


def abandon(ledger: Ledger) -> None:
    """Leave a ledger as a killed process does: nothing is saved, the lock is gone."""
    ledger._group.close()
    ledger._connection.close()
    ledger._writer._give_up_connection()


def fingerprint(ledger: Ledger) -> tuple[object, ...]:
    """Take down the writer's memory to the byte: what a refused or undone batch may not change."""
    state = ledger._writer.state
    counters = [int(state.counters[place]) for place in (bk.ACCOUNT_COUNT, bk.MARK_COUNT, bk.SEQ)]
    holds = np.sort(state.open_holds, order="seq")
    accounts = state.accounts[: state.account_count + 1]
    return (accounts.tobytes(), holds.tobytes(), state.pending_marks.tobytes(), *counters)


def told(outcome: Outcome) -> object:
    """Say an outcome so that it can be compared with the oracle's."""
    if isinstance(outcome, TransferRefused):
        return outcome.refusal
    return (outcome, outcome.replayed)


def expected(answer: Answer, asked: Transfer, oracle: Oracle) -> object:
    """Say the oracle's answer as an outcome."""
    if isinstance(answer, Refusal):
        return answer
    row = answer.row
    amount = Money(row.amount, oracle.accounts[row.debit].new.currency)
    return (Posted(asked.id, row.seq, amount, row.at), answer.replayed)


def told_by_records(answers: Answers, place: int) -> object:
    """Say one answer out of arrays so that it can be compared with the oracle's."""
    status = int(answers.status[place])
    if status > 0:
        return Refusal(status)
    fields = (answers.seq, answers.amount, answers.at, answers.currency)
    return (*(int(field[place]) for field in fields), status == REPLAYED)


def account_refusal(command: Callable[[], None]) -> object:
    """Run a command on an account and tell its refusal, or None."""
    try:
        command()
    except AccountRefused as refused:
        return refused.refusal
    return None
