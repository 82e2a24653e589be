"""A leak: whom it is about follows from the data, and each of them is told, once, in their language."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from counterfoil.bootstrap import Site
from counterfoil.breach import (
    BreachClosed,
    BreachId,
    BreachUnfinished,
    CaseUnreadable,
    DelayUnexplained,
    LeakUnreadable,
    RuleUnreadable,
    Severity,
    copy_leaked,
    default_rule,
    read_case,
    read_rule,
    reads_leaked,
    rows_leaked,
)
from counterfoil.breach.affected import owners_of
from counterfoil.consent import (
    BasisId,
    Category,
    CertificateId,
    CollectorId,
    CollectorKind,
    Operator,
    Purpose,
    Regime,
)
from counterfoil.consent.collection import DECLARED
from counterfoil.kernel.clock import ManualClock, from_us
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import (
    AccountId,
    AccountKind,
    AccountNumber,
    NewAccount,
    Transfer,
    TransferId,
)
from counterfoil.money import Money, currency_by_code
from counterfoil.people import NewPerson, PersonId, parse_contact
from counterfoil.rights import FolderDelivery, told

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
EUR = currency_by_code("EUR")
CASE = """
title = "A backup was left open"
discovered = 2026-03-01T08:00:00Z
severity = "high"
laws = ["gdpr", "pipl"]
contact = "privacy@larch.example"

[texts.en]
cause = "A backup lay open for two days."
harm = "Somebody may write to you in our name."
measures = "It is closed, and its keys are changed."
advice = "Do not answer messages that ask for a code."

