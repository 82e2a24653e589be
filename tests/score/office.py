"""A whole site with people who pay, for what needs every room: commands and exports."""

from datetime import datetime, timedelta
from pathlib import Path

from counterfoil.bootstrap import Site
from counterfoil.consent import (
    DEFINITIONS,
    BasisId,
    CertificateId,
    CollectorId,
    CollectorKind,
    Operator,
    Purpose,
)
from counterfoil.kernel.clock import ManualClock, from_us
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountId, NewAccount, Transfer, TransferId
from counterfoil.money import Money
from counterfoil.people import NewPerson, PersonId, parse_contact
from counterfoil.score.features import EventKind
from counterfoil.score.payments import AGREEMENT_CODES
from counterfoil.score.registry import Role
from tests.consent.world import DAY, EUR, START
from tests.score.people import crowd_model


def lived_site(url: str, folder: Path, start: datetime = START) -> tuple[PersonId, CertificateId]:
    """Make a site in which Alice has lived four months, agreed, and a champion is there."""
    clock = ManualClock(start)
    with Site.open(url, folder, origin="larch.example", clock=clock) as site:
        for purpose in (Purpose.SCORE, Purpose.RUN_WALLET):
            site.consent.purposes.assess(new_id(), purpose, by="Edda", text="Assessed.")
            site.consent.purposes.start(purpose, Operator("Larch", "privacy@larch.example"))
        alice = PersonId(new_id())
        site.people.register(
            NewPerson(id=alice, name="Alice", contact=parse_contact("alice@example.org"))
        )
        collector, certificate = CollectorId(new_id()), CertificateId(new_id())
        site.consent.collectors.register(collector, CollectorKind.OPERATOR, "Scoring")
        site.consent.collectors.certify(
            certificate, collector, Purpose.SCORE, DEFINITIONS[Purpose.SCORE].categories,
            until=START + 9000 * DAY,
        )  # fmt: skip
        hers = NewAccount(id=AccountId(new_id()), currency=EUR)
        account = site.ledger.open_account(hers, rows=(site.people.account_row(alice, hers.id),))
        world = site.ledger.open_account(NewAccount(id=AccountId(new_id()), currency=EUR))

        def move(change: int, kind: EventKind) -> None:
            debit, credit = (account, world) if change < 0 else (world, account)
            site.ledger.post(
                Transfer(id=TransferId(new_id()), debit_account=debit, credit_account=credit,
                         amount=Money(abs(change), EUR), code=AGREEMENT_CODES + kind)
            )  # fmt: skip

        for _month in range(4):
            move(200_000, EventKind.INCOME)
            move(-60_000, EventKind.RENT)
            for _week in range(4):
                clock.advance(timedelta(days=7))
                move(-36_000, EventKind.CASH)
            move(-500, EventKind.PENALTY)
            clock.advance(2 * DAY)
        notice = site.consent.purposes.notice(Purpose.SCORE, "en")
        site.consent.grants.grant_consent(
            BasisId(new_id()), subject=alice, purpose=Purpose.SCORE,
            categories=DEFINITIONS[Purpose.SCORE].categories,
            until=from_us(clock.now_us()) + 365 * DAY, notice_hash=notice.hash,
        )  # fmt: skip
        model = crowd_model()
        site.models.register(model)
        site.models.appoint(model.hash, Role.CHAMPION, by="Edda")
    return alice, certificate
