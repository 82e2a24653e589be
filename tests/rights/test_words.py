"""Everything that was done about a person can be told and explained to them in their language."""

import ast
import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

import counterfoil.bootstrap  # noqa: F401  # every room says its records' words when it is loaded
from counterfoil.consent import (
    Authority,
    AuthorityKind,
    BasisId,
    Category,
    ConsentError,
    Ground,
    NewRequest,
    ObjectionId,
    ObjectionKind,
    Purpose,
    Regime,
    RequestId,
    Review,
    ReviewState,
    Right,
    RightsRequestId,
    Secrecy,
    State,
)
from counterfoil.consent import errors as consent_errors
from counterfoil.kernel.i18n import lazy, use_locale
from counterfoil.kernel.ids import new_id
from counterfoil.rights import (
    CaseNotFound,
    Explanation,
    FolderDelivery,
    explain_refusal,
    kinds_told,
    register_phrase,
    told,
)
from counterfoil.rights.explanation import REFUSALS
from tests.consent.world import DAY, now
from tests.rights.conftest import Desk

SOURCES = Path(__file__).parents[2] / "src" / "counterfoil"
OPERATORS_OWN = {
    *("suspense-sent-back",),
    *("assessment", "purpose-started", "purpose-stopped", "collector", "certificate"),
    *("suspension", "reinstatement", "copy-opened", "copy-written", "copy-dropped"),
    *("breach-opened", "breach-affected", "breach-reported", "breach-closed", "retention-run"),
    *("model-registered", "model-role", "score-threshold"),
}
"""Records about nobody: no person is shown them."""
CHOSEN_AT_RUN_TIME = {
    *("wallet-frozen", "wallet-unfrozen", "breach-letter", "breach-claim"),
    *("merchant-opened", "merchant-suspended", "merchant-reinstated"),
}
"""Kinds that the sources do not spell where the record is made."""
NOT_ABOUT_A_PERSON = {
    *("consent.purpose-not-started", "consent.assessment-missing", "consent.notice-outdated"),
    *("consent.grant-bundled", "consent.grant-not-permitted", "consent.guardian-needed"),
    *("consent.request-decided", "consent.review-invalid", "consent.extension-not-permitted"),
    *("consent.not-found", "consent.error"),
}


def kinds_made() -> set[str]:
    """Read from the sources which kinds of records the rooms make."""
    kinds: set[str] = set()
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id in {"record_row", "_records"} and node.args:  # type: ignore[attr-defined]
                kinds |= set(re.findall(r"^'([a-z-]+)'$", ast.unparse(node.args[0])))  # type: ignore[attr-defined]
    return kinds


def test_every_kind_of_record_is_put_into_words() -> None:
    """A kind that somebody adds without a sentence for the person fails here."""
    made = kinds_made() - OPERATORS_OWN
    assert len(made) > 30
    assert made - kinds_told() == set()
    assert kinds_told() - made - CHOSEN_AT_RUN_TIME == set()


def live(desk: Desk, folder: Path) -> None:
    """Let everything happen to Alice once."""
    town, consent = desk.town, desk.town.consent
    desk.look()
    town.agree(town.alice, Purpose.MARKETING)
    consent.objections.object_to(ObjectionId(new_id()), town.alice, Purpose.MARKETING)
    (objection,) = consent.objections.of(town.alice)
    consent.objections.withdraw(town.alice, objection.id)
    notice = consent.purposes.notice(Purpose.RESEARCH, "en")
    consent.grants.refuse_consent(town.alice, Purpose.RESEARCH, Category.PAYMENTS, notice.hash)
    consent.objections.object_to(
        ObjectionId(new_id()), town.alice, Purpose.SCORE, ObjectionKind.AUTOMATED_DECISION
    )
    (case,) = consent.reviews.waiting()
    consent.reviews.say(case.id, "Look again.")
    consent.reviews.decide(case.id, ReviewState.UPHELD, reviewer="Clara", reasons="I did.")
    first = desk.contest("name", "Alicia")
    desk.rights.corrections.refuse(first, by="Edda", reasons="No document.")
    desk.rights.corrections.dispute(first, new_id(), "It is my name.")
    for one in desk.rights.notices.deliver(FolderDelivery(folder)):
        desk.rights.notices.acknowledge(one.id, by="Clara")
    desk.rights.corrections.accept(desk.contest("contact", "a@example.org"), by="Edda")
    consent.rights.extend(
        consent.rights.ask(RightsRequestId(new_id()), town.alice, Right.ACCESS, [Regime.GDPR]).id,
        "Ten years of payments.",
    )
    request = RequestId(new_id())
    since, until = now(town.clock) - DAY, now(town.clock)
    consent.authorities.enter(
        NewRequest(
            id=request, authority=Authority(AuthorityKind.COURT, "District Court"),
            article="CCP 67", subject=town.alice, categories=Category.NAME, since=since,
            until=until,
        )
    )  # fmt: skip
    consent.authorities.decide(
        request,
        Review(reviewer="Edda", reasons="It may.", categories=Category.NAME, since=since,
               until=until, valid_until=until + DAY),
        BasisId(new_id()),
    )  # fmt: skip


@pytest.mark.parametrize("locale", ["en", "fr", "zh_CN"])
def test_a_whole_life_is_told(desk: Desk, tmp_path: Path, locale: str) -> None:
    """Each record becomes one sentence, in three languages, with every placeholder filled."""
    live(desk, tmp_path)
    records = desk.town.consent.records_of(desk.town.alice)
    with use_locale(locale):
        sentences = [told(record).sentence for record in records]
    assert len(sentences) == len(records) > 30
    assert not any(re.search(r"[{}]|\bNone\b", one) for one in sentences)
    if locale == "en":
        assert "Clara, clerk read your name for running the wallet, on your contract:" in " ".join(
            sentences
        )
        assert any(one.startswith("You asked to have it corrected (征信") for one in sentences)


