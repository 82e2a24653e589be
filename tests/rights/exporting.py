"""An operator with every room open, and Alice, about whom there is something in every table."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from counterfoil.bank import Party, parse_iban
from counterfoil.bootstrap import Site
from counterfoil.consent import (
    Authority,
    AuthorityKind,
    BasisId,
    Category,
    CollectorKind,
    Ground,
    NewRequest,
    ObjectionId,
    ObjectionKind,
    Purpose,
    Regime,
    RequestId,
    RestrictionId,
    Review,
    RightsRequestId,
    Secrecy,
)
from counterfoil.kernel.clock import ManualClock
from counterfoil.kernel.database import AttachedRow, connect
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import (
    AccountId,
    AccountKind,
    AccountNumber,
    NewAccount,
    Transfer,
    TransferId,
    pending_transfer,
    post_pending_transfer,
)
from counterfoil.money import Money
from counterfoil.people import Entrance, FactKind, NewPerson, PersonId, RelyingParty, parse_contact
from counterfoil.receipts import Policy
from counterfoil.rights import FolderDelivery
from counterfoil.rights.export import Export
from counterfoil.score.evidence import Evidence
from counterfoil.score.evidence_store import EvidenceId
from counterfoil.wallet import PayerCodeRefused
from tests.consent.world import DAY, EUR, OPERATOR, REASON, START, Town, now
from tests.people.authenticator import Authenticator
from tests.wallet.world import TERMS, euros

COURT = Authority(AuthorityKind.COURT, "District Court of Larch")
SECRET_UNTIL = START + 60 * DAY
FIRST_ACCOUNTS = 4200
"""Accounts of others that are opened first, so that Alice's numbers are like no other number."""


@dataclass(frozen=True, slots=True)
class Office:
    """The operator: its rooms, the town that they serve, and where files go."""

    site: Site
    town: Town
    folder: Path
    till: AccountNumber

    def give(self, person: PersonId, **options: Any) -> tuple[Path, Export]:
        """Give somebody their export; say where it is."""
        to = self.folder / f"{new_id()}.zip"
        given: dict[str, Any] = {"by": "Edda", **options}
        if "request" not in given:
            given["regimes"] = [Regime.GDPR]
        return to, self.site.exports.give(person, to, **given)

    def wallet(self, person: PersonId) -> AccountNumber:
        """Open somebody's wallet, with 1,000 EUR in it."""
        wallet = self.site.wallets.open_wallet(person, EUR)
        self.move(self.till, wallet.account, 100_000)
        return wallet.account

    def move(self, source: AccountNumber, target: AccountNumber, minor: int) -> None:
        """Pay."""
        self.town.ledger.post(
            Transfer(id=TransferId(new_id()), debit_account=source, credit_account=target,
                     amount=Money(minor, EUR))
        )  # fmt: skip

    @property
    def policy(self) -> Policy:
        """Whom Alice believes: the keys that the operator has published."""
        keys = self.site.keys
        return Policy(tuple(key.verifier for key in (*keys.transfers, *keys.records)))


def data_of(archive: Path, name: str) -> Any:
    """Read one of an export's data files."""
    with zipfile.ZipFile(archive) as zipped:
        return json.loads(zipped.read(f"data/{name}.json"))


@contextmanager
def office(url: str, folder: Path) -> Iterator[Office]:
    """Open every room of an operator; Alice and Bob have registered, every purpose runs."""
    clock = ManualClock(START)
    with (
        Site.open(url, folder / "site", origin="larch.example", clock=clock) as site,
        connect(url, writes=False) as database,
    ):
        for purpose in Purpose:
            site.consent.purposes.assess(new_id(), purpose, by="Edda", text="Assessed.")
            site.consent.purposes.start(purpose, OPERATOR)
        site.wallets.offer(TERMS)
        others = [NewAccount(id=AccountId(new_id()), currency=EUR, kind=AccountKind.ASSET)
                  for _ in range(FIRST_ACCOUNTS)]  # fmt: skip
        till = site.ledger.open_accounts(others)[0]
        nothing: Any = UUID(int=0)
        bare = Town(clock, site.ledger, database, site.consent.gate._wall, site.people,
                    site.consent, site.readers, nothing, nothing, nothing, nothing,
                    nothing)  # fmt: skip
        operator = CollectorKind.OPERATOR
        town = Town(
            clock, site.ledger, database, bare.wall, site.people, site.consent, site.readers,
            bare.person("Alice Arnaud", "alice@example.org"),
            bare.person("Bob Bauer", "+33 6 39 98 12 34"),
            bare.certified(operator, "Clara, clerk", Purpose.RUN_WALLET)[1],
            bare.certified(operator, "Scoring", Purpose.SCORE)[1],
            bare.certified(operator, "Newsletter", Purpose.MARKETING)[1],
        )  # fmt: skip
        yield Office(site, town, folder, till)


