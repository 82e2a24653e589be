"""A copy holds the people whose basis covers it, and nobody else, at every moment of its life."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from counterfoil.consent import (
    Category,
    CertificateEnded,
    CollectorKind,
    Gate,
    Ground,
    ObjectionId,
    Purpose,
    RestrictionId,
    ScopeExceeded,
)
from counterfoil.history import (
    CopyDamaged,
    CopyDue,
    CopyId,
    CopyNotFound,
    CopyNotKept,
    CopyState,
    History,
)
from counterfoil.history.copy_file import CopyFile, Writing
from counterfoil.kernel.errors import StoreUnavailable
from counterfoil.kernel.ids import new_id
from counterfoil.people import PersonId
from tests.consent.world import DAY, town
from tests.history.copying import EVER, REASON, Desk
from tests.people.signing import signed_in


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    with town(database_url, tmp_path) as place:
        yield Desk(place, tmp_path / "copies")


def test_a_copy_holds_who_has_consented_and_nobody_else(desk: Desk) -> None:
    """Carol and Dan agree, Erin does not: two people's payments are in it, and both can see why."""
    carol, dan, erin = (desk.payer(name) for name in ("Carol", "Dan", "Erin"))
    desk.agree(carol, dan)
    (copy,) = desk.make()
    assert (copy.state, copy.person_count, copy.row_count) == (CopyState.KEPT, 2, 4)
    assert desk.held(copy) == {carol, dan}
    for person, looks in ((carol, 1), (dan, 1), (erin, 0)):
        assert [look.reason for look in desk.place.consent.who_looked(person)] == [REASON] * looks
        assert [found.id for found in desk.copies.copies_of(person)] == [copy.id] * looks
    assert desk.copies.verify() == {}


def test_a_copy_tells_no_names_ids_or_account_numbers(desk: Desk) -> None:
    """People are random numbers of this copy alone, and whom they pay is counted for each anew."""
    carol, dan = desk.payer("Carol"), desk.payer("Dan")
    desk.agree(carol, dan)
    (first,), (second,) = desk.make(), desk.make()
    rows, again = desk.read(first.id).to_pydict(), desk.read(second.id).to_pydict()
    assert not set(rows["person"]) & set(again["person"])
    assert rows["amount"] == again["amount"] == [1, 2, 1, 2]
    assert rows["other"] == [1, 1, 1, 1]
    assert rows["account"] == [1, 1, 1, 1]
    assert rows["number"] == [1, 2, 1, 2]
    text = (desk.folder / first.file).read_bytes()
    for secret in (carol.bytes, dan.bytes, str(carol).encode(), b"Carol"):
        assert secret not in text


def test_many_people_go_into_several_files(desk: Desk) -> None:
    """A withdrawal has one file of few people rewritten, not everybody's."""
    people = [desk.payer(name, payments=1) for name in ("Carol", "Dan", "Erin")]
    desk.agree(*people)
    first, second = desk.make(people_max=2)
    assert [desk.held(copy) for copy in (first, second)] == [set(people[:2]), {people[2]}]
    desk.withdraw(people[2])
    assert [done.id for done in desk.copies.refresh_due()] == [second.id]
    assert desk.read(first.id).num_rows == 2


def test_a_withdrawal_closes_the_copy_at_once_and_the_next_run_takes_the_person_out(
    desk: Desk,
) -> None:
    """From the withdrawal on it does not open; after the run it opens without them."""
    carol, dan = desk.payer("Carol"), desk.payer("Dan")
    desk.agree(carol, dan)
    (copy,) = desk.make()
    assert desk.read(copy.id).num_rows == 4
    desk.withdraw(carol)
    with pytest.raises(CopyDue, match="refresh"):
        desk.read(copy.id)
    (done,) = desk.copies.refresh_due()
    assert (done.removed_count, done.person_count) == (1, 1)
    assert desk.read(copy.id).num_rows == 2
    assert desk.held(copy) == {dan}
    assert desk.copies.copies_of(carol) == []
    assert desk.copies.refresh_due() == []
    assert desk.copies.verify() == {}


def test_an_expiry_closes_the_copy_without_anybody_doing_anything(desk: Desk) -> None:
    """Carol's grant runs out before Dan's: the copy is closed that day, and refreshed without her."""
    carol, dan = desk.payer("Carol"), desk.payer("Dan")
    desk.agree(carol, days=2)
    desk.agree(dan, days=20)
    (copy,) = desk.make()
    desk.place.clock.advance(2 * DAY)
    with pytest.raises(CopyDue):
        desk.read(copy.id)
    desk.copies.refresh_due()
    desk.read(copy.id)
    assert desk.held(copy) == {dan}


