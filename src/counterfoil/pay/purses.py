"""Which account of the ledger is whose: a merchant's purses, and the operator's own.

A merchant has a purse in each currency that it takes, opened when the first money comes. It cannot
be overdrawn: what is not there cannot be refunded or paid out. The operator has one account a
currency for fees, one for what exchanges bring in and pay out, and one for what they earn.
"""

from typing import Final
from uuid import UUID

from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.ids import derive_id
from counterfoil.ledger import (
    AccountId,
    AccountKind,
    AccountNumber,
    AccountRefused,
    Ledger,
    Limit,
    NewAccount,
    ReadingConnection,
)
from counterfoil.money import Currency, Money, currency_by_numeric
from counterfoil.pay.merchant import MerchantId, Purse

OPERATOR: Final = MerchantId(UUID(int=0))
"""Whose purses the operator's own are."""
PURSE_CODE: Final = 10
"""How purses are classified in the ledger: this, plus what they are for."""

_KINDS: Final = {
    Purse.AVAILABLE: AccountKind.LIABILITY,
    Purse.PAYOUT: AccountKind.LIABILITY,
    Purse.FEES: AccountKind.INCOME,
    Purse.LIQUIDITY: AccountKind.LIABILITY,
    Purse.MARGIN: AccountKind.INCOME,
}
_LIMITS: Final = {Purse.AVAILABLE: Limit.DEBITS_NOT_OVER_CREDITS}
_EPOCH_US: Final = 0


class Purses:
    """Opens purses and finds their accounts. It may be used from several threads."""

    def __init__(self, ledger: Ledger, reading: ReadingConnection) -> None:
        self._ledger = ledger
        self._reading = reading
        self._known: dict[tuple[MerchantId, int, Purse], AccountNumber] = {}

    def account(self, merchant: MerchantId, currency: Currency, purse: Purse) -> AccountNumber:
        """Find a purse, or open it.

        Raises:
            AccountRefused: the ledger would not open it.

        """
        key = (merchant, currency.numeric, purse)
        if known := self._known.get(key):
            return known
        with self._reading.lend() as database:
            number = _stored(database, *key)
            spelled = database.uuid(_account_id(merchant, currency, purse))
        if number is None:
            number = self._open(merchant, currency, purse, spelled)
        self._known[key] = number
        return number

    def operator(self, currency: Currency, purse: Purse) -> AccountNumber:
        """Find one of the operator's own, or open it."""
        return self.account(OPERATOR, currency, purse)

    def balances(self, merchant: MerchantId, purse: Purse = Purse.AVAILABLE) -> tuple[Money, ...]:
        """Tell what is in a merchant's purses of a kind, one amount a currency."""
        with self._reading.lend() as database:
            found = database.query(
                "SELECT account FROM purses WHERE merchant = $1 AND purpose = $2 ORDER BY currency",
                (merchant.bytes, purse.value),
            ).to_pylist()
        return tuple(
            self._ledger.balances(AccountNumber(row["account"])).available for row in found
        )

    def _open(
        self, merchant: MerchantId, currency: Currency, purse: Purse, spelled: str
    ) -> AccountNumber:
        new = NewAccount(
            id=_account_id(merchant, currency, purse),
            currency=currency,
            kind=_KINDS[purse],
            limit=_LIMITS.get(purse, Limit.NONE),
            code=PURSE_CODE + purse,
            reference=merchant if merchant.int else None,
        )
        try:
            return self._ledger.open_account(
                new, rows=(_purse_row(spelled, merchant, currency, purse),)
            )
        except AccountRefused:
            # Another thread was quicker, and its row is there.
            with self._reading.lend() as database:
                number = _stored(database, merchant, currency.numeric, purse)
            if number is None:
                raise
            return number


def _account_id(merchant: MerchantId, currency: Currency, purse: Purse) -> AccountId:
    return AccountId(derive_id("purse", merchant, currency.code, purse.value, at_us=_EPOCH_US))


def _purse_row(spelled: str, merchant: MerchantId, currency: Currency, purse: Purse) -> AttachedRow:
    return AttachedRow(
        "INSERT INTO purses (account, merchant, currency, purpose) "  # noqa: S608
        f"SELECT number, $1, $2, $3 FROM accounts WHERE id = {spelled}",
        (merchant.bytes, currency.numeric, purse.value),
    )


def _stored(
    database: Database, merchant: MerchantId, currency: int, purse: Purse
) -> AccountNumber | None:
    found = database.query(
        "SELECT account FROM purses WHERE merchant = $1 AND currency = $2 AND purpose = $3",
        (merchant.bytes, currency, purse.value),
    ).to_pylist()
    return AccountNumber(found[0]["account"]) if found else None


def currencies_of(database: Database, merchant: MerchantId) -> list[Currency]:
    """List the currencies in which a merchant has taken money."""
    found = database.query(
        "SELECT currency FROM purses WHERE merchant = $1 AND purpose = $2 ORDER BY currency",
        (merchant.bytes, Purse.AVAILABLE.value),
    ).to_pylist()
    return [currency_by_numeric(row["currency"]) for row in found]
