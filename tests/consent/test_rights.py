"""Each request has a clock from its law; it is answered in time, or somebody is told."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from counterfoil.consent import (
    DEADLINES,
    ExtensionNotPermitted,
    NotFound,
    Regime,
    RequestDecided,
    ReviewInvalid,
    Right,
    RightsRequest,
    RightsRequestId,
    State,
)
from counterfoil.consent.right import Period, governing
from counterfoil.kernel.ids import new_id
from counterfoil.people import PersonId, PersonNotFound
from tests.consent.world import DAY, START, Town, now


def asked(
    town: Town, right: Right = Right.ACCESS, regimes: tuple[Regime, ...] = (Regime.GDPR,)
) -> RightsRequest:
    return town.consent.rights.ask(RightsRequestId(new_id()), town.alice, right, regimes)


def day(month: int, number: int, year: int = 2026) -> datetime:
    return datetime(year, month, number, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("received", "period", "due"),
    [
        (day(1, 31), Period(months=1), day(2, 28)),
        (day(1, 31, 2028), Period(months=1), day(2, 29, 2028)),
        (day(12, 15), Period(months=1), day(1, 15, 2027)),
        (day(11, 30), Period(months=3), day(2, 28, 2027)),
        (day(2, 28), Period(days=20), day(3, 20)),
        (day(3, 31), Period(months=3), day(6, 30)),
    ],
)
def test_a_month_is_a_calendar_month(received: datetime, period: Period, due: datetime) -> None:
    """It ends on the same day of the month, or on the last one where there is no such day."""
    assert period.after(received) == due


def test_every_law_has_its_article_and_every_right_some_law() -> None:
    """The table is total, and its numbers are those of the articles."""
    assert set(DEADLINES) == set(Regime)
    assert {right for one in DEADLINES.values() for right in one.rights} == set(Right)
    assert all(one.article for one in DEADLINES.values())
    assert DEADLINES[Regime.GDPR].limit == Period(months=1)
    assert DEADLINES[Regime.GDPR].extension == Period(months=2)
    assert DEADLINES[Regime.CREDIT_REPORTING].limit == Period(days=20)
    assert (DEADLINES[Regime.FCRA].limit, DEADLINES[Regime.FCRA].extension) == (
        Period(days=30),
        Period(days=15),
    )


def test_where_laws_meet_the_shortest_deadline_governs() -> None:
    """A correction under three laws is due in twenty days; access falls under one of them."""
    laws = (Regime.GDPR, Regime.FCRA, Regime.CREDIT_REPORTING)
    assert governing(laws, Right.CORRECTION, START) == (
        Regime.CREDIT_REPORTING,
        START + 20 * DAY,
    )
    assert governing(laws, Right.ACCESS, START)[0] is Regime.GDPR


def test_a_request_is_reminded_of_and_then_overdue(larch: Town) -> None:
    """A week before its day it is brought to mind; after it, it is on the list of shame."""
    request = asked(larch)
    assert request.due_at == day(2, 5)
    rights = larch.consent.rights
    assert (rights.due_soon(), rights.overdue()) == ([], [])
    larch.clock.set(request.due_at - 7 * DAY)
    assert (rights.due_soon(), rights.overdue()) == ([request], [])
    larch.clock.set(request.due_at)
    assert rights.overdue() == []
    larch.clock.advance(timedelta(microseconds=1))
    assert rights.overdue() == [request]
    late = rights.answer(request.id, State.FULFILLED, by="Edda", reasons="")
    assert late.is_overdue_at(now(larch.clock))
    assert (rights.due_soon(), rights.overdue()) == ([], [])


def test_an_answer_is_on_record_with_reasons_and_the_way_on(larch: Town) -> None:
    """A refusal says why, by whom, and where the person can turn."""
    request = asked(larch, Right.ERASURE)
    larch.consent.rights.answer(
        request.id, State.REFUSED, by="Edda", reasons="Payments are kept by law."
    )
    body = json.loads(larch.consent.records_of(larch.alice)[-1].body)
    assert (body["kind"], body["answer"], body["by"]) == ("rights-answer", "refused", "Edda")
    assert body["reasons"] == "Payments are kept by law."
    assert "court" in body["escalation"]
    (listed,) = larch.consent.rights.requests_of(larch.alice)
    assert (listed.state, listed.answered_at) == (State.REFUSED, START)


def test_a_due_date_is_put_off_once_with_a_reason(larch: Town) -> None:
    """Two months more under the GDPR, told within the first month; and not again."""
    request = asked(larch)
    with pytest.raises(ExtensionNotPermitted):
        larch.consent.rights.extend(request.id, "  ")
    extended = larch.consent.rights.extend(request.id, "Ten years of payments.")
    assert extended.due_at == day(4, 5)
    assert json.loads(larch.consent.records_of(larch.alice)[-1].body)["kind"] == "rights-extension"
    with pytest.raises(
        ExtensionNotPermitted, match=r"GDPR 12\(3\) lets a due date be put off once"
    ):
        larch.consent.rights.extend(request.id, "More time.")


def test_a_due_date_is_not_put_off_where_the_law_knows_no_extension(larch: Town) -> None:
    """Nor when it has passed already."""
    correction = asked(larch, Right.CORRECTION, (Regime.CREDIT_REPORTING,))
    access = asked(larch)
    with pytest.raises(ExtensionNotPermitted):
        larch.consent.rights.extend(correction.id, "More time.")
    larch.clock.set(access.due_at + timedelta(microseconds=1))
    with pytest.raises(ExtensionNotPermitted):
        larch.consent.rights.extend(access.id, "More time.")


REFUSED: dict[str, tuple[Callable[[Town, RightsRequestId], object], type[Exception]]] = {
    "an answer without reasons": (
        lambda town, id_: town.consent.rights.answer(id_, State.REFUSED, by="Edda", reasons=" "),
        ReviewInvalid,
    ),
    "an answer by nobody": (
        lambda town, id_: town.consent.rights.answer(id_, State.FULFILLED, by="", reasons=""),
        ReviewInvalid,
    ),
    "no answer": (
        lambda town, id_: town.consent.rights.answer(id_, State.OPEN, by="Edda", reasons="x"),
        ReviewInvalid,
    ),
    "a law that is not about it": (
        lambda town, _id: asked(town, Right.ACCESS, (Regime.FCRA,)),
        ReviewInvalid,
    ),
    "a request that is not there": (
        lambda town, _id: town.consent.rights.extend(RightsRequestId(new_id()), "Why not."),
        NotFound,
    ),
    "a stranger's": (
        lambda town, _id: town.consent.rights.ask(
            RightsRequestId(new_id()), PersonId(new_id()), Right.ACCESS, [Regime.GDPR]
        ),
        PersonNotFound,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_register_refuses(larch: Town, name: str) -> None:
    """Each by name, and the request stays as it was."""
    request = asked(larch)
    act, refusal = REFUSED[name]
    with pytest.raises(refusal):
        act(larch, request.id)
    assert larch.consent.rights.requests_of(larch.alice) == [request]


def test_a_request_is_answered_once(larch: Town) -> None:
    """What was answered stands; the person may ask anew."""
    request = asked(larch)
    larch.consent.rights.answer(request.id, State.DUPLICATE, by="Edda", reasons="Asked on Monday.")
    with pytest.raises(RequestDecided):
        larch.consent.rights.answer(request.id, State.FULFILLED, by="Edda", reasons="")
    with pytest.raises(RequestDecided):
        larch.consent.rights.extend(request.id, "More time.")
