"""A transfer and the rows that go with it, in one commit, at a time that never goes back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from counterfoil.bank.errors import BankBusy
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.i18n import _
from counterfoil.ledger import Ledger, ReadingConnection, Refusal, Transfer, TransferRefused
from counterfoil.people.records import Recorder

Rows = Callable[[int], Sequence[AttachedRow]]
"""Make the rows that go with a transfer at an instant, in microseconds since the epoch."""


@dataclass(frozen=True, slots=True)
class _Posting:
    """Writes rows in the commit of a transfer; they are refused together."""

    ledger: Ledger
    transfer: Transfer

    def write(self, *rows: AttachedRow) -> None:
        """Post the transfer with the rows.

        Raises:
            StoreConflict: a row was refused, and nothing was written.

        """
        try:
            self.ledger.post(self.transfer, rows=rows)
        except TransferRefused as refused:
            if refused.refusal is not Refusal.ATTACHED_ROW_REFUSED:
                raise
            raise StoreConflict(refused.message) from refused


@dataclass(frozen=True, slots=True)
class Postings:
    """Posts transfers of this room with their rows."""

    ledger: Ledger
    reading: ReadingConnection
    clock: Clock

    def post(self, transfer: Transfer, rows: Rows) -> None:
        """Post a transfer with its rows.

        Raises:
            TransferRefused: the ledger says no; nothing was written.
            BankBusy: something changed at the same moment; nothing was written.

        """
        with self.reading.lend() as database:
            recorder = Recorder(_Posting(self.ledger, transfer), database, self.clock)
            try:
                recorder.commit(rows)
            except StoreConflict as conflict:
                raise BankBusy(
                    _("Something changed at the bank's books in the same moment. Do it again; "
                      "what is done is not done twice.")
                ) from conflict  # fmt: skip
