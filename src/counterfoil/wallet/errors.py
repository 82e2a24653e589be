"""Every way a wallet says no.

WalletError
├── AmountInvalid            nothing, or less than nothing
├── CurrencyNotOffered       the operator runs no wallets in that currency
├── WalletNotFound           the person has no wallet in that currency
├── WalletFrozen             its owner or the operator has stopped it from paying
├── FundsMissing             there is less in it than is asked for
├── LimitExceeded
│   ├── DayLimitExceeded     more than the person may still spend today
│   └── MonthLimitExceeded   more than the person may still spend this month
├── LimitInvalid             a limit below nothing, above the operator's, or none at all
├── RecipientNotFound        nobody has registered with that phone number or address
├── RecipientUnable          the recipient's wallet cannot receive
├── SentToSelf               sender and recipient are one
├── WalletBusy               something changed at the same moment; ask again
├── PayerCodeRefused
│   ├── PayerCodeUnknown     no such code was issued, or it was long ago
│   ├── PayerCodeExpired     it was shown too late
│   ├── PayerCodeUsed        it has been shown for another payment
│   └── PayerCodeOverLimit   its person has to agree to that amount first
├── TillPaused               a till has shown too many codes that are none
├── BankAccountMissing       the person has named no bank account to withdraw to
├── RequestNotFound          nobody asked this person for that money
├── RequestClosed            the request was paid, declined or withdrawn before, or has expired
├── NoteInvalid              the note of a request is too long, or could lead its reader somewhere
├── SharesInvalid            the parts of a bill are not the bill, or nobody shares it
└── SettingInvalid           no such time zone, or another setting that cannot be
"""

from counterfoil.kernel.errors import CounterfoilError


class WalletError(CounterfoilError):
    """A wallet cannot do what was asked; nothing was changed."""

    code = "wallet.error"


class AmountInvalid(WalletError):
    """What is spent is more than nothing."""

    code = "wallet.amount-invalid"


class CurrencyNotOffered(WalletError):
    """The operator runs no wallets in this currency."""

    code = "wallet.currency-not-offered"


class WalletNotFound(WalletError):
    """The person has no wallet in this currency."""

    code = "wallet.not-found"


class WalletFrozen(WalletError):
    """The wallet's owner or the operator has stopped it from paying."""

    code = "wallet.frozen"
    is_transient = True


class FundsMissing(WalletError):
    """There is less in the wallet than is asked for, holds counted against it."""

    code = "wallet.funds-missing"
    is_transient = True


class LimitExceeded(WalletError):
    """More than the person may still spend in a period."""

    code = "wallet.limit-exceeded"
    is_transient = True


class DayLimitExceeded(LimitExceeded):
    """More than the person may still spend today."""

    code = "wallet.day-limit-exceeded"


class MonthLimitExceeded(LimitExceeded):
    """More than the person may still spend this month."""

    code = "wallet.month-limit-exceeded"


class LimitInvalid(WalletError):
    """A limit is below nothing, above what the operator allows, or in another currency."""

    code = "wallet.limit-invalid"


class RecipientNotFound(WalletError):
    """Nobody has registered with the phone number or address that money is sent to."""

    code = "wallet.recipient-not-found"
    is_transient = True


class RecipientUnable(WalletError):
    """The recipient's wallet cannot receive: it is closed, or its credits are frozen."""

    code = "wallet.recipient-unable"
    is_transient = True


class SentToSelf(WalletError):
    """The sender and the recipient are one person."""

    code = "wallet.sent-to-self"


class WalletBusy(WalletError):
    """Something changed at the same moment; asking again is safe."""

    code = "wallet.busy"
    is_transient = True


class PayerCodeRefused(WalletError):
    """A payer code does not pay."""

    code = "wallet.payer-code-refused"


class PayerCodeUnknown(PayerCodeRefused):
    """No such code was issued, or it was too long ago to be remembered."""

    code = "wallet.payer-code-unknown"


class PayerCodeExpired(PayerCodeRefused):
    """The code was shown after its time."""

    code = "wallet.payer-code-expired"


class PayerCodeUsed(PayerCodeRefused):
    """The code has been shown before, for another payment."""

    code = "wallet.payer-code-used"


class PayerCodeOverLimit(PayerCodeRefused):
    """The amount is above what the code pays without its person's agreement."""

    code = "wallet.payer-code-over-limit"


class TillPaused(WalletError):
    """A till has shown too many codes that are none, and is not believed for a while."""

    code = "wallet.till-paused"
    is_transient = True


class SettingInvalid(WalletError):
    """A setting of the operator's cannot be."""

    code = "wallet.setting-invalid"


class BankAccountMissing(WalletError):
    """The person has named no bank account to withdraw to."""

    code = "wallet.bank-account-missing"


class RequestNotFound(WalletError):
    """Nobody asked this person for that money."""

    code = "wallet.request-not-found"


class RequestClosed(WalletError):
    """The request was paid, declined or withdrawn before, or has expired."""

    code = "wallet.request-closed"


class NoteInvalid(WalletError):
    """The note of a request is too long, no plain text, or could lead its reader somewhere."""

    code = "wallet.note-invalid"


class SharesInvalid(WalletError):
    """The parts of a bill do not add up to it, or nobody shares it."""

    code = "wallet.shares-invalid"