def test_an_erasure_takes_the_person_out(desk: Desk) -> None:
    """Who is erased is in no copy after the next run, and in none that opens before it."""
    carol, dan = desk.payer("Carol"), desk.payer("Dan")
    desk.agree(carol, dan)
    (copy,) = desk.make()
    desk.place.consent.erase(carol)
    with pytest.raises(CopyDue):
        desk.read(copy.id)
    desk.copies.refresh_due()
    assert desk.held(copy) == {dan}


def test_a_restriction_takes_the_person_out(desk: Desk) -> None:
    """Who has their payments restricted leaves; what is restricted beside them changes nothing."""
    carol, erin = (desk.payer(name) for name in ("Carol", "Erin"))
    desk.agree(carol, erin)
    (copy,) = desk.make()
    restrictions = desk.place.consent.restrictions

    def restrict(person: PersonId, what: Category) -> None:
        restrictions.place(
            RestrictionId(new_id()), person, what, Ground.WISH, reason="She asked.", by="Edda"
        )

    restrict(erin, Category.NAME)
    desk.read(copy.id)
    restrict(carol, Category.PAYMENTS)
    with pytest.raises(CopyDue):
        desk.read(copy.id)
    desk.copies.refresh_due()
    assert desk.held(copy) == {erin}
    assert desk.held(desk.make()[0]) == {erin}


def test_an_objection_takes_the_person_out(desk: Desk) -> None:
    """Who objects to research is in none of its copies, and in no new one."""
    dan, erin = (desk.payer(name) for name in ("Dan", "Erin"))
    desk.agree(dan, erin, purpose=Purpose.RESEARCH)
    _, who = desk.place.certified(CollectorKind.OPERATOR, "Research desk", Purpose.RESEARCH)
    (copy,) = desk.make(who, purpose=Purpose.RESEARCH)
    desk.read(copy.id, who)
    desk.place.consent.objections.object_to(ObjectionId(new_id()), dan, Purpose.RESEARCH)
    with pytest.raises(CopyDue):
        desk.read(copy.id, who)
    desk.copies.refresh_due()
    assert desk.held(copy) == {erin}
    assert desk.held(desk.make(who, purpose=Purpose.RESEARCH)[0]) == {erin}


def test_a_copy_that_nobody_is_left_in_is_deleted(desk: Desk) -> None:
    """When the purpose stops, or all withdraw, no file is left, and the register says so."""
    carol = desk.payer("Carol")
    desk.agree(carol)
    (copy,) = desk.make()
    desk.place.consent.purposes.stop(Purpose.SCORE)
    with pytest.raises(CopyDue):
        desk.read(copy.id)
    (done,) = desk.copies.refresh_due()
    assert (done.state, done.removed_count) == (CopyState.DROPPED, 1)
    assert list(desk.folder.iterdir()) == []
    assert [one.state for one in desk.copies.listing()] == [CopyState.DROPPED]
    with pytest.raises(CopyNotKept):
        desk.read(copy.id)


def test_nobody_s_consent_makes_no_copy(desk: Desk) -> None:
    """Without a grant there is no row, no file and nothing in the register."""
    desk.payer("Carol")
    assert desk.make() == []
    assert desk.copies.listing() == []
    assert not desk.folder.exists()


def test_who_withdraws_while_a_copy_is_made_is_not_in_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Carol, who was read already, and Erin, whose batch is to come, are both not in it at the end."""
    carol, dan, erin = (desk.payer(name) for name in ("Carol", "Dan", "Erin"))
    desk.agree(carol, dan, erin)
    monkeypatch.setitem(Gate.read_tables.__kwdefaults__ or {}, "batch_people", 2)
    write, batches = Writing.write_found, []

    def withdrawing(self: Writing, rows: pa.Table, pseudonyms: object) -> None:
        batches.append(rows.num_rows)
        if len(batches) == 1:
            desk.withdraw(carol)
            desk.withdraw(erin)
            assert desk.copies.refresh_due() == []
        write(self, rows, pseudonyms)  # type: ignore[arg-type]

    monkeypatch.setattr(Writing, "write_found", withdrawing)
    (copy,) = desk.make()
    assert batches == [4]
    assert copy.person_count == 1
    assert desk.held(copy) == {dan}
    assert desk.place.consent.who_looked(erin) == []
    assert len(desk.place.consent.who_looked(carol)) == 1


def test_who_withdraws_while_a_copy_is_rewritten_is_not_in_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rewriting sees that another mark came, and begins again."""
    carol, dan, erin = (desk.payer(name) for name in ("Carol", "Dan", "Erin"))
    desk.agree(carol, dan, erin)
    (copy,) = desk.make()
    desk.withdraw(carol)
    rewrite, times = CopyFile.rewrite, []

    def withdrawing(self: CopyFile, generation: int, without: object) -> None:
        rewrite(self, generation, without)  # type: ignore[arg-type]
        times.append(generation)
        if len(times) == 1:
            desk.withdraw(dan)

    monkeypatch.setattr(CopyFile, "rewrite", withdrawing)
    (done,) = desk.copies.refresh_due()
    assert len(times) == 2
    assert (done.removed_count, done.person_count) == (2, 1)
    assert desk.held(copy) == {erin}
    assert desk.read(copy.id).num_rows == 2


