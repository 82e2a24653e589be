"""Freezing a wallet: its owner at once, or the operator with a reason that the owner can read.

A frozen wallet pays nothing and can still be paid; holds that were placed before can be resolved.
What the operator froze only the operator unfreezes. The freeze is in the ledger and in the wallet's
row in one commit, with a record that is sealed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from counterfoil.kernel.clock import Clock
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.i18n import _
from counterfoil.ledger import (
    AccountNumber,
    AccountRefusal,
    AccountRefused,
    Ledger,
    ReadingConnection,
)
from counterfoil.money import Currency
from counterfoil.people import PersonId
from counterfoil.people.records import Recorder, record_row
from counterfoil.wallet import store
from counterfoil.wallet.accounts import Accounts
from counterfoil.wallet.errors import WalletFrozen
from counterfoil.wallet.model import FrozenBy


@dataclass(frozen=True, slots=True)
class _FreezingWrites:
    """Writes rows in the commit that freezes an account, or ends its freeze."""

    ledger: Ledger
    account: AccountNumber
    freezes: bool

    def write(self, *rows: AttachedRow) -> None:
        """Commit the change of the account and the rows together.

        Raises:
            StoreConflict: a row was refused, and nothing was changed.

        """
        change = self.ledger.freeze if self.freezes else self.ledger.unfreeze
        try:
            change(self.account, debits=True, rows=rows)
        except AccountRefused as refused:
            if refused.refusal is not AccountRefusal.ATTACHED_ROW_REFUSED:
                raise
            raise StoreConflict(refused.message) from refused


class Freezing:
    """Stops wallets from paying, and lets them pay again."""

    def __init__(
        self, ledger: Ledger, reading: ReadingConnection, accounts: Accounts, clock: Clock
    ) -> None:
        self._ledger = ledger
        self._reading = reading
        self._accounts = accounts
        self._clock = clock

    def freeze_wallet(
        self, person: PersonId, currency: Currency, by: FrozenBy, *, reason: str = ""
    ) -> None:
        """Stop a wallet from paying; the operator says why, and its owner need not.

        Raises:
            WalletNotFound: the person has no wallet in that currency.
            ValueError: the operator gives no reason.

        """
        if by is FrozenBy.NOBODY or (by is FrozenBy.OPERATOR and not reason.strip()):
            raise ValueError("say who freezes the wallet and, for the operator, why")
        self._change(person, currency, by, by, reason)

    def unfreeze_wallet(
        self, person: PersonId, currency: Currency, by: FrozenBy, *, reason: str = ""
    ) -> None:
        """Let a wallet pay again; its owner only if its owner froze it.

        Raises:
            WalletNotFound: the person has no wallet in that currency.
            WalletFrozen: the operator froze it, and its owner asks.

        """
        self._change(person, currency, FrozenBy.NOBODY, by, reason)

    def _change(
        self, person: PersonId, currency: Currency, to: FrozenBy, by: FrozenBy, reason: str
    ) -> None:
        account = self._accounts.number(person, currency)
        writes = _FreezingWrites(self._ledger, account, to is not FrozenBy.NOBODY)
        with self._reading.lend() as database:

            def attempt(at_us: int) -> Sequence[AttachedRow]:
                old = self._accounts.stored(database, person, currency).wallet.frozen_by
                if old is FrozenBy.OPERATOR and by is FrozenBy.OWNER:
                    raise WalletFrozen(
                        _("The operator froze this wallet; ask the operator to unfreeze it."),
                        frozen_by=old.name.lower(),
                    )
                if old is to:
                    return ()
                kind = "wallet-unfrozen" if to is FrozenBy.NOBODY else "wallet-frozen"
                content = {
                    "currency": currency.code, "by": by.name.lower(), "reason": reason.strip(),
                }  # fmt: skip
                return (
                    store.frozen_row(account, old, to),
                    record_row(kind, person, at_us, content),
                )

            Recorder(writes, database, self._clock).commit(attempt)
