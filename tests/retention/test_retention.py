"""What is past its limit goes, what is not stays, and the run says so."""

import json
from datetime import date, timedelta

import pytest

from counterfoil.consent import (
    Authority,
    AuthorityKind,
    BasisId,
    Category,
    NewRequest,
    ObjectionId,
    Purpose,
    Regime,
    RequestId,
    Review,
    Right,
    RightsRequestId,
    Secrecy,
    State,
)
from counterfoil.consent.limits import EVIDENCE, LIMITS, cutoff
from counterfoil.consent.right import Period
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountId, NewAccount
from counterfoil.people import FactKind, PersonNotFound
from counterfoil.people.errors import ClockWentBack
from counterfoil.people.records import forgetting_row, records_after
from counterfoil.retention import ClockJumped
from counterfoil.retention.model import ARTICLES, GONE_WORDS
from tests.consent.world import DAY, EUR, START, enrich, now
from tests.retention.conftest import House


def test_every_limit_is_named_once_in_words_and_by_article() -> None:
    """A report can say of each deletion what it was and which law set its limit."""
    codes = [limit.code for limit in LIMITS]
    assert len(codes) == len(set(codes))
    assert set(codes) < set(GONE_WORDS)
    assert set(ARTICLES) == set(GONE_WORDS)


@pytest.mark.parametrize(
    ("period", "today", "first_kept"),
    [
        (Period(months=60), date(2031, 1, 5), date(2026, 1, 5)),
        (Period(months=60), date(2031, 1, 6), date(2026, 1, 6)),
        (Period(months=12), date(2025, 2, 28), date(2024, 2, 28)),
        (Period(months=12), date(2025, 3, 1), date(2024, 3, 1)),
        (Period(months=1), date(2026, 2, 28), date(2026, 1, 28)),
        (Period(days=0), date(2026, 1, 6), date(2026, 1, 6)),
        (Period(days=30), date(2026, 3, 1), date(2026, 1, 30)),
    ],
)
def test_a_period_ends_with_its_last_day(period: Period, today: date, first_kept: date) -> None:
    """What began on the day that a period ends is kept; on the day after it goes (day 5y + 1)."""
    assert cutoff(period, today) == first_kept


def test_an_answered_request_goes_three_years_and_a_day_after_its_answer(house: House) -> None:
    """On its last day it stays, on the next it goes, and an open one stays whatever happens."""
    town = house.town
    house.contract(town.alice)
    answered, waiting = RightsRequestId(new_id()), RightsRequestId(new_id())
    for one in (answered, waiting):
        town.consent.rights.ask(one, town.alice, Right.ACCESS, [Regime.GDPR])
    town.consent.rights.answer(answered, State.FULFILLED, by="Edda", reasons="")
    last_day = EVIDENCE.after(START)
    assert "answered-requests" not in house.gone(last_day)
    assert house.count("rights_requests") == 2
    assert house.gone(last_day + DAY)["answered-requests"] == 1
    assert town.consent.rights.request(waiting).state is State.OPEN


def test_a_fact_goes_when_its_purpose_is_over_unless_a_declared_duty_keeps_it(
    house: House,
) -> None:
    """The bank card goes with the contract; the document stays, and the article that keeps it is told."""
    town = house.town
    contract = house.contract(town.alice)
    for kind in (FactKind.IDENTITY_DOCUMENT, FactKind.BANK_CARD):
        town.consent.give_fact(town.alice, kind, Purpose.RUN_WALLET, "X123")
    town.consent.bases.declare_duty(
        BasisId(new_id()), "反洗钱法 34", Category.IDENTITY_DOCUMENT,
        until=now(town.clock) + 5 * 365 * DAY,
    )  # fmt: skip
    assert house.gone() == {}
    town.consent.bases.end(contract)
    assert house.gone(START + DAY) == {"facts-run-wallet": 1}
    assert house.count("person_facts", "kind = 'identity-document'") == 1
    town.clock.advance(DAY)
    (kept,) = house.retention().plan().kept
    assert (kept.what, kept.reason, kept.count) == ("facts", "反洗钱法 34", 1)


