"""An authority gets what the law gives it, on the record, and the person is told."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from counterfoil.consent import (
    Authority,
    AuthorityKind,
    BasisEnded,
    BasisExceeded,
    BasisId,
    Category,
    CollectorKind,
    NewRequest,
    Outcome,
    PersonalReader,
    Purpose,
    RequestDecided,
    RequestId,
    Review,
    ReviewInvalid,
    Secrecy,
)
from counterfoil.kernel.clock import to_us
from counterfoil.kernel.ids import new_id
from counterfoil.people import PersonId, PersonNotFound
from tests.consent.world import DAY, REASON, START, Town, now

COURT = Authority(AuthorityKind.COURT, "District Court of Larch")
SECRECY = Secrecy("Code of Criminal Procedure 101", START + 60 * DAY)


def asked(town: Town, secrecy: Secrecy | None = None) -> NewRequest:
    return NewRequest(
        id=RequestId(new_id()),
        authority=COURT,
        article="Code of Civil Procedure 67",
        subject=town.alice,
        categories=Category.NAME | Category.PAYMENTS,
        since=START - 365 * DAY,
        until=START,
        secrecy=secrecy,
    )


def allowing(town: Town, categories: Category, **changes: object) -> Review:
    review = Review(
        reviewer="Edda, privacy officer",
        reasons="The claim is about last month only.",
        categories=categories,
        since=START - 30 * DAY,
        until=START,
        valid_until=now(town.clock) + 14 * DAY,
    )
    return replace(review, **changes)  # type: ignore[arg-type]


def handing_over(town: Town) -> "CertifiedDesk":
    _, desk = town.certified(CollectorKind.OPERATOR, "Legal desk", Purpose.COMPLY_WITH_LAW)
    return CertifiedDesk(town, desk)


class CertifiedDesk:
    """The operator's desk that answers authorities."""

    def __init__(self, town: Town, desk: object) -> None:
        self.town = town
        self.desk = desk

    def look(self, order: BasisId, reader: PersonalReader[object]) -> tuple[object, ...]:
        """Read on an order."""
        basis = self.town.consent.bases.on_law(order)
        with self.town.consent.gate.read(
            basis, who=self.desk, categories=reader.categories, reason=REASON  # type: ignore[arg-type]
        ) as access:  # fmt: skip
            return access.rows(reader)


def test_a_request_alone_opens_nothing(larch: Town) -> None:
    """Entering a request in the register hands nothing over; it waits for a reviewer."""
    new = asked(larch)
    larch.consent.authorities.enter(new)
    (waiting,) = larch.consent.authorities.open_requests()
    assert (waiting.id, waiting.outcome, waiting.received_at) == (new.id, Outcome.OPEN, START)
    assert larch.database.query("SELECT id FROM bases").num_rows == 0


def test_a_reviewer_narrows_what_goes_too_far(larch: Town) -> None:
    """What was not allowed stays closed, and only rows of the allowed period are handed over."""
    desk, order, new = handing_over(larch), BasisId(new_id()), asked(larch)
    larch.consent.authorities.enter(new)
    decided = larch.consent.authorities.decide(new.id, allowing(larch, Category.PAYMENTS), order)
    assert decided.outcome is Outcome.NARROWED
    days: PersonalReader[int] = PersonalReader(
        "days", Category.PAYMENTS, lambda _database, _person: [-31, -30, -1, 0],
        lambda day: to_us(START + day * DAY),
    )  # fmt: skip
    assert desk.look(order, days) == (-30, -1)
    with pytest.raises(BasisExceeded):
        desk.look(order, larch.readers.name)
    (record,) = larch.consent.who_looked(larch.alice)
    assert record.row_count == 2
    assert "on an order of an authority" in record.sentence


def test_an_order_ends(larch: Town) -> None:
    """After its last day it opens nothing."""
    desk, order, new = handing_over(larch), BasisId(new_id()), asked(larch)
    larch.consent.authorities.enter(new)
    larch.consent.authorities.decide(new.id, allowing(larch, Category.NAME), order)
    larch.clock.advance(14 * DAY)
    with pytest.raises(BasisEnded):
        desk.look(order, larch.readers.name)


def test_a_refused_request_opens_nothing_and_is_told(larch: Town) -> None:
    """The person learns who asked, under which article, and that it was refused, with reasons."""
    new = asked(larch)
    larch.consent.authorities.enter(new)
    refusal = Review(reviewer="Edda", reasons="No judge has signed it.")
    assert larch.consent.authorities.decide(new.id, refusal).outcome is Outcome.REFUSED
    body = json.loads(larch.consent.records_of(larch.alice)[-1].body)
    assert (body["kind"], body["outcome"]) == ("authority-decision", "refused")
    assert (body["authority"], body["article"]) == (COURT.name, new.article)
    assert body["reasons"] == "No judge has signed it."


def test_a_secret_is_kept_until_its_day_and_told_then(larch: Town) -> None:
    """Under a cited duty of silence request, decision and reads are on record, and told after it."""
    desk, order, new = handing_over(larch), BasisId(new_id()), asked(larch, SECRECY)
    before = len(larch.consent.records_of(larch.alice))
    larch.consent.authorities.enter(new)
    larch.consent.authorities.decide(new.id, allowing(larch, Category.NAME), order)
    assert desk.look(order, larch.readers.name) == ("Alice Arnaud",)
    larch.clock.set(SECRECY.until - timedelta(microseconds=1))
    assert larch.consent.who_looked(larch.alice) == []
    assert len(larch.consent.records_of(larch.alice)) == before
    larch.clock.set(SECRECY.until)
    assert [one.collector_name for one in larch.consent.who_looked(larch.alice)] == ["Legal desk"]
    told = [one.kind for one in larch.consent.records_of(larch.alice)[before:]]
    assert told == ["authority-request", "authority-decision", "access"]


