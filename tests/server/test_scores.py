"""A live score over HTTP: asked of a real server, by a lender's program with its key and a grant."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from counterfoil.api.keys import Keys, Scope
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
from counterfoil.ledger import ReadingConnection
from counterfoil.pay import MerchantId, NewMerchant
from counterfoil.people import NewPerson, PersonId, parse_contact
from counterfoil.score.live import READERS
from tests.consent.world import DAY
from tests.pay.world import PARIS
from tests.score.office import lived_site
from tests.server.running import Running, started
from tools.doc_examples import examples_in

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "tell-a-lender-a-score.md"
WHY = "You asked us for a loan."


@dataclass
class Lender:
    """A lender's program, the server that it asks, and what it may ask with."""

    server: Running
    key: str
    grants: dict[str, BasisId]

    def ask(self, grant: str, **changed: Any) -> httpx2.Response:
        """Ask for the score of whoever gave a grant."""
        asked = {"grant": str(self.grants[grant]), "reason": WHY, **changed}
        return httpx2.post(
            f"{self.server.url}/api/v1/scores", json=asked,
            headers={"authorization": f"Bearer {self.key}"},
        )  # fmt: skip


@pytest.fixture
def lender(database_url: str, tmp_path: Path) -> Iterator[Lender]:
    alice, _scorer = lived_site(
        database_url, tmp_path / "site", from_us(SystemClock().now_us()) - 125 * DAY
    )
    key, grants = _arranged(database_url, tmp_path / "site", alice)
    where = ("--database", database_url, "--site", str(tmp_path / "site"))
    with started(tmp_path, "score", "serve", *where) as server:
        yield Lender(server, key, grants)
        assert server.stop() == 0


def _arranged(url: str, folder: Path, alice: PersonId) -> tuple[str, dict[str, BasisId]]:
    """Certify a lender, make its key, and have Alice and Bob allow it to be told."""
    with Site.open(url, folder) as site:
        now = from_us(SystemClock().now_us())
        bob = PersonId(new_id())
        site.people.register(NewPerson(id=bob, name="Bob", contact=parse_contact("b@example.org")))
        merchant = site.pay.merchants.open(
            NewMerchant(id=MerchantId(new_id()), name="Loans by Lin", place=PARIS)
        )
        lin, consent = CollectorId(merchant.id), site.consent
        consent.collectors.register(lin, CollectorKind.MERCHANT, merchant.name)
        for purpose in READERS:
            consent.purposes.assess(new_id(), purpose, by="Edda", text="Assessed.")
            consent.purposes.start(purpose, Operator("Larch", "privacy@larch.example"))
            consent.collectors.certify(
                CertificateId(new_id()), lin, purpose, Category.SCORE, until=now + 90 * DAY
            )

        def agree(person: PersonId, purpose: Purpose, recipient: CollectorId | None) -> BasisId:
            category = Category.PAYMENTS if purpose is Purpose.SCORE else Category.SCORE
            return consent.grants.grant_consent(
                BasisId(new_id()), subject=person, purpose=purpose, categories=category,
                until=now + timedelta(days=20), recipient=recipient,
                notice_hash=consent.purposes.notice(purpose, "en").hash,
            ).id  # fmt: skip

        agree(bob, Purpose.SCORE, None)
        grants = {
            "reasons": agree(alice, Purpose.SHARE_REASONS, lin),
            "number": agree(alice, Purpose.SHARE_SCORE, lin),
            "thin": agree(bob, Purpose.SHARE_REASONS, lin),
            "ended": agree(alice, Purpose.SHARE_REASONS, lin),
            "none": BasisId(new_id()),
        }
        consent.grants.revoke_consent(alice, grants["ended"])
        reading = ReadingConnection(url)
        made = Keys(site.ledger, reading, SystemClock()).make(
            merchant.id, "loans", [Scope.SCORES_READ]
        )
        reading.close()
    return made.text, grants


def test_a_lender_is_told_as_much_as_she_allowed_and_nothing_without(lender: Lender) -> None:
    """The score with its why on one grant, the number on another; every refusal is a problem."""
    told = lender.ask("reasons", language="fr")
    assert told.status_code == 200, told.text
    answer = told.json()
    assert 350 <= answer["why"]["low"] <= answer["score"] <= answer["why"]["high"] <= 950
    assert [one["code"] for one in answer["why"]["dimensions"]] == [
        "credit-history", "behavior", "fulfilment-capacity", "characteristics", "connections",
    ]  # fmt: skip
    assert answer["why"]["dimensions"][0]["words"] == "historique de crédit"
    assert 1 <= len(answer["why"]["reasons"]) <= 4
    assert all(one["points"] < 0 for one in answer["why"]["reasons"])
    assert answer["receipt"]["access"] > answer["receipt"]["record"]
    number = lender.ask("number").json()
    assert (number["why"], number["band"]) == (None, answer["band"])
    assert number["receipt"]["access"] > answer["receipt"]["access"]
    refused = {name: lender.ask(name) for name in ("thin", "ended", "none")}
    problems = {name: (one.status_code, one.json()["code"]) for name, one in refused.items()}
    assert problems == {
        "thin": (409, "score.too-little-known"),
        "ended": (409, "consent.grant-missing"),
        "none": (409, "consent.grant-missing"),
    }
    assert "days" in refused["thin"].json()["detail"]
    assert refused["ended"].json() == refused["none"].json()
    assert lender.ask("reasons", reason=" ").status_code == 422
    assert httpx2.post(f"{lender.server.url}/api/v1/scores", json={}).status_code == 401
    logged = json.dumps(lender.server.lines)
    assert not [one for one in (lender.key, *map(str, lender.grants.values())) if one in logged]


def test_the_program_that_the_page_shows_is_told_the_same(lender: Lender) -> None:
    """What a lender copies from the how-to asks this server, and tells a refusal by its code."""
    shown: dict[str, Any] = {}
    (example,) = examples_in(PAGE.read_text("utf-8"))
    exec(compile(example.text, str(PAGE), "exec"), shown)
    ask = partial(shown["live_score"], lender.server.url, lender.key)
    assert ask(str(lender.grants["reasons"]), WHY)["why"]["reasons"]
    with pytest.raises(PermissionError, match=r"consent\.grant-missing"):
        ask(str(lender.grants["ended"]), WHY)


def test_it_serves_scores_and_nothing_else(tmp_path: Path) -> None:
    """Its document, its health and its measurements are there; orders and pages are not."""
    where = ("--database", f"sqlite:///{tmp_path}/larch.db", "--site", str(tmp_path / "site"))
    with started(tmp_path, "score", "serve", *where) as server:
        document = server.get("/api/v1/openapi.json").json()
        assert list(document["paths"]) == ["/scores"]
        assert server.get("/health").json()["ok"]
        assert "counterfoil_requests" in server.get("/metrics").text
        for path in ("/api/v1/orders", "/api/v1/merchant", "/", "/wallet", "/gateway.do"):
            assert server.get(path).status_code == 404, path
        assert server.stop() == 0