[texts.fr]
cause = "Une sauvegarde est restée ouverte deux jours."
harm = "On peut vous écrire en notre nom."
measures = "Elle est fermée, et ses clés sont changées."
advice = "Ne répondez pas aux messages qui demandent un code."
"""


class Desk:
    """An operator's site, and the people whom a leak may be about."""

    def __init__(self, site: Site, clock: ManualClock, folder: Path) -> None:
        self.site, self.clock, self.folder = site, clock, folder
        self.case = BreachId(new_id())
        site.consent.purposes.assess(new_id(), Purpose.RUN_WALLET, by="Edda", text="Needed.")
        site.consent.purposes.start(Purpose.RUN_WALLET, Operator("Larch", "privacy@larch.example"))
        self.alice = self.person("Alice Arnaud", "fr")
        self.bob = self.person("Bob Bauer", "en")
        self.carol = self.person("Carol Castel", "en")
        self.collector, self.clerk = CollectorId(new_id()), CertificateId(new_id())
        site.consent.collectors.register(self.collector, CollectorKind.OPERATOR, "Clara, clerk")
        site.consent.collectors.certify(
            self.clerk, self.collector, Purpose.RUN_WALLET, Category.NAME,
            until=START + timedelta(days=365),
        )  # fmt: skip

    def person(self, name: str, locale: str) -> PersonId:
        """Register somebody with a contract."""
        person = self.site.people.register(
            NewPerson(id=PersonId(new_id()), name=name, locale=locale,
                      contact=parse_contact(f"{name.partition(' ')[0].lower()}@example.org"))
        )  # fmt: skip
        self.site.consent.bases.enter_contract(BasisId(new_id()), person, "terms")
        return person

    def look(self, person: PersonId) -> None:
        """Let the clerk read a name."""
        with self.site.consent.gate.read(
            self.site.consent.bases.on_contract(person),
            who=self.clerk,
            categories=Category.NAME,
            reason="To answer her letter.",
        ) as access:
            access.rows(self.site.readers.name)  # fmt: skip

    def open(self, text: str = CASE) -> None:
        """Open the case."""
        self.site.breaches.open(self.case, read_case(text), by="Edda")

    def leak(self, text: str, *, without_keys: bool = False) -> dict[PersonId, Category]:
        """Find whom a list is about."""
        found = rows_leaked(self.site.database, text, without_keys=without_keys)
        return {one.person: one.categories for one in found.affected}

    def add(self, *people: PersonId) -> None:
        """Add a leak of people's rows."""
        listed = "table,id\n" + "".join(f"persons,{one}\n" for one in people)
        self.site.breaches.add(self.case, rows_leaked(self.site.database, listed))

    def account(self, owner: PersonId | None = None) -> AccountNumber:
        """Open an account, somebody's or the operator's."""
        new = NewAccount(
            id=AccountId(new_id()), currency=EUR,
            kind=AccountKind.LIABILITY if owner else AccountKind.EXPENSE,
        )  # fmt: skip
        rows = (self.site.people.account_row(owner, new.id),) if owner else ()
        return self.site.ledger.open_account(new, rows=rows)

    def letters(self) -> dict[str, str]:
        """Read the letters that have been written, by the person's folder."""
        return {
            path.parent.name: path.read_text()
            for path in sorted((self.folder / "letters").glob("*/*.txt"))
        }

    def write(self) -> None:
        """Write letters."""
        self.site.breaches.write_letters(self.case, self.folder / "letters")

    def record(self, person: PersonId) -> list[str]:
        """Read what somebody's record says, in words."""
        return [told(one).sentence for one in self.site.consent.records_of(person)]


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Open a site with three people."""
    clock = ManualClock(START)
    with Site.open(database_url, tmp_path / "site", origin="larch.example", clock=clock) as site:
        yield Desk(site, clock, tmp_path)


def test_leaked_rows_lead_to_whom_they_are_about(desk: Desk) -> None:
    """A name's row, a payment's two sides, a whole table: each person once, with what it was."""
    mine, theirs = desk.account(desk.alice), desk.account(desk.bob)
    desk.site.ledger.post(
        Transfer(id=TransferId(new_id()), debit_account=mine, credit_account=theirs,
                 amount=Money(5, EUR))
    )  # fmt: skip
    known = Category.NAME | Category.CONTACT | Category.BIRTH_DATE
    assert desk.leak(f"table,id\npersons,{desk.carol}\n") == {desk.carol: known}
    assert desk.leak("table,id\ntransfers,1\n") == {
        desk.alice: Category.PAYMENTS, desk.bob: Category.PAYMENTS,
    }  # fmt: skip
    both = desk.leak(f"table,id,column\npersons,*,sealed_name\naccounts,{mine},\n")
    assert both[desk.alice] == Category.NAME | Category.PAYMENTS
    assert both[desk.bob] == Category.NAME


def test_what_was_sealed_tells_nothing_where_the_keys_did_not_leak(desk: Desk) -> None:
    """Without keys a name's row gives away no name; the language and the day a child turns 14 stay."""
    found = desk.leak(f"table,id,column\npersons,{desk.bob},sealed_name\n", without_keys=True)
    assert found == {desk.bob: Category(0)}


def test_every_table_about_a_person_leads_to_one() -> None:
    """No table with something about somebody can leak without anybody being found."""
    lead_nowhere = {
        "account_salts", "assessments", "breaches", "breach_leaks", "breach_reports",
        "breach_texts", "collectors", "resolutions", "snapshot",
    }  # fmt: skip
    for table, columns in DECLARED.items():
        if any(one.is_personal for one in columns.values()) and table not in lead_nowhere:
            assert owners_of(table), f"{table} leads to nobody"


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        ("", "columns table and id"),
        ("table,id\n", "is empty"),
        ("table,id\nshoes,1\n", "no shoes"),
        ("table,id,column\npersons,1,shoe_size\n", "no persons.shoe_size"),
        ("table,id\npersons,one\n", "neither a number"),
        ("table,id\npersons\n", "not complete"),
        ("table,id\npersons,1,2\n", "not complete"),
    ],
)
def test_a_list_that_is_none_is_refused_by_name(desk: Desk, listed: str, why: str) -> None:
    """Nobody is left out because a line was not understood."""
    with pytest.raises(LeakUnreadable, match=why):
        desk.leak(listed)


