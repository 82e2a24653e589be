"""A person's score for a shop, as a number or as one bit: on their token, and on their grant.

The token that a person gave says for whom and what for; the gate believes their grant alone, so that
ending it ends every token. A number is given for the one product that there is; a yes or no for the
one threshold that the merchant has contracted, so that asking again and again tells nothing more.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from counterfoil.alipay.method import Answer, Call
from counterfoil.alipay.reading import Json, one_of, optional, required, text
from counterfoil.alipay.refusal import Refused, failed
from counterfoil.alipay.scoring import FAMILY, Scoring
from counterfoil.people import PersonId

PRODUCT: Final = "w1010100100000000001"
"""The one product of a whole score, as SDKs send it."""
SCORE_SCOPE: Final = "auth_zhima"
ANSWER_SCOPE: Final = "auth_zhima_brief"
NONE_THERE: Final = "N/A"
_BY_OPEN_ID: Final = "ALIPAY_USER_ID"
_NUMBER_BYTES: Final = 11
_NUMBER_DIGITS: Final = 28


def whole_number(value: Json) -> int:
    """Read a threshold: three digits."""
    if not isinstance(value, str) or len(value) != 3 or not (value.isascii() and value.isdecimal()):
        raise ValueError("a whole number from 350 to 950")
    return int(value)


TRANSACTION = text(64, r"[A-Za-z0-9_]+", "1 to 64 letters, digits and _")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What score.get declares."""

    transaction_id: str = required(TRANSACTION)
    product_code: str = required(text(64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What score.brief.get declares; the person by their token, or by their open id."""

    transaction_id: str = required(TRANSACTION)
    product_code: str = required(text(64))
    admittance_score: int = required(whole_number)
    cert_type: str | None = optional(one_of("IDENTITY_CARD", "PASSPORT", _BY_OPEN_ID))
    cert_no: str | None = optional(text(128))
    open_id: str | None = optional(text(128))


def score(call: Call, asked: Score) -> Answer:
    """Tell a score to whom its person has allowed exactly that; `N/A` when there is none."""
    if asked.product_code != PRODUCT:
        raise failed(f"{FAMILY}api_product_not_match", f"The product_code is {PRODUCT}.")
    person = _by_token(call, SCORE_SCOPE)
    merchant = call.application.merchant
    found = _scoring(call).score(merchant, person, asked.transaction_id)
    told = NONE_THERE if found is None else str(found)
    return Answer({"biz_no": _number(call, asked.transaction_id), "zm_score": told})


def brief(call: Call, asked: Brief) -> Answer:
    """Tell whether a score reaches the contracted line: Y, N, or N/A, and nothing else."""
    person = _by_token(call, ANSWER_SCOPE) if call.get("auth_token") else _by_open_id(call, asked)
    found = _scoring(call).reaches(
        call.application.merchant, person, asked.transaction_id, asked.product_code,
        asked.admittance_score,
    )  # fmt: skip
    told = NONE_THERE if found is None else "Y" if found else "N"
    return Answer({"biz_no": _number(call, asked.transaction_id), "is_admittance": told})


def _by_token(call: Call, scope: str) -> PersonId:
    grant = call.rooms.tokens.acting(call.get("auth_token"), call.application.id, call.at)
    if grant is None or scope not in grant.scope.split(","):
        raise _not_allowed()
    return grant.person


def _by_open_id(call: Call, asked: Brief) -> PersonId:
    """Find whom an open id names; whether there is such a person is told by no answer."""
    named = asked.open_id or (asked.cert_no if asked.cert_type == _BY_OPEN_ID else None)
    person = call.rooms.identities.person(call.application.id, named or "")
    if person is None:
        raise _not_allowed()
    return person


def _not_allowed() -> Refused:
    return failed(
        f"{FAMILY}authentication_fail",
        "The person has not allowed this, or no more. Send them to the authorisation page.",
    )


def _scoring(call: Call) -> Scoring:
    found = call.rooms.scoring
    if found is None:
        raise failed(f"{FAMILY}no_valid_arrangement", "This gateway answers nothing about scores.")
    return found


def _number(call: Call, transaction_id: str) -> str:
    """Number an answer: the same question of the same application always has the same number."""
    digest = hashlib.sha256(f"score {call.application.id} {transaction_id}".encode()).digest()
    return f"ZM{int.from_bytes(digest[:_NUMBER_BYTES]):0{_NUMBER_DIGITS}}"


__all__ = ["Brief", "Score", "brief", "score"]
