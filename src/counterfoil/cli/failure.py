"""From an anticipated error to a sentence on stderr and an exit status; the map is total.

| status | means |
|---|---|
| 0 | done |
| 1 | the check that was asked for found a difference |
| 2 | the command line was not understood |
| 3 | not now: the database cannot be reached, or another process writes; ask again later |
| 4 | refused by a named rule; nothing was changed |
| 5 | there is no such account, transfer, leaf, person, grant or request |
| 6 | the data given is not what it should be: an amount, a file, a policy |
| 7 | the database is not one that this version can use |
| 8 | the log contradicts itself: stop, and restore or ask for help |
| 130 | interrupted |

An error's own code decides, the most specific first: `ledger.in-use`, then all of `ledger`.
"""

import sys
from enum import IntEnum
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import _


class Exit(IntEnum):
    """What the exit status says."""

    DONE = 0
    DIFFERENCE = 1
    USAGE = 2
    NOT_NOW = 3
    REFUSED = 4
    NOT_FOUND = 5
    BAD_DATA = 6
    BAD_STORE = 7
    DAMAGED = 8
    INTERRUPTED = 130


STATUS_BY_CODE: Final = {
    "api.key-not-found": Exit.NOT_FOUND,
    "api.secret-unusable": Exit.BAD_DATA,
    "ledger.in-use": Exit.NOT_NOW,
    "ledger.clock-went-back": Exit.NOT_NOW,
    "ledger.not-found": Exit.NOT_FOUND,
    "ledger.damaged": Exit.DAMAGED,
    "ledger.berka": Exit.BAD_DATA,
    "ledger.berka-missing": Exit.BAD_DATA,
    "ledger.berka-file-unreadable": Exit.BAD_DATA,
    "ledger.berka-line-unreadable": Exit.BAD_DATA,
    "ledger.berka-row-twice": Exit.BAD_DATA,
    "ledger.berka-too-old": Exit.BAD_DATA,
    "receipts.log-in-use": Exit.NOT_NOW,
    "receipts.log-unavailable": Exit.NOT_NOW,
    "receipts.witness-unavailable": Exit.NOT_NOW,
    "receipts.checkpoint-refused": Exit.REFUSED,
    "receipts.leaf-not-found": Exit.NOT_FOUND,
    "receipts.log-damaged": Exit.DAMAGED,
    "receipts.tile-missing": Exit.DAMAGED,
    "people.not-found": Exit.NOT_FOUND,
    "people.clock-went-back": Exit.NOT_NOW,
    "people.contact-invalid": Exit.BAD_DATA,
    "people.keys-unusable": Exit.BAD_STORE,
    "consent.not-found": Exit.NOT_FOUND,
    "people.value-unusable": Exit.BAD_DATA,
    "rights.not-found": Exit.NOT_FOUND,
    "rights.field-unknown": Exit.BAD_DATA,
    "rights.delivery-failed": Exit.NOT_NOW,
    "courier.delivery-not-found": Exit.NOT_FOUND,
    "alipay.key-unusable": Exit.BAD_STORE,
    "history.copy-not-found": Exit.NOT_FOUND,
    "history.copy-damaged": Exit.DAMAGED,
    "sealing.not-sealed": Exit.NOT_FOUND,
    "sealing.seal-broken": Exit.DAMAGED,
    "wallet.not-found": Exit.NOT_FOUND,
    "wallet.recipient-not-found": Exit.NOT_FOUND,
    "wallet.amount-invalid": Exit.BAD_DATA,
    "wallet.setting-invalid": Exit.BAD_DATA,
    "wallet.busy": Exit.NOT_NOW,
    "retention.clock-jumped": Exit.NOT_NOW,
    "breach.not-found": Exit.NOT_FOUND,
    "breach.case-unreadable": Exit.BAD_DATA,
    "breach.leak-unreadable": Exit.BAD_DATA,
    "breach.rule-unreadable": Exit.BAD_DATA,
    "evidence.refused": Exit.DIFFERENCE,
    "evidence.contradicted": Exit.DIFFERENCE,
    "wallet.request-not-found": Exit.NOT_FOUND,
    "bank.account-unknown": Exit.NOT_FOUND,
    "bank.busy": Exit.NOT_NOW,
    "pay.not-found": Exit.NOT_FOUND,
    "pay.merchant-not-found": Exit.NOT_FOUND,
    "pay.store-not-found": Exit.NOT_FOUND,
    "pay.till-not-found": Exit.NOT_FOUND,
    "pay.application-not-found": Exit.NOT_FOUND,
    "pay.order-not-found": Exit.NOT_FOUND,
    "pay.refund-not-found": Exit.NOT_FOUND,
    "pay.hold-not-found": Exit.NOT_FOUND,
    "pay.agreement-not-found": Exit.NOT_FOUND,
    "pay.merchant-transfer-not-found": Exit.NOT_FOUND,
    "pay.receiver-not-found": Exit.NOT_FOUND,
    "pay.quote-not-found": Exit.NOT_FOUND,
    "pay.request-invalid": Exit.BAD_DATA,
    "pay.amount-invalid": Exit.BAD_DATA,
    "pay.key-refused": Exit.BAD_DATA,
    "pay.key-unreadable": Exit.BAD_DATA,
    "pay.key-too-weak": Exit.BAD_DATA,
    "pay.key-is-private": Exit.BAD_DATA,
    "pay.busy": Exit.NOT_NOW,
    "pay.day-not-over": Exit.NOT_NOW,
    "server.address-taken": Exit.NOT_NOW,
    "bench.peers-missing": Exit.NOT_NOW,
    "score.model-not-found": Exit.NOT_FOUND,
    "score.too-little-known": Exit.REFUSED,
    "score.not-scored": Exit.REFUSED,
    "score.evidence-refused": Exit.REFUSED,
    "score.unarranged": Exit.REFUSED,
    "score.threshold-refused": Exit.REFUSED,
    "score.answer-taken": Exit.REFUSED,
    "store.unavailable": Exit.NOT_NOW,
    "store.writer-present": Exit.NOT_NOW,
}
STATUS_BY_ROOM: Final = {
    "ledger": Exit.REFUSED,
    "people": Exit.REFUSED,
    "consent": Exit.REFUSED,
    "rights": Exit.REFUSED,
    "history": Exit.REFUSED,
    "sealing": Exit.REFUSED,
    "wallet": Exit.REFUSED,
    "retention": Exit.REFUSED,
    "breach": Exit.REFUSED,
    "evidence": Exit.BAD_DATA,
    "bank": Exit.BAD_DATA,
    "courier": Exit.REFUSED,
    "alipay": Exit.REFUSED,
    "api": Exit.REFUSED,
    "pay": Exit.REFUSED,
    "bootstrap": Exit.BAD_DATA,
    "server": Exit.BAD_DATA,
    "store": Exit.BAD_STORE,
    "money": Exit.BAD_DATA,
    "qr": Exit.BAD_DATA,
    "receipts": Exit.BAD_DATA,
    "policy": Exit.BAD_DATA,
    "lab": Exit.BAD_DATA,
    "score": Exit.BAD_DATA,
}


def exit_status(code: str) -> Exit:
    """Tell the exit status for an error's code.

    Raises:
        KeyError: nobody has decided yet what this code means here; a test walks all of them.

    """
    return STATUS_BY_CODE.get(code) or STATUS_BY_ROOM[code.partition(".")[0]]


def report(error: CounterfoilError) -> Exit:
    """Say on stderr what went wrong and what to do; return the exit status."""
    status = exit_status(error.code)
    console = Console(stderr=True, highlight=False)
    console.print(Text.assemble(("✗ ", "bold red"), error.message), soft_wrap=False)
    about = _("{code}, exit status {status}", code=error.code, status=int(status))
    if error.is_transient:
        about = _(
            "{code}, exit status {status}; the same request can succeed later",
            code=error.code,
            status=int(status),
        )
    console.print(Padding(Text(about, style="dim"), (0, 0, 0, 2)))
    sys.stderr.flush()
    return status
