"""The tables of this room: statements that go in, rows that come out.

An order's row says three times, in the statements that change it, what may still happen to it: what
was rejected is not booked, what is booked is booked once, what comes back comes back once.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from counterfoil.bank.iban import IBAN
from counterfoil.bank.model import (
    Entry,
    EntryOutcome,
    NewOrder,
    Order,
    OrderId,
    OrderKind,
    OwnAccount,
    Party,
    Statement,
)
from counterfoil.kernel.clock import EPOCH, from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database, ids_in, listed, rows_in
from counterfoil.ledger import AccountNumber
from counterfoil.money import Currency, Money, currency_by_numeric

_ORDER: Final = (
    "id, kind, account, amount, currency, returns_to, remittance, queued_at, file, accepted_at, "
    "rejected_at, debit_entry, return_entry, reason"
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A payment file as its orders were given to it."""

    message_id: str
    account: IBAN
    made_at_us: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """An order that waits for its file, with its payee sealed."""

    id: OrderId
    amount: Money
    remittance: str
    payee_key: bytes
    payee: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """An entry of a statement, and what it was found to be."""

    account: IBAN
    key: str
    statement: str
    amount: Money
    """Signed: what it added to the account."""
    booked_on: date
    outcome: EntryOutcome
    why: str


def account_row(account: OwnAccount, at_us: int) -> AttachedRow:
    """Make the statement that adds an account of the operator's."""
    return AttachedRow(
        "INSERT INTO bank_accounts (iban, holder, bic, currency, nostro, in_transit, suspense, "
        "opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        (
            account.party.iban, account.party.name, account.party.bic, account.currency.numeric,
            account.nostro, account.in_transit, account.suspense, at_us,
        ),
    )  # fmt: skip


def accounts(database: Database) -> list[OwnAccount]:
    """Read the operator's accounts, in the order in which they were added."""
    found = database.query(
        "SELECT iban, holder, bic, currency, nostro, in_transit, suspense FROM bank_accounts "
        "ORDER BY opened_at, iban"
    )
    return [
        OwnAccount(
            party=Party(row["holder"], IBAN(row["iban"]), row["bic"]),
            currency=currency_by_numeric(row["currency"]),
            nostro=AccountNumber(row["nostro"]),
            in_transit=AccountNumber(row["in_transit"]),
            suspense=AccountNumber(row["suspense"]),
        )
        for row in found.to_pylist()
    ]


def order_row(
    order: NewOrder, account: IBAN, payee_key: bytes, payee: bytes, at_us: int
) -> AttachedRow:
    """Make the statement that queues an order; the primary key refuses a second one."""
    return AttachedRow(
        "INSERT INTO bank_orders (id, kind, account, amount, currency, returns_to, remittance, "
        "queued_at, file, accepted_at, rejected_at, debit_entry, return_entry, reason, payee_key, "
        "payee) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0, 0, '', '', '', $9, $10)",
        (
            order.id.bytes, order.kind, account, order.amount.minor, order.amount.currency.numeric,
            order.returns_to, order.remittance, at_us, payee_key, payee,
        ),
    )  # fmt: skip


def file_rows(file: StoredFile, count: int, database: Database, orders: Iterable[OrderId]) -> (
    tuple[AttachedRow, ...]
):  # fmt: skip
    """Make the statements that give orders to a file, if none has been given to another."""
    return (
        AttachedRow(
            "INSERT INTO bank_files (message_id, account, made_at, sent_at) VALUES ($1, $2, $3, 0)",
            (file.message_id, file.account, file.made_at_us),
        ),
        AttachedRow(
            "UPDATE bank_orders SET file = $1 WHERE file = '' AND id IN "  # noqa: S608
            f"({ids_in(database, '$2')})",
            (file.message_id, listed(orders)),
            row_count=count,
        ),
    )


def sent_rows(message_id: str, count: int, at_us: int) -> tuple[AttachedRow, ...]:
    """Make the statements that say a file is with the bank, and forget who its orders pay."""
    return (
        AttachedRow(
            "UPDATE bank_files SET sent_at = $1 WHERE message_id = $2 AND sent_at = 0",
            (at_us, message_id),
        ),
        AttachedRow(
            "UPDATE bank_orders SET payee_key = $1, payee = $1 WHERE file = $2",
            (b"", message_id),
            row_count=count,
        ),
    )


def accepted_row(order: OrderId, at_us: int) -> AttachedRow:
    """Make the statement that notes the bank's acceptance, once."""
    return AttachedRow(
        "UPDATE bank_orders SET accepted_at = $1 WHERE id = $2 AND accepted_at = 0 "
        "AND rejected_at = 0",
        (at_us, order.bytes),
    )


