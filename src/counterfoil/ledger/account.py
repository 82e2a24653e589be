"""Opening accounts and changing what they may do: through the one writer, like everything else."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pyarrow as pa

from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.errors import StoreConflict
from counterfoil.ledger import store
from counterfoil.ledger.columns import as_uuid
from counterfoil.ledger.layout import AccountRules, Record
from counterfoil.ledger.model import AccountNumber, NewAccount
from counterfoil.ledger.refusal import AccountRefusal, AccountRefused
from counterfoil.ledger.writer import Writer
from counterfoil.money import Money, currency_by_numeric

_OPEN_MAX = 1 << 16
"""Accounts in one commit."""

_NO_ID = UUID(int=0)


def open_accounts(
    writer: Writer, asked: Sequence[NewAccount], rows: tuple[AttachedRow, ...] = ()
) -> list[AccountNumber]:
    """Open accounts, and return their numbers in the order asked.

    An id that is known already gives the number of its account. All are opened in one commit with
    `rows`, unless there are more than 65,536, which are opened in parts and bring no rows.

    Raises:
        AccountRefused: one of them was refused; nothing was opened.
        ValueError: rows came with more accounts than fit into one commit.

    """
    if len(asked) > _OPEN_MAX:
        if rows:
            raise ValueError(f"rows can be attached to at most {_OPEN_MAX} accounts")
        parts = (asked[i : i + _OPEN_MAX] for i in range(0, len(asked), _OPEN_MAX))
        return [number for part in parts for number in open_accounts(writer, part)]
    with writer.lock:
        _ = writer.database  # builds the memory again if it was given up: numbers come from it
        known: dict[UUID, AccountNumber] = {}
        try:
            return _open(writer, asked, rows, known)
        except StoreConflict:  # an id is known: the unique index says so, not a look-up
            known = _known(writer.database, asked)
            is_new = any(account.id not in known for account in asked)
            return _open(writer, asked, rows if is_new else (), known)


def change_account(
    writer: Writer,
    number: AccountNumber,
    judge: Callable[[Record], int],
    rows: tuple[AttachedRow, ...] = (),
) -> None:
    """Give an account the rules that `judge` makes of its record.

    Raises:
        AccountRefused: there is no such account, or `judge` or an attached row refused.

    """

    def change(database: Database, now: int) -> None:
        if not 1 <= number <= writer.state.account_count:
            raise AccountRefused(AccountRefusal.ACCOUNT_NOT_FOUND, account=number)
        rules.append(judge(writer.state.accounts[number]))
        store.append_change(
            database, writer.last_change + 1, number, rules[0], now, writer.state.seq
        )

    rules: list[int] = []
    with writer.lock:
        writer.transact(change, rows, lambda reason: _row_refused(number, reason))
        writer.last_change += 1
        writer.state.set_rules(number, rules[0])


def with_rules(account: Record, added: AccountRules, removed: AccountRules) -> int:
    """Compute an account's rules with some added and some removed."""
    return (int(account["rules"]) | int(added)) & ~int(removed)


def closed(number: AccountNumber, account: Record) -> int:
    """Compute the rules of an account that is closed from now on.

    Raises:
        AccountRefused: it is closed already, or has holds or a balance.

    """
    if account["rules"] & AccountRules.CLOSED:
        raise AccountRefused(AccountRefusal.ALREADY_CLOSED, account=number)
    currency = currency_by_numeric(int(account["currency"]))
    held = int(account["debits_pending"]) + int(account["credits_pending"])
    if held:
        fact = Money(held, currency)
        raise AccountRefused(AccountRefusal.HAS_HOLDS, account=number, fact=fact)
    balance = int(account["credits_posted"]) - int(account["debits_posted"])
    if balance:
        fact = Money(balance, currency)
        raise AccountRefused(AccountRefusal.HAS_BALANCE, account=number, fact=fact)
    return with_rules(account, AccountRules.CLOSED, AccountRules.NONE)


def reopened(number: AccountNumber, account: Record) -> int:
    """Compute the rules of a closed account that is open again.

    Raises:
        AccountRefused: it is not closed.

    """
    if not account["rules"] & AccountRules.CLOSED:
        raise AccountRefused(AccountRefusal.NOT_CLOSED, account=number)
    return with_rules(account, AccountRules.NONE, AccountRules.CLOSED)


def _open(
    writer: Writer,
    asked: Sequence[NewAccount],
    rows: tuple[AttachedRow, ...],
    known: dict[UUID, AccountNumber],
) -> list[AccountNumber]:
    numbers = dict(known)
    new: dict[UUID, NewAccount] = {}
    for account in asked:
        if account.id == _NO_ID:
            raise AccountRefused(AccountRefusal.ID_MISSING)
        if not -(1 << 31) <= account.code < 1 << 31:
            raise ValueError(f"{account.code} does not fit into 32 bits, as codes do")
        if account.id not in numbers:
            numbers[account.id] = AccountNumber(writer.state.account_count + len(new) + 1)
            new[account.id] = account
        elif new.get(account.id, account) != account:
            _refuse_other_content(account, numbers)
    if new or rows:
        stored: list[pa.RecordBatch] = []

        def change(database: Database, now: int) -> None:
            if new:
                stored.append(_batch(list(new.values()), writer.state.account_count + 1, now))
                store.append_accounts(database, stored[0])

        writer.transact(change, rows, lambda reason: _row_refused(asked[0].id, reason))
        if stored:
            writer.state.add_accounts(store.account_records(pa.table(stored[0])))
    return [numbers[account.id] for account in asked]


def _known(database: Database, asked: Sequence[NewAccount]) -> dict[UUID, AccountNumber]:
    """Find the accounts that exist, and insist that they were opened with the same content."""
    found = store.accounts_by_id(database, {account.id for account in asked})
    by_id: dict[UUID | None, dict[str, Any]] = {
        as_uuid(row["id"]): row for row in found.to_pylist()
    }
    known: dict[UUID, AccountNumber] = {}
    for account in asked:
        row = by_id.get(account.id)
        if row is None:
            continue
        known[account.id] = AccountNumber(row["number"])
        if (
            row["currency"] != account.currency.numeric
            or row["kind"] != account.kind
            or row["limits"] != account.limit
            or row["code"] != account.code
            or as_uuid(row["reference"]) != account.reference
        ):
            _refuse_other_content(account, known)
    return known


def _refuse_other_content(account: NewAccount, numbers: dict[UUID, AccountNumber]) -> None:
    raise AccountRefused(
        AccountRefusal.ID_USED_WITH_OTHER_CONTENT, id=account.id, fact=numbers[account.id]
    )


def _row_refused(account: object, reason: str) -> AccountRefused:
    return AccountRefused(AccountRefusal.ATTACHED_ROW_REFUSED, id=account, reason=reason)


def _batch(accounts: list[NewAccount], first: int, now: int) -> pa.RecordBatch:
    count = len(accounts)
    columns = {
        "number": pa.array(range(first, first + count), pa.int32()),
        "id": pa.array([account.id.bytes for account in accounts], pa.binary(16)),
        "currency": pa.array([account.currency.numeric for account in accounts], pa.int32()),
        "kind": pa.array([int(account.kind) for account in accounts], pa.int32()),
        "limits": pa.array([int(account.limit) for account in accounts], pa.int32()),
        "code": pa.array([account.code for account in accounts], pa.int32()),
        "reference": pa.array(
            [account.reference and account.reference.bytes for account in accounts], pa.binary(16)
        ),
        "opened_at": pa.array([now] * count, pa.int64()),
    }
    return pa.RecordBatch.from_pydict(columns)
