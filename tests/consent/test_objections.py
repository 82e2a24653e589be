"""Who objects to a purpose is left alone; who refuses a program's decision gets a human's."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from counterfoil.consent import (
    BasisEnded,
    BasisId,
    Category,
    GrantMissing,
    HumanNeeded,
    NotFound,
    Objected,
    ObjectionId,
    ObjectionKind,
    Purpose,
    RequestDecided,
    ReviewId,
    ReviewInvalid,
    ReviewState,
)
from counterfoil.consent.store import access_row, basis_by_id, basis_row
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.ids import new_id
from tests.consent.world import DAY, REASON, Town, now
from tests.people.signing import signed_in

AUTOMATED = ObjectionKind.AUTOMATED_DECISION


def test_an_objection_to_marketing_is_absolute(rich: Town) -> None:
    """Without a reason it ends the grant at once, and none is taken until it is taken back."""
    grant = rich.agree(rich.alice, Purpose.MARKETING)
    basis = rich.consent.bases.on_consent(rich.alice, Purpose.MARKETING, Category.NAME)
    raised = rich.consent.objections.object_to(ObjectionId(new_id()), rich.alice, Purpose.MARKETING)
    assert not rich.consent.grants.grant(grant.id).is_active
    with (
        pytest.raises(Objected, match=r"objects to marketing \(GDPR 21, PIPL 24\)"),
        rich.consent.gate.read(
            basis, who=rich.marketer, categories=Category.NAME, reason=REASON
        ) as access,
    ):
        access.rows(rich.readers.name)
    with pytest.raises(Objected, match="take that back first"):
        rich.agree(rich.alice, Purpose.MARKETING)
    again = rich.consent.objections.object_to(ObjectionId(new_id()), rich.alice, Purpose.MARKETING)
    assert again == raised
    rich.consent.objections.withdraw(rich.alice, raised.id)
    rich.consent.objections.withdraw(rich.alice, raised.id)
    with pytest.raises(GrantMissing):
        rich.consent.bases.on_consent(rich.alice, Purpose.MARKETING, Category.NAME)
    assert rich.agree(rich.alice, Purpose.MARKETING).is_active
    with (
        pytest.raises(BasisEnded),
        rich.consent.gate.read(
            basis, who=rich.marketer, categories=Category.NAME, reason=REASON
        ) as access,
    ):
        access.rows(rich.readers.name)


def test_the_flag_itself_blocks_a_read(rich: Town) -> None:
    """Were a live basis there all the same, the gate, the statement and the wall would refuse."""
    rich.consent.objections.object_to(ObjectionId(new_id()), rich.alice, Purpose.RESEARCH)
    known = rich.agree(rich.bob, Purpose.RESEARCH)
    row = basis_by_id(rich.database, known.id)
    assert row is not None
    smuggled = replace(row, id=BasisId(new_id()), subject=rich.alice)
    rich.ledger.write(basis_row(smuggled))
    basis = rich.consent.bases.on_consent(rich.alice, Purpose.RESEARCH, Category.PAYMENTS)
    _, reader = rich.certified(
        rich.consent.collectors.certificate(rich.clerk).collector_kind, "Lab", Purpose.RESEARCH
    )
    found = rich.consent.gate.read_each([basis], rich.payments(), who=reader, reason=REASON)
    assert list(found) == []
    at_us = rich.clock.now_us()
    with pytest.raises(StoreConflict):
        rich.ledger.write(
            access_row(smuggled, rich.alice, reader, Category.PAYMENTS, row_count=1, reason=REASON,
                       at_us=at_us)
        )  # fmt: skip
    if rich.database.dialect == "postgresql":
        with rich.wall.opened_for(rich.alice, smuggled.id, at_us) as database:
            assert database.query("SELECT seq FROM transfers").num_rows == 0


def test_refusing_a_program_s_decision_opens_a_case_for_a_human(larch: Town) -> None:
    """Whoever decides must ask; the case has a clock, the person's say, a name and reasons."""
    objections, reviews = larch.consent.objections, larch.consent.reviews
    objections.require_human_free(larch.alice, Purpose.SCORE)
    objections.object_to(
        ObjectionId(new_id()), larch.alice, Purpose.SCORE, AUTOMATED, matter="credit of 5 January"
    )
    with pytest.raises(HumanNeeded, match="refused decisions without a human"):
        objections.require_human_free(larch.alice, Purpose.SCORE)
    objections.require_human_free(larch.bob, Purpose.SCORE)
    (case,) = reviews.waiting()
    assert (case.matter, case.due_at) == ("credit of 5 January", now(larch.clock) + 20 * DAY)
    with pytest.raises(HumanNeeded, match="waits for a human"):
        reviews.require_decided(case.id)
    reviews.say(case.id, "I was in hospital that month.")
    with larch.consent.gate.own(signed_in(larch.people, larch.alice)) as own:
        (said,) = own.rows(larch.readers.statements[Category.SCORE])
    assert said.text == "I was in hospital that month."
    bodies = [one.body for one in larch.consent.records_of(larch.alice)]
    assert not any("hospital" in body for body in bodies)
    reviews.decide(case.id, ReviewState.CHANGED, reviewer="Clara", reasons="One month is not it.")
    decided = reviews.require_decided(case.id)
    assert (decided.state, decided.reviewer) == (ReviewState.CHANGED, "Clara")
    assert not decided.is_overdue_at(now(larch.clock) + 50 * DAY)
    assert reviews.waiting() == []
    body = json.loads(larch.consent.records_of(larch.alice)[-1].body)
    assert (body["kind"], body["decision"]) == ("review-decided", "changed")


