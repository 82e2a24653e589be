"""Every way a ledger says no: a closed list, in the order in which the rules are asked.

A transfer is held against the rules from the top; the first that it breaks is the answer. Nothing
is written for a refused transfer, and its id is not remembered: a retry is judged anew.

LedgerError
├── TransferRefused      one transfer (or the chain it is linked into)
├── AccountRefused       one account's opening or change
├── LedgerInUse          another process, or this one, already writes here
├── ClockWentBack        the clock reads earlier than the last transfer
├── LedgerDamaged        the log contradicts itself; nothing was changed
└── NotFound             no such account or transfer, asked for by a reader
"""

from dataclasses import dataclass
from enum import IntEnum

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import Message, lazy


class Refusal(IntEnum):
    """Why a transfer is refused; the number is the place in the order of precedence."""

    LINKED_REFUSED = 1
    CHAIN_OPEN = 2
    ID_MISSING = 3
    ID_USED_WITH_OTHER_CONTENT = 4
    FLAGS_INVALID = 5
    AMOUNT_NOT_POSITIVE = 6
    AMOUNT_NOT_EXPECTED = 7
    HOLD_MISSING = 8
    HOLD_NOT_EXPECTED = 9
    EXPIRY_NOT_EXPECTED = 10
    TIME_MISSING = 11
    TIME_NOT_EXPECTED = 12
    EXPIRY_IN_PAST = 13
    TIME_IN_FUTURE = 14
    HOLD_NOT_FOUND = 15
    NOT_A_HOLD = 16
    HOLD_ALREADY_POSTED = 17
    HOLD_ALREADY_VOIDED = 18
    HOLD_EXPIRED = 19
    HOLD_HAS_OTHER_ACCOUNTS = 20
    EXCEEDS_HOLD = 21
    CORRECTED_NOT_FOUND = 22
    NOT_CORRECTABLE = 23
    ALREADY_CORRECTED = 24
    SAME_ACCOUNT = 25
    DEBIT_ACCOUNT_NOT_FOUND = 26
    CREDIT_ACCOUNT_NOT_FOUND = 27
    CURRENCY_MISMATCH = 28
    DEBIT_ACCOUNT_CLOSED = 29
    CREDIT_ACCOUNT_CLOSED = 30
    DEBITS_FROZEN = 31
    CREDITS_FROZEN = 32
    TIME_GOES_BACK = 33
    NOTHING_AVAILABLE = 34
    OVERFLOWS = 35
    EXCEEDS_CREDITS = 36
    EXCEEDS_DEBITS = 37
    ATTACHED_ROW_REFUSED = 38

    @property
    def code(self) -> str:
        """The stable name, such as `exceeds-credits`."""
        return self.name.lower().replace("_", "-")


class AccountRefusal(IntEnum):
    """Why an account is not opened or not changed; the number is the place in the order."""

    ID_MISSING = 1
    ID_USED_WITH_OTHER_CONTENT = 2
    ACCOUNT_NOT_FOUND = 3
    ALREADY_CLOSED = 4
    NOT_CLOSED = 5
    HAS_HOLDS = 6
    HAS_BALANCE = 7
    ATTACHED_ROW_REFUSED = 8

    @property
    def code(self) -> str:
        """The stable name, such as `has-holds`."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a refusal says: the sentence with its values, what to do, whether a retry can help.

    `sentence` is filled from the transfer as asked (`id`, `debit_account`, `credit_account`,
    `amount`, `hold`, `at`, …) and from `fact`, the one number that the rule was judged by.
    """

    sentence: Message
    advice: Message
    is_transient: bool = False


def _rule(sentence: Message, advice: Message, *, is_transient: bool = False) -> Rule:
    return Rule(sentence, advice, is_transient)


