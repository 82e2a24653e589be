"""The oracle's rules: each refusal in its order, with whether a transfer breaks that rule.

The first broken rule is the answer and nothing after it is asked, so a rule may rely on the rules
before it.
"""

from collections.abc import Iterator
from datetime import datetime

from counterfoil.ledger import AccountNumber, Flags, Limit, Refusal, Transfer
from tests.ledger.oracle_log import Log, Row

INT64_MAX = 2**63 - 1
RESOLVING = Flags.POST | Flags.VOID
NAMING = RESOLVING | Flags.CORRECTION
BALANCING = Flags.BALANCING_DEBIT | Flags.BALANCING_CREDIT
KINDS = Flags.PENDING | Flags.EXPIRY | NAMING
ASKABLE = Flags.LINKED | Flags.PENDING | NAMING | BALANCING | Flags.IMPORTED

Rules = Iterator[tuple[Refusal, bool]]


def shape_rules(asked: Transfer, now: datetime) -> Rules:
    """What a transfer says of itself."""
    flags, kind = asked.flags, asked.flags & KINDS
    minor = asked.amount.minor if asked.amount else None
    at, expires_at = asked.at, asked.expires_at
    is_naming, is_imported = bool(kind & NAMING), bool(flags & Flags.IMPORTED)
    is_balancing = bool(flags & BALANCING)
    yield (
        Refusal.FLAGS_INVALID,
        (
            bool(flags & ~ASKABLE)
            or kind.bit_count() > 1
            or (is_balancing and kind not in {Flags.NONE, Flags.PENDING})
            or (is_imported and (kind != Flags.NONE or is_balancing))
        ),
    )
    yield Refusal.AMOUNT_NOT_POSITIVE, not is_naming if minor is None else minor <= 0
    is_whole = kind in {Flags.VOID, Flags.CORRECTION}
    yield Refusal.AMOUNT_NOT_EXPECTED, is_whole and minor is not None
    yield Refusal.HOLD_MISSING, is_naming and asked.subject is None
    yield Refusal.HOLD_NOT_EXPECTED, not is_naming and asked.subject is not None
    yield Refusal.EXPIRY_NOT_EXPECTED, expires_at is not None and kind != Flags.PENDING
    yield Refusal.TIME_MISSING, is_imported and at is None
    yield Refusal.TIME_NOT_EXPECTED, not is_imported and at is not None
    yield Refusal.EXPIRY_IN_PAST, expires_at is not None and expires_at <= now
    yield Refusal.TIME_IN_FUTURE, at is not None and at > now


def hold_rules(log: Log, asked: Transfer) -> Rules:
    """What posts or voids a hold."""
    hold = log.find(asked.subject)
    yield Refusal.HOLD_NOT_FOUND, hold is None
    assert hold is not None
    yield Refusal.NOT_A_HOLD, not hold.flags & Flags.PENDING
    end = log.resolution(hold)
    yield Refusal.HOLD_ALREADY_POSTED, end is not None and bool(end.flags & Flags.POST)
    yield Refusal.HOLD_ALREADY_VOIDED, end is not None and bool(end.flags & Flags.VOID)
    yield Refusal.HOLD_EXPIRED, end is not None
    currency = log.accounts[hold.debit].new.currency
    yield (
        Refusal.HOLD_HAS_OTHER_ACCOUNTS,
        (
            asked.debit_account not in {0, hold.debit}
            or asked.credit_account not in {0, hold.credit}
            or (asked.amount is not None and asked.amount.currency != currency)
        ),
    )
    yield Refusal.EXCEEDS_HOLD, asked.amount is not None and asked.amount.minor > hold.amount


def correction_rules(log: Log, asked: Transfer, corrected: Row | None) -> Rules:
    """What corrects a transfer of an earlier batch."""
    contradicts = corrected is not None and (
        asked.debit_account not in {0, corrected.credit}
        or asked.credit_account not in {0, corrected.debit}
    )
    yield Refusal.HOLD_HAS_OTHER_ACCOUNTS, contradicts
    yield Refusal.CORRECTED_NOT_FOUND, corrected is None
    assert corrected is not None
    moved_nothing = corrected.flags & (Flags.PENDING | Flags.VOID)
    yield Refusal.NOT_CORRECTABLE, bool(moved_nothing)
    yield Refusal.ALREADY_CORRECTED, log.correction(corrected) is not None


def account_rules(
    log: Log, asked: Transfer, debit: AccountNumber, credit: AccountNumber, at: datetime
) -> Rules:
    """Whether two accounts can take a transfer at all."""
    yield Refusal.SAME_ACCOUNT, debit == credit
    yield Refusal.DEBIT_ACCOUNT_NOT_FOUND, debit not in log.accounts
    yield Refusal.CREDIT_ACCOUNT_NOT_FOUND, credit not in log.accounts
    debited, credited = log.accounts[debit], log.accounts[credit]
    currencies = {debited.new.currency, credited.new.currency}
    currencies |= {asked.amount.currency} if asked.amount else set()
    yield Refusal.CURRENCY_MISMATCH, len(currencies) > 1
    yield Refusal.DEBIT_ACCOUNT_CLOSED, debited.is_closed
    yield Refusal.CREDIT_ACCOUNT_CLOSED, credited.is_closed
    yield Refusal.DEBITS_FROZEN, debited.debits_frozen
    yield Refusal.CREDITS_FROZEN, credited.credits_frozen
    past = [*log.rows_of(debit), *log.rows_of(credit)]
    yield Refusal.TIME_GOES_BACK, any(at < row.at for row in past)


def amount_rules(log: Log, debit: AccountNumber, credit: AccountNumber, amount: int) -> Rules:
    """Whether two accounts can take so much."""
    debited, credited = log.accounts[debit].new, log.accounts[credit].new
    debits, _, debits_held, _ = log.sums(debit)
    _, credits_, _, credits_held = log.sums(credit)
    yield Refusal.NOTHING_AVAILABLE, amount <= 0
    reached = max(debits + debits_held, credits_ + credits_held) + amount
    yield Refusal.OVERFLOWS, reached > INT64_MAX
    is_limited = debited.limit is Limit.DEBITS_NOT_OVER_CREDITS
    yield Refusal.EXCEEDS_CREDITS, is_limited and amount > log.available(debit)
    is_limited = credited.limit is Limit.CREDITS_NOT_OVER_DEBITS
    yield Refusal.EXCEEDS_DEBITS, is_limited and amount > log.room(credit)
