"""The tables of this room: statements that go in, rows that come out. It knows no rules but one.

The one rule is in `spend_row`: a wallet's row counts what was spent today and this month, and the
statement that adds to it changes no row when a limit would be exceeded. So the limit is asked in
the transaction that moves the money, and two payments at once cannot both have the last euro.

A day that is over counts as nothing spent. A payment dated before the row's day counts for the row's
day: around midnight requests may commit in another order than they were dated in, and the counter
must never go back to a day that was counted already.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database, single
from counterfoil.ledger import AccountNumber
from counterfoil.money import Currency, Money, currency_by_numeric
from counterfoil.people import PersonId
from counterfoil.wallet.model import NEVER_US, FrozenBy, Limits, Terms, Wallet

_DAY_SPENT: Final = "CASE WHEN day < $1 THEN 0 ELSE day_spent END"
_MONTH_SPENT: Final = "CASE WHEN month < $3 THEN 0 ELSE month_spent END"
# The limit less what is spent never overflows: neither is negative.
_SPEND: Final = f"""
UPDATE wallets SET
    day_spent = {_DAY_SPENT} + $2, day = CASE WHEN day < $1 THEN $1 ELSE day END,
    month_spent = {_MONTH_SPENT} + $2, month = CASE WHEN month < $3 THEN $3 ELSE month END
WHERE account = $4 AND frozen_by = 0
AND $2 <= CASE WHEN next_from <= $5 THEN day_limit_next ELSE day_limit END - {_DAY_SPENT}
AND $2 <= CASE WHEN next_from <= $5 THEN month_limit_next ELSE month_limit END - {_MONTH_SPENT}
AND EXISTS (SELECT 1 FROM wallet_terms WHERE wallet_terms.currency = wallets.currency
            AND $2 <= day_max - {_DAY_SPENT} AND $2 <= month_max - {_MONTH_SPENT})
"""  # noqa: S608  # constants of this module
_LESS_DAY: Final = "CASE WHEN day <> $1 THEN 0 WHEN day_spent < $2 THEN day_spent ELSE $2 END"
_LESS_MONTH: Final = (
    "CASE WHEN month <> $3 THEN 0 WHEN month_spent < $2 THEN month_spent ELSE $2 END"
)
_GIVE_BACK: Final = f"""
UPDATE wallets SET day_spent = day_spent - {_LESS_DAY}, month_spent = month_spent - {_LESS_MONTH}
WHERE account = $4
"""  # noqa: S608
_FIELDS: Final = (
    "account, person, currency, opened_at, frozen_by, day_limit, month_limit, day_limit_next, "
    "month_limit_next, next_from, day, day_spent, month, month_spent"
)


@dataclass(frozen=True, slots=True)
class DayAndMonth:
    """The day and the month that a spending counts for, by the operator's calendar."""

    day: int
    month: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWallet:
    """A row of `wallets`."""

    wallet: Wallet
    limits: Limits
    limits_next: Limits
    next_from: int
    """From when `limits_next` hold, in microseconds; `NEVER_US` when no raise is on its way."""
    counted: DayAndMonth
    day_spent: int
    month_spent: int

    def limits_at(self, at_us: int) -> Limits:
        """Tell the person's own limits at an instant."""
        return self.limits_next if self.next_from <= at_us else self.limits


def spend_row(
    account: AccountNumber, amount: Money, when: DayAndMonth, at: datetime
) -> AttachedRow:
    """Make the statement that counts a spending; it changes no row when a limit says no."""
    return AttachedRow(_SPEND, (when.day, amount.minor, when.month, account, to_us(at)))


def give_back_row(account: AccountNumber, amount: Money, when: DayAndMonth) -> AttachedRow:
    """Make the statement that uncounts a spending, in the periods that have not ended since."""
    return AttachedRow(_GIVE_BACK, (when.day, amount.minor, when.month, account))


def wallet_row(database_id: str, person: PersonId, currency: Currency, at_us: int) -> AttachedRow:
    """Make the statement that adds the wallet of an account that opens in the same commit.

    `database_id` spells the account's id. It adds none when the currency is not offered.
    """
    return AttachedRow(
        "INSERT INTO wallets (account, person, currency, opened_at, frozen_by, day_limit, "  # noqa: S608
        "month_limit, day_limit_next, month_limit_next, next_from, day, day_spent, month, "
        "month_spent) SELECT number, $1, wallet_terms.currency, $2, 0, day_default, month_default, "
        "day_default, month_default, $3, 0, 0, 0, 0 FROM wallet_terms CROSS JOIN accounts "
        f"WHERE wallet_terms.currency = $4 AND accounts.id = {database_id}",
        (person.bytes, at_us, NEVER_US, currency.numeric),
    )