def _sign_in(here: Office) -> None:
    people, alice = here.town.people, here.town.alice
    signed_in = people.sessions.begin(alice, Entrance.LINK).signed_in
    party = RelyingParty("larch.example", "Larch Savings", "https://larch.example")
    device = Authenticator(host=party.host, origin=party.origin)
    people.passkeys.add(signed_in, device.make(bytes(32)), bytes(32), party)
    people.sessions.make_link(alice, by="Edda")


def live(here: Office) -> None:
    """Let Alice have something in every table that can have something about her."""
    town, site, alice = here.town, here.site, here.town.alice
    town.contract(alice)
    for value in ("X122", "X123"):
        town.consent.give_fact(alice, FactKind.IDENTITY_DOCUMENT, Purpose.RUN_WALLET, value)
    _sign_in(here)
    _pay(here)
    _bank(here)
    _consent(here)
    _be_asked_about(here)
    _complain(here)
    _be_scored(here)
    town.clock.advance(DAY)
    site.rights.notices.deliver(FolderDelivery(here.folder / "outbox"))


def _pay(here: Office) -> None:
    alice, bob = here.wallet(here.town.alice), here.wallet(here.town.bob)
    here.move(alice, bob, 1250)
    here.move(bob, alice, 399)
    reserved = TransferId(new_id())
    here.town.ledger.post(
        pending_transfer(reserved, debit_account=alice, credit_account=bob, amount=Money(700, EUR),
                         expires_at=START + 300 * DAY)
    )  # fmt: skip
    here.town.ledger.post(
        post_pending_transfer(TransferId(new_id()), subject=reserved, amount=Money(500, EUR))
    )
    here.town.ledger.freeze(alice, credits=True)
    here.town.ledger.unfreeze(alice, credits=True)
    codes, till = here.site.wallets.codes, new_id()
    digits = codes.issue(here.town.alice, euros("50")).digits
    claim = codes.claim(digits, till=till, payment=new_id())
    here.town.ledger.write(*claim.rows(euros("12")))
    try:
        codes.claim(digits, till=till, payment=new_id())
    except PayerCodeRefused:
        return
    raise AssertionError("a code that has paid paid twice")


def _bank(here: Office) -> None:
    site, alice, bob = here.site, here.town.alice, here.town.bob
    site.bank.open_account(Party("Larch Savings", parse_iban("NL33LRCH0000000001")), EUR)
    site.banking.top_up(alice, EUR)
    site.banking.link_account(alice, "DE89370400440532013000")
    me, him = (site.people.sessions.begin(one, Entrance.LINK).signed_in for one in (alice, bob))
    site.banking.withdraw(TransferId(new_id()), me, euros("1"))
    site.requests.ask(new_id(), me, bob, euros("2"))
    site.requests.ask(new_id(), him, alice, euros("3"))


def _consent(here: Office) -> None:
    town, alice = here.town, here.town.alice
    town.agree(alice, Purpose.SCORE)
    grant = town.agree(alice, Purpose.MARKETING)
    town.consent.grants.revoke_consent(alice, grant.id)
    notice = town.consent.purposes.notice(Purpose.RESEARCH, "fr")
    town.consent.grants.refuse_consent(alice, Purpose.RESEARCH, Category.PAYMENTS, notice.hash)
    child = town.people.register(
        NewPerson(id=PersonId(new_id()), name="Chloé Arnaud", contact=parse_contact("c@example.org"),
                  guardian=alice, turns_14_on=date(2030, 1, 1))
    )  # fmt: skip
    town.agree(child, Purpose.MARKETING, given_by=alice)
    with town.consent.gate.read(
        town.consent.bases.on_contract(alice), who=town.clerk, categories=Category.NAME,
        reason=REASON,
    ) as access:  # fmt: skip
        access.rows(town.readers.name)
    here.site.copies.make(Purpose.SCORE, who=town.scorer, reason="Your score of this month.",
                          since=START - DAY, until=START + DAY)  # fmt: skip


def _be_asked_about(here: Office) -> None:
    for secrecy in (None, Secrecy("Code of Criminal Procedure 101", SECRET_UNTIL)):
        ask_about(here, here.town.alice, secrecy)


