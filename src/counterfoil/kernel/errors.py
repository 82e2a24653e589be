"""The root of every error that Counterfoil raises on purpose.

CounterfoilError
├── money.errors.MoneyError            an amount, currency or rate that cannot be
├── ledger.refusal.LedgerError         a ledger that cannot do what was asked
│   ├── TransferRefused                one transfer, by one named rule
│   ├── AccountRefused                 an account's opening or change, by one named rule
│   └── LedgerInUse, …                 the ledger as a whole
├── qr.errors.QRError                 a code that cannot be read, written or printed
├── receipts.errors.ReceiptError       a receipt, log, witness or key that is not what it must be
├── people.errors.PeopleError          a person cannot be registered, found or changed so
├── consent.errors.ConsentError        no basis for what was asked
├── wallet.errors.WalletError          a wallet cannot do what was asked
├── courier.errors.CourierError        a message is not sent on
├── alipay.refusal.Refused             a request of the merchant API, by its codes
├── pay.errors.PayError                an order, merchant, hold or agreement cannot do it
└── kernel.errors.StoreError           the database said no
    ├── StoreUnavailable               it cannot be reached, is full, or failed mid-way
    ├── StoreConflict                  a unique or other constraint spoke
    ├── StatementRefused               it does not understand the statement or its values
    └── SchemaMismatch                 it was made by another version

A code is stable, in kebab case and prefixed by its package; it is never used again for
something else. A message says what was refused, the values, and what to do.
"""

from typing import ClassVar


class CounterfoilError(Exception):
    """An anticipated failure, with a stable code and the facts as values.

    It is not used for programming errors: those stay Python's own.
    """

    code: ClassVar[str] = "counterfoil.error"
    is_transient: bool = False
    """Whether the same request can succeed later without being changed."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


class StoreError(CounterfoilError):
    """The database refused or failed."""

    code = "store.error"


class StoreUnavailable(StoreError):
    """The database cannot be reached, is full, or failed in the middle of a request."""

    code = "store.unavailable"
    is_transient = True


class StoreConflict(StoreError):
    """A unique index or another constraint refused a row; nothing of it was written."""

    code = "store.conflict"


class StatementRefused(StoreError):
    """The database does not understand a statement, or the values given with it."""

    code = "store.statement-refused"


class SchemaMismatch(StoreError):
    """The database's schema is not the one that this version reads and writes."""

    code = "store.schema-mismatch"
