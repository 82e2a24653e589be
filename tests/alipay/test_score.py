"""A shop asks about a score through the gateway: on the person's yes, and never more than was agreed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from counterfoil.alipay.gateway import Gateway
from counterfoil.alipay.scoring import ANSWER_REASON, SCORE_REASON, Scoring
from counterfoil.alipay.tokens import Grant
from counterfoil.consent import Category, CertificateId, CollectorId, CollectorKind, Purpose
from counterfoil.kernel.ids import new_id
from counterfoil.people import PersonId
from counterfoil.score.answers import Answers
from tests.alipay.world import Shop
from tests.score.test_scores import Bureau

SCORE, BRIEF = "zhima.credit.score.get", "zhima.credit.score.brief.get"
WHOLE, YES_OR_NO = "w1010100100000000001", "w1010100000000002733"
LINE = 400


@dataclass(slots=True)
class Bikes:
    """The bakery rents bikes too, without a deposit to who scores high enough."""

    shop: Shop
    bureau: Bureau
    answers: Answers

    @property
    def merchant(self) -> CollectorId:
        """The shop as a collector."""
        return CollectorId(self.shop.application.merchant)

    def certify(self, purpose: Purpose, days: int = 365) -> CertificateId:
        """Certify the shop as the operator does."""
        certificate = CertificateId(new_id())
        self.bureau.place.consent.collectors.certify(
            certificate, self.merchant, purpose, Category.SCORE,
            until=self.shop.street.now + timedelta(days=days),
        )  # fmt: skip
        return certificate

    def token(self, person: PersonId, scope: str) -> str:
        """Exchange a code as the shop does once a person has agreed on the page."""
        grant = Grant(person, self.shop.application.id, scope)
        code = self.shop.rooms.tokens.code(grant, self.shop.street.now)
        fields = {"grant_type": "authorization_code", "code": code}
        node = self.shop.ask("alipay.system.oauth.token", {}, **fields)
        return str(node["access_token"])

    def ask(self, transaction: str, token: str, **changed: Any) -> dict[str, Any]:
        """Ask for the score."""
        content = {"transaction_id": transaction, "product_code": WHOLE, **changed}
        return self.shop.ask(SCORE, content, auth_token=token)

    def asks_if(self, transaction: str, token: str, **changed: Any) -> dict[str, Any]:
        """Ask whether it reaches the line."""
        content = {"transaction_id": transaction, "product_code": YES_OR_NO,
                   "admittance_score": LINE, **changed}  # fmt: skip
        return self.shop.ask(BRIEF, content, auth_token=token)


@pytest.fixture
def bikes(bakery: Shop, tmp_path: Path) -> Bikes:
    place = bakery.street.bank.town
    bureau = Bureau(place, tmp_path)
    bureau.live(bureau.account(place.alice))
    place.agree(place.alice, Purpose.SCORE, days=90)
    bureau.score(place.alice)
    answers = Answers(place.consent, place.ledger, place.database, place.clock)
    lock = bakery.street.bank.wallets.accounts.people_lock
    rooms = replace(bakery.rooms, scoring=Scoring(answers, place.consent, lock))
    shop = replace(bakery, rooms=rooms, gateway=Gateway(rooms, place.clock))
    found = Bikes(shop, bureau, answers)
    place.consent.collectors.register(found.merchant, CollectorKind.MERCHANT, "Noor's bakery")
    return found


def test_a_score_is_told_on_a_token_once_more_for_a_day_and_never_after_she_withdraws(
    bikes: Bikes,
) -> None:
    """Her grant, the token, the number, the same again for 24 hours; revoked, nothing leaves."""
    place = bikes.bureau.place
    bikes.certify(Purpose.SHARE_SCORE)
    grant = place.agree(place.alice, Purpose.SHARE_SCORE, recipient=bikes.merchant)
    token = bikes.token(place.alice, "auth_base,auth_zhima")
    told = bikes.ask("T1", token)
    (score,) = bikes.bureau.own(place.alice)
    assert told["zm_score"] == str(score.score)
    assert bikes.bureau.kinds(place.alice)[-2:] == ["access", "score-answer"]
    (look, *_others) = reversed(place.consent.who_looked(place.alice))
    assert (look.reason, look.collector_name) == (SCORE_REASON, "Noor's bakery")
    looks = len(place.consent.who_looked(place.alice))
    bikes.shop.street.wait(hours=23)
    assert bikes.ask("T1", token) == told
    assert len(place.consent.who_looked(place.alice)) == looks
    assert bikes.ask("T2", token)["biz_no"] != told["biz_no"]
    bikes.shop.street.wait(hours=2)
    over = bikes.ask("T1", token)
    assert (over["code"], over["sub_code"]) == ("40004", "ZMCREDIT.transaction_id_expired")
    place.consent.grants.revoke_consent(place.alice, grant.id)
    for transaction in ("T1", "T3"):
        refused = bikes.ask(transaction, token)
        assert (refused["code"], refused["sub_code"]) == ("40004", "ZMCREDIT.authentication_fail")
        assert "zm_score" not in refused


def test_a_token_opens_what_it_says_and_nothing_else(bikes: Bikes) -> None:
    """No token, another's, one for a yes or no, one that is over: the same refusal, nothing on record."""
    place = bikes.bureau.place
    bikes.certify(Purpose.SHARE_SCORE)
    place.agree(place.alice, Purpose.SHARE_SCORE, recipient=bikes.merchant)
    token = bikes.token(place.alice, "auth_zhima")
    looks = len(place.consent.who_looked(place.alice))
    nobody = bikes.token(PersonId(new_id()), "auth_zhima")
    for wrong in ("", "x", token[:-2], bikes.token(place.alice, "auth_zhima_brief"), nobody,
                  bikes.token(place.bob, "auth_zhima")):  # fmt: skip
        assert bikes.ask("T1", wrong)["sub_code"] == "ZMCREDIT.authentication_fail"
    bikes.shop.street.wait(days=16)
    assert bikes.ask("T1", token)["sub_code"] == "ZMCREDIT.authentication_fail"
    assert len(place.consent.who_looked(place.alice)) == looks


