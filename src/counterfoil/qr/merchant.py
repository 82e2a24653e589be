"""What a merchant's code says, in our words; pure values, equal when they say the same.

The form is EMVCo's QR Code Specification for Payment Systems, Merchant-Presented Mode. Words: an
*account* names the merchant to one payment network (IDs 02–51); the *initiation* tells whether the
code is a sticker for everybody (static) or was made for one payment (dynamic); *tip* is what comes
on top of the amount. What the standard reserves, and what other networks add, is kept as fields.

The names in a code are what its printer wrote. A wallet shows the name that the operator registered
and never these: whoever pastes a sticker over another chooses its words freely.
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import ClassVar, Final

from counterfoil.money import Currency, Money
from counterfoil.qr.errors import CodeUnreadable
from counterfoil.qr.tlv import Field, read_fields, write_fields

UNIQUE_ID: Final = "00"
"""In a template: who gave its other fields their meaning."""
TEMPLATE_ACCOUNTS: Final = range(26, 52)
"""IDs of accounts that are templates; 02–25 belong to card schemes, in each one's own form."""


class Initiation(StrEnum):
    """Whether a code serves many payments or one (ID 01)."""

    STATIC = "11"
    DYNAMIC = "12"


class TipKind(StrEnum):
    """What is asked for on top of the amount (ID 55)."""

    ASK = "01"
    """The payer chooses."""
    FIXED = "02"
    PERCENTAGE = "03"


@dataclass(frozen=True, slots=True)
class Tip:
    """What comes on top of the amount: chosen by the payer, fixed, or a share of it."""

    kind: TipKind
    fixed: Money | None = None
    """For a fixed one, in the code's currency."""
    hundredths: int | None = None
    """For a share: hundredths of a percent, 1 to 9999."""


@dataclass(frozen=True, slots=True)
class Account:
    """The merchant as one payment network knows it: an ID from 02 to 51, and that network's text."""

    id: str
    value: str

    @classmethod
    def template(cls, id: str, unique_id: str, *details: Field) -> "Account":  # noqa: A002
        """Make an account of a network that names itself by `unique_id`, as IDs 26–51 do."""
        return cls(id, write_fields((Field(UNIQUE_ID, unique_id), *details)))

    @property
    def details(self) -> tuple[Field, ...]:
        """The fields inside, or none where the network has a form of its own."""
        try:
            return read_fields(self.value) if int(self.id) in TEMPLATE_ACCOUNTS else ()
        except CodeUnreadable:
            return ()

    @property
    def unique_id(self) -> str | None:
        """Who gave the fields inside their meaning: an AID, a UUID or a reversed domain."""
        return self.detail(UNIQUE_ID)

    def detail(self, id: str) -> str | None:  # noqa: A002  # the standard's word
        """Find the value of one field inside."""
        return next((field.value for field in self.details if field.id == id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdditionalData:
    """The template 62. `***` as a value means: the payer's app asks the payer."""

    IDS: ClassVar[dict[str, str]] = {
        "01": "bill",
        "02": "mobile",
        "03": "store",
        "04": "loyalty",
        "05": "reference",
        "06": "payer",
        "07": "till",
        "08": "purpose",
        "09": "data_request",
        "10": "tax_id",
        "11": "channel",
    }

    bill: str | None = None
    mobile: str | None = None
    store: str | None = None
    loyalty: str | None = None
    reference: str | None = None
    payer: str | None = None
    till: str | None = None
    purpose: str | None = None
    data_request: str | None = None
    """What the merchant wants to know: A address, M mobile, E e-mail. We answer nothing by it."""
    tax_id: str | None = None
    channel: str | None = None
    others: tuple[Field, ...] = ()
    """12–49 reserved, 50–99 of payment systems."""

    def as_fields(self) -> tuple[Field, ...]:
        """List what is there, by ID."""
        given = {place: getattr(self, name) for place, name in self.IDS.items()}
        known = (Field(place, value) for place, value in given.items() if value is not None)
        return (*known, *self.others)

    @classmethod
    def of_fields(cls, found: tuple[Field, ...]) -> "AdditionalData":
        """Make it of fields, of which no two have one ID."""
        known = {cls.IDS[field.id]: field.value for field in found if field.id in cls.IDS}
        return cls(**known, others=tuple(field for field in found if field.id not in cls.IDS))


assert set(AdditionalData.IDS.values()) == {
    field.name for field in fields(AdditionalData) if field.name != "others"
}


@dataclass(frozen=True, slots=True)
class LocalName:
    """Name and city in another language and script (template 64)."""

    language: str
    """ISO 639, two letters, as it stands in the code."""
    name: str
    city: str | None = None
    others: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantCode:
    """A merchant's code. `None` is what other networks left out, whatever the standard demands."""

    accounts: tuple[Account, ...]
    currency: Currency
    amount: Money | None = None
    """None where the payer enters it."""
    initiation: Initiation | None = None
    tip: Tip | None = None
    category: str | None = None
    """ISO 18245, four digits."""
    country: str | None = None
    """ISO 3166-1, two capitals."""
    name: str | None = None
    city: str | None = None
    postal_code: str | None = None
    additional: AdditionalData | None = None
    local_name: LocalName | None = None
    others: tuple[Field, ...] = ()
    """65–99: reserved, or of somebody who names himself inside. Kept as they stand."""

    def account_of(self, unique_id: str) -> Account | None:
        """Find the account of the network that calls itself so, in small or capital letters."""
        wanted = unique_id.casefold()
        return next(
            (one for one in self.accounts if (one.unique_id or "").casefold() == wanted), None
        )