def test_a_reader_keeps_what_it_has_open(desk: Desk) -> None:
    """A job that has opened the copy reads it to its end, whole, whatever takes its place."""
    carol, dan = desk.payer("Carol"), desk.payer("Dan")
    desk.agree(carol, dan)
    (copy,) = desk.make()
    with desk.copies.opened(copy.id, who=desk.place.scorer, reason=REASON) as found:
        desk.withdraw(carol)
        desk.copies.refresh_due()
        assert found.file.read().num_rows == 4
    assert desk.read(copy.id).num_rows == 2


def test_only_who_is_certified_opens_a_copy(desk: Desk) -> None:
    """Another purpose's certificate, an expired one, or none at all opens nothing."""
    desk.agree(desk.payer("Carol"))
    (copy,) = desk.make()
    for who, refusal in (
        (desk.place.marketer, ScopeExceeded),
        (desk.place.certified(CollectorKind.OPERATOR, "Short", Purpose.SCORE, days=1)[1],
         CertificateEnded),
    ):  # fmt: skip
        if refusal is CertificateEnded:
            desk.place.consent.collectors.suspend(who, "An examination.")
        with pytest.raises(refusal), desk.copies.opened(copy.id, who=who, reason=REASON):
            pytest.fail("it opened")
    with pytest.raises(CopyNotFound):
        desk.read(CopyId(new_id()))


def test_a_copy_of_an_older_generation_is_not_opened(desk: Desk) -> None:
    """A file that a backup brings back, with who has left since, is known for what it is."""
    carol, dan = desk.payer("Carol"), desk.payer("Dan")
    desk.agree(carol, dan)
    (copy,) = desk.make()
    old = (desk.folder / copy.file).read_bytes()
    desk.withdraw(carol)
    desk.copies.refresh_due()
    (desk.folder / copy.file).write_bytes(old)
    with pytest.raises(CopyDamaged):
        desk.read(copy.id)
    assert list(desk.copies.verify()) == [copy.id]


def test_a_copy_that_cannot_be_read_is_deleted_when_somebody_must_leave_it(desk: Desk) -> None:
    """Who must leave cannot be taken out of a damaged file, so all of it goes."""
    carol, dan = desk.payer("Carol"), desk.payer("Dan")
    desk.agree(carol, dan)
    (copy,) = desk.make()
    file = desk.folder / copy.file
    file.write_bytes(file.read_bytes()[:-9])
    desk.withdraw(carol)
    (done,) = desk.copies.refresh_due()
    assert done.state is CopyState.DROPPED
    assert not file.exists()


def test_what_was_broken_off_is_dropped_by_the_next_run(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy whose making failed is not kept, and the folder has no file that nobody knows."""
    desk.agree(desk.payer("Carol"))

    def fail(*_given: object) -> None:
        raise StoreUnavailable("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(Writing, "write_found", fail)
        with pytest.raises(StoreUnavailable):
            desk.make()
    (desk.folder / "forgotten.csv").write_text("x")
    assert desk.copies.strangers() == ["forgotten.csv"]
    (done,) = desk.copies.refresh_due()
    assert done.state is CopyState.DROPPED
    (copy,) = desk.make()
    desk.copies.drop(copy.id)
    assert [one.state for one in desk.copies.listing()] == [CopyState.DROPPED] * 2
    assert [path.name for path in desk.folder.iterdir()] == ["forgotten.csv"]


def test_a_copy_s_rows_are_the_statement_s(desk: Desk) -> None:
    """What a copy says of each payment is what the person's own statement says, window included."""
    carol = desk.payer("Carol", payments=3)
    desk.pay(desk.wallet(carol), 2)
    desk.agree(carol)
    (copy,) = desk.make()
    rows = desk.read(copy.id).to_pylist()
    with desk.place.consent.gate.own(signed_in(desk.place.people, carol)) as own:
        payments = own.rows(History(desk.place.ledger).payments(**EVER))
    assert [(row["account"], row["amount"], row["at"], row["side"], row["balance"], row["flags"])
            for row in rows] == [
        (1 if one.account == payments[0].account else 2, one.posting.amount.minor, one.posting.at,
         1, one.posting.balance_after.minor, int(one.posting.flags))
        for one in payments
    ]  # fmt: skip
    later = desk.copies.make(
        Purpose.SCORE, who=desk.place.scorer, reason=REASON,
        since=payments[1].posting.at, until=payments[2].posting.at,
    )  # fmt: skip
    assert [row["amount"] for row in desk.read(later[0].id).to_pylist()] == [2]
    assert later[0].categories == Category.PAYMENTS
    assert later[0].made_at - copy.made_at >= timedelta(0)
