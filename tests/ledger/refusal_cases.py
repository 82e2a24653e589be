"""A small town in which every rule can be broken, and for each rule a transfer that breaks it.

A case breaks its rule and, where any later rule can be broken by the same transfer, the nearest
such rule too. Mended, the same transfer is refused by that later rule: so both were broken, and the
earlier one was the answer.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from counterfoil.kernel.clock import ManualClock
from counterfoil.ledger import (
    AccountKind,
    AccountNumber,
    AttachedRow,
    Flags,
    Ledger,
    Limit,
    NewAccount,
    Refusal,
    Transfer,
    correcting_transfer,
    pending_transfer,
    post_pending_transfer,
    void_pending_transfer,
)
from counterfoil.money import Currency, Money
from tests.ledger.world import EUR, JPY, account_id, transfer_id

NOW: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAST, FUTURE = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
INT64_MAX: Final = 2**63 - 1

NUMBERS = tuple(map(AccountNumber, range(1, 12)))
CASH, ALICE, SHOP, LOAN, TOKYO, CLOSED, GONE, FROZEN, ICED, FULL, VAULT = NUMBERS
NOBODY, NOBODY_ELSE = AccountNumber(99), AccountNumber(98)
_LIMITS = {ALICE: Limit.DEBITS_NOT_OVER_CREDITS, LOAN: Limit.CREDITS_NOT_OVER_DEBITS}

NO_ID, NEW, NEXT = transfer_id(0), transfer_id(77), transfer_id(78)
PAID, HELD, POSTED, VOIDED, EXPIRED = map(transfer_id, range(1, 6))
PAID_FROZEN, PAID_BACK, VOID_FROZEN, NEVER = map(transfer_id, range(6, 10))

BAD_ROW = AttachedRow("DELETE FROM account_changes WHERE change = -1")
"""It changes no row, and one was expected."""


def plain(
    debit: AccountNumber = CASH,
    credit: AccountNumber = SHOP,
    minor: int = 5,
    currency: Currency = EUR,
) -> Transfer:
    """Ask for what nobody refuses."""
    amount = Money(minor, currency)
    return Transfer(id=NEW, debit_account=debit, credit_account=credit, amount=amount)


_ANY = plain()
_NAMES_NOTHING = Transfer(id=NEW)


@dataclass(frozen=True)
class Case:
    """A batch whose transfer at `place` is refused, and the same one mended, refused by `later`."""

    refusal: Refusal
    broken: tuple[Transfer, ...]
    message: str
    mended: tuple[Transfer, ...] = ()
    later: Refusal | None = None
    rows: tuple[AttachedRow, ...] = ()


def _case(refusal: Refusal, broken: Transfer, message: str, mended: Transfer | None = None,
          later: Refusal | None = None, rows: tuple[AttachedRow, ...] = ()) -> Case:  # fmt: skip
    return Case(refusal, (broken,), message, (mended,) if mended else (), later, rows)


_LINKED = replace(_ANY, flags=Flags.LINKED)
_POST_HELD = Transfer(
    id=NEW, flags=Flags.POST, subject=HELD, debit_account=CASH, credit_account=SHOP
)
_IMPORT = replace(_ANY, flags=Flags.IMPORTED)
_HOLD = replace(_ANY, flags=Flags.PENDING)

CASES: Final = (
    Case(
        Refusal.LINKED_REFUSED,
        (_LINKED, replace(_LINKED, id=NEXT)),
        f"Transfer {NEW} is linked to one that was refused. "
        "See the refusal of the other transfer in the chain.",
        (_LINKED,),
        Refusal.CHAIN_OPEN,
    ),
    _case(
        Refusal.CHAIN_OPEN,
        replace(_LINKED, id=NO_ID),
        f"Transfer {NO_ID} is linked to a next one, and there is none. "
        "Clear the linked flag on the last transfer of a chain.",
        replace(_ANY, id=NO_ID),
        Refusal.ID_MISSING,
    ),
    _case(
        Refusal.ID_MISSING,
        replace(_ANY, id=NO_ID, flags=Flags.EXPIRY),
        "A transfer came without an id. "
        "Make a time-ordered 128-bit id before asking, and keep it for a retry.",
        replace(_ANY, flags=Flags.EXPIRY),
        Refusal.FLAGS_INVALID,
    ),
    _case(
        Refusal.ID_USED_WITH_OTHER_CONTENT,
        replace(_ANY, id=PAID, flags=Flags.EXPIRY),
        f"Id {PAID} already names a transfer with other content. "
        "Ask with the first content to get the first result, or make a new id.",
        replace(_ANY, flags=Flags.EXPIRY),
        Refusal.FLAGS_INVALID,
    ),
    _case(
        Refusal.FLAGS_INVALID,
        replace(plain(minor=0), flags=Flags.EXPIRY),
        f"Transfer {NEW} has flags 16 that do not go together. "
        "A transfer is one of plain, pending, post, void or correction; only the first two balance "
        "and only the first is imported.",
        plain(minor=0),
        Refusal.AMOUNT_NOT_POSITIVE,
    ),
    _case(
        Refusal.AMOUNT_NOT_POSITIVE,
        replace(plain(minor=0), flags=Flags.VOID, subject=HELD),
        f"Transfer {NEW} asks for 0.00 EUR. "
        "An amount is more than nothing; turn debit and credit around for the other direction.",
        replace(_ANY, flags=Flags.VOID, subject=HELD),
        Refusal.AMOUNT_NOT_EXPECTED,
    ),
    _case(
        Refusal.AMOUNT_NOT_EXPECTED,
        replace(_ANY, flags=Flags.VOID),
        f"Transfer {NEW} voids or corrects, and names the amount 0.05 EUR. "
        "All that was held or moved goes back; leave the amount out.",
        replace(_NAMES_NOTHING, flags=Flags.VOID),
        Refusal.HOLD_MISSING,
    ),
    _case(
        Refusal.HOLD_MISSING,
        replace(_NAMES_NOTHING, flags=Flags.VOID, expires_at=FUTURE),
        f"Transfer {NEW} posts, voids or corrects, and does not say what. "
        "Name the transfer that it resolves.",
        replace(_NAMES_NOTHING, flags=Flags.VOID, expires_at=FUTURE, subject=HELD),
        Refusal.EXPIRY_NOT_EXPECTED,
    ),
    _case(
        Refusal.HOLD_NOT_EXPECTED,
        replace(_ANY, subject=HELD, expires_at=FUTURE),
        f"Transfer {NEW} names {HELD}, and neither posts, voids nor corrects it. "
        "Leave the name out, or set the flag.",
        replace(_ANY, expires_at=FUTURE),
        Refusal.EXPIRY_NOT_EXPECTED,
    ),
    _case(
        Refusal.EXPIRY_NOT_EXPECTED,
        replace(_IMPORT, expires_at=FUTURE),
        f"Transfer {NEW} has an expiry and is not a hold. "
        "Leave the expiry out, or make it a pending transfer.",
        _IMPORT,
        Refusal.TIME_MISSING,
    ),
    _case(
        Refusal.TIME_MISSING,
        replace(_IMPORT, credit_account=CASH),
        f"Transfer {NEW} is imported and has no time of its own. "
        "Give the time at which it happened.",
        replace(_IMPORT, credit_account=CASH, at=NOW),
        Refusal.SAME_ACCOUNT,
    ),
    _case(
        Refusal.TIME_NOT_EXPECTED,
        replace(_HOLD, at=PAST, expires_at=PAST),
        f"Transfer {NEW} brings a time of its own and is not imported. "
        "Leave the time out: the ledger's clock dates it.",
        replace(_HOLD, expires_at=PAST),
        Refusal.EXPIRY_IN_PAST,
    ),
    _case(
        Refusal.EXPIRY_IN_PAST,
        replace(_HOLD, expires_at=PAST, credit_account=CASH),
        f"Hold {NEW} would expire at 2026-03-01 11:00:00+00:00, which has passed. "
        "Give an expiry later than now.",
        replace(_HOLD, credit_account=CASH),
        Refusal.SAME_ACCOUNT,
    ),
    _case(
        Refusal.TIME_IN_FUTURE,
        replace(_IMPORT, at=FUTURE, credit_account=CASH),
        f"Imported transfer {NEW} is dated 2026-03-01 13:00:00+00:00, which is yet to come. "
        "Import what has happened; the ledger's clock may also be slow.",
        replace(_IMPORT, at=NOW, credit_account=CASH),
        Refusal.SAME_ACCOUNT,
    ),
    _case(
        Refusal.HOLD_NOT_FOUND,
        replace(_POST_HELD, subject=NEVER),
        f"Transfer {NEW} names hold {NEVER}, which does not exist. "
        "Place the hold first; a refused hold has to be asked for again.",
    ),
    _case(
        Refusal.NOT_A_HOLD,
        replace(_POST_HELD, subject=PAID),
        f"Transfer {NEW} names {PAID}, which is not a hold. "
        "Only pending transfers can be posted or voided; correct the others.",
        _POST_HELD,
        Refusal.HOLD_HAS_OTHER_ACCOUNTS,
    ),
    _case(
        Refusal.HOLD_ALREADY_POSTED,
        replace(_POST_HELD, subject=POSTED),
        f"Hold {POSTED} has already been posted. A hold resolves once; ask for a new one.",
        _POST_HELD,
        Refusal.HOLD_HAS_OTHER_ACCOUNTS,
    ),
    _case(
        Refusal.HOLD_ALREADY_VOIDED,
        replace(_POST_HELD, subject=VOIDED),
        f"Hold {VOIDED} has already been voided. A hold resolves once; ask for a new one.",
        _POST_HELD,
        Refusal.HOLD_HAS_OTHER_ACCOUNTS,
    ),
    _case(
        Refusal.HOLD_EXPIRED,
        replace(_POST_HELD, subject=EXPIRED),
        f"Hold {EXPIRED} has expired. Ask for a new hold.",
        _POST_HELD,
        Refusal.HOLD_HAS_OTHER_ACCOUNTS,
    ),
    _case(
        Refusal.HOLD_HAS_OTHER_ACCOUNTS,
        replace(_POST_HELD, amount=Money(31, EUR)),
        f"Transfer {NEW} names {HELD}, which does not go with accounts 1 and 3 in that currency. "
        "Leave the accounts out; they follow from what is named.",
        post_pending_transfer(NEW, subject=HELD, amount=Money(31, EUR)),
        Refusal.EXCEEDS_HOLD,
    ),
    _case(
        Refusal.EXCEEDS_HOLD,
        post_pending_transfer(NEW, subject=HELD, amount=Money(31, EUR)),
        f"Transfer {NEW} posts 0.31 EUR of hold {HELD}, which holds 0.30 EUR. Post at most what is held.",
    ),
    _case(
        Refusal.CORRECTED_NOT_FOUND,
        correcting_transfer(NEW, subject=NEVER),
        f"Transfer {NEW} corrects {NEVER}, which does not exist. "
        "Correct a transfer after it has been accepted.",
    ),
    _case(
        Refusal.NOT_CORRECTABLE,
        correcting_transfer(NEW, subject=VOID_FROZEN),
        f"Transfer {NEW} corrects {VOID_FROZEN}, which moved no money by itself. "
        "Void a hold; correct the transfer that posted it.",
        correcting_transfer(NEW, subject=PAID_FROZEN),
        Refusal.DEBITS_FROZEN,
    ),
    _case(
        Refusal.ALREADY_CORRECTED,
        correcting_transfer(NEW, subject=PAID_BACK),
        f"Transfer {PAID_BACK} has already been corrected. "
        "A transfer is corrected once; correct the correction to restore it.",
        correcting_transfer(NEW, subject=PAID_FROZEN),
        Refusal.DEBITS_FROZEN,
    ),
    _case(
        Refusal.SAME_ACCOUNT,
        plain(NOBODY, NOBODY),
        f"Transfer {NEW} debits and credits the one account 99. Name two accounts.",
        plain(NOBODY, SHOP),
        Refusal.DEBIT_ACCOUNT_NOT_FOUND,
    ),
    _case(
        Refusal.DEBIT_ACCOUNT_NOT_FOUND,
        plain(NOBODY, NOBODY_ELSE),
        "Account 99, to be debited, does not exist. Open the account first.",
        plain(CASH, NOBODY_ELSE),
        Refusal.CREDIT_ACCOUNT_NOT_FOUND,
    ),
    _case(
        Refusal.CREDIT_ACCOUNT_NOT_FOUND,
        plain(CASH, NOBODY_ELSE, currency=JPY),
        "Account 98, to be credited, does not exist. Open the account first.",
        plain(CASH, SHOP, currency=JPY),
        Refusal.CURRENCY_MISMATCH,
    ),
    _case(
        Refusal.CURRENCY_MISMATCH,
        plain(CLOSED, TOKYO),
        f"Transfer {NEW} is in currency EUR; account 5 is not. "
        "Convert with two linked transfers through liquidity accounts.",
        plain(CLOSED, SHOP),
        Refusal.DEBIT_ACCOUNT_CLOSED,
    ),
    _case(
        Refusal.DEBIT_ACCOUNT_CLOSED,
        plain(CLOSED, GONE),
        "Account 6, to be debited, is closed. Reopen it, or use another.",
        plain(CASH, GONE),
        Refusal.CREDIT_ACCOUNT_CLOSED,
    ),
    _case(
        Refusal.CREDIT_ACCOUNT_CLOSED,
        plain(FROZEN, CLOSED),
        "Account 6, to be credited, is closed. Reopen it, or use another.",
        plain(FROZEN, SHOP),
        Refusal.DEBITS_FROZEN,
    ),
    _case(
        Refusal.DEBITS_FROZEN,
        plain(FROZEN, ICED),
        "Debits of account 8 are frozen. "
        "Have them unfrozen; holds placed before the freeze can still be resolved.",
        plain(CASH, ICED),
        Refusal.CREDITS_FROZEN,
    ),
    _case(
        Refusal.CREDITS_FROZEN,
        replace(_IMPORT, credit_account=ICED, at=PAST),
        "Credits of account 9 are frozen. "
        "Have them unfrozen; holds placed before the freeze can still be resolved.",
        replace(_IMPORT, at=PAST),
        Refusal.TIME_GOES_BACK,
    ),
    _case(
        Refusal.TIME_GOES_BACK,
        replace(_IMPORT, debit_account=FULL, at=PAST),
        f"Imported transfer {NEW} is dated 2026-03-01 11:00:00+00:00, before the last transfer of "
        "account 10. Import in the order of time; an account's past does not change.",
        replace(_IMPORT, debit_account=FULL, at=NOW),
        Refusal.OVERFLOWS,
    ),
    _case(
        Refusal.NOTHING_AVAILABLE,
        replace(plain(FULL), flags=Flags.BALANCING_DEBIT),
        f"Balancing transfer {NEW} finds nothing to move. "
        "Nothing has to be done, or fund the account first.",
        plain(FULL),
        Refusal.OVERFLOWS,
    ),
    _case(
        Refusal.OVERFLOWS,
        plain(ALICE, VAULT, 1000),
        f"Transfer {NEW} of 10.00 EUR would take a sum of account 11 past 2^63 − 1. "
        "Split what the account stands for over several accounts.",
        plain(ALICE, SHOP, 1000),
        Refusal.EXCEEDS_CREDITS,
    ),
    _case(
        Refusal.EXCEEDS_CREDITS,
        plain(ALICE, LOAN, 1000),
        f"Transfer {NEW} debits 10.00 EUR from account 2, which has 0.40 EUR available. "
        "Fund the account, or ask for less.",
        plain(CASH, LOAN, 1000),
        Refusal.EXCEEDS_DEBITS,
    ),
    _case(
        Refusal.EXCEEDS_DEBITS,
        plain(CASH, LOAN, 1000),
        f"Transfer {NEW} credits 10.00 EUR to account 4, which has room for 0.70 EUR. Ask for less.",
        _ANY,
        Refusal.ATTACHED_ROW_REFUSED,
        rows=(BAD_ROW,),
    ),
    _case(
        Refusal.ATTACHED_ROW_REFUSED,
        _ANY,
        f"A row attached to transfer {NEW} was refused: The statement changed 0 rows and 1 were "
        "expected. The transfer was not made; put the row right and ask again.",
        rows=(BAD_ROW,),
    ),
)

TRANSIENT: Final = {
    Refusal.LINKED_REFUSED,
    Refusal.TIME_IN_FUTURE,
    Refusal.HOLD_NOT_FOUND,
    Refusal.CORRECTED_NOT_FOUND,
    Refusal.DEBIT_ACCOUNT_NOT_FOUND,
    Refusal.CREDIT_ACCOUNT_NOT_FOUND,
    Refusal.DEBIT_ACCOUNT_CLOSED,
    Refusal.CREDIT_ACCOUNT_CLOSED,
    Refusal.DEBITS_FROZEN,
    Refusal.CREDITS_FROZEN,
    Refusal.NOTHING_AVAILABLE,
    Refusal.EXCEEDS_CREDITS,
    Refusal.EXCEEDS_DEBITS,
}
"""What the same transfer can get past later: by waiting, or because somebody else did something."""

_ABOUT_ONE_HOLD = "a hold is in one state, and what is no hold is in none"
_CANNOT_BOTH: Final = {
    Refusal.ID_MISSING: "no id has not been used",
    Refusal.HOLD_MISSING: "what is missing is not one too many",
    Refusal.TIME_MISSING: "what is missing is not one too many",
    Refusal.EXPIRY_IN_PAST: "holds have expiries, imported transfers times; none is both",
    Refusal.TIME_IN_FUTURE: "an imported transfer names no hold",
    Refusal.HOLD_NOT_FOUND: "what does not exist is nothing else",
    Refusal.NOT_A_HOLD: _ABOUT_ONE_HOLD,
    Refusal.HOLD_ALREADY_POSTED: _ABOUT_ONE_HOLD,
    Refusal.HOLD_ALREADY_VOIDED: _ABOUT_ONE_HOLD,
    Refusal.EXCEEDS_HOLD: "what posts a hold corrects nothing, and moves between its accounts",
    Refusal.CORRECTED_NOT_FOUND: "what does not exist is nothing else",
    Refusal.NOT_CORRECTABLE: "what cannot be corrected has not been",
    Refusal.ALREADY_CORRECTED: "a transfer that was made is between two accounts",
    Refusal.TIME_GOES_BACK: "an imported transfer does not balance",
}
CANNOT_BOTH = {(first, Refusal(first + 1)): why for first, why in _CANNOT_BOTH.items()}
"""The neighbors that one transfer cannot break together, and why."""


def open_town(url: str) -> Ledger:
    """Open a ledger in which something has happened to everyone."""
    clock = ManualClock(NOW - timedelta(minutes=30))
    ledger = Ledger.open(url, clock=clock)
    ledger.open_accounts(
        [
            NewAccount(
                id=account_id(number),
                currency=JPY if number == TOKYO else EUR,
                kind=AccountKind.ASSET if number in {CASH, LOAN} else AccountKind.LIABILITY,
                limit=_LIMITS.get(number, Limit.NONE),
            )
            for number in NUMBERS
        ]
    )
    ids = map(transfer_id, range(100, 200))
    ledger.post(
        replace(plain(CASH, ALICE, 100), id=PAID),
        replace(plain(LOAN, CASH, 70), id=next(ids)),
        replace(plain(FULL, VAULT, INT64_MAX), id=next(ids)),
        replace(plain(CASH, FROZEN, 50), id=PAID_FROZEN),
        replace(plain(CASH, FROZEN, 50), id=PAID_BACK),
    )
    ledger.post(correcting_transfer(next(ids), subject=PAID_BACK))
    for name, minor in ((HELD, 30), (POSTED, 30), (VOIDED, 5), (EXPIRED, 5)):
        expires_at = NOW - timedelta(minutes=10) if name == EXPIRED else None
        amount = Money(minor, EUR)
        ledger.post(
            pending_transfer(
                name, debit_account=ALICE, credit_account=SHOP, amount=amount, expires_at=expires_at
            )
        )
    frozen_hold = next(ids)
    ledger.post(
        pending_transfer(
            frozen_hold, debit_account=CASH, credit_account=FROZEN, amount=Money(1, EUR)
        )
    )
    ledger.post(void_pending_transfer(VOID_FROZEN, subject=frozen_hold))
    ledger.post(post_pending_transfer(next(ids), subject=POSTED))
    ledger.post(void_pending_transfer(next(ids), subject=VOIDED))
    ledger.freeze(FROZEN, debits=True)
    ledger.freeze(ICED, credits=True)
    ledger.close_account(CLOSED)
    ledger.close_account(GONE)
    clock.set(NOW)
    ledger.release_due()
    return ledger