RULES: dict[Refusal, Rule] = {
    Refusal.LINKED_REFUSED: _rule(
        lazy("Transfer {id} is linked to one that was refused."),
        lazy("See the refusal of the other transfer in the chain."),
        is_transient=True,
    ),
    Refusal.CHAIN_OPEN: _rule(
        lazy("Transfer {id} is linked to a next one, and there is none."),
        lazy("Clear the linked flag on the last transfer of a chain."),
    ),
    Refusal.ID_MISSING: _rule(
        lazy("A transfer came without an id."),
        lazy("Make a time-ordered 128-bit id before asking, and keep it for a retry."),
    ),
    Refusal.ID_USED_WITH_OTHER_CONTENT: _rule(
        lazy("Id {id} already names a transfer with other content."),
        lazy("Ask with the first content to get the first result, or make a new id."),
    ),
    Refusal.FLAGS_INVALID: _rule(
        lazy("Transfer {id} has flags {flags} that do not go together."),
        lazy(
            "A transfer is one of plain, pending, post, void or correction; only the first two balance"
            " and only the first is imported."
        ),
    ),
    Refusal.AMOUNT_NOT_POSITIVE: _rule(
        lazy("Transfer {id} asks for {amount}."),
        lazy(
            "An amount is more than nothing; turn debit and credit around for the other direction."
        ),
    ),
    Refusal.AMOUNT_NOT_EXPECTED: _rule(
        lazy("Transfer {id} voids or corrects, and names the amount {amount}."),
        lazy("All that was held or moved goes back; leave the amount out."),
    ),
    Refusal.HOLD_MISSING: _rule(
        lazy("Transfer {id} posts, voids or corrects, and does not say what."),
        lazy("Name the transfer that it resolves."),
    ),
    Refusal.HOLD_NOT_EXPECTED: _rule(
        lazy("Transfer {id} names {hold}, and neither posts, voids nor corrects it."),
        lazy("Leave the name out, or set the flag."),
    ),
    Refusal.EXPIRY_NOT_EXPECTED: _rule(
        lazy("Transfer {id} has an expiry and is not a hold."),
        lazy("Leave the expiry out, or make it a pending transfer."),
    ),
    Refusal.TIME_MISSING: _rule(
        lazy("Transfer {id} is imported and has no time of its own."),
        lazy("Give the time at which it happened."),
    ),
    Refusal.TIME_NOT_EXPECTED: _rule(
        lazy("Transfer {id} brings a time of its own and is not imported."),
        lazy("Leave the time out: the ledger's clock dates it."),
    ),
    Refusal.EXPIRY_IN_PAST: _rule(
        lazy("Hold {id} would expire at {expires_at}, which has passed."),
        lazy("Give an expiry later than now."),
    ),
    Refusal.TIME_IN_FUTURE: _rule(
        lazy("Imported transfer {id} is dated {at}, which is yet to come."),
        lazy("Import what has happened; the ledger's clock may also be slow."),
        is_transient=True,
    ),
    Refusal.HOLD_NOT_FOUND: _rule(
        lazy("Transfer {id} names hold {hold}, which does not exist."),
        lazy("Place the hold first; a refused hold has to be asked for again."),
        is_transient=True,
    ),
    Refusal.NOT_A_HOLD: _rule(
        lazy("Transfer {id} names {hold}, which is not a hold."),
        lazy("Only pending transfers can be posted or voided; correct the others."),
    ),
    Refusal.HOLD_ALREADY_POSTED: _rule(
        lazy("Hold {hold} has already been posted."),
        lazy("A hold resolves once; ask for a new one."),
    ),
    Refusal.HOLD_ALREADY_VOIDED: _rule(
        lazy("Hold {hold} has already been voided."),
        lazy("A hold resolves once; ask for a new one."),
    ),
    Refusal.HOLD_EXPIRED: _rule(
        lazy("Hold {hold} has expired."),
        lazy("Ask for a new hold."),
    ),
    Refusal.HOLD_HAS_OTHER_ACCOUNTS: _rule(
        lazy(
            "Transfer {id} names {hold}, which does not go with accounts {debit_account} and"
            " {credit_account} in that currency."
        ),
        lazy("Leave the accounts out; they follow from what is named."),
    ),
    Refusal.EXCEEDS_HOLD: _rule(
        lazy("Transfer {id} posts {amount} of hold {hold}, which holds {fact}."),
        lazy("Post at most what is held."),
    ),
    Refusal.CORRECTED_NOT_FOUND: _rule(
        lazy("Transfer {id} corrects {hold}, which does not exist."),
        lazy("Correct a transfer after it has been accepted."),
        is_transient=True,
    ),
    Refusal.NOT_CORRECTABLE: _rule(
        lazy("Transfer {id} corrects {hold}, which moved no money by itself."),
        lazy("Void a hold; correct the transfer that posted it."),
    ),
    Refusal.ALREADY_CORRECTED: _rule(
        lazy("Transfer {hold} has already been corrected."),
        lazy("A transfer is corrected once; correct the correction to restore it."),
    ),
    Refusal.SAME_ACCOUNT: _rule(
        lazy("Transfer {id} debits and credits the one account {debit_account}."),
        lazy("Name two accounts."),
    ),
    Refusal.DEBIT_ACCOUNT_NOT_FOUND: _rule(
        lazy("Account {debit_account}, to be debited, does not exist."),
        lazy("Open the account first."),
        is_transient=True,
    ),
    Refusal.CREDIT_ACCOUNT_NOT_FOUND: _rule(
        lazy("Account {credit_account}, to be credited, does not exist."),
        lazy("Open the account first."),
        is_transient=True,
    ),
    Refusal.CURRENCY_MISMATCH: _rule(
        lazy("Transfer {id} is in currency {currency}; account {fact} is not."),
        lazy("Convert with two linked transfers through liquidity accounts."),
    ),
    Refusal.DEBIT_ACCOUNT_CLOSED: _rule(
        lazy("Account {debit_account}, to be debited, is closed."),
        lazy("Reopen it, or use another."),
        is_transient=True,
    ),
    Refusal.CREDIT_ACCOUNT_CLOSED: _rule(
        lazy("Account {credit_account}, to be credited, is closed."),
        lazy("Reopen it, or use another."),
        is_transient=True,
    ),
    Refusal.DEBITS_FROZEN: _rule(
        lazy("Debits of account {debit_account} are frozen."),
        lazy("Have them unfrozen; holds placed before the freeze can still be resolved."),
        is_transient=True,
    ),
    Refusal.CREDITS_FROZEN: _rule(
        lazy("Credits of account {credit_account} are frozen."),
        lazy("Have them unfrozen; holds placed before the freeze can still be resolved."),
        is_transient=True,
    ),
    Refusal.TIME_GOES_BACK: _rule(
        lazy("Imported transfer {id} is dated {at}, before the last transfer of account {fact}."),
        lazy("Import in the order of time; an account's past does not change."),
    ),
    Refusal.NOTHING_AVAILABLE: _rule(
        lazy("Balancing transfer {id} finds nothing to move."),
        lazy("Nothing has to be done, or fund the account first."),
        is_transient=True,
    ),
    Refusal.OVERFLOWS: _rule(
        lazy("Transfer {id} of {amount} would take a sum of account {fact} past 2^63 − 1."),
        lazy("Split what the account stands for over several accounts."),
    ),
    Refusal.EXCEEDS_CREDITS: _rule(
        lazy(
            "Transfer {id} debits {amount} from account {debit_account}, which has {fact} available."
        ),
        lazy("Fund the account, or ask for less."),
        is_transient=True,
    ),
    Refusal.EXCEEDS_DEBITS: _rule(
        lazy(
            "Transfer {id} credits {amount} to account {credit_account}, which has room for {fact}."
        ),
        lazy("Ask for less."),
        is_transient=True,
    ),
    Refusal.ATTACHED_ROW_REFUSED: _rule(
        lazy("A row attached to transfer {id} was refused: {reason}"),
        lazy("The transfer was not made; put the row right and ask again."),
    ),
}