def test_what_a_collector_has_read_is_computed_from_the_access_log(desk: Desk) -> None:
    """A clerk's password was stolen on Tuesday: whose names were read from then on (PIPL 57)."""
    desk.look(desk.alice)
    desk.clock.advance(timedelta(days=1))
    stolen_at = from_us(desk.clock.now_us())
    desk.look(desk.bob)
    desk.look(desk.bob)
    desk.clock.advance(timedelta(days=1))
    until = from_us(desk.clock.now_us())
    for who in (desk.collector, desk.clerk):
        (one,) = reads_leaked(desk.site.database, who, stolen_at, until).affected
        assert (one.person, one.categories, one.row_count) == (desk.bob, Category.NAME, 2)
    with pytest.raises(LeakUnreadable, match="no collector"):
        reads_leaked(desk.site.database, new_id(), stolen_at, until)


def test_who_has_left_a_copy_is_affected_when_an_older_file_of_it_got_out(desk: Desk) -> None:
    """Bob withdrew and was taken out; the file that leaked was made before."""
    site = desk.site
    site.consent.purposes.assess(new_id(), Purpose.SCORE, by="Edda", text="Needed.")
    site.consent.purposes.start(Purpose.SCORE, Operator("Larch", "privacy@larch.example"))
    scoring = CertificateId(new_id())
    site.consent.collectors.certify(
        scoring, desk.collector, Purpose.SCORE, Category.PAYMENTS,
        until=START + timedelta(days=365),
    )  # fmt: skip
    for person in (desk.alice, desk.bob):
        desk.account(person)
        site.consent.grants.grant_consent(
            BasisId(new_id()), subject=person, purpose=Purpose.SCORE, categories=Category.PAYMENTS,
            until=START + timedelta(days=30),
            notice_hash=site.consent.purposes.notice(Purpose.SCORE, "en").hash,
        )  # fmt: skip
    mine, till = desk.account(desk.bob), desk.account()
    for account in (mine, AccountNumber(site.people.accounts_of(desk.alice)[0])):
        site.ledger.post(
            Transfer(id=TransferId(new_id()), debit_account=account, credit_account=till,
                     amount=Money(5, EUR))
        )  # fmt: skip
    (copy,) = site.copies.make(
        Purpose.SCORE, who=scoring, reason="Monthly scores.", since=START - timedelta(days=1),
        until=START + timedelta(days=1),
    )  # fmt: skip
    desk.clock.advance(timedelta(minutes=5))
    (grant,) = site.consent.grants.grants_of(desk.bob)
    site.consent.grants.revoke_consent(desk.bob, grant.id)
    site.copies.refresh_due()
    assert site.copies.copies_of(desk.bob) == []
    leak = copy_leaked(site.database, copy.id, desk.clock.now_us())
    assert {one.person for one in leak.affected} == {desk.alice, desk.bob}


def test_each_gets_a_letter_in_their_language_once(desk: Desk) -> None:
    """Alice reads French; the letter says what PIPL 57 wants, and has no name in it."""
    desk.open()
    desk.add(desk.alice, desk.bob)
    desk.write()
    desk.write()
    letters = desk.letters()
    assert set(letters) == {f"person-{desk.alice}", f"person-{desk.bob}"}
    french = letters[f"person-{desk.alice}"]
    for said in ("Une sauvegarde", "en notre nom", "fermée", "Ne répondez pas", "privacy@larch"):
        assert said in french
    assert "Alice" not in french
    assert "name" in letters[f"person-{desk.bob}"]
    assert sum("Some of your data got out" in one for one in desk.record(desk.bob)) == 1
    assert not any("got out" in one for one in desk.record(desk.carol))


def test_a_letter_that_a_kill_kept_from_the_disk_is_written_by_the_next_run(desk: Desk) -> None:
    """What the register says is written is on the disk after the next run, word for word."""
    desk.open()
    desk.add(desk.alice, desk.bob)
    desk.write()
    before = desk.letters()
    next((desk.folder / "letters").glob(f"person-{desk.bob}/*")).unlink()
    desk.write()
    assert desk.letters() == before