def rejected_row(order: OrderId, reason: str, at_us: int) -> AttachedRow:
    """Make the statement that notes a rejection, if nothing has been booked for the order."""
    return AttachedRow(
        "UPDATE bank_orders SET rejected_at = $1, reason = $2 WHERE id = $3 AND rejected_at = 0 "
        "AND debit_entry = '' AND return_entry = '' AND file <> ''",
        (at_us, reason, order.bytes),
    )


def paid_row(order: OrderId, entry: str) -> AttachedRow:
    """Make the statement that notes the debit of an order, once and if it was not rejected."""
    return AttachedRow(
        "UPDATE bank_orders SET debit_entry = $1 WHERE id = $2 AND debit_entry = '' "
        "AND rejected_at = 0 AND file <> ''",
        (entry, order.bytes),
    )


def returned_row(order: OrderId, entry: str, reason: str) -> AttachedRow:
    """Make the statement that notes a return, once and if the order was not rejected."""
    return AttachedRow(
        "UPDATE bank_orders SET return_entry = $1, reason = $2 WHERE id = $3 "
        "AND return_entry = '' AND rejected_at = 0 AND file <> ''",
        (entry, reason, order.bytes),
    )


def received_row(digest: bytes, kind: str, name: str, at_us: int) -> AttachedRow:
    """Make the statement that remembers a file of the bank's, so that it is taken in once."""
    return AttachedRow(
        "INSERT INTO bank_received (digest, kind, name, received_at) VALUES ($1, $2, $3, $4)",
        (digest, kind, name, at_us),
    )


def statement_row(statement: Statement, at_us: int) -> AttachedRow:
    """Make the statement that keeps a statement's balances."""
    return AttachedRow(
        "INSERT INTO bank_statements (account, id, number, currency, opening, closing, closed_on, "
        "received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        (
            statement.account, statement.id, statement.number, statement.opening.currency.numeric,
            statement.opening.minor, statement.closing.minor, statement.closed_on.toordinal(), at_us,
        ),
    )  # fmt: skip


def entry_row(
    account: IBAN, statement: str, entry: Entry, outcome: EntryOutcome, why: str
) -> AttachedRow:
    """Make the statement that keeps an entry; the primary key refuses it a second time."""
    return AttachedRow(
        "INSERT INTO bank_entries (account, key, statement, amount, currency, booked_on, outcome, "
        "why) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        (
            account, entry.key, statement, entry.signed_minor, entry.amount.currency.numeric,
            entry.booked_on.toordinal(), outcome, why,
        ),
    )  # fmt: skip


def resolved_row(entry: StoredEntry, outcome: EntryOutcome, why: str) -> AttachedRow:
    """Make the statement that takes an entry out of suspense, once."""
    return AttachedRow(
        "UPDATE bank_entries SET outcome = $1, why = $2 WHERE account = $3 AND key = $4 "
        "AND outcome = $5",
        (outcome, why, entry.account, entry.key, EntryOutcome.SUSPENSE),
    )


def suspended_again_row(order: OrderId, why: str) -> AttachedRow:
    """Make the statement that puts an entry in suspense again whose order was not paid."""
    return AttachedRow(
        "UPDATE bank_entries SET outcome = $1, why = $2 WHERE outcome = $3 AND why = $4",
        (EntryOutcome.SUSPENSE, why, EntryOutcome.SENT_BACK, order.hex),
    )


def orders_to_send(database: Database, account: IBAN, limit: int) -> list[Sealed]:
    """Read the orders of an account that no file has yet, in the order they were queued in."""
    return _sealed(database, "account = $1 AND file = '' ORDER BY id LIMIT $2", (account, limit))


def orders_in_file(database: Database, message_id: str) -> list[Sealed]:
    """Read the orders of a file, in their order."""
    return _sealed(database, "file = $1 ORDER BY id", (message_id,))


def _sealed(database: Database, condition: str, parameters: tuple[Any, ...]) -> list[Sealed]:
    found = database.query(
        "SELECT id, amount, currency, remittance, payee_key, payee FROM bank_orders "  # noqa: S608
        f"WHERE {condition}",
        parameters,
    )
    return [
        Sealed(
            OrderId(UUID(bytes=row["id"])),
            Money(row["amount"], currency_by_numeric(row["currency"])),
            row["remittance"], row["payee_key"], row["payee"],
        )
        for row in found.to_pylist()
    ]  # fmt: skip


def unsent_files(database: Database) -> list[StoredFile]:
    """Read the files whose orders are marked and that may not have reached the bank."""
    found = database.query(
        "SELECT message_id, account, made_at FROM bank_files WHERE sent_at = 0 ORDER BY made_at"
    )
    return [
        StoredFile(row["message_id"], IBAN(row["account"]), row["made_at"])
        for row in found.to_pylist()
    ]