def test_who_has_no_basis_any_more_is_erased_after_a_month_and_not_before(house: House) -> None:
    """Alice's contract ended; Bob has one; after 30 days her key is destroyed, and she is told."""
    town = house.town
    contract = house.contract(town.alice)
    house.contract(town.bob)
    town.consent.bases.end(contract)
    assert house.gone(START + 30 * DAY) == {}
    assert house.gone(START + 31 * DAY) == {"persons": 1}
    assert town.people.registration(town.alice).is_erased
    assert not town.people.registration(town.bob).is_erased
    kinds = [record.kind for record in town.consent.records_of(town.alice)]
    assert {"erasure-answer", "erasure"} <= set(kinds)


def test_whose_money_is_still_here_stays_and_is_counted(house: House) -> None:
    """Nobody is erased over an open balance; the run says how many wait for that, every day anew."""
    town = house.town
    enrich(town)
    house.contract(town.bob)
    basis = town.consent.bases.on_contract(town.alice)
    town.consent.bases.end(basis.id)
    run = house.run(START + 40 * DAY)
    assert "persons" not in {one.what for one in run.gone}
    assert not town.people.registration(town.alice).is_erased
    body = json.loads(records_after(town.database, run.record - 1, 1)[0].body)
    assert {"what": "persons", "reason": "open money", "count": 1} in body["kept"]
    deferred = [
        one for one in town.consent.records_of(town.alice) if one.kind == "erasure-deferred"
    ]
    assert deferred == []


def test_the_erased_are_forgotten_when_no_law_keeps_them_and_the_log_stays_whole(
    house: House,
) -> None:
    """36 months after, the records lose Alice; 60 months after, her accounts are nobody's."""
    town = house.town
    house.contract(town.alice)
    house.contract(town.bob)
    house.look(town.alice)
    account = _account(house)
    house.rights.erasures.erase(town.alice, by="Edda", regime=Regime.GDPR)
    records = house.count("records")
    at = START + timedelta(days=36 * 31)
    before = house.count("records", "body <> ''")
    assert house.gone(Period(months=36).after(START)).get("records", 0) == 0
    gone = house.gone(at)
    assert gone["records"] > 5
    assert house.count("access_records") == 0
    assert house.count("records", "body = ''") > 0
    assert house.count("records", "body <> ''") < before + 2
    kinds = [record.kind for record in town.consent.records_of(town.alice)]
    assert kinds == ["erasure-answer"], "it says until when, and stays as long"
    assert town.people.accounts_of(town.alice) == [account]
    gone = house.gone(START + timedelta(days=60 * 31))
    assert (gone["payments"], gone["records"]) == (1, 1)
    assert house.forgotten == [account]
    with pytest.raises(PersonNotFound):
        town.people.registration(town.alice)
    assert not town.people.registration(town.bob).is_erased
    assert house.count("records") == records + 3
    assert house.count("records", "subject IS NOT NULL") == house.count(
        "records", "kind <> 'retention-run' AND body <> '' AND subject IS NOT NULL"
    )


def _account(house: House) -> int:
    new = NewAccount(id=AccountId(new_id()), currency=EUR)
    town = house.town
    return town.ledger.open_account(new, rows=(town.people.account_row(town.alice, new.id),))


def test_a_record_of_somebody_whose_key_lives_keeps_its_words(house: House) -> None:
    """Not even a statement of our own takes them: the database refuses."""
    house.contract(house.town.alice)
    number = house.town.consent.records_of(house.town.alice)[0].number
    with pytest.raises(StoreConflict, match="only ever added to"):
        house.town.ledger.write(forgetting_row(house.town.alice, [number]))