def test_a_further_leak_leads_to_a_further_letter_where_it_tells_more(desk: Desk) -> None:
    """The same rows again change nothing; payments on top of a name want to be told."""
    desk.open()
    desk.add(desk.alice)
    desk.write()
    desk.add(desk.alice)
    assert desk.site.breaches.standing(desk.case).unwritten_count == 0
    desk.account(desk.alice)
    desk.site.breaches.add(desk.case, rows_leaked(desk.site.database, "table,id\naccounts,*\n"))
    assert desk.site.breaches.standing(desk.case).unwritten_count == 1
    desk.write()
    assert len(list((desk.folder / "letters" / f"person-{desk.alice}").iterdir())) == 2


def test_the_notices_go_through_the_outbox(desk: Desk) -> None:
    """What is queued with the letter is handed over like every other notice, and seen by the person."""
    desk.open()
    desk.add(desk.bob)
    desk.write()
    outbox = desk.site.rights.notices
    (told_one,) = outbox.deliver(FolderDelivery(desk.folder / "outbox"))
    handed = json.loads((desk.folder / "outbox" / told_one.told_where).read_text())
    assert (handed["kind"], handed["recipient"]["kind"]) == ("breach", "person")
    assert [one.id for one in outbox.of(desk.bob)] == [told_one.id]


def test_the_authoritys_clock_runs_and_a_late_notice_gives_its_reasons(desk: Desk) -> None:
    """72 hours by GDPR 33; PIPL 57 has no grace; a report after that says why (GDPR 33(1))."""
    desk.open()
    desk.add(desk.bob)
    now = from_us(desk.clock.now_us())
    standing = desk.site.breaches.standing(desk.case)
    assert standing.late(now) == [Regime.PIPL]
    assert desk.site.breaches.report(desk.case, Regime.PIPL, "CAC").startswith("Notice")
    assert standing.late(now + timedelta(hours=71)) == [Regime.PIPL]
    desk.clock.advance(timedelta(hours=71, microseconds=1))
    now = from_us(desk.clock.now_us())
    assert desk.site.breaches.standing(desk.case).late(now) == [Regime.GDPR, Regime.PIPL]
    with pytest.raises(DelayUnexplained, match="reasons"):
        desk.site.breaches.report(desk.case, Regime.GDPR, "CNIL")
    text = desk.site.breaches.report(
        desk.case, Regime.GDPR, "CNIL", delay_reasons="The backup's extent was not known."
    )
    assert "The backup's extent was not known." in text
    assert "Persons affected: 1" in text
    assert str(desk.bob) not in text


def test_compensation_is_a_sum_that_the_person_can_count_and_is_paid_once(desk: Desk) -> None:
    """(5 + 5 + 5) × 4 = 60.00 for what a registration tells; paid with its record, or not at all."""
    desk.open()
    desk.add(desk.alice, desk.bob)
    source, wallet = desk.account(), desk.account(desk.alice)
    standing = desk.site.breaches.claim(desk.case, default_rule())
    assert (standing.claim_count, standing.claimed) == (2, {"EUR": "120.00"})
    assert desk.site.breaches.claim(desk.case, default_rule()).claim_count == 2
    assert desk.site.breaches.pay(desk.case, source) == (1, [desk.bob])
    assert desk.site.breaches.pay(desk.case, source) == (0, [desk.bob])
    assert desk.site.ledger.balances(wallet).balance == Money.of("60.00", EUR)
    later = desk.account(desk.bob)
    assert desk.site.breaches.pay(desk.case, source) == (1, [])
    assert desk.site.ledger.balances(later).balance == Money.of("60.00", EUR)
    said = desk.record(desk.alice)
    assert "You get 60.00 EUR for a leak, by rule default-1." in said
    assert said[-1] == "You were paid 60.00 EUR for a leak."


def test_a_rule_caps_and_multiplies_in_whole_cents() -> None:
    """The worst case costs the cap, and every line of the sum is written down."""
    rule = default_rule()
    everything = ~Category(0)
    assert rule.amount(everything, Severity.HIGH) == rule.cap
    assert rule.amount(Category(0), Severity.HIGH) == Money.zero(EUR)
    assert rule.lines(Category.NAME, Severity.LOW) == ["name 5.00", "× 1 (low)", "≤ 500.00"]