def is_received(database: Database, digest: bytes) -> bool:
    """Tell whether a file of the bank's has been taken in."""
    return bool(
        database.query("SELECT 1 AS one FROM bank_received WHERE digest = $1", (digest,)).num_rows
    )


def known_entries(database: Database, account: IBAN, keys: Iterable[str]) -> dict[str, int]:
    """Find which entries have been taken in, with what each added to the account."""
    listing = rows_in(database, "$1", {"key": "text"})
    found = database.query(
        "SELECT bank_entries.key, bank_entries.amount FROM bank_entries "  # noqa: S608
        f"JOIN {listing} AS asked ON asked.key = bank_entries.key WHERE account = $2",
        (json.dumps([[one] for one in keys]), account),
    )
    return dict(
        zip(found.column("key").to_pylist(), found.column("amount").to_pylist(), strict=True)
    )


def is_known_statement(database: Database, account: IBAN, id_: str) -> bool:
    """Tell whether a statement with that id has been taken in."""
    found = database.query(
        "SELECT 1 AS one FROM bank_statements WHERE account = $1 AND id = $2", (account, id_)
    )
    return bool(found.num_rows)


def orders_by_id(database: Database, ids: Iterable[OrderId]) -> dict[str, Order]:
    """Find orders, by their end-to-end ids."""
    found = _orders(database, f"id IN ({ids_in(database, '$1')})", (listed(ids),))
    return {one.end_to_end_id: one for one in found}


def orders_of_file(database: Database, message_id: str) -> dict[str, Order]:
    """Read the orders of a file, by their end-to-end ids."""
    found = _orders(database, "file = $1 ORDER BY id", (message_id,))
    return {one.end_to_end_id: one for one in found}


def latest_orders(database: Database, kind: OrderKind, returns_to: AccountNumber) -> list[Order]:
    """Read the orders of an account, latest first."""
    return _orders(
        database, "returns_to = $1 AND kind = $2 ORDER BY id DESC LIMIT 100", (returns_to, kind)
    )


def unpaid_orders(database: Database, kind: OrderKind) -> list[Order]:
    """Read the orders of a kind that nothing has been booked for, in their order."""
    return _orders(
        database,
        "kind = $1 AND rejected_at = 0 AND debit_entry = '' AND return_entry = '' ORDER BY id",
        (kind,),
    )


def order_by_id(database: Database, id_: OrderId) -> Order | None:
    """Find an order."""
    return orders_by_id(database, [id_]).get(id_.hex)


def entries_in_suspense(database: Database) -> list[StoredEntry]:
    """Read what the bank booked and nobody here knows why, in the order of the books."""
    found = database.query(
        "SELECT account, key, statement, amount, currency, booked_on, outcome, why "
        "FROM bank_entries WHERE outcome = $1 ORDER BY booked_on, account, key",
        (EntryOutcome.SUSPENSE,),
    )
    return [
        StoredEntry(
            account=IBAN(row["account"]),
            key=row["key"],
            statement=row["statement"],
            amount=Money(row["amount"], currency_by_numeric(row["currency"])),
            booked_on=date.fromordinal(row["booked_on"]),
            outcome=EntryOutcome(row["outcome"]),
            why=row["why"],
        )
        for row in found.to_pylist()
    ]


def _orders(database: Database, condition: str, parameters: tuple[Any, ...]) -> list[Order]:
    found = database.query(f"SELECT {_ORDER} FROM bank_orders WHERE {condition}", parameters)  # noqa: S608
    return [_order(row) for row in found.to_pylist()]


def _order(row: Mapping[str, Any]) -> Order:
    currency: Currency = currency_by_numeric(row["currency"])
    return Order(
        id=OrderId(UUID(bytes=row["id"])),
        kind=OrderKind(row["kind"]),
        amount=Money(row["amount"], currency),
        account=IBAN(row["account"]),
        returns_to=AccountNumber(row["returns_to"]),
        queued_at=from_us(row["queued_at"]),
        file=row["file"],
        accepted_at=_at(row["accepted_at"]),
        rejected_at=_at(row["rejected_at"]),
        debit_entry=row["debit_entry"],
        return_entry=row["return_entry"],
        reason=row["reason"],
    )


def _at(at_us: int) -> datetime | None:
    return from_us(at_us) if at_us else None


def day_us(day: date) -> int:
    """Give the first instant of a day, UTC, in microseconds since the epoch; never before it."""
    return max(to_us(datetime.combine(day, time.min, EPOCH.tzinfo)), to_us(EPOCH))
