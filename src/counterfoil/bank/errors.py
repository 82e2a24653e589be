"""Every way the bank's room says no.

BankError
├── IBANInvalid          no IBAN: its form, its length for the country, or its check digits
├── ReferenceInvalid     no creditor reference of ISO 11649
├── AccountUnknown       the operator has no bank account in that currency
├── MessageTooLarge      a file from the bank is larger than is read
├── MessageUnreadable    it is no message that is known here, or breaks its schema
├── FileChanged          a file with that name is there, with other content
├── EntryNotInSuspense   no money that came in lies in suspense under that key
└── BankBusy             something changed at the same moment; ask again
"""

from counterfoil.kernel.errors import CounterfoilError


class BankError(CounterfoilError):
    """The bank's room cannot do what was asked; nothing was changed."""

    code = "bank.error"


class IBANInvalid(BankError):
    """What was given is no IBAN."""

    code = "bank.iban-invalid"


class ReferenceInvalid(BankError):
    """What was given is no creditor reference."""

    code = "bank.reference-invalid"


class AccountUnknown(BankError):
    """The operator has no bank account in this currency."""

    code = "bank.account-unknown"


class MessageTooLarge(BankError):
    """A file from the bank is larger than is read."""

    code = "bank.message-too-large"


class MessageUnreadable(BankError):
    """A file from the bank is no message that is known here, or breaks its schema."""

    code = "bank.message-unreadable"


class FileChanged(BankError):
    """A file of that name is in the bank's folder already, with other content."""

    code = "bank.file-changed"


class EntryNotInSuspense(BankError):
    """No money that came in lies in suspense under this key."""

    code = "bank.entry-not-in-suspense"


class BankBusy(BankError):
    """Something changed at the same moment; asking again is safe."""

    code = "bank.busy"
    is_transient = True