def test_without_an_arrangement_nothing_is_answered(bikes: Bikes) -> None:
    """No certificate, another's product, one that is over or suspended: the documented refusals."""
    place = bikes.bureau.place
    place.agree(place.alice, Purpose.SHARE_SCORE, recipient=bikes.merchant)
    token = bikes.token(place.alice, "auth_zhima")
    assert bikes.ask("T1", token)["sub_code"] == "ZMCREDIT.no_valid_arrangement"
    certificate = bikes.certify(Purpose.SHARE_SCORE, days=3)
    other = bikes.ask("T1", token, product_code=YES_OR_NO)
    assert other["sub_code"] == "ZMCREDIT.api_product_not_match"
    assert "zm_score" in bikes.ask("T1", token)
    place.consent.collectors.suspend(certificate, "Complaints.")
    assert bikes.ask("T1", token)["sub_code"] == "ZMCREDIT.no_valid_arrangement"
    place.consent.collectors.reinstate(certificate, "Examined.")
    bikes.shop.street.wait(days=4)
    assert bikes.ask("T1", token)["sub_code"] == "ZMCREDIT.no_valid_arrangement"


def test_an_attacker_with_the_shop_s_key_learns_one_bit(bikes: Bikes) -> None:
    """It bisects, it asks every number, it changes product and transaction: one answer comes, about one line."""
    place = bikes.bureau.place
    bikes.certify(Purpose.SHARE_ANSWER)
    bikes.answers.contract(bikes.merchant, YES_OR_NO, LINE, by="Edda")
    place.agree(place.alice, Purpose.SHARE_ANSWER, recipient=bikes.merchant)
    token = bikes.token(place.alice, "auth_zhima_brief")
    (score,) = bikes.bureau.own(place.alice)
    learned, low, high = set(), 350, 950
    while low < high:
        middle = (low + high + 1) // 2
        node = bikes.asks_if(f"B{middle}", token, admittance_score=middle)
        if node["code"] == "10000":
            learned.add((middle, node["is_admittance"]))
        else:
            assert node["sub_code"] == "ZMCREDIT.no_valid_arrangement"
        low, high = (low, middle - 1) if node.get("is_admittance") == "N" else (middle, high)
    for threshold in (*range(350, 951, 30), LINE - 1, LINE, LINE + 1):
        node = bikes.asks_if(f"E{threshold}", token, admittance_score=str(threshold))
        if node["code"] == "10000":
            learned.add((threshold, node["is_admittance"]))
            assert set(node) == {"code", "msg", "biz_no", "is_admittance"}
    assert learned == {(LINE, "Y" if score.score >= LINE else "N")}
    for changed in ({"product_code": WHOLE}, {"product_code": "mine"}):
        node = bikes.asks_if("P1", token, **changed)
        assert node["sub_code"] == "ZMCREDIT.no_valid_arrangement"
    assert bikes.ask("P2", token)["sub_code"] == "ZMCREDIT.authentication_fail"
    for number in (349, 3500, "400.5", "4e2", -400, None, "四百零"):
        node = bikes.asks_if("P3", token, admittance_score=number)
        assert node["code"] == "40004"
        assert "is_admittance" not in node
    looks = place.consent.who_looked(place.alice)
    assert {look.reason for look in looks if look.collector == bikes.merchant} == {ANSWER_REASON}