ACCOUNT_RULES: dict[AccountRefusal, Rule] = {
    AccountRefusal.ID_MISSING: _rule(
        lazy("An account came without an id."),
        lazy("Make a time-ordered 128-bit id before asking."),
    ),
    AccountRefusal.ID_USED_WITH_OTHER_CONTENT: _rule(
        lazy("Id {id} already names account {fact}, opened with other content."),
        lazy("Ask with the first content to get the same account, or make a new id."),
    ),
    AccountRefusal.ACCOUNT_NOT_FOUND: _rule(
        lazy("Account {account} does not exist."),
        lazy("Open the account first."),
        is_transient=True,
    ),
    AccountRefusal.ALREADY_CLOSED: _rule(
        lazy("Account {account} is closed."), lazy("Reopen the account first."), is_transient=True
    ),
    AccountRefusal.NOT_CLOSED: _rule(
        lazy("Account {account} is open."),
        lazy("Only a closed account can be reopened."),
        is_transient=True,
    ),
    AccountRefusal.HAS_HOLDS: _rule(
        lazy("Account {account} has {fact} held and cannot be closed."),
        lazy("Post or void its holds first."),
        is_transient=True,
    ),
    AccountRefusal.HAS_BALANCE: _rule(
        lazy("Account {account} has a balance of {fact} and cannot be closed."),
        lazy("Move its balance away first."),
        is_transient=True,
    ),
    AccountRefusal.ATTACHED_ROW_REFUSED: _rule(
        lazy("A row attached to account {id} was refused: {reason}"),
        lazy("Nothing was changed; put the row right and ask again."),
    ),
}


class LedgerError(CounterfoilError):
    """A ledger cannot do what was asked."""

    code = "ledger.error"


class _Refused(LedgerError):
    def __init__(self, refusal: Refusal | AccountRefusal, rule: Rule, **facts: object) -> None:
        super().__init__(f"{rule.sentence(**facts)} {rule.advice}", **facts)
        self.is_transient = rule.is_transient
        self.code = f"ledger.{refusal.code}"  # type: ignore[misc]  # one code per refusal


class TransferRefused(_Refused):
    """A transfer was refused by one named rule; nothing of it was written."""

    def __init__(self, refusal: Refusal, **facts: object) -> None:
        super().__init__(refusal, RULES[refusal], **facts)
        self.refusal = refusal


class AccountRefused(_Refused):
    """An account's opening or change was refused by one named rule; nothing was written."""

    def __init__(self, refusal: AccountRefusal, **facts: object) -> None:
        super().__init__(refusal, ACCOUNT_RULES[refusal], **facts)
        self.refusal = refusal


class LedgerInUse(LedgerError):
    """Another writer holds this ledger. Two would corrupt it, so the second is refused."""

    code = "ledger.in-use"
    is_transient = True


class ClockWentBack(LedgerError):
    """The clock reads earlier than the ledger's last transfer; nothing was written."""

    code = "ledger.clock-went-back"
    is_transient = True


class LedgerDamaged(LedgerError):
    """The log contradicts itself or what was derived from it; nothing was changed."""

    code = "ledger.damaged"


class NotFound(LedgerError):
    """A reader asked for an account or a transfer that does not exist."""

    code = "ledger.not-found"


class ReadOnly(LedgerError):
    """The ledger was opened for reading, and something was to be written."""

    code = "ledger.read-only"
