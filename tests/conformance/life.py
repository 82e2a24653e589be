"""Four months of Alice's life in her wallet, and what an operator does before it answers about her score."""

from datetime import timedelta

from counterfoil.bench.market import Market
from counterfoil.consent import (
    DEFINITIONS,
    BasisId,
    Category,
    CertificateId,
    CollectorId,
    CollectorKind,
    Operator,
    Purpose,
)
from counterfoil.kernel.clock import from_us
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountId, NewAccount, Transfer, TransferId
from counterfoil.money import Money
from counterfoil.score.features import EventKind
from counterfoil.score.payments import AGREEMENT_CODES
from counterfoil.score.registry import Role
from tests.conformance.clock import ShiftedClock
from tests.score.people import crowd_model

SHARING = {"auth_zhima": Purpose.SHARE_SCORE, "auth_zhima_brief": Purpose.SHARE_ANSWER}
BRIEF_PRODUCT, LINE = "w1010100000000002733", 400
MONTHS = 4
DAYS = 30 * MONTHS
"""How long it takes."""


def live(stalls: Market, clock: ShiftedClock) -> None:
    """Let months of wages, rent and shopping pass."""
    ledger, alice = stalls.site.ledger, stalls.people[0]
    hers = stalls.site.wallets.open_wallet(alice, stalls.currency).account
    world = ledger.open_account(NewAccount(id=AccountId(new_id()), currency=stalls.currency))

    def move(change: int, kind: EventKind = EventKind.OTHER) -> None:
        debit, credit = (hers, world) if change < 0 else (world, hers)
        ledger.post(
            Transfer(
                id=TransferId(new_id()), debit_account=debit, credit_account=credit,
                amount=Money(abs(change), stalls.currency),
                code=AGREEMENT_CODES + kind if kind else 0,
            )
        )  # fmt: skip

    for _month in range(MONTHS):
        move(200_000, EventKind.INCOME)
        move(-60_000, EventKind.RENT)
        for _week in range(4):
            clock.advance(timedelta(days=7))
            move(-25_000)
        clock.advance(timedelta(days=2))


def score(stalls: Market, clock: ShiftedClock) -> None:
    """Start the purposes, score Alice, and arrange with the shop what it may ask."""
    site, alice, now = stalls.site, stalls.people[0], from_us(clock.now_us())
    operator = Operator("Larch Savings", "privacy@larch.example")
    for purpose in (Purpose.SCORE, Purpose.SHARE_SCORE, Purpose.SHARE_ANSWER):
        site.consent.purposes.assess(new_id(), purpose, by="Edda", text="Assessed.")
        site.consent.purposes.start(purpose, operator)
    model = crowd_model(currency=stalls.currency.code)
    site.models.register(model)
    site.models.appoint(model.hash, Role.CHAMPION, by="Edda")
    site.consent.grants.grant_consent(
        BasisId(new_id()), subject=alice, purpose=Purpose.SCORE,
        categories=DEFINITIONS[Purpose.SCORE].categories, until=now + timedelta(days=300),
        notice_hash=site.consent.purposes.notice(Purpose.SCORE, "en").hash,
    )  # fmt: skip
    collectors, until = site.consent.collectors, now + timedelta(days=300)
    scorer, scoring = CollectorId(new_id()), CertificateId(new_id())
    collectors.register(scorer, CollectorKind.OPERATOR, "Scoring")
    collectors.certify(
        scoring, scorer, Purpose.SCORE, DEFINITIONS[Purpose.SCORE].categories, until=until
    )
    site.scores.score(alice, who=scoring, reason="She asked for her score.")
    shop = CollectorId(stalls.merchant.id)
    collectors.register(shop, CollectorKind.MERCHANT, stalls.merchant.name)
    for purpose in SHARING.values():
        collectors.certify(CertificateId(new_id()), shop, purpose, Category.SCORE, until=until)
    site.answers.contract(shop, BRIEF_PRODUCT, LINE, by="Edda")