def ask_about(here: Office, person: PersonId, secrecy: Secrecy | None) -> None:
    """Have a court get somebody's name, perhaps in silence."""
    town, request, order = here.town, RequestId(new_id()), BasisId(new_id())
    town.consent.authorities.enter(
        NewRequest(id=request, authority=COURT, article="Code of Civil Procedure 67",
                   subject=person, categories=Category.NAME, since=START - DAY, until=START,
                   secrecy=secrecy)
    )  # fmt: skip
    _, desk = town.certified(CollectorKind.OPERATOR, "Legal desk", Purpose.COMPLY_WITH_LAW)
    town.consent.authorities.decide(
        request,
        Review(reviewer="Edda", reasons="The claim is about one month.", categories=Category.NAME,
               since=START - DAY, until=START, valid_until=START + 100 * DAY),
        order,
    )  # fmt: skip
    with town.consent.gate.read(
        town.consent.bases.on_law(order), who=desk, categories=Category.NAME,
        reason="The court has asked.",
    ) as access:  # fmt: skip
        access.rows(town.readers.name)


def _be_scored(here: Office) -> None:
    """Put a score and an answer there, as the room of scores writes them."""
    at_us, score = here.town.clock.now_us(), new_id()
    here.town.ledger.write(
        AttachedRow(
            "INSERT INTO scores (id, subject, basis, model, as_of, at, score, low, high, cause, "
            "inputs) VALUES ($1, $2, $3, $4, $5, $5, 611, 590, 640, 'asked', "
            '\'{"days":90.5,"values":{}}\')',
            (score.bytes, here.town.alice.bytes, new_id().bytes, bytes(range(32)), at_us),
        ),
        AttachedRow(
            "INSERT INTO score_answers (merchant, transaction_id, subject, product, score, answer, "
            "at) VALUES ($1, 'till 3', $2, 'deposit', $3, 1, $4)",
            (new_id().bytes, here.town.alice.bytes, score.bytes, at_us),
        ),
    )
    _show(here, score)


def _show(here: Office, score: UUID) -> None:
    """Have an income confirmed, count it, and let her vouch for Bob."""
    town, until = here.town, now(here.town.clock) + 60 * DAY
    evidence = Evidence(town.consent, town.ledger, town.database, town.clock)
    _, payroll = town.certified(CollectorKind.OPERATOR, "Payroll office", Purpose.SCORE_INCOME)
    grant = town.agree(town.alice, Purpose.SCORE_INCOME)
    evidence.attest(EvidenceId(new_id()), town.alice, Purpose.SCORE_INCOME, 250_000,
                    who=payroll, reason="Seen the payslips.", until=until)  # fmt: skip
    town.ledger.write(
        AttachedRow(
            "INSERT INTO score_sources (score, purpose, subject, basis) VALUES ($1, $2, $3, $4)",
            (score.bytes, Purpose.SCORE_INCOME.value, town.alice.bytes, grant.id.bytes),
        )
    )
    town.agree(town.alice, Purpose.VOUCH)
    town.agree(town.bob, Purpose.SCORE_GUARANTOR)
    evidence.vouch(EvidenceId(new_id()), town.alice, town.bob, until=until)


def _complain(here: Office) -> None:
    town, rights, alice = here.town, here.site.rights, here.town.alice
    accepted, refused, waiting = (RightsRequestId(new_id()) for _ in range(3))
    for request, name in ((accepted, "Alice Arnault"), (refused, "Alicia"), (waiting, "=Al()")):
        rights.corrections.propose(request, alice, "name", name, [Regime.GDPR])
        if request is accepted:
            rights.corrections.accept(request, by="Edda")
        if request is refused:
            rights.corrections.refuse(request, by="Edda", reasons="No document.")
            rights.corrections.dispute(request, new_id(), "=HYPERLINK(1) is what I said.")
    rights.restrict(
        RightsRequestId(new_id()), alice, Category.BANK_CARD, Ground.UNLAWFUL,
        regimes=[Regime.GDPR], reason="She asked.", by="Edda",
    )  # fmt: skip
    town.consent.objections.object_to(ObjectionId(new_id()), alice, Purpose.MARKETING)
    town.consent.objections.object_to(
        ObjectionId(new_id()), alice, Purpose.SCORE, ObjectionKind.AUTOMATED_DECISION
    )
    town.consent.restrictions.place(
        RestrictionId(new_id()), alice, Category.BIRTH_DATE, Ground.CLAIMS, reason="A claim.",
        by="Edda",
    )  # fmt: skip