def test_an_unknown_kind_is_told_and_not_left_out(desk: Desk) -> None:
    """A record that nobody has put into words appears as what it is; a phrase is given once."""
    from dataclasses import replace

    record = replace(desk.town.consent.records_of(desk.town.alice)[0], kind="comet")
    assert told(record).sentence == "A record of kind “comet” was made."
    with pytest.raises(ValueError, match="told already"):
        register_phrase("grant", lazy("Again."))


def test_a_look_is_explained(desk: Desk) -> None:
    """What was read, which article allowed it, and what the person can do; nobody else's."""
    desk.look()
    (look,) = desk.town.consent.who_looked(desk.town.alice)
    explained = desk.rights.explanations.access(desk.town.alice, look.number)
    assert "Clara, clerk read your name" in explained.what
    assert "contract needs it (PIPL 13(2), GDPR 6(1)(b)" in explained.why
    assert explained.text.count("\n") == 3
    with pytest.raises(CaseNotFound):
        desk.rights.explanations.access(desk.town.bob, look.number)


def test_every_refusal_about_a_person_is_explained() -> None:
    """Each code of the gate has its words, and only those that are about somebody."""
    every = {
        one.code
        for one in vars(consent_errors).values()
        if isinstance(one, type) and issubclass(one, ConsentError)
    }
    assert set(REFUSALS) == every - NOT_ABOUT_A_PERSON
    assert (
        "on consent or contract nobody reads"
        in explain_refusal(consent_errors.Restricted("x")).text
    )


def test_a_restriction_is_explained(desk: Desk) -> None:
    """Why it stands, by which article, until when, and what goes on all the same."""
    desk.contest("name", "Alicia")
    (standing,) = desk.town.consent.restrictions.standing(desk.town.alice)
    explained = desk.rights.explanations.restriction(desk.town.alice, standing.id)
    assert "you say that it is wrong" in explained.why
    assert "GDPR 18(1)(a)" in explained.why
    assert "payments go on" in explained.rights
    with pytest.raises(CaseNotFound):
        desk.rights.explanations.restriction(desk.town.bob, standing.id)


def test_an_authority_s_request_is_explained_once_it_may_be(desk: Desk) -> None:
    """Under a duty of silence there is nothing to explain; on its last day there is."""
    town, request = desk.town, RequestId(new_id())
    since, until = now(town.clock) - DAY, now(town.clock)
    town.consent.authorities.enter(
        NewRequest(
            id=request, authority=Authority(AuthorityKind.POLICE, "City Police"),
            article="CCP 99", subject=town.alice, categories=Category.NAME, since=since,
            until=until, secrecy=Secrecy("CCP 100", until + 5 * DAY),
        )
    )  # fmt: skip
    explain = desk.rights.explanations.authority_request
    with pytest.raises(CaseNotFound):
        explain(town.alice, request, at_us=town.clock.now_us())
    town.clock.advance(5 * DAY)
    explained = explain(town.alice, request, at_us=town.clock.now_us())
    assert "City Police asked for your name" in explained.what


class Scores:
    """What a room above might register."""

    def explain(self, _subject: UUID, thing: UUID) -> Explanation | None:
        """Explain one score."""
        return Explanation("612", "Rent was late twice.", "Contest it.") if thing.int == 1 else None


def test_a_room_above_adds_its_explanations(desk: Desk) -> None:
    """A score is explained by the room that makes it, through the same door."""
    explanations = desk.rights.explanations
    with pytest.raises(CaseNotFound):
        explanations.other("score", desk.town.alice, UUID(int=1))
    explanations.register("score", Scores())
    assert explanations.other("score", desk.town.alice, UUID(int=1)).what == "612"
    with pytest.raises(CaseNotFound):
        explanations.other("score", desk.town.alice, UUID(int=2))
    with pytest.raises(ValueError, match="explained already"):
        explanations.register("score", Scores())


def test_a_restriction_by_request_is_answered_and_told(desk: Desk) -> None:
    """One call receives it, restricts, queues notices and answers, with a clock and a record."""
    desk.look()
    request = RightsRequestId(new_id())
    placed = desk.rights.restrict(
        request, desk.town.alice, Category.NAME, Ground.WISH, regimes=[Regime.PIPL],
        reason="She wants it.", by="Edda",
    )  # fmt: skip
    assert placed.stands_at(now(desk.town.clock))
    assert desk.town.consent.rights.request(request).state is State.FULFILLED
    assert [one.kind.value for one in desk.rights.notices.waiting()] == ["restriction"]


def test_reminders_go_out_once_before_and_once_after(desk: Desk) -> None:
    """A week before the day and after it; an extension is reminded of anew; a person sees none."""
    rights, notices = desk.town.consent.rights, desk.rights.notices
    asked = rights.ask(RightsRequestId(new_id()), desk.town.alice, Right.ACCESS, [Regime.GDPR])
    assert notices.remind() == []
    desk.town.clock.set(asked.due_at - 7 * DAY)
    assert [one.kind.value for one in notices.remind()] == ["due-soon"]
    assert notices.remind() == []
    extended = rights.extend(asked.id, "Ten years of payments.")
    desk.town.clock.set(extended.due_at + timedelta(microseconds=1))
    assert [one.kind.value for one in notices.remind()] == ["overdue"]
    assert notices.remind() == []
    assert notices.of(desk.town.alice) == []
    assert notices.overdue() == []