def limits_row(old: StoredWallet, limits: Limits, coming: Limits, next_from: int) -> AttachedRow:
    """Make the statement that gives a wallet other limits, if they still are the ones read."""
    return AttachedRow(
        "UPDATE wallets SET day_limit = $1, month_limit = $2, day_limit_next = $3, "
        "month_limit_next = $4, next_from = $5 WHERE account = $6 AND day_limit = $7 "
        "AND month_limit = $8 AND day_limit_next = $9 AND month_limit_next = $10 "
        "AND next_from = $11",
        (
            limits.day.minor, limits.month.minor, coming.day.minor, coming.month.minor, next_from,
            old.wallet.account, old.limits.day.minor, old.limits.month.minor,
            old.limits_next.day.minor, old.limits_next.month.minor, old.next_from,
        ),
    )  # fmt: skip


def frozen_row(account: AccountNumber, old: FrozenBy, new: FrozenBy) -> AttachedRow:
    """Make the statement that freezes or unfreezes a wallet, if it still is as it was read."""
    return AttachedRow(
        "UPDATE wallets SET frozen_by = $1 WHERE account = $2 AND frozen_by = $3",
        (new.value, account, old.value),
    )


def terms_row(terms: Terms, at_us: int) -> AttachedRow:
    """Make the statement that offers a currency, in place of what was offered before."""
    return AttachedRow(
        "INSERT INTO wallet_terms (currency, day_default, month_default, day_max, month_max, "
        "raise_delay_s, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7) "
        "ON CONFLICT (currency) DO UPDATE SET day_default = excluded.day_default, "
        "month_default = excluded.month_default, day_max = excluded.day_max, "
        "month_max = excluded.month_max, raise_delay_s = excluded.raise_delay_s, "
        "changed_at = excluded.changed_at",
        (
            terms.currency.numeric, terms.default.day.minor, terms.default.month.minor,
            terms.ceiling.day.minor, terms.ceiling.month.minor,
            int(terms.raise_delay.total_seconds()), at_us,
        ),
    )  # fmt: skip


def setting_row(name: str, value: str) -> AttachedRow:
    """Make the statement that keeps a setting of the operator's."""
    return AttachedRow(
        "INSERT INTO wallet_settings (name, value) VALUES ($1, $2) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def setting(database: Database, name: str) -> str | None:
    """Read a setting of the operator's."""
    found = single(database.query("SELECT value FROM wallet_settings WHERE name = $1", (name,)))
    return None if found is None else str(found)


def terms_of(database: Database, currency: Currency) -> Terms | None:
    """Read what the operator offers in a currency."""
    return _terms(database, "WHERE currency = $1", (currency.numeric,)).get(currency)


def all_terms(database: Database) -> dict[Currency, Terms]:
    """Read what the operator offers."""
    return _terms(database, "ORDER BY currency", ())


def wallet_of(database: Database, person: PersonId, currency: Currency) -> StoredWallet | None:
    """Read a person's wallet in a currency."""
    found = _wallets(database, "person = $1 AND currency = $2", (person.bytes, currency.numeric))
    return found[0] if found else None


def wallets_of(database: Database, person: PersonId) -> list[StoredWallet]:
    """Read a person's wallets, in the order in which they were opened."""
    return _wallets(database, "person = $1 ORDER BY account", (person.bytes,))


def wallet_by_account(database: Database, account: AccountNumber) -> StoredWallet | None:
    """Read the wallet that an account is."""
    found = _wallets(database, "account = $1", (account,))
    return found[0] if found else None


def _wallets(
    database: Database, condition: str, parameters: tuple[int | bytes, ...]
) -> list[StoredWallet]:
    found = database.query(f"SELECT {_FIELDS} FROM wallets WHERE {condition}", parameters)  # noqa: S608
    return [_wallet(row) for row in found.to_pylist()]


def _wallet(row: dict[str, int | bytes]) -> StoredWallet:
    value = {name: field for name, field in row.items() if isinstance(field, int)}
    whose = row["person"]
    assert isinstance(whose, bytes)
    currency = currency_by_numeric(value["currency"])

    def limits(suffix: str) -> Limits:
        return Limits(
            *(Money(value[f"{period}_limit{suffix}"], currency) for period in ("day", "month"))
        )

    return StoredWallet(
        wallet=Wallet(
            PersonId(UUID(bytes=whose)), AccountNumber(value["account"]), currency,
            from_us(value["opened_at"]), FrozenBy(value["frozen_by"]),
        ),
        limits=limits(""),
        limits_next=limits("_next"),
        next_from=value["next_from"],
        counted=DayAndMonth(value["day"], value["month"]),
        day_spent=value["day_spent"],
        month_spent=value["month_spent"],
    )  # fmt: skip


def _terms(database: Database, rest: str, parameters: tuple[int, ...]) -> dict[Currency, Terms]:
    found = database.query(
        "SELECT currency, day_default, month_default, day_max, month_max, raise_delay_s "  # noqa: S608
        f"FROM wallet_terms {rest}",
        parameters,
    )
    offered: dict[Currency, Terms] = {}
    for row in found.to_pylist():
        currency = currency_by_numeric(row["currency"])
        default, ceiling = (
            Limits(Money(row[f"day_{kind}"], currency), Money(row[f"month_{kind}"], currency))
            for kind in ("default", "max")
        )
        delay = timedelta(seconds=row["raise_delay_s"])
        offered[currency] = Terms(default=default, ceiling=ceiling, raise_delay=delay)
    return offered
