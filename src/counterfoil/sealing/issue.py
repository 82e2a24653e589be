"""Giving out receipts: a holder's half, its salt, and the proof that the log holds it.

Each receipt is checked against the log before it is given out. If the database has been changed
since, that is found here, by whoever asks first.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import numpy as np

from counterfoil.kernel.database import Database, single
from counterfoil.kernel.i18n import _
from counterfoil.ledger import store
from counterfoil.ledger.layout import Records
from counterfoil.people import KeyService as PersonKeyService
from counterfoil.people import Record
from counterfoil.people.records import records_after
from counterfoil.people.salts import salt_key_of
from counterfoil.receipts import (
    KeyService,
    LeafNotFound,
    LogReader,
    OtherHalf,
    PublishedLog,
    Receipt,
    commit,
    derive_salt,
    whole_entry,
)
from counterfoil.receipts.merkle import leaf_hash
from counterfoil.sealing.errors import HalfBlinded, NotSealed, SealBroken
from counterfoil.sealing.salts import OPERATOR, stored_key
from counterfoil.sealing.view import FORMAT, text_of, views_of

AT_ONCE: Final = 1000
"""How many rows are read from the database at once."""


@dataclass(frozen=True, slots=True)
class Issuance:
    """Both logs as they were published last: every receipt made of it is for one checkpoint each."""

    transfers: PublishedLog | None
    records: PublishedLog | None
    """None: nothing was published yet."""


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

    def published(self) -> Issuance:
        """Take both logs as they are published now, for many receipts of one checkpoint each."""
        return Issuance(self._published(self._transfers), self._published(self._records))

    def of_transfer(self, seq: int, account: int) -> Receipt:
        """Give the receipt of one account's half of a transfer.

        Raises:
            NotSealed: no such transfer is in the published log, or it is not of this account.
            HalfBlinded: the account's salt key was destroyed.
            SealBroken: the transfer in the database is not the one that was sealed.

        """
        (issued,) = self.of_transfers([seq], account)
        if isinstance(issued, Receipt):
            return issued
        raise issued

    def of_transfers(
        self, seqs: Sequence[int], account: int, issuance: Issuance | None = None
    ) -> Iterator[Receipt | NotSealed | SealBroken]:
        """Give the receipts of one account's halves of many transfers, in the order asked for.

        All are proven for one checkpoint. Where there is no receipt, the reason stands in its place,
        so that one row that was changed does not keep a person from the others.

        Raises:
            HalfBlinded: the account's salt key was destroyed.

        """
        key = self._account_key(account)
        published = (issuance or self.published()).transfers
        found = self._database.query("SELECT currency FROM accounts WHERE number = $1", (account,))
        currency = single(found)
        for start in range(0, len(seqs), AT_ONCE):
            part = seqs[start : start + AT_ONCE]
            rows = store.rows_by_seq(self._database, part)
            place_of = {int(seq): place for place, seq in enumerate(rows["seq"])}
            views = views_of(rows, np.full(len(rows), currency or 0, np.int16))
            for seq in part:
                place = place_of.get(seq)
                side = None if place is None else _side_of(rows, place, account)
                if place is None or side is None:
                    yield NotSealed(
                        _("Account {account} has no transfer {seq}.", account=account, seq=seq),
                        account=account, seq=seq,
                    )  # fmt: skip
                else:
                    yield _half(seq, side, views[side][place].tobytes(), key, published)

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
        issued = _whole(found[0], salt, self._published(self._records))
        if isinstance(issued, Receipt):
            return issued
        raise issued

    def of_records(
        self, records: Iterable[Record], issuance: Issuance | None = None
    ) -> Iterator[Receipt | NotSealed | SealBroken | HalfBlinded]:
        """Give the receipts of many records, or the reason why there is none."""
        published = (issuance or self.published()).records
        keys: dict[UUID | None, bytes] = {}
        for record in records:
            try:
                if record.key_id not in keys:
                    keys[record.key_id] = self._record_key(record)
            except HalfBlinded as blinded:
                yield blinded
            else:
                yield _whole(record, derive_salt(keys[record.key_id], record.number), published)

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

    def _published(self, reader: LogReader) -> PublishedLog | None:
        try:
            return reader.at_published()
        except LeafNotFound:
            return None


def _side_of(rows: Records, place: int, account: int) -> int | None:
    if rows["debit_account"][place] == account:
        return 0
    return 1 if rows["credit_account"][place] == account else None


def _half(
    seq: int, side: int, view: bytes, key: bytes, published: PublishedLog | None
) -> Receipt | NotSealed | SealBroken:
    if published is None or seq > published.signed.checkpoint.size:
        return _not_sealed(seq)
    salt = derive_salt(key, seq)
    held = published.held(seq - 1, extra=salt)
    # What a bundle holds in place of two halves is caught by the comparison.
    other = held.entry[32:64] if side == 0 else held.entry[:32]
    opened = commit(salt, view)
    entry = opened + other if side == 0 else other + opened
    receipt = Receipt(text_of(view), held.proof, OtherHalf(side, other), FORMAT)
    return receipt if leaf_hash(entry) == held.leaf else _seal_broken(receipt)


def _whole(
    record: Record, salt: bytes, published: PublishedLog | None
) -> Receipt | NotSealed | SealBroken:
    if published is None or record.number > published.signed.checkpoint.size:
        return _not_sealed(record.number)
    receipt = Receipt(record.body, published.prove(record.number - 1, extra=salt))
    leaf = leaf_hash(whole_entry(salt, record.body.encode()))
    return receipt if leaf == published.leaf(record.number - 1) else _seal_broken(receipt)


def _not_sealed(number: int) -> NotSealed:
    return NotSealed(
        _("Number {number} is not in the published log yet; ask again in a second.",
          number=number),
        number=number,
    )  # fmt: skip


def _seal_broken(receipt: Receipt) -> SealBroken:
    return SealBroken(
        _("What the database says now is not what was sealed as {id}: it was changed "
          "afterwards. Nothing was given out.", id=receipt.id),
        id=receipt.id,
    )  # fmt: skip


def _blinded() -> HalfBlinded:
    return HalfBlinded(
        _("It was erased: the key that could open what was sealed has been destroyed.")
    )