def test_a_secrecy_that_does_not_bind_is_lifted(larch: Town) -> None:
    """When the reviewer finds no such duty, the person is told at once, the request included."""
    desk, order, new = handing_over(larch), BasisId(new_id()), asked(larch, SECRECY)
    larch.consent.authorities.enter(new)
    review = allowing(larch, Category.NAME, keeps_secret=False)
    assert larch.consent.authorities.decide(new.id, review, order).secrecy is None
    desk.look(order, larch.readers.name)
    assert len(larch.consent.who_looked(larch.alice)) == 1
    body = json.loads(larch.consent.records_of(larch.alice)[-2].body)
    assert (body["kind"], body["article"]) == ("authority-decision", new.article)


INVALID_REQUESTS: dict[str, Callable[[NewRequest], NewRequest]] = {
    "no article": lambda new: replace(new, article=" "),
    "no name": lambda new: replace(new, authority=Authority(AuthorityKind.POLICE, "")),
    "no data": lambda new: replace(new, categories=Category(0)),
    "no period": lambda new: replace(new, until=new.since),
    "secrecy without an article": lambda new: replace(new, secrecy=Secrecy("", SECRECY.until)),
    "secrecy without an end to come": lambda new: replace(new, secrecy=Secrecy("§ 1", START)),
}


@pytest.mark.parametrize("name", INVALID_REQUESTS)
def test_the_register_refuses_a_request_with(larch: Town, name: str) -> None:
    """Who, by which article, what, of when; and silence only by law and until a day."""
    with pytest.raises(ReviewInvalid):
        larch.consent.authorities.enter(INVALID_REQUESTS[name](asked(larch)))
    assert larch.consent.authorities.open_requests() == []


def test_the_register_knows_whom_it_is_about(larch: Town) -> None:
    """A request about nobody here is not entered."""
    with pytest.raises(PersonNotFound):
        larch.consent.authorities.enter(replace(asked(larch), subject=PersonId(new_id())))


INVALID_REVIEWS: dict[str, Callable[[Town], Review]] = {
    "more data": lambda town: allowing(town, Category.CONTACT),
    "a longer period": lambda town: allowing(town, Category.NAME, since=START - 366 * DAY),
    "a later period": lambda town: allowing(town, Category.NAME, until=START + DAY),
    "no reviewer": lambda town: allowing(town, Category.NAME, reviewer=""),
    "no reasons": lambda _town: Review(reviewer="Edda", reasons=" "),
    "no end": lambda town: allowing(town, Category.NAME, valid_until=None),
    "an end that has passed": lambda town: allowing(town, Category.NAME, valid_until=START),
}


@pytest.mark.parametrize("name", INVALID_REVIEWS)
def test_a_review_is_refused_with(larch: Town, name: str) -> None:
    """A review narrows, is somebody's, and says why; else the request stays open."""
    new = asked(larch)
    larch.consent.authorities.enter(new)
    with pytest.raises(ReviewInvalid):
        larch.consent.authorities.decide(new.id, INVALID_REVIEWS[name](larch), BasisId(new_id()))
    assert len(larch.consent.authorities.open_requests()) == 1
    assert larch.database.query("SELECT id FROM bases").num_rows == 0


def test_a_request_is_decided_once(larch: Town) -> None:
    """Whoever wants more enters a new request."""
    new = asked(larch)
    larch.consent.authorities.enter(new)
    larch.consent.authorities.decide(new.id, Review(reviewer="Edda", reasons="Too wide."))
    with pytest.raises(RequestDecided):
        larch.consent.authorities.decide(new.id, allowing(larch, Category.NAME), BasisId(new_id()))


def test_the_transparency_report_counts_and_names_nobody(larch: Town) -> None:
    """How many asked, by which article, what became of it, how many the person knows of."""
    open_one, secret, narrowed = asked(larch), asked(larch, SECRECY), asked(larch)
    for new in (open_one, secret, narrowed):
        larch.consent.authorities.enter(new)
    review = allowing(larch, Category.NAME)
    larch.consent.authorities.decide(narrowed.id, review, BasisId(new_id()))
    report = larch.consent.authorities.report(START, START + DAY)
    assert report.by_kind[AuthorityKind.COURT] == {Outcome.OPEN: 2, Outcome.NARROWED: 1}
    assert report.by_article == {open_one.article: 3}
    assert (report.person_count, report.told_count, report.deferred_count) == (1, 2, 1)
    later = larch.consent.authorities.report(START + DAY, START + 2 * DAY)
    assert (later.told_count, later.person_count) == (0, 0)


def test_a_legal_duty_is_about_anybody_and_still_on_record(larch: Town) -> None:
    """A law that makes the operator look names its article; each look says so to the person."""
    desk, duty = handing_over(larch), BasisId(new_id())
    larch.consent.bases.declare_duty(
        duty, "Anti-Money Laundering Law 16", Category.NAME, until=START + 30 * DAY
    )
    with larch.consent.gate.read(
        larch.consent.bases.on_law(duty), who=desk.desk, categories=Category.NAME,  # type: ignore[arg-type]
        reason=REASON, subject=larch.bob,
    ) as access:  # fmt: skip
        assert access.rows(larch.readers.name) == ("Bob Bauer",)
    (record,) = larch.consent.who_looked(larch.bob)
    assert "on a duty by law" in record.sentence
    with pytest.raises(BasisExceeded, match="Say whose"), larch.consent.gate.read(
        larch.consent.bases.on_law(duty), who=desk.desk, categories=Category.NAME,  # type: ignore[arg-type]
        reason=REASON,
    ):  # fmt: skip
        pytest.fail("the access opened")
