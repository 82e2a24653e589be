"""What is sent and answered of agreements, as JSON."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from counterfoil.api.models import Amount, Asked, Line, Number, Reference, Sum, Told

_Cycle = Literal["any", "day", "month"]
_Kind = Literal["other", "rent", "utilities", "insurance", "repayment"]


class NewRules(Asked):
    """What every debit will keep to; what is left out is no rule."""

    cycle: _Cycle = Field(
        default="any", description="One debit in so many days or months; any: no such rule."
    )
    length: int = Field(default=1, ge=1, le=366, description="How many days or months.")
    first_on: date | None = Field(
        default=None,
        description="When the first period begins, of a month on a day up to the 28th; else when "
        "it is signed.",
    )
    single_max: Amount | None = Field(default=None, description="The most at once.")
    total_max: Amount | None = Field(default=None, description="The most in all.")
    count_max: int | None = Field(default=None, ge=1, le=100_000, description="How many debits.")


class NewAgreement(Asked):
    """An agreement as it is offered: its payer reads all of this before signing."""

    title: Line = Field(description="What is paid for, in a line.", examples=["Bread club"])
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field(examples=["EUR"])
    rules: NewRules = NewRules()
    kind: _Kind = Field(default="other", description="What is owed again and again.")
    reference: Reference | None = Field(
        default=None, description="Your own number, used for no other agreement; else one is made."
    )
    sign_by: AwareDatetime | None = Field(
        default=None, description="Until when it can be signed; else a day."
    )
    valid_until: AwareDatetime | None = Field(default=None, description="When it ends by itself.")


class Rules(Told):
    """What every debit keeps to."""

    cycle: _Cycle
    length: int
    first_on: date | None
    single_max: Sum | None
    total_max: Sum | None
    count_max: int | None


class Agreement(Told):
    """An agreement as it stands."""

    id: Number
    reference: str
    state: Literal["offered", "signed", "ended"]
    title: str
    kind: _Kind
    currency: str
    rules: Rules
    sign_url: str = Field(description="Where its payer signs it; show it as a QR code.")
    debited: Sum = Field(description="What was debited so far.")
    debit_count: int
    next_debit_after: datetime | None = Field(description="Null: a debit may come now.")
    created_at: datetime
    expires_at: datetime = Field(
        description="Until when it can be signed; once it is, when it ends by itself."
    )
    signed_at: datetime | None
    ended_at: datetime | None
    ended_by: Literal["payer", "merchant", "operator", "time"] | None


class AgreementPage(Told):
    """A page of agreements, the latest first."""

    items: list[Agreement]
    next: str | None = Field(description="The cursor of the next page; null: this is the last.")