def test_a_transaction_id_stands_for_one_question(bikes: Bikes) -> None:
    """Asked for somebody else or for something else on one day, it is refused."""
    place = bikes.bureau.place
    for purpose in (Purpose.SHARE_ANSWER, Purpose.SHARE_SCORE):
        bikes.certify(purpose)
        place.agree(place.alice, purpose, recipient=bikes.merchant)
    place.agree(place.bob, Purpose.SHARE_SCORE, recipient=bikes.merchant)
    bikes.answers.contract(bikes.merchant, YES_OR_NO, LINE, by="Edda")
    assert bikes.ask("T1", bikes.token(place.alice, "auth_zhima"))["code"] == "10000"
    for node in (
        bikes.ask("T1", bikes.token(place.bob, "auth_zhima")),
        bikes.asks_if("T1", bikes.token(place.alice, "auth_zhima_brief")),
    ):
        assert node["sub_code"] == "ZMCREDIT.transaction_id_repeat"


def test_who_has_no_score_is_neither_yes_nor_no(bikes: Bikes) -> None:
    """Bob was never scored: N/A, and his record says who looked; by his open id as by his token."""
    place = bikes.bureau.place
    for purpose in (Purpose.SHARE_ANSWER, Purpose.SHARE_SCORE):
        bikes.certify(purpose)
        place.agree(place.bob, purpose, recipient=bikes.merchant)
    bikes.answers.contract(bikes.merchant, YES_OR_NO, LINE, by="Edda")
    assert bikes.ask("T1", bikes.token(place.bob, "auth_zhima"))["zm_score"] == "N/A"
    open_id = bikes.shop.rooms.identities.open_id(bikes.shop.application.id, place.bob)
    by_id = {"cert_type": "ALIPAY_USER_ID", "cert_no": open_id}
    assert bikes.asks_if("T2", "", **by_id)["is_admittance"] == "N/A"
    assert bikes.asks_if("T3", "", open_id=open_id)["is_admittance"] == "N/A"
    assert [look.collector for look in place.consent.who_looked(place.bob)] == [bikes.merchant] * 3
    assert bikes.bureau.kinds(place.bob)[-2:] == ["access", "score-answer"]
    card = {"cert_type": "IDENTITY_CARD", "cert_no": "310101199001011234", "name": "Bob"}
    assert bikes.asks_if("T4", "", **card)["sub_code"] == "ZMCREDIT.authentication_fail"


def test_no_score_is_an_answer_that_stays_for_a_day(bikes: Bikes) -> None:
    """Bob is scored in between: the old question keeps its answer, a new one has his number."""
    place = bikes.bureau.place
    bikes.bureau.live(bikes.bureau.account(place.bob))
    bikes.certify(Purpose.SHARE_SCORE)
    place.agree(place.bob, Purpose.SHARE_SCORE, recipient=bikes.merchant)
    token = bikes.token(place.bob, "auth_zhima")
    first = bikes.ask("T1", token)
    assert first["zm_score"] == "N/A"
    place.agree(place.bob, Purpose.SCORE, days=90)
    score = bikes.bureau.score(place.bob)
    assert bikes.ask("T1", token) == first
    assert bikes.ask("T2", token)["zm_score"] == str(score.score)


def test_a_question_asked_many_times_at_once_is_one_look(bikes: Bikes) -> None:
    """Twelve identical requests in parallel: one answer, and one entry in the person's record."""
    place = bikes.bureau.place
    bikes.certify(Purpose.SHARE_SCORE)
    place.agree(place.alice, Purpose.SHARE_SCORE, recipient=bikes.merchant)
    token = bikes.token(place.alice, "auth_zhima")
    looks = len(place.consent.who_looked(place.alice))
    shop, content = bikes.shop, {"transaction_id": "T1", "product_code": WHOLE}
    form = shop.signed(shop.parameters(SCORE, content, auth_token=token))
    with ThreadPoolExecutor(12) as threads:
        replies = list(threads.map(lambda _turn: shop.gateway.answer(form, b""), range(12)))
    (score,) = bikes.bureau.own(place.alice)
    nodes = [shop.opened(reply, SCORE) for reply in replies]
    assert [node["zm_score"] for node in nodes] == [str(score.score)] * 12
    assert len(place.consent.who_looked(place.alice)) == looks + 1
