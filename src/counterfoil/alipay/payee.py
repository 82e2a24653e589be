"""Whom a merchant's money is sent to: an open id, a merchant's digits, a phone number or an address."""

from typing import Final

from counterfoil.alipay.method import Call
from counterfoil.pay import MerchantNotFound, Receiver
from counterfoil.people import ContactInvalid, parse_contact
from counterfoil.wallet import RecipientNotFound

LOGON: Final = frozenset({"ALIPAY_LOGON_ID", "loginName"})
_MERCHANT_DIGITS: Final = 16


def receiver(call: Call, identity: str, kind: str | None) -> Receiver | None:
    """Find who is named; None when it is nobody."""
    if kind in LOGON:
        return _by_contact(call, identity)
    if len(identity) == _MERCHANT_DIGITS and identity.isdecimal():
        try:
            return Receiver.merchant(call.rooms.pay.merchants.by_number(identity).id)
        except MerchantNotFound:
            return None
    person = call.rooms.identities.person(call.application.id, identity)
    return None if person is None else Receiver.person(person)


def _by_contact(call: Call, identity: str) -> Receiver | None:
    try:
        return Receiver.person(call.rooms.wallets.find(parse_contact(identity)))
    except (ContactInvalid, RecipientNotFound):
        return None
