"""What is wrong is set right, what it was stays as history, and whoever had it is told."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from counterfoil.consent import (
    Authority,
    AuthorityKind,
    BasisId,
    Category,
    CollectorKind,
    NewRequest,
    Purpose,
    Recipient,
    RecipientKind,
    Regime,
    RequestId,
    Restricted,
    Review,
    Right,
    RightsRequestId,
    Secrecy,
    State,
)
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import TransferRefused
from counterfoil.people import ContactInvalid, ContactTaken, PersonId, PersonNotFound, ValueUnusable
from counterfoil.receipts import new_signing_key
from counterfoil.receipts.note import parse_note, signed_by_any
from counterfoil.rights import (
    CaseNotFound,
    CorrectionDecided,
    CorrectionOpen,
    CorrectionState,
    DeliveryFailed,
    FieldUnknown,
    FolderDelivery,
    NoticeId,
    NoticeKind,
    NoticeState,
    PaymentNotTheirs,
    PersonRights,
)
from tests.consent.world import DAY, now
from tests.people.signing import signed_in
from tests.rights.conftest import Desk

LAWS = [Regime.GDPR]


def test_a_corrected_name_counts_from_now_and_the_old_one_stays(desk: Desk) -> None:
    """The new value is read, the old one is sealed history, and the request is answered in time."""
    request = desk.contest("name", "Alice Arnauld")
    assert desk.own_name() == "Alice Arnaud"
    asked = desk.town.consent.rights.request(request)
    assert (asked.right, asked.regime) == (Right.CORRECTION, Regime.CREDIT_REPORTING)
    done = desk.rights.corrections.accept(request, by="Edda")
    assert (done.state, done.decided_by) == (CorrectionState.ACCEPTED, "Edda")
    assert desk.own_name() == "Alice Arnauld"
    with desk.town.consent.gate.own(signed_in(desk.town.people, desk.town.alice)) as own:
        former = own.rows(desk.town.readers.former[Category.NAME])
    assert [one.value for one in former] == ["Alice Arnaud", "Alice Arnaud"]
    assert former[-1].held_until == now(desk.town.clock)
    assert desk.town.consent.rights.request(request).state is State.FULFILLED
    stored = desk.town.database.query("SELECT sealed FROM person_versions").to_pylist()
    assert not any(b"Arnaud" in row["sealed"] for row in stored)
    bodies = [one.body for one in desk.town.consent.records_of(desk.town.alice)]
    assert not any("Arnauld" in body for body in bodies)


@pytest.mark.parametrize(
    ("field", "value", "category"),
    [
        ("contact", "Alice@Example.com", Category.CONTACT),
        ("fact:bank-card:run-wallet", "X999", Category.BANK_CARD),
    ],
)
def test_contacts_and_facts_are_corrected_too(
    desk: Desk, field: str, value: str, category: Category
) -> None:
    """A contact is found by its new value alone, and a fact is what the person says it is."""
    desk.rights.corrections.accept(desk.contest(field, value), by="Edda")
    readers = desk.town.readers
    with desk.town.consent.gate.own(signed_in(desk.town.people, desk.town.alice)) as own:
        assert len(own.rows(readers.former[category])) == 2
        if category is Category.BANK_CARD:
            (fact,) = own.rows(
                next(one for kind, one in readers.facts.items() if kind.value == "bank-card")
            )
            assert fact.value == "X999"
        else:
            assert own.rows(readers.contact)[0].value == "Alice@example.com"


def test_what_is_contested_is_restricted_while_it_is_checked(desk: Desk) -> None:
    """Nobody reads it on a contract until a day after the check, of which the person is told."""
    desk.look()
    request = desk.contest("name", "Alice Arnauld")
    with pytest.raises(Restricted):
        desk.look()
    desk.rights.corrections.refuse(request, by="Edda", reasons="The passport says otherwise.")
    with pytest.raises(Restricted):
        desk.look()
    desk.town.clock.advance(DAY)
    desk.look()


def test_only_who_received_the_old_value_is_told(desk: Desk, tmp_path: Path) -> None:
    """A notice is queued for each reader since the value was given, handed over, acknowledged."""
    desk.look()
    desk.town.clock.advance(timedelta(seconds=1))
    desk.town.people.change_name(desk.town.alice, "Alice A. Arnaud")
    assert desk.rights.notices.of(desk.town.alice) == []
    desk.rights.corrections.accept(desk.contest("name", "Alice"), by="Edda")
    assert desk.rights.notices.waiting() == []
    desk.town.clock.advance(DAY)
    desk.look()
    desk.look()
    desk.rights.corrections.accept(desk.contest("name", "Alicia"), by="Edda")
    (queued,) = desk.rights.notices.waiting()
    assert (queued.kind, queued.recipient_name) == (NoticeKind.CORRECTION, "Clara, clerk")
    assert queued.due_at == now(desk.town.clock) + 5 * DAY
    key = new_signing_key("larch.example/notices")
    (told,) = desk.rights.notices.deliver(FolderDelivery(tmp_path, key))
    assert told.state is NoticeState.TOLD
    note = parse_note((tmp_path / told.told_where).read_text())
    assert signed_by_any(note, [key.verifier])
    said = json.loads(note.text)
    assert (said["kind"], said["field"]) == ("correction", "name")
    assert "Alic" not in note.text
    assert desk.rights.notices.deliver(FolderDelivery(tmp_path)) == []
    acknowledged = desk.rights.notices.acknowledge(told.id, by="Clara")
    assert acknowledged.state is NoticeState.ACKNOWLEDGED
    assert desk.rights.notices.acknowledge(told.id, by="Clara") == acknowledged
    assert desk.rights.notices.of(desk.town.alice) == [acknowledged]
    kinds = [one.kind for one in desk.town.consent.records_of(desk.town.alice)]
    assert kinds[-2:] == ["notice-told", "notice-acknowledged"]


def test_a_notice_that_cannot_be_delivered_stays_and_becomes_overdue(
    desk: Desk, tmp_path: Path
) -> None:
    """A folder that is a file fails by name; nothing is marked; after five days it is overdue."""
    desk.look()
    desk.rights.corrections.accept(desk.contest("name", "Alicia"), by="Edda")
    (tmp_path / "blocked").write_text("")
    with pytest.raises(DeliveryFailed):
        desk.rights.notices.deliver(FolderDelivery(tmp_path / "blocked"))
    (waiting,) = desk.rights.notices.waiting()
    assert desk.rights.notices.overdue() == []
    desk.town.clock.set(waiting.due_at + timedelta(microseconds=1))
    assert desk.rights.notices.overdue() == [waiting]
    with pytest.raises(CaseNotFound):
        desk.rights.notices.acknowledge(waiting.id, by="Clara")


def test_other_registers_add_recipients(desk: Desk) -> None:
    """Whoever holds copies is asked with person, data and instant, and told like the others."""
    copy = Recipient(RecipientKind.COPY, new_id(), "segment 7")
    asked: list[object] = []

    def holders(*question: object) -> list[Recipient]:
        asked.append(question[:2])
        return [copy]

    town = desk.town
    rights = PersonRights(
        town.ledger, town.database, town.people, town.consent, town.clock, recipients=[holders]
    )
    rights.corrections.accept(desk.contest("name", "Alicia"), by="Edda")
    assert asked == [(town.alice, Category.NAME)]
    (notice,) = rights.notices.waiting()
    assert (notice.recipient_kind, notice.recipient) == (RecipientKind.COPY, copy.id)


def test_a_refusal_has_reasons_and_the_person_s_statement_goes_with_the_value(desk: Desk) -> None:
    """Whoever reads the value can read the statement, and whoever had read it is told."""
    desk.look()
    request = desk.contest("name", "Alicia")
    with pytest.raises(CorrectionOpen):
        desk.rights.corrections.dispute(request, new_id(), "My name is Alicia.")
    refused = desk.rights.corrections.refuse(request, by="Edda", reasons="No document says so.")
    assert (refused.state, refused.reasons) == (CorrectionState.REFUSED, "No document says so.")
    assert desk.own_name() == "Alice Arnaud"
    desk.rights.corrections.dispute(request, new_id(), "My name is Alicia.")
    (notice,) = desk.rights.notices.waiting()
    assert notice.kind is NoticeKind.DISPUTE
    desk.town.clock.advance(DAY)
    with desk.town.consent.gate.read(
        desk.town.consent.bases.on_contract(desk.town.alice), who=desk.town.clerk,
        categories=Category.NAME, reason="To see what she says.",
    ) as access:  # fmt: skip
        said = access.rows(desk.town.readers.statements[Category.NAME])
    assert said[-1].text == "My name is Alicia."
    words = desk.town.database.query("SELECT kind FROM person_words").to_pylist()
    assert [row["kind"] for row in words] == ["statement"] * 3


def test_a_payment_is_corrected_by_a_transfer(desk: Desk) -> None:
    """The amount moves back, both stay, and the answer is in the same database transaction."""
    desk.look(Category.PAYMENTS)
    payment = desk.payment
    request = desk.contest(f"payment:{payment}", "I was charged twice.")
    desk.rights.corrections.accept(request, by="Edda")
    first, second = (
        desk.town.ledger.transfer(payment),
        desk.town.ledger.transfers_by_reference(request),
    )
    assert (second[0].subject_seq, second[0].amount) == (first.seq, first.amount)
    record = next(
        json.loads(one.body)
        for one in desk.town.consent.records_of(desk.town.alice)
        if one.kind == "correction" and str(request) in one.body
    )
    assert (record["transfer"], record["seq"]) == (str(payment), first.seq)
    assert record["corrected_by"] == str(second[0].id)
    assert [one.kind for one in desk.rights.notices.waiting()] == [NoticeKind.CORRECTION]
    again = desk.contest(f"payment:{payment}", "Once more.")
    with pytest.raises(TransferRefused):
        desk.rights.corrections.accept(again, by="Edda")
    assert desk.town.consent.rights.request(again).state is State.OPEN


REFUSED: dict[str, tuple[Callable[[Desk], object], type[Exception]]] = {
    "an unknown field": (lambda desk: desk.contest("height", "180"), FieldUnknown),
    "a score": (lambda desk: desk.contest("score", "850"), FieldUnknown),
    "a payment that is no id": (lambda desk: desk.contest("payment:7", "x"), FieldUnknown),
    "an empty value": (lambda desk: desk.contest("name", "  "), ValueUnusable),
    "a contact that is none": (lambda desk: desk.contest("contact", "nowhere"), ContactInvalid),
    "a fact never given": (
        lambda desk: desk.rights.corrections.accept(
            desk.contest("fact:birth-date:run-wallet", "1990-01-01"), by="Edda"
        ),
        ValueUnusable,
    ),
    "a contact of somebody else's": (
        lambda desk: desk.rights.corrections.accept(
            desk.contest("contact", "+33 6 39 98 12 34"), by="Edda"
        ),
        ContactTaken,
    ),
    "somebody else's payment": (
        lambda desk: desk.rights.corrections.propose(
            RightsRequestId(new_id()), desk.town.bob, f"payment:{desk.payment}", "x", LAWS
        ),
        PaymentNotTheirs,
    ),
    "nobody": (
        lambda desk: desk.rights.corrections.propose(
            RightsRequestId(new_id()),
            PersonId(new_id()),
            "name",
            "x",
            LAWS,
        ),
        PersonNotFound,
    ),
    "an unknown correction": (
        lambda desk: desk.rights.corrections.accept(RightsRequestId(new_id()), by="Edda"),
        CaseNotFound,
    ),
    "an unknown notice": (
        lambda desk: desk.rights.notices.notice(NoticeId(new_id())),
        CaseNotFound,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_correction_is_refused(desk: Desk, name: str) -> None:
    """Each refusal is named, and changes no value."""
    act, error = REFUSED[name]
    with pytest.raises(error):
        act(desk)
    assert desk.own_name() == "Alice Arnaud"


def test_a_correction_is_decided_once(desk: Desk) -> None:
    """Neither way a second time."""
    request = desk.contest("name", "Alicia")
    desk.rights.corrections.accept(request, by="Edda")
    with pytest.raises(CorrectionDecided):
        desk.rights.corrections.accept(request, by="Edda")
    with pytest.raises(CorrectionDecided):
        desk.rights.corrections.refuse(request, by="Edda", reasons="No.")


def test_an_authority_under_secrecy_is_told_and_the_person_learns_of_it_later(
    desk: Desk, tmp_path: Path
) -> None:
    """The court is told of the correction at once; Alice sees that on the secrecy's last day."""
    town = desk.town
    request, order = RequestId(new_id()), BasisId(new_id())
    since, until = now(town.clock) - DAY, now(town.clock)
    town.consent.authorities.enter(
        NewRequest(
            id=request, authority=Authority(AuthorityKind.COURT, "District Court"),
            article="CCP 67", subject=town.alice, categories=Category.NAME, since=since,
            until=until, secrecy=Secrecy("CCP 100", until + 9 * DAY),
        )
    )  # fmt: skip
    town.consent.authorities.decide(
        request,
        Review(reviewer="Edda", reasons="It may.", categories=Category.NAME, since=since,
               until=until, valid_until=until + DAY),
        order,
    )  # fmt: skip
    _, officer = town.certified(CollectorKind.OPERATOR, "Officer", Purpose.COMPLY_WITH_LAW)
    with town.consent.gate.read(
        town.consent.bases.on_law(order), who=officer, categories=Category.NAME,
        reason="As the court ordered.",
    ) as access:  # fmt: skip
        assert len(access.rows(town.readers.name)) == 1
    desk.rights.corrections.accept(desk.contest("name", "Alicia"), by="Edda")
    (told,) = desk.rights.notices.deliver(FolderDelivery(tmp_path))
    assert (told.recipient_kind, told.recipient_name) == (
        RecipientKind.AUTHORITY, "District Court: CCP 67",
    )  # fmt: skip
    assert desk.rights.notices.of(town.alice) == []
    assert not any("District" in one.body for one in town.consent.records_of(town.alice))
    town.clock.advance(9 * DAY)
    assert desk.rights.notices.of(town.alice) == [told]
    assert any("District" in one.body for one in town.consent.records_of(town.alice))
