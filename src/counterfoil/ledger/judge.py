"""The rules: may this transfer be made? Each function answers 0 or the number of a `Refusal`.

The rules are asked in the order of `Refusal`; `batch.fact` takes the number that a refusal was
judged by. Compiled, like the rest of the engine.
"""

from counterfoil.ledger.books import ACCOUNT_COUNT, OPEN, POSTED, VOIDED, Batch, Books
from counterfoil.ledger.compiled import compiled
from counterfoil.ledger.layout import INT64_MAX, WHOLE, AccountRules, Flags, Record
from counterfoil.ledger.refusal import Refusal

# Plain integers: the compiler freezes them, and look-ups in an enum would cost it dearly.
_LINKED = int(Flags.LINKED)
_PENDING = int(Flags.PENDING)
_POST = int(Flags.POST)
_VOID = int(Flags.VOID)
_EXPIRY = int(Flags.EXPIRY)
_CORRECTION = int(Flags.CORRECTION)
_BALANCING_DEBIT = int(Flags.BALANCING_DEBIT)
_BALANCING_CREDIT = int(Flags.BALANCING_CREDIT)
_BALANCING = _BALANCING_DEBIT | _BALANCING_CREDIT
_IMPORTED = int(Flags.IMPORTED)
_RESOLVING = _POST | _VOID | _EXPIRY
_NAMING = _POST | _VOID | _CORRECTION
_KINDS = _PENDING | _RESOLVING | _CORRECTION
_ASKABLE = _LINKED | _PENDING | _NAMING | _BALANCING | _IMPORTED

_DEBITS_NOT_OVER_CREDITS = int(AccountRules.DEBITS_NOT_OVER_CREDITS)
_CREDITS_NOT_OVER_DEBITS = int(AccountRules.CREDITS_NOT_OVER_DEBITS)
_DEBITS_FROZEN = int(AccountRules.DEBITS_FROZEN)
_CREDITS_FROZEN = int(AccountRules.CREDITS_FROZEN)
_CLOSED = int(AccountRules.CLOSED)

_FLAGS_INVALID = int(Refusal.FLAGS_INVALID)
_AMOUNT_NOT_POSITIVE = int(Refusal.AMOUNT_NOT_POSITIVE)
_AMOUNT_NOT_EXPECTED = int(Refusal.AMOUNT_NOT_EXPECTED)
_HOLD_MISSING = int(Refusal.HOLD_MISSING)
_HOLD_NOT_EXPECTED = int(Refusal.HOLD_NOT_EXPECTED)
_EXPIRY_NOT_EXPECTED = int(Refusal.EXPIRY_NOT_EXPECTED)
_TIME_MISSING = int(Refusal.TIME_MISSING)
_TIME_NOT_EXPECTED = int(Refusal.TIME_NOT_EXPECTED)
_EXPIRY_IN_PAST = int(Refusal.EXPIRY_IN_PAST)
_TIME_IN_FUTURE = int(Refusal.TIME_IN_FUTURE)
_HOLD_NOT_FOUND = int(Refusal.HOLD_NOT_FOUND)
_HOLD_ALREADY_POSTED = int(Refusal.HOLD_ALREADY_POSTED)
_HOLD_ALREADY_VOIDED = int(Refusal.HOLD_ALREADY_VOIDED)
_HOLD_EXPIRED = int(Refusal.HOLD_EXPIRED)
_HOLD_HAS_OTHER_ACCOUNTS = int(Refusal.HOLD_HAS_OTHER_ACCOUNTS)
_EXCEEDS_HOLD = int(Refusal.EXCEEDS_HOLD)
_SAME_ACCOUNT = int(Refusal.SAME_ACCOUNT)
_DEBIT_ACCOUNT_NOT_FOUND = int(Refusal.DEBIT_ACCOUNT_NOT_FOUND)
_CREDIT_ACCOUNT_NOT_FOUND = int(Refusal.CREDIT_ACCOUNT_NOT_FOUND)
_CURRENCY_MISMATCH = int(Refusal.CURRENCY_MISMATCH)
_DEBIT_ACCOUNT_CLOSED = int(Refusal.DEBIT_ACCOUNT_CLOSED)
_CREDIT_ACCOUNT_CLOSED = int(Refusal.CREDIT_ACCOUNT_CLOSED)
_R_DEBITS_FROZEN = int(Refusal.DEBITS_FROZEN)
_R_CREDITS_FROZEN = int(Refusal.CREDITS_FROZEN)
_TIME_GOES_BACK = int(Refusal.TIME_GOES_BACK)
_OVERFLOWS = int(Refusal.OVERFLOWS)
_EXCEEDS_CREDITS = int(Refusal.EXCEEDS_CREDITS)
_EXCEEDS_DEBITS = int(Refusal.EXCEEDS_DEBITS)


