"""What can be wrong with a bank's files. All of it is found before anything is posted.

LedgerError
└── BerkaError
    ├── BerkaMissing            the folder, or transaction files in it, are not there
    ├── BerkaFileUnreadable     a file is damaged, or its columns are not the bank's
    ├── BerkaLineUnreadable     one line is; the message names file, line and value
    ├── BerkaRowTwice           two lines have one transaction number
    └── BerkaTooOld             the ledger has later rows of the bank already
"""

from counterfoil.ledger.refusal import LedgerError


class BerkaError(LedgerError):
    """The bank's files cannot be imported; nothing was posted."""

    code = "ledger.berka"


class BerkaMissing(BerkaError):
    """There is no such folder, or no transaction file in it."""

    code = "ledger.berka-missing"


class BerkaFileUnreadable(BerkaError):
    """A file cannot be read to its end, or has other columns than the bank's."""

    code = "ledger.berka-file-unreadable"


class BerkaLineUnreadable(BerkaError):
    """A line has a value that the bank's format does not know."""

    code = "ledger.berka-line-unreadable"


class BerkaRowTwice(BerkaError):
    """Two lines carry one transaction number, so one of them is a copy or an error."""

    code = "ledger.berka-row-twice"


class BerkaTooOld(BerkaError):
    """The ledger has later rows of this bank, and an account's time does not go back."""

    code = "ledger.berka-too-old"
