"""What law makes the operator keep when a person is erased: by item, article and end.

A design requirement with the article that suggests it, not legal advice. Where `is_read` is false
the article's wording was not read for this project; have a lawyer confirm it before relying on it.
What the operator has declared as a legal duty, with its own article and end, comes on top.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from counterfoil.consent import Regime
from counterfoil.consent.right import Period
from counterfoil.kernel.i18n import Message, lazy


class Item(StrEnum):
    """What there is about a person, as an answer names it."""

    NAME = "name"
    CONTACT = "contact"
    BIRTH_DATE = "birth-date"
    IDENTITY_DOCUMENT = "identity-document"
    BANK_CARD = "bank-card"
    FORMER = "former"
    STATEMENTS = "statements"
    GRANTS = "grants"
    SCORES = "scores"
    PAYMENTS = "payments"
    RECORDS = "records"


ITEM_WORDS: Final[dict[Item, Message]] = {
    Item.NAME: lazy("your name"),
    Item.CONTACT: lazy("your phone number or e-mail address"),
    Item.BIRTH_DATE: lazy("your birth date"),
    Item.IDENTITY_DOCUMENT: lazy("your identity document"),
    Item.BANK_CARD: lazy("your bank card"),
    Item.FORMER: lazy("what was corrected before"),
    Item.STATEMENTS: lazy("what you said about it"),
    Item.GRANTS: lazy("your consents and your contract"),
    Item.SCORES: lazy("your scores"),
    Item.PAYMENTS: lazy("your payments, without your name"),
    Item.RECORDS: lazy("the records of what was done with your data, without your name"),
}


@dataclass(frozen=True, slots=True)
class KeepingDuty:
    """An article that makes the operator keep an item for a while after the erasure."""

    article: str
    period: Period
    is_read: bool


_CHINA: Final = frozenset({Regime.PIPL, Regime.CREDIT_REPORTING, Regime.GB_35273})

_PAYMENTS_KEPT: Final[dict[Regime, KeepingDuty]] = {
    **dict.fromkeys(_CHINA, KeepingDuty("电子商务法 31", Period(months=36), is_read=False)),
    Regime.GDPR: KeepingDuty("Directive (EU) 2015/849, 40(1)", Period(months=60), is_read=False),
    Regime.FCRA: KeepingDuty("31 CFR 1010.430(d)", Period(months=60), is_read=False),
}
_RECORDS_KEPT: Final[dict[Regime, KeepingDuty]] = {
    **dict.fromkeys(_CHINA, KeepingDuty("PIPL 56", Period(months=36), is_read=True)),
    Regime.GDPR: KeepingDuty("GDPR 5(2), 17(3)(e)", Period(months=36), is_read=False),
    Regime.FCRA: KeepingDuty("Reg B 1002.12(b)", Period(months=25), is_read=True),
}
KEPT: Final[dict[Item, dict[Regime, KeepingDuty]]] = {
    Item.PAYMENTS: _PAYMENTS_KEPT,
    Item.RECORDS: _RECORDS_KEPT,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """An item that is restricted and not erased: by which article, and until when."""

    item: Item
    article: str
    until: datetime


def kept_by_law(regime: Regime, at: datetime) -> list[Kept]:
    """Tell what is kept of somebody who is erased at an instant under a law."""
    return [
        Kept(item, duties[regime].article, duties[regime].period.after(at))
        for item, duties in KEPT.items()
    ]