@compiled
def judge_shape(asked: Record, now: int) -> int:
    """Judge what can be judged without looking at the ledger."""
    flags = int(asked.flags)
    kind = flags & _KINDS
    if flags & ~_ASKABLE or kind & (kind - 1):
        return _FLAGS_INVALID
    if (flags & _BALANCING and kind not in (0, _PENDING)) or (
        flags & _IMPORTED and (kind != 0 or flags & _BALANCING)
    ):
        return _FLAGS_INVALID
    if asked.amount <= 0 and not (asked.amount == WHOLE and kind & _NAMING):
        return _AMOUNT_NOT_POSITIVE
    if kind & (_VOID | _CORRECTION) and asked.amount != WHOLE:
        return _AMOUNT_NOT_EXPECTED
    names_subject = asked.subject_hi != 0 or asked.subject_lo != 0
    if kind & _NAMING and not names_subject:
        return _HOLD_MISSING
    if names_subject and not kind & _NAMING:
        return _HOLD_NOT_EXPECTED
    if asked.expires_at != 0 and kind != _PENDING:
        return _EXPIRY_NOT_EXPECTED
    if flags & _IMPORTED and asked.at == 0:
        return _TIME_MISSING
    if asked.at != 0 and not flags & _IMPORTED:
        return _TIME_NOT_EXPECTED
    if asked.expires_at != 0 and asked.expires_at <= now:
        return _EXPIRY_IN_PAST
    if asked.at > now:
        return _TIME_IN_FUTURE
    return 0


@compiled
def _contradicts(given: int, own: int) -> bool:
    return given != 0 and given != own


@compiled
def judge_hold(books: Books, batch: Batch, k: int, slot: int) -> int:
    """Judge a transfer that posts or voids the hold in `slot` (−1: there is none)."""
    asked = batch.asked[k]
    if slot < 0:
        return _HOLD_NOT_FOUND
    hold = books.holds[slot]
    if hold.state != OPEN:
        if hold.state == POSTED:
            return _HOLD_ALREADY_POSTED
        return _HOLD_ALREADY_VOIDED if hold.state == VOIDED else _HOLD_EXPIRED
    currency = books.accounts[hold.debit_account].currency
    if (
        _contradicts(asked.debit_account, hold.debit_account)
        or _contradicts(asked.credit_account, hold.credit_account)
        or _contradicts(asked.currency, currency)
    ):
        return _HOLD_HAS_OTHER_ACCOUNTS
    if asked.amount > hold.amount:
        batch.fact[k] = hold.amount
        return _EXCEEDS_HOLD
    return 0


@compiled
def judge_accounts(books: Books, batch: Batch, k: int, debit: int, credit: int, at: int) -> int:
    """Judge whether the two accounts can take a transfer at all."""
    asked = batch.asked[k]
    count = books.counters[ACCOUNT_COUNT]
    if debit == credit:
        return _SAME_ACCOUNT
    if debit < 1 or debit > count:
        return _DEBIT_ACCOUNT_NOT_FOUND
    if credit < 1 or credit > count:
        return _CREDIT_ACCOUNT_NOT_FOUND
    debited, credited = books.accounts[debit], books.accounts[credit]
    currency = asked.currency if asked.currency != 0 else int(debited.currency)
    if currency != debited.currency or currency != credited.currency:
        batch.fact[k] = debit if currency != debited.currency else credit
        return _CURRENCY_MISMATCH
    if debited.rules & _CLOSED:
        return _DEBIT_ACCOUNT_CLOSED
    if credited.rules & _CLOSED:
        return _CREDIT_ACCOUNT_CLOSED
    if debited.rules & _DEBITS_FROZEN:
        return _R_DEBITS_FROZEN
    if credited.rules & _CREDITS_FROZEN:
        return _R_CREDITS_FROZEN
    if at < debited.last_at or at < credited.last_at:
        batch.fact[k] = debit if at < debited.last_at else credit
        return _TIME_GOES_BACK
    return 0


@compiled
def available(account: Record) -> int:
    """What can be debited while debits may not exceed credits; holds count against it."""
    return account.credits_posted - account.debits_posted - account.debits_pending


@compiled
def room(account: Record) -> int:
    """What can be credited while credits may not exceed debits; holds count against it."""
    return account.debits_posted - account.credits_posted - account.credits_pending


@compiled
def judge_amount(books: Books, batch: Batch, k: int, debit: int, credit: int, amount: int) -> int:
    """Judge an amount against both accounts' sums and limits."""
    debited, credited = books.accounts[debit], books.accounts[credit]
    if INT64_MAX - debited.debits_posted - debited.debits_pending < amount:
        batch.fact[k] = debit
        return _OVERFLOWS
    if INT64_MAX - credited.credits_posted - credited.credits_pending < amount:
        batch.fact[k] = credit
        return _OVERFLOWS
    if debited.rules & _DEBITS_NOT_OVER_CREDITS and amount > available(debited):
        batch.fact[k] = available(debited)
        return _EXCEEDS_CREDITS
    if credited.rules & _CREDITS_NOT_OVER_DEBITS and amount > room(credited):
        batch.fact[k] = room(credited)
        return _EXCEEDS_DEBITS
    return 0
