"""A ledger and its oracle side by side, and the commands that are drawn for both.

Ids, accounts, amounts and instants come from small pools, and what is named is mostly something
that exists: duplicates, conflicts, replays and resolved holds have to happen often.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
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
from counterfoil.money import Currency, Money, currency_by_code
from tests.ledger.oracle import Answer, Oracle

EUR, JPY = currency_by_code("EUR"), currency_by_code("JPY")
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
TABLES = ("accounts", "account_changes", "transfers", "resolutions", "marks", "snapshot")

_FACTOR = int(os.environ.get("COUNTERFOIL_EXAMPLES", "1"))


def examples(count: int, **more: Any) -> settings:
    """Ask for so many examples; COUNTERFOIL_EXAMPLES=50 in the environment makes it 50 times."""
    return settings(
        max_examples=count * _FACTOR,
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
_FUNDED = (
    (CASH, ALICE, 9, EUR),
    (CASH, BOB, 6, EUR),
    (LOAN, CASH, 8, EUR),
    (LIQUIDITY, CHIYO, 9, JPY),
)
REFERENCE = UUID(int=0xBEEF)

_usual_pairs = [
    *[(ALICE, SHOP), (ALICE, BOB), (BOB, ALICE), (BOB, SHOP), (CASH, ALICE), (CASH, BOB)],
    *[(CASH, LOAN), (LOAN, CASH), (CHIYO, LIQUIDITY), (LIQUIDITY, CHIYO)],
]
_everyone = [CASH, ALICE, BOB, SHOP, LOAN, LIQUIDITY, CHIYO, NOBODY, AccountNumber(0)]
_rare_amounts = [0, -1, 40, 2**62, 2**63 - 1]
_kinds = (
    ["plain"] * 4 + ["hold"] * 5 + ["post"] * 4 + ["void"] * 2 + ["correction"] * 2
    + ["balancing"] * 2 + ["imported", "mess", "again", "again"]
)  # fmt: skip
_balancing = [
    Flags.BALANCING_DEBIT,
    Flags.BALANCING_CREDIT,
    Flags.BALANCING_DEBIT | Flags.BALANCING_CREDIT,
]


def _pair(random: Random) -> tuple[AccountNumber, AccountNumber]:
    if random.randrange(10):
        return random.choice(_usual_pairs)
    return random.choice(_everyone), random.choice(_everyone)


def _amount(random: Random, currency: Currency = EUR) -> Money:
    minor = random.randint(1, 9) if random.randrange(12) else random.choice(_rare_amounts)
    return Money(minor, currency)


def _instant(random: Random) -> datetime:
    return START + timedelta(minutes=random.randint(-5, 60))


def _funding(
    place: int, debit: AccountNumber, credit: AccountNumber, minor: int, currency: Currency
) -> Transfer:
    amount = Money(minor, currency)
    return Transfer(
        id=transfer_id(place), debit_account=debit, credit_account=credit, amount=amount
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
        # Without money most of what is drawn would be refused for one and the same reason.
        self.post_each([_funding(place + 1, *terms) for place, terms in enumerate(_FUNDED)])

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
        """Draw batches of transfers of which some are linked.

        What is in them comes from a seed: drawn one by one, values are mostly the simplest, and
        hardly a hold would ever be posted.
        """
        seeds = st.integers(0, 2**32 - 1)
        return st.builds(self._batch, seeds, st.integers(1, size_max))

    def _batch(self, seed: int, count: int) -> list[Transfer]:
        random = Random(seed)
        batch: list[Transfer] = []
        for place in range(count):
            transfer = self._transfer(random, batch)
            # The last one is linked now and then: a chain that is open.
            if random.randrange(6 if place < count - 1 else 40) == 0:
                transfer = replace(transfer, flags=transfer.flags | Flags.LINKED)
            batch.append(transfer)
        return batch

    def _transfer(self, random: Random, before: Sequence[Transfer]) -> Transfer:
        """Make a transfer of any kind, sensible or not; `before` it in the batch stand these."""
        kind = random.choice(_kinds)
        asked = [*self.asked, *before]
        if kind == "again":
            return _again(random, random.choice(asked[-30:]))
        number = len(asked) + 1 if random.randrange(12) else random.randrange(len(asked))
        debit, credit = _pair(random)
        plain = Transfer(
            id=transfer_id(number),
            debit_account=debit,
            credit_account=credit,
            amount=_amount(random, JPY if {debit, credit} & {LIQUIDITY, CHIYO} else EUR),
            code=random.choice([0, 0, 7]),
            reference=random.choice([None, None, REFERENCE]),
        )
        if kind == "hold":
            expires_at = random.choice([None, _instant(random)])
            return replace(plain, flags=Flags.PENDING, expires_at=expires_at)
        if kind in {"post", "void", "correction"}:
            return self._naming(random, plain, Flags[kind.upper()], before)
        if kind == "balancing":
            held = random.choice([Flags.NONE, Flags.NONE, Flags.PENDING])
            return replace(plain, flags=random.choice(_balancing) | held)
        if kind == "imported":
            at = self.now - timedelta(minutes=random.choice([0, 0, 1, 5, -1]))
            return replace(plain, flags=Flags.IMPORTED, at=at)
        return _mess(random, plain) if kind == "mess" else plain

    def _naming(
        self, random: Random, plain: Transfer, flag: Flags, before: Sequence[Transfer]
    ) -> Transfer:
        """Make what names another transfer: mostly one that it may name."""
        if flag is Flags.CORRECTION:
            fitting = [row.id for row in self.oracle.rows if row.posted]
        else:
            fitting = [row.id for row in self.oracle.open_holds()]
            fitting += [t.id for t in before if t.flags & Flags.PENDING]
        asked = [*self.asked, *before]
        ids = [t.id for t in asked[-15:] if t.id.int]
        ids.append(transfer_id(len(asked) + 2))  # the next, not yet asked for
        if fitting and random.randrange(5):
            ids = [TransferId(id_) for id_ in fitting[-8:] if id_ and id_.int] or ids
        if random.randrange(6):
            plain = replace(plain, debit_account=AccountNumber(0), credit_account=AccountNumber(0))
        amount = _amount(random) if flag is Flags.POST and random.randrange(2) else None
        return replace(plain, flags=flag, subject=random.choice(ids), amount=amount)


def _again(random: Random, first: Transfer) -> Transfer:
    """Ask again: the same, or with one thing changed."""
    debit, credit = _pair(random)
    changes: list[dict[str, Any]] = [
        *[{}] * 6, {"debit_account": debit}, {"credit_account": credit}, {"code": 8},
        {"amount": _amount(random)}, {"amount": None}, {"reference": UUID(int=1)},
        {"subject": transfer_id(1)}, {"expires_at": _instant(random)}, {"at": _instant(random)},
        {"flags": first.flags ^ Flags.LINKED}, {"flags": first.flags ^ Flags.PENDING},
    ]  # fmt: skip
    return replace(first, **random.choice(changes))


def _mess(random: Random, plain: Transfer) -> Transfer:
    """Set everything to anything."""
    return replace(
        plain,
        flags=Flags(random.randrange(1024)) & ~Flags.LINKED,
        amount=random.choice([plain.amount, None]),
        subject=random.choice([transfer_id(random.randint(1, 9)), None]),
        expires_at=random.choice([_instant(random), None]),
        at=random.choice([_instant(random), None]),
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