def test_a_grant_for_scoring_outlives_the_wish_for_a_human(rich: Town) -> None:
    """The human needs the data too: refusing the program's decision ends no grant."""
    basis = rich.scoring_basis(rich.alice)
    rich.consent.objections.object_to(ObjectionId(new_id()), rich.alice, Purpose.SCORE, AUTOMATED)
    found = rich.consent.gate.read_each([basis], rich.payments(), who=rich.scorer, reason=REASON)
    assert [one.rows for one in found] == [(1,)]


def open_case(town: Town) -> ReviewId:
    return town.consent.reviews.open(
        ReviewId(new_id()), town.alice, Purpose.SCORE, "credit of 5 January"
    ).id


def decide(town: Town, case: ReviewId, **said: str) -> object:
    said = {"reviewer": "Clara", "reasons": "Looked at it.", **said}
    return town.consent.reviews.decide(case, ReviewState.UPHELD, **said)


def say(town: Town, case: ReviewId) -> object:
    town.consent.reviews.say(case, "Too late.")
    return None


REFUSED: dict[str, tuple[Callable[[Town, ReviewId], object], type[Exception]]] = {
    "a contract": (
        lambda town, _: town.consent.objections.object_to(
            ObjectionId(new_id()), town.alice, Purpose.RUN_WALLET
        ),
        ReviewInvalid,
    ),
    "consent that is revoked instead": (
        lambda town, _: town.consent.objections.object_to(
            ObjectionId(new_id()), town.alice, Purpose.SCORE
        ),
        ReviewInvalid,
    ),
    "another's objection": (
        lambda town, _: town.consent.objections.withdraw(town.alice, ObjectionId(new_id())),
        NotFound,
    ),
    "a decision by nobody": (lambda town, case: decide(town, case, reviewer=" "), ReviewInvalid),
    "a decision without reasons": (
        lambda town, case: decide(town, case, reasons=""),
        ReviewInvalid,
    ),
    "no decision": (
        lambda town, case: town.consent.reviews.decide(
            case, ReviewState.OPEN, reviewer="Clara", reasons="x"
        ),
        ReviewInvalid,
    ),
    "an unknown case": (lambda town, _: decide(town, ReviewId(new_id())), NotFound),
    "a second decision": (
        lambda town, case: decide(town, case) and decide(town, case),
        RequestDecided,
    ),
    "words after the decision": (
        lambda town, case: decide(town, case) and say(town, case),
        RequestDecided,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(larch: Town, name: str) -> None:
    """Each refusal is named."""
    act, error = REFUSED[name]
    case = open_case(larch)
    with pytest.raises(error):
        act(larch, case)
