"""The tables of shares and of merchants' transfers: statements that go in, rows that come out."""

import json
from typing import Any, Final
from uuid import UUID

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.money import Currency, Money, currency_by_numeric
from counterfoil.pay.merchant import MerchantId
from counterfoil.pay.order import Order, OrderId
from counterfoil.pay.passing import (
    MerchantTransfer,
    MerchantTransferId,
    Receiver,
    Share,
    Sharing,
    SharingId,
)
from counterfoil.people import PersonId
from counterfoil.people.records import Json, canonical

_SHARING: Final = "id, order_id, request_no, amount, at, parts"
_TRANSFER: Final = (
    "id, merchant, request_no, receiver_person, receiver_merchant, currency, amount, at, details"
)


def sharing_row(sharing: Sharing) -> AttachedRow:
    """Make the statement that keeps a sharing; its request number is its order's once."""
    parts: list[Json] = [
        {
            "person": str(share.receiver.person_id or ""),
            "merchant": str(share.receiver.merchant_id or ""),
            "amount": share.amount.minor,
            "description": share.description,
        }
        for share in sharing.shares
    ]
    return AttachedRow(
        f"INSERT INTO sharings ({_SHARING}) VALUES ($1, $2, $3, $4, $5, $6)",  # noqa: S608
        (
            sharing.id.bytes, sharing.order.bytes, sharing.request_no, sharing.amount.minor,
            to_us(sharing.at), canonical(parts),
        ),
    )  # fmt: skip


def sharing_by_request(database: Database, order: Order, request_no: str) -> Sharing | None:
    """Read a sharing by its merchant's own number for it."""
    found = database.query(
        f"SELECT {_SHARING} FROM sharings WHERE order_id = $1 AND request_no = $2",  # noqa: S608
        (order.id.bytes, request_no),
    ).to_pylist()
    return _sharing(found[0], order.amount.currency) if found else None


def sharing_by_id(database: Database, sharing: SharingId) -> Sharing | None:
    """Read a sharing."""
    found = database.query(
        "SELECT sharings.id, order_id, request_no, sharings.amount, at, parts, currency "
        "FROM sharings JOIN orders ON orders.id = order_id WHERE sharings.id = $1",
        (sharing.bytes,),
    ).to_pylist()
    return _sharing(found[0], currency_by_numeric(found[0]["currency"])) if found else None


def transfer_row(transfer: MerchantTransfer) -> AttachedRow:
    """Make the statement that keeps a transfer; its request number is its merchant's once."""
    texts = {name: getattr(transfer, name) for name in ("subject", "remark", "extra")}
    receiver = transfer.receiver
    return AttachedRow(
        f"INSERT INTO merchant_transfers ({_TRANSFER}) "  # noqa: S608
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        (
            transfer.id.bytes, transfer.merchant.bytes, transfer.request_no,
            receiver.person_id.bytes if receiver.person_id else b"",
            receiver.merchant_id.bytes if receiver.merchant_id else b"",
            transfer.amount.currency.numeric, transfer.amount.minor, to_us(transfer.at),
            canonical({name: text for name, text in texts.items() if text}),
        ),
    )  # fmt: skip


def transfer_where(
    database: Database, condition: str, parameters: tuple[str | bytes, ...]
) -> MerchantTransfer | None:
    """Read the transfer that a condition of this room's chooses."""
    found = database.query(
        f"SELECT {_TRANSFER} FROM merchant_transfers WHERE {condition}",  # noqa: S608
        parameters,
    ).to_pylist()
    return _transfer(found[0]) if found else None


def _sharing(row: dict[str, Any], currency: Currency) -> Sharing:
    shares = tuple(
        Share(
            Receiver(
                PersonId(UUID(part["person"])) if part["person"] else None,
                MerchantId(UUID(part["merchant"])) if part["merchant"] else None,
            ),
            Money(part["amount"], currency),
            part["description"],
        )
        for part in json.loads(row["parts"])
    )
    return Sharing(
        id=SharingId(UUID(bytes=row["id"])),
        order=OrderId(UUID(bytes=row["order_id"])),
        request_no=row["request_no"],
        shares=shares,
        amount=Money(row["amount"], currency),
        at=from_us(row["at"]),
    )


def _transfer(row: dict[str, Any]) -> MerchantTransfer:
    details = json.loads(row["details"])
    person, merchant = row["receiver_person"], row["receiver_merchant"]
    return MerchantTransfer(
        id=MerchantTransferId(UUID(bytes=row["id"])),
        merchant=MerchantId(UUID(bytes=row["merchant"])),
        request_no=row["request_no"],
        receiver=Receiver(
            PersonId(UUID(bytes=person)) if person else None,
            MerchantId(UUID(bytes=merchant)) if merchant else None,
        ),
        amount=Money(row["amount"], currency_by_numeric(row["currency"])),
        at=from_us(row["at"]),
        **{name: details.get(name, "") for name in ("subject", "remark", "extra")},
    )
