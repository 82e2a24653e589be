"""Confirming a payment: by a passkey over the very payment, where its person has one.

The challenge is the hash of what is shown: who pays, whom, how much, on which quote. A signature over
it is worth nothing for any other payment. Where somebody has no passkey yet, their session and our
own form have to do.
"""

import hashlib
from uuid import UUID

from counterfoil.money import Money
from counterfoil.pay import Agreement, Hold
from counterfoil.people import SignedIn
from counterfoil.people.records import Json, canonical
from counterfoil.web.asked import Asked
from counterfoil.web.desk import Desk


def challenge_of(
    me: SignedIn, payment: UUID, payee: str, amount: Money, quote: UUID | None = None
) -> bytes:
    """Hash what is paid, as the challenge that its person's passkey signs."""
    said = {
        "format": "counterfoil/payment@v1",
        "payer": str(me.person),
        "payment": str(payment),
        "payee": payee,
        "amount": str(amount),
        "quote": str(quote) if quote else None,
    }
    return hashlib.sha256(canonical(said).encode()).digest()


def hold_challenge(me: SignedIn, hold: Hold, payee: str) -> bytes:
    """Hash what is frozen, as the challenge that its person's passkey signs."""
    return _hashed(
        "hold", me, {"hold": str(hold.id), "payee": payee, "amount": str(hold.amount),
                     "until": str(hold.holds_until)},
    )  # fmt: skip


def agreement_challenge(me: SignedIn, agreement: Agreement, payee: str) -> bytes:
    """Hash the rules of an agreement, as the challenge that its person's passkey signs."""
    rules = agreement.rules
    said: dict[str, Json] = {
        "agreement": str(agreement.id), "payee": payee, "title": agreement.title,
        "kind": agreement.kind.value, "currency": agreement.currency, "until": str(agreement.valid_until),
        "rules": [str(rules.cycle), str(rules.length), str(rules.first_on),
                  str(rules.single_max), str(rules.total_max), str(rules.count_max)],
    }  # fmt: skip
    return _hashed("agreement", me, said)


def _hashed(kind: str, me: SignedIn, said: dict[str, Json]) -> bytes:
    known: dict[str, Json] = {"format": f"counterfoil/{kind}@v1", "payer": str(me.person), **said}
    return hashlib.sha256(canonical(known).encode()).digest()


def options_for(desk: Desk, me: SignedIn, challenge: bytes) -> str:
    """Write what the browser needs to ask for the passkey; empty where there is none."""
    passkeys = desk.site.people.passkeys
    if not passkeys.of(me.person):
        return ""
    return passkeys.use_options(challenge, desk.party, me.person)


def require_confirmed(desk: Desk, asked: Asked, challenge: bytes) -> None:
    """Insist on the signature over this payment, where its person has a passkey.

    Raises:
        PasskeyRefused: it is not there, or not over this payment.

    """
    passkeys = desk.site.people.passkeys
    if passkeys.of(asked.me.person):
        passkeys.use(asked.field("answer"), challenge, desk.party, asked.me.person)
