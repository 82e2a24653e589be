"""Whoever collects or queries holds a certificate of scope, with an end."""

from collections.abc import Callable

import pytest

from counterfoil.consent import (
    Category,
    CertificateId,
    CollectorId,
    CollectorKind,
    GrantNotPermitted,
    NotFound,
    Purpose,
    ReasonMissing,
)
from counterfoil.kernel.ids import new_id
from tests.consent.world import DAY, Town, now

MERCHANT, PARTNER, OPERATOR = CollectorKind.MERCHANT, CollectorKind.PARTNER, CollectorKind.OPERATOR

REFUSED: dict[str, tuple[Callable[[Town], object], str]] = {
    "a merchant that would score": (
        lambda town: town.certified(MERCHANT, "Bikes", Purpose.SCORE),
        "A merchant is certified for share-answer, share-reasons, share-score and for nothing else",
    ),
    "a partner that would advertise": (
        lambda town: town.certified(PARTNER, "Ads", Purpose.MARKETING),
        "A partner is certified for research, share-answer",
    ),
    "more than the purpose needs": (
        lambda town: town.certified(OPERATOR, "Eager", Purpose.MARKETING, Category.PAYMENTS),
        "ask for that and nothing else",
    ),
    "no end to come": (
        lambda town: town.certified(OPERATOR, "Late", Purpose.MARKETING, days=0),
        "ends later than now",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_no_certificate_for(larch: Town, name: str) -> None:
    """What a kind of collector cannot have, or the purpose does not need, is not certified."""
    ask, words = REFUSED[name]
    with pytest.raises(GrantNotPermitted, match=words):
        ask(larch)


def test_a_certificate_says_its_scope(larch: Town) -> None:
    """Whose, for what, which data, until when."""
    collector, certificate = larch.certified(MERCHANT, "Bikes by Bao", Purpose.SHARE_ANSWER, days=9)
    known = larch.consent.collectors.certificate(certificate)
    assert (known.collector, known.collector_name) == (collector, "Bikes by Bao")
    assert (known.purpose, known.categories) == (Purpose.SHARE_ANSWER, Category.SCORE)
    assert known.expires_at == now(larch.clock) + 9 * DAY
    assert known.suspended_at is None


def test_suspending_wants_a_reason_and_is_done_once(larch: Town) -> None:
    """A suspension and its end are on record, with why."""
    collectors = larch.consent.collectors
    with pytest.raises(ReasonMissing):
        collectors.suspend(larch.clerk, "  ")
    before = larch.database.query("SELECT number FROM records").num_rows
    collectors.suspend(larch.clerk, "Left the bank.")
    collectors.suspend(larch.clerk, "Left the bank.")
    assert larch.database.query("SELECT number FROM records").num_rows == before + 1
    assert collectors.certificate(larch.clerk).suspended_at == now(larch.clock)
    collectors.reinstate(larch.clerk, "Came back.")
    assert collectors.certificate(larch.clerk).suspended_at is None


def test_what_is_not_there_is_not_found(larch: Town) -> None:
    """Strangers are neither certified nor suspended."""
    with pytest.raises(NotFound, match="no collector"):
        larch.consent.collectors.certify(
            CertificateId(new_id()), CollectorId(new_id()), Purpose.SCORE, Category.PAYMENTS,
            until=now(larch.clock) + DAY,
        )  # fmt: skip
    with pytest.raises(NotFound, match="no certificate"):
        larch.consent.collectors.suspend(CertificateId(new_id()), "Never seen.")