def test_a_request_of_an_authority_stays_until_its_secrecy_has_ended_and_three_years_more(
    house: House,
) -> None:
    """Whoever was not told yet does not lose what they are to be told."""
    town = house.town
    house.contract(town.alice)
    request = RequestId(new_id())
    secret_until = START + 2 * 365 * DAY
    town.consent.authorities.enter(
        NewRequest(
            id=request, authority=Authority(AuthorityKind.COURT, "Court"), article="Code 67",
            subject=town.alice, categories=Category.PAYMENTS, since=START - 30 * DAY,
            until=START, secrecy=Secrecy("Code 70", secret_until),
        )
    )  # fmt: skip
    town.consent.authorities.decide(request, Review(reviewer="Edda", reasons="Too wide."))
    house.run(START + 4 * 365 * DAY)
    assert house.count("authority_requests") == 1
    assert house.gone(START + 6 * 365 * DAY)["decided-orders"] == 1


def test_a_plan_changes_nothing_and_says_what_a_run_does(house: House) -> None:
    """The dry run counts what the run then deletes, to the row."""
    town = house.town
    house.contract(town.bob)
    objection = ObjectionId(new_id())
    town.consent.objections.object_to(objection, town.bob, Purpose.MARKETING)
    town.consent.objections.withdraw(town.bob, objection)
    town.clock.set(START + 4 * 365 * DAY)
    records = house.count("records")
    planned = {one.what: one.count for one in house.retention().plan().gone}
    assert house.count("records") == records
    assert planned["persons"] == 1
    assert house.gone() == planned


def test_a_day_has_one_run(house: House) -> None:
    """Asked again on the same day, by this process or another, the day's run is the answer."""
    first = house.run()
    house.town.clock.advance(timedelta(hours=3))
    again = house.retention().run()
    assert again == first
    assert first.record == house.count("records")
    assert house.retention().run() == first
    house.town.clock.advance(DAY)
    assert house.run().number == 2
    assert [one.number for one in house.retention().history()] == [2, 1]


def test_a_day_is_the_operators(house: House) -> None:
    """At 17:00 UTC it is the next day in Shanghai."""
    house.town.clock.set(START.replace(hour=15, minute=59))
    assert house.retention("Asia/Shanghai").run().day == date(2026, 1, 5)
    house.town.clock.set(START.replace(hour=16))
    assert house.retention("Asia/Shanghai").run().day == date(2026, 1, 6)


def test_a_clock_that_went_back_deletes_nothing(house: House) -> None:
    """It is refused by name, and the day's run is not begun twice."""
    house.run(START + 10 * DAY)
    runs = house.count("retention_runs")
    house.town.clock.set(START + 2 * DAY)
    with pytest.raises(ClockWentBack):
        house.retention().run()
    assert house.count("retention_runs") == runs


def test_a_clock_that_has_jumped_ahead_deletes_nothing_until_somebody_says_it_is_right(
    house: House,
) -> None:
    """What a wrong clock deletes is gone for good, so a month without a run is asked about."""
    house.contract(house.town.bob)
    house.run(START)
    house.town.clock.set(START + 4 * 365 * DAY)
    with pytest.raises(ClockJumped, match="--after-gap"):
        house.retention().run()
    assert not house.town.people.registration(house.town.alice).is_erased
    assert house.retention().run(after_gap=True).number == 2
    assert house.town.people.registration(house.town.alice).is_erased


def test_a_run_has_a_record_that_names_counts_and_nobody(house: House) -> None:
    """The record says what went, from which table, by which article, and holds no id of a person."""
    house.town.clock.advance(40 * DAY)
    run = house.run()
    (record,) = records_after(house.town.database, run.record - 1, 1)
    body = json.loads(record.body)
    assert (record.kind, record.subject) == ("retention-run", None)
    assert body["deleted"] == [
        {"what": "persons", "table": "person_keys", "article": "PIPL 47", "count": 2}
    ]
    assert str(house.town.alice) not in record.body
