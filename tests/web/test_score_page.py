"""My score, on a phone: agreed to, made, taken apart; what others confirmed is seen and ended."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from counterfoil.bootstrap import Site
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
from counterfoil.score.evidence import CATEGORIES
from counterfoil.score.evidence_store import EvidenceId
from tests.consent.world import DAY
from tests.score.office import lived_site
from tests.server.running import running
from tests.web.browsing import SMALL, Device, browser, device, in_every_language

pytestmark = pytest.mark.slow
SHOWING = (*CATEGORIES, Purpose.VOUCH)


@dataclass(frozen=True, slots=True)
class Home:
    """Alice's phone, and what the operator needs to sign others in."""

    phone: Device
    bob_link: str


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Let Alice live four months; an employer's clerk confirms her income, Bob vouches for her."""
    folder = tmp_path_factory.mktemp("score-page")
    url = f"sqlite:///{folder}/pay.db"
    start = from_us(SystemClock().now_us()) - 125 * DAY
    alice, _scorer = lived_site(url, folder / "operator", start)
    alices, bobs = _confirmed(url, folder / "operator", alice)
    with (
        running(folder, url) as server,
        browser() as started,
        device(started, server.url, size=SMALL) as phone,
    ):
        phone.open(f"/in/{alices}")
        phone.click("Sign in here")
        phone.page.wait_for_url("**/wallet")
        yield Home(phone, bobs)


def _confirmed(url: str, folder: Path, alice: PersonId) -> tuple[str, str]:
    with Site.open(url, folder) as site:
        now, consent = from_us(SystemClock().now_us()), site.consent
        bob = PersonId(new_id())
        site.people.register(NewPerson(id=bob, name="Bob", contact=parse_contact("b@example.org")))
        for purpose in SHOWING:
            consent.purposes.assess(new_id(), purpose, by="Edda", text="Assessed.")
            consent.purposes.start(purpose, Operator("Larch", "privacy@larch.example"))

        def agree(person: PersonId, purpose: Purpose, categories: Category) -> None:
            consent.grants.grant_consent(
                BasisId(new_id()), subject=person, purpose=purpose, categories=categories,
                until=now + 90 * DAY, notice_hash=consent.purposes.notice(purpose, "en").hash,
            )  # fmt: skip

        for purpose in (Purpose.SCORE_INCOME, Purpose.SCORE_JOB, Purpose.SCORE_GUARANTOR):
            agree(alice, purpose, Category.EVIDENCE)
        agree(bob, Purpose.VOUCH, Category.SCORE)
        clerk = CollectorId(new_id())
        consent.collectors.register(clerk, CollectorKind.OPERATOR, "Payslip desk")
        today = int(now.timestamp()) // 86_400
        for purpose, value in ((Purpose.SCORE_INCOME, 245_000), (Purpose.SCORE_JOB, today - 900)):
            certificate = CertificateId(new_id())
            consent.collectors.certify(
                certificate, clerk, purpose, Category.EVIDENCE, until=now + 90 * DAY
            )
            site.scores.evidence.attest(
                EvidenceId(new_id()), alice, purpose, value, who=certificate,
                reason="Seen the payslips.", until=now + timedelta(days=80),
            )  # fmt: skip
        site.scores.evidence.vouch(EvidenceId(new_id()), bob, alice, until=now + timedelta(days=80))
        links = [site.people.sessions.make_link(one, by="the test") for one in (alice, bob)]
    return links[0], links[1]


def test_she_makes_her_score_sees_how_it_comes_about_and_who_confirmed_what(home: Home) -> None:
    """No score before she asks; then the number with all its lines, and each confirmation by name."""
    phone = home.phone
    in_every_language(phone, "/record", "record-switches")
    assert phone.page.locator("[role=switch][aria-checked=true]").count() == 4
    phone.click("My score, and what others confirmed")
    expect(phone.page.locator("h1")).to_have_text("My score")
    expect(phone.page.locator("main")).to_contain_text("You have no score.")
    phone.click("Make my score now")
    expect(phone.page.locator("main")).to_contain_text("times of 100")
    in_every_language(phone, "/record/score", "my-score")
    main = phone.page.locator("main")
    expect(main).to_contain_text("€2,450.00 a month")
    expect(main).to_contain_text("Payslip desk")
    expect(main).to_contain_text("Somebody who vouches for you")
    score = int(phone.page.locator(".match").inner_text())
    phone.page.get_by_text("Every line; together they are the score").click()
    points = phone.page.locator("details li .strong").all_inner_texts()
    assert sum(int(one) for one in points) == score
    expect(phone.page.locator("body")).not_to_contain_text("Bob")


def test_what_was_confirmed_ends_when_she_says_so_and_vouching_when_he_does(home: Home) -> None:
    """She ends one confirmation and the other stays; Bob sees that he vouches, not for whom, and ends it."""
    phone = home.phone
    phone.open("/record/score")
    income = phone.page.locator("li", has_text="€2,450.00 a month")
    income.get_by_role("button", name="End it").click()
    expect(income).to_contain_text("Ended")
    expect(income.get_by_role("button")).to_have_count(0)
    assert phone.page.get_by_role("button", name="End it").count() == 2
    browser_of = phone.context.browser
    assert browser_of
    with device(browser_of, phone.url, size=SMALL) as bobs:
        bobs.open(f"/in/{home.bob_link}")
        bobs.click("Sign in here")
        bobs.page.wait_for_url("**/wallet")
        in_every_language(bobs, "/record/score", "i-vouch")
        expect(bobs.page.locator("body")).not_to_contain_text("Alice")
        bobs.click("End it")
        expect(bobs.page.locator("main")).not_to_contain_text("For whom I vouch")
        bobs.click("Make my score now")
        expect(bobs.page.locator("main")).to_contain_text("You have not agreed to be scored.")
    phone.open("/record/score")
    expect(phone.page.locator("li", has_text="Somebody who vouches")).to_contain_text("Ended")
