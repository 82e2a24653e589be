"""Giving out receipts: a holder's half, its salt, and the proof that the log holds it.

Each receipt is checked against the log before it is given out. If the database has been changed
since, that is found here, by whoever asks first.
"""

from pathlib import Path

import numpy as np

from counterfoil.kernel.database import Database, single
from counterfoil.kernel.i18n import _
from counterfoil.ledger import store
from counterfoil.people import KeyService as PersonKeyService
from counterfoil.people import Record
from counterfoil.people.records import records_after
from counterfoil.people.salts import salt_key_of
from counterfoil.receipts import (
    KeyService,
    LeafNotFound,
    LogReader,
    OtherHalf,
    ProofRefused,
    Receipt,
    derive_salt,
)
from counterfoil.sealing.errors import HalfBlinded, NotSealed, SealBroken
from counterfoil.sealing.salts import OPERATOR, stored_key
from counterfoil.sealing.view import FORMAT, text_of, views_of


class Issuer:
    """Makes receipts from a database that may be read and the logs of its folder."""

    def __init__(
        self, database: Database, folder: Path, salts: KeyService, people: PersonKeyService
    ) -> None:
        self._database, self._salts, self._people = database, salts, people
        self._transfers, self._records = (
            LogReader(folder / "transfers"),
            LogReader(folder / "records"),
        )

    def of_transfer(self, seq: int, account: int) -> Receipt:
        """Give the receipt of one account's half of a transfer.

        Raises:
            NotSealed: no such transfer is in the published log, or it is not of this account.
            HalfBlinded: the account's salt key was destroyed.
            SealBroken: the transfer in the database is not the one that was sealed.

        """
        rows = store.rows_by_seq(self._database, [seq])
        accounts = (
            []
            if not len(rows)
            else [int(rows[f"{side}_account"][0]) for side in ("debit", "credit")]
        )
        if account not in accounts:
            raise NotSealed(
                _("Account {account} has no transfer {seq}.", account=account, seq=seq),
                account=account, seq=seq,
            )  # fmt: skip
        side = accounts.index(account)
        found = self._database.query("SELECT currency FROM accounts WHERE number = $1", (account,))
        view = views_of(rows, np.array([single(found)], np.int16))[side].tobytes()
        salt = derive_salt(self._account_key(account), seq)
        entry = self._entry(self._transfers, seq)
        other = entry[32:] if side == 0 else entry[:32]
        proof = self._transfers.prove(seq - 1, extra=salt)
        return _checked(Receipt(text_of(view), proof, OtherHalf(side, other), FORMAT))

    def of_record(self, number: int) -> Receipt:
        """Give the receipt of a record.

        Raises:
            NotSealed: no such record is in the published log.
            HalfBlinded: the salt key of the person whom it is about was destroyed.
            SealBroken: the record in the database is not the one that was sealed.

        """
        found = records_after(self._database, number - 1, 1)
        if not found or found[0].number != number:
            raise NotSealed(_("There is no record {number}.", number=number), number=number)
        salt = derive_salt(self._record_key(found[0]), number)
        self._entry(self._records, number)
        return _checked(Receipt(found[0].body, self._records.prove(number - 1, extra=salt)))

    def _account_key(self, account: int) -> bytes:
        key = stored_key(self._database, self._salts, account)
        if key is None:
            raise _blinded()
        return key

    def _record_key(self, record: Record) -> bytes:
        if record.subject is None:
            return self._account_key(OPERATOR)
        key = record.key_id and salt_key_of(self._database, self._people, record.key_id)
        if not key:
            raise _blinded()
        return key

    def _entry(self, reader: LogReader, number: int) -> bytes:
        try:
            return reader.entry(number - 1)
        except LeafNotFound as error:
            raise NotSealed(
                _("Number {number} is not in the published log yet; ask again in a second.",
                  number=number),
                number=number,
            ) from error  # fmt: skip


def _checked(receipt: Receipt) -> Receipt:
    try:
        receipt.check()
    except ProofRefused as error:
        raise SealBroken(
            _("What the database says now is not what was sealed as {id}: it was changed "
              "afterwards. Nothing was given out.", id=receipt.id),
            id=receipt.id,
        ) from error  # fmt: skip
    return receipt


def _blinded() -> HalfBlinded:
    return HalfBlinded(
        _("It was erased: the key that could open what was sealed has been destroyed.")
    )