def test_the_erased_are_counted_and_not_written_to(desk: Desk) -> None:
    """There is nobody to write to any more; the report says how many."""
    desk.open()
    desk.add(desk.alice, desk.bob)
    desk.site.consent.erase(desk.alice)
    desk.write()
    standing = desk.site.breaches.standing(desk.case)
    assert (standing.erased_count, standing.letter_count, standing.unwritten_count) == (1, 1, 0)


def test_a_case_is_closed_when_everybody_has_been_told(desk: Desk) -> None:
    """Neither a missing letter nor a missing notice lets it be closed; closed, it stays so."""
    desk.open()
    desk.add(desk.bob)

    def close() -> None:
        desk.site.breaches.close(desk.case, by="Edda", conclusion="Mended.")

    with pytest.raises(BreachUnfinished, match="1 persons"):
        close()
    desk.write()
    desk.site.breaches.report(desk.case, Regime.PIPL, "CAC")
    with pytest.raises(BreachUnfinished, match="gdpr"):
        close()
    desk.site.breaches.report(desk.case, Regime.GDPR, "CNIL")
    close()
    with pytest.raises(BreachClosed):
        desk.add(desk.alice)


def test_every_step_is_on_record_and_the_operators_records_name_nobody(desk: Desk) -> None:
    """Opened, affected, letters, reported, claims, paid, closed: a leaf each."""
    desk.open()
    desk.add(desk.bob)
    desk.write()
    for law in (Regime.PIPL, Regime.GDPR):
        desk.site.breaches.report(desk.case, law, "Authority")
    desk.site.breaches.claim(desk.case, default_rule())
    desk.account(desk.bob)
    desk.site.breaches.pay(desk.case, desk.account())
    desk.site.breaches.close(desk.case, by="Edda", conclusion="Mended.")
    rows = desk.site.database.query(
        "SELECT kind, body, CASE WHEN subject IS NULL THEN 1 ELSE 0 END AS own FROM records "
        "WHERE kind LIKE 'breach%' ORDER BY number"
    ).to_pylist()
    assert [row["kind"] for row in rows] == [
        "breach-opened", "breach-affected", "breach-letter", "breach-reported", "breach-reported",
        "breach-claim", "breach-paid", "breach-closed",
    ]  # fmt: skip
    for row in rows:
        if row["own"]:
            assert str(desk.bob) not in row["body"]
            assert "Edda" not in row["body"]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("title =", "tytle =", "the keys"),
        ("2026-03-01T08:00:00Z", "2026-03-01", "offset"),
        ('"high"', '"awful"', "awful"),
        ('["gdpr", "pipl"]', '["fcra"]', "gdpr"),
        ('harm = "Somebody may write to you in our name."', "", "texts.en"),
        ('"A backup lay open for two days."', '""', "cause"),
        ("[texts.en]", "[texts.en", "TOML"),
    ],
)
def test_a_case_that_cannot_be_told_is_not_opened(old: str, new: str, why: str) -> None:
    """Whatever a letter would lack is named before anybody is written to."""
    with pytest.raises(CaseUnreadable, match=why):
        read_case(CASE.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [("cap", "kap"), ('"5.00"', '"5.005"'), ("low = 1", "low = 1.5"), ("score =", "smell ="),
     ('"5.00"', '"-5.00"'), ("EUR", "EURO"), ("[amounts]", "[amounts")],
)  # fmt: skip
def test_a_rule_that_leaves_something_open_is_refused(old: str, new: str) -> None:
    """A rule names each severity and each category, in whole cents."""
    text = files("counterfoil.breach").joinpath("compensation.toml").read_text("utf-8")
    body = text[text.index("version") :]
    with pytest.raises(RuleUnreadable):
        read_rule(body.replace(old, new, 1))


def test_severities_are_all_in_the_rule() -> None:
    """The rule that comes along is a rule."""
    assert set(default_rule().factors) == set(Severity)
    assert replace(default_rule(), version="2").version == "2"
