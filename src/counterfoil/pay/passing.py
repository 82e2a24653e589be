"""What a merchant passes on: shares of an order, transfers, and who receives them."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from counterfoil.money import Money
from counterfoil.pay.merchant import ApplicationId, MerchantId
from counterfoil.pay.number import number_of
from counterfoil.pay.order import OrderId
from counterfoil.people import PersonId

SharingId = NewType("SharingId", UUID)
MerchantTransferId = NewType("MerchantTransferId", UUID)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who receives money: a person or a merchant, one of the two."""

    person_id: PersonId | None = None
    merchant_id: MerchantId | None = None

    @classmethod
    def person(cls, id: PersonId) -> "Receiver":  # noqa: A002
        """Name a person."""
        return cls(person_id=id)

    @classmethod
    def merchant(cls, id: MerchantId) -> "Receiver":  # noqa: A002
        """Name a merchant."""
        return cls(merchant_id=id)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of what an order brought, for somebody else."""

    receiver: Receiver
    amount: Money
    description: str = ""
    """At most 256 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Shares that were given at once, under one request number."""

    id: SharingId
    order: OrderId
    request_no: str
    shares: tuple[Share, ...]
    amount: Money
    """Their sum."""
    at: datetime

    @property
    def number(self) -> str:
        """Our number for it."""
        return number_of(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMerchantTransfer:
    """A transfer as the merchant asks for it. The same request number moves money once."""

    merchant: MerchantId
    request_no: str
    receiver: Receiver
    amount: Money
    subject: str = ""
    """What for, as the receiver is told; at most 256 characters."""
    remark: str = ""
    """At most 1,024 characters."""
    application: ApplicationId | None = None
    notify_url: str = ""
    extra: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantTransfer:
    """Money that a merchant sent to a person or another merchant."""

    id: MerchantTransferId
    merchant: MerchantId
    request_no: str
    receiver: Receiver
    amount: Money
    subject: str
    remark: str
    extra: str
    at: datetime

    @property
    def number(self) -> str:
        """Our number for it."""
        return number_of(self.id)
