"""`counterfoil score attest`, `vouch`, `shown` and `end`: what people show, from the line that is typed."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from counterfoil.bootstrap import Site
from counterfoil.cli.failure import Exit
from counterfoil.consent import (
    BasisId,
    Category,
    CertificateId,
    CollectorId,
    CollectorKind,
    Operator,
    Purpose,
)
from counterfoil.kernel.clock import SystemClock, from_us
from counterfoil.kernel.ids import new_id
from counterfoil.people import NewPerson, PersonId, parse_contact
from tests.cli.test_score_people_commands import Said, said
from tests.consent.world import DAY

__all__ = ["said"]
NEEDED = (
    (Purpose.SCORE_INCOME, Category.EVIDENCE),
    (Purpose.SCORE_JOB, Category.EVIDENCE),
    (Purpose.SCORE_GUARANTOR, Category.EVIDENCE),
    (Purpose.VOUCH, Category.SCORE),
)


@pytest.fixture
def people(tmp_path: Path) -> tuple[PersonId, PersonId, CertificateId]:
    """Let Alice agree that things count, and Bob that he vouches; certify who verifies incomes."""
    with Site.open(f"sqlite:///{tmp_path}/larch.db", tmp_path / "site", origin="l.example") as site:
        alice, bob = PersonId(new_id()), PersonId(new_id())
        for person, name in ((alice, "alice"), (bob, "bob")):
            contact = parse_contact(f"{name}@example.org")
            site.people.register(NewPerson(id=person, name=name, contact=contact))
        now, consent = from_us(SystemClock().now_us()), site.consent
        for purpose, categories in NEEDED:
            consent.purposes.assess(new_id(), purpose, by="Edda", text="Assessed.")
            consent.purposes.start(purpose, Operator("Larch", "privacy@larch.example"))
            consent.grants.grant_consent(
                BasisId(new_id()), subject=bob if purpose is Purpose.VOUCH else alice,
                purpose=purpose, categories=categories, until=now + 90 * DAY,
                notice_hash=consent.purposes.notice(purpose, "en").hash,
            )  # fmt: skip
        desk, certificate = CollectorId(new_id()), CertificateId(new_id())
        consent.collectors.register(desk, CollectorKind.OPERATOR, "Payslip desk")
        consent.collectors.certify(
            certificate, desk, Purpose.SCORE_INCOME, Category.EVIDENCE, until=now + 90 * DAY
        )
    return alice, bob, certificate


def test_what_people_show_is_confirmed_listed_and_ended(
    said: Said, people: tuple[PersonId, PersonId, CertificateId]
) -> None:
    """An income by who is certified, a guarantor by both consents; ended by whom it concerns, and no other."""
    alice, bob, certificate = people
    until = f"{from_us(SystemClock().now_us()) + timedelta(days=60):%Y-%m-%d}"
    who = ("--as", str(certificate), "--reason", "Seen the payslips.", "--until", until)
    status, out, err = said("score", "attest", alice, "income", "245000", *who, "--json")
    assert (status, err) == (0, "")
    (income,) = json.loads(out)["shown"]
    assert (income["value"], income["by"], income["ended_at"]) == (245_000, "Payslip desk", None)
    status, _out, err = said("score", "attest", alice, "job", "2021-03-01", *who)
    assert status == Exit.REFUSED
    assert said("score", "attest", alice, "income", "much", *who)[0] == Exit.USAGE
    status, out, _err = said("score", "vouch", bob, alice, "--until", until, "--json")
    assert status == 0
    (vouched,) = json.loads(out)["shown"]
    assert vouched["guarantor"] == str(bob)
    status, _out, err = said("score", "vouch", alice, bob, "--until", until)
    assert (status, "vouch" in err) == (Exit.REFUSED, True)
    shown = json.loads(said("score", "shown", alice, "--by", "Edda", "--json")[1])["shown"]
    assert [one["id"] for one in shown] == [income["id"], vouched["id"]]
    assert "Payslip desk" in said("score", "shown", alice, "--by", "Edda")[1]
    assert said("score", "end", bob, income["id"])[0] == Exit.REFUSED
    for person, ended in ((bob, vouched), (alice, income), (alice, income)):
        status, out, _err = said("score", "end", person, ended["id"])
        assert (status, "the next score does not count it" in out) == (0, True)
    shown = json.loads(said("score", "shown", alice, "--by", "Edda", "--json")[1])["shown"]
    assert all(one["ended_at"] for one in shown)
