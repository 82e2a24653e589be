"""Wallets: one for each person and currency; send, limits, payer codes, freeze.

A wallet is an account of the ledger that cannot be overdrawn, and a row with its limits. What leaves
it is counted against the limits of its day and month in the very commit that moves the money. A
person's balances and history are read through their own access (`consent.Gate.own`), never aside.

For `pay`, which moves a person's money too, two things are promised to stay:

Spending rows
    `wallets.spend_rows(person, amount, at) -> tuple[AttachedRow, ...]` counts `amount`, in the
    wallet's currency, at the aware instant `at`. Attach them to the request that debits the wallet
    (`Ledger.submit`, `post`, `post_async`). They refuse the whole request when a limit would be
    exceeded or the wallet is frozen; `wallets.explained(refused, person, amount, at)` then makes of
    the ledger's `TransferRefused` what to tell: `DayLimitExceeded`, `MonthLimitExceeded`,
    `WalletFrozen`, `FundsMissing`, or `WalletBusy` when nothing of the wallet's refuses it. What
    comes back (a refund) is uncounted by `wallets.limits.give_back_rows(person, amount, spent_at)`.
    `wallets.wallet(person, currency).account` is the account to debit;
    `wallets.open_wallet(person, currency)` opens it when money is to come in.

Payer codes
    `wallets.codes.issue(person, amount_max) -> PayerCode` makes what a phone shows.
    `wallets.codes.claim(digits, till=…, payment=…) -> Claim` says whose wallet pays (`person`,
    `account`, `currency`, `amount_max`), or refuses: `PayerCodeUnknown`, `PayerCodeExpired`,
    `PayerCodeUsed`, `TillPaused`. `till` and `payment` are 128-bit ids; the same payment may claim
    again. `claim.rows(amount, confirmed=False) -> tuple[AttachedRow, ...]` uses the code up: attach
    them to the payment, beside its `spend_rows`. Above `amount_max` they ask for the person's own
    agreement (`PayerCodeOverLimit`), which `confirmed=True` says that there is. Codes live in the
    process that issued them; after a restart a payment that was made is found by its own id, and a
    code that was alive is unknown.
"""

from counterfoil.wallet.banking import Banking, TopUp
from counterfoil.wallet.codes import Claim, PayerCode, PayerCodes
from counterfoil.wallet.day import Calendar
from counterfoil.wallet.errors import (
    AmountInvalid,
    BankAccountMissing,
    CurrencyNotOffered,
    DayLimitExceeded,
    FundsMissing,
    LimitExceeded,
    LimitInvalid,
    MonthLimitExceeded,
    NoteInvalid,
    PayerCodeExpired,
    PayerCodeOverLimit,
    PayerCodeRefused,
    PayerCodeUnknown,
    PayerCodeUsed,
    RecipientNotFound,
    RecipientUnable,
    RequestClosed,
    RequestNotFound,
    SentToSelf,
    SettingInvalid,
    SharesInvalid,
    TillPaused,
    WalletBusy,
    WalletError,
    WalletFrozen,
    WalletNotFound,
)
from counterfoil.wallet.limits import Spendings
from counterfoil.wallet.model import (
    Allowance,
    Allowances,
    FrozenBy,
    Limits,
    MoneyRequest,
    Movement,
    Period,
    Raise,
    RequestState,
    Terms,
    Wallet,
)
from counterfoil.wallet.noted import NOTE_LENGTH_MAX, Noted, checked_note
from counterfoil.wallet.requests import Requests
from counterfoil.wallet.wallets import Rooms, Wallets

__all__ = [
    "NOTE_LENGTH_MAX",
    "Allowance",
    "Allowances",
    "AmountInvalid",
    "BankAccountMissing",
    "Banking",
    "Calendar",
    "Claim",
    "CurrencyNotOffered",
    "DayLimitExceeded",
    "FrozenBy",
    "FundsMissing",
    "LimitExceeded",
    "LimitInvalid",
    "Limits",
    "MoneyRequest",
    "MonthLimitExceeded",
    "Movement",
    "NoteInvalid",
    "Noted",
    "PayerCode",
    "PayerCodeExpired",
    "PayerCodeOverLimit",
    "PayerCodeRefused",
    "PayerCodeUnknown",
    "PayerCodeUsed",
    "PayerCodes",
    "Period",
    "Raise",
    "RecipientNotFound",
    "RecipientUnable",
    "RequestClosed",
    "RequestNotFound",
    "RequestState",
    "Requests",
    "Rooms",
    "SentToSelf",
    "SettingInvalid",
    "SharesInvalid",
    "Spendings",
    "Terms",
    "TillPaused",
    "TopUp",
    "Wallet",
    "WalletBusy",
    "WalletError",
    "WalletFrozen",
    "WalletNotFound",
    "Wallets",
    "checked_note",
]
