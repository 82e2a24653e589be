"""Where a basis comes from: a grant, a contract, a legal duty, an order.

A grant is made in `grants`, an order in `authorities`; contracts and duties are entered here. This
is the only module that asks for a basis to be sealed.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from counterfoil.consent import store
from counterfoil.consent.basis import Basis, seal
from counterfoil.consent.category import WORDS, Category, codes, in_words
from counterfoil.consent.errors import (
    BasisEnded,
    GrantMissing,
    GrantNotPermitted,
    NotFound,
    Objected,
    Restricted,
)
from counterfoil.consent.model import FOREVER_US, BasisId, BasisRow, CollectorId, SubjectId
from counterfoil.consent.purpose import DEFINITIONS, BasisKind, Purpose
from counterfoil.consent.purposes import Purposes
from counterfoil.consent.readers import FACT_CATEGORIES
from counterfoil.kernel.clock import to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.people import FactKind, People
from counterfoil.people.records import Recorder, record_row

_PAGE_ROWS: Final = 1000


class Bases:
    """Makes bases, for those who will read on them."""

    def __init__(
        self, recorder: Recorder, database: Database, people: People, purposes: Purposes
    ) -> None:
        self._recorder = recorder
        self._database = database
        self._people = people
        self._purposes = purposes

    def enter_contract(self, contract: BasisId, subject: SubjectId, terms: str) -> None:
        """Record that a person has agreed to the wallet's terms; `terms` names their version.

        Raises:
            PersonNotFound: there is no such person.
            PurposeNotStarted: the operator has not started to run wallets.

        """
        self._people.registration(subject)
        purpose = Purpose.RUN_WALLET
        self._enter(contract, BasisKind.CONTRACT, subject, purpose,
                    DEFINITIONS[purpose].categories, terms, FOREVER_US)  # fmt: skip

    def declare_duty(
        self, duty: BasisId, article: str, categories: Category, *, until: datetime
    ) -> None:
        """Record that a law makes the operator look at data, of whomever it is about.

        Raises:
            GrantNotPermitted: no article, no category or no end is named.
            PurposeNotStarted: the operator has not started to comply with laws.

        """
        if not article.strip() or not categories or to_us(until) <= self._recorder.now_us():
            raise GrantNotPermitted(
                _("A legal duty names its article, the data it is about, and an end to come.")
            )
        self._enter(duty, BasisKind.LEGAL_DUTY, None, Purpose.COMPLY_WITH_LAW, categories,
                    article, to_us(until))  # fmt: skip

    def end(self, basis: BasisId) -> None:
        """End a contract or a duty; ending what has ended changes nothing.

        Raises:
            NotFound: there is no such contract or duty. A grant is revoked by the person.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            row = store.basis_by_id(self._database, basis)
            if row is None or row.kind not in {BasisKind.CONTRACT, BasisKind.LEGAL_DUTY}:
                raise NotFound(_("There is no contract or duty {basis}.", basis=basis), basis=basis)
            if row.ended_at:
                return ()
            return (
                store.ending_row(basis, at_us),
                record_row("basis-ended", row.subject, at_us, {"basis": str(basis)}),
            )

        self._recorder.commit(attempt)

    def _enter(
        self, basis: BasisId, kind: BasisKind, subject: SubjectId | None, purpose: Purpose,
        categories: Category, source: str, expires_at_us: int,
    ) -> None:  # fmt: skip
        def attempt(at_us: int) -> Sequence[AttachedRow]:
            row = BasisRow(
                id=basis,
                kind=kind,
                subject=subject,
                purpose=purpose,
                version=self._purposes.running_version(purpose),
                categories=categories,
                source=source,
                starts_at=at_us,
                expires_at=expires_at_us,
            )
            content = {"basis": str(basis), "basis_kind": kind.code, "purpose": purpose.value,
                       "categories": codes(categories), "source": source}  # fmt: skip
            return (store.basis_row(row), record_row("basis", subject, at_us, content))

        self._recorder.commit(attempt)

    def on_consent(
        self,
        subject: SubjectId,
        purpose: Purpose,
        categories: Category,
        recipient: CollectorId | None = None,
    ) -> Basis:
        """Find the person's grant for a purpose that covers some categories.

        Raises:
            GrantMissing: there is none that carries a read now.

        """
        now = self._recorder.now_us()
        for row in store.bases_of(self._database, subject):
            if (
                row.kind is BasisKind.CONSENT
                and row.purpose is purpose
                and row.recipient == recipient
                and row.covers(subject, categories)
                and row.why_ended(now) is None
            ):
                return seal(row)
        raise GrantMissing(
            _("The person has not consented to {purpose}, or no longer. Ask them; they may refuse.",
              purpose=DEFINITIONS[purpose].words),
            purpose=purpose.value,
        )  # fmt: skip

    def on_shown_consent(
        self, grant: UUID, purposes: Collection[Purpose], categories: Category,
        recipient: CollectorId,
    ) -> Basis:  # fmt: skip
        """Take the grant whose number a recipient shows, where it is for one of these purposes.

        A number that names nothing, somebody else's grant and one that has ended are refused alike.

        Raises:
            GrantMissing: it carries no read of theirs now.

        """
        row = store.basis_by_id(self._database, grant)
        if (
            row is None
            or row.kind is not BasisKind.CONSENT
            or row.purpose not in purposes
            or row.recipient != recipient
            or categories & ~row.categories
            or row.why_ended(self._recorder.now_us()) is not None
        ):
            raise GrantMissing(
                _("No grant of that number lets you be told this, or no longer. Ask the person.")
            )
        return seal(row)

    def on_contract(self, subject: SubjectId) -> Basis:
        """Find the person's contract for the wallet.

        Raises:
            GrantMissing: they have none, or it has ended.

        """
        now = self._recorder.now_us()
        for row in store.bases_of(self._database, subject):
            if row.kind is BasisKind.CONTRACT and row.why_ended(now) is None:
                return seal(row)
        raise GrantMissing(_("The person has no contract for a wallet, or no longer."))

    def on_law(self, basis: UUID) -> Basis:
        """Take a legal duty or an authority's order by its id.

        Raises:
            NotFound: there is none with that id.
            BasisEnded: it carries no read now.

        """
        row = store.basis_by_id(self._database, basis)
        if row is None or row.kind not in {BasisKind.LEGAL_DUTY, BasisKind.AUTHORITY_ORDER}:
            raise NotFound(_("There is no duty or order {basis}.", basis=basis), basis=basis)
        require_live(row, self._recorder.now_us())
        return seal(row)

    def require_for_fact(self, subject: SubjectId, kind: FactKind, purpose: Purpose) -> None:
        """Insist that something makes it lawful to hold a fact about a person for a purpose.

        Raises:
            GrantMissing: nothing does, now.

        """
        needed = FACT_CATEGORIES[kind]
        now = self._recorder.now_us()
        for row in store.bases_of(self._database, subject):
            if (
                row.purpose is purpose
                and row.covers(subject, needed)
                and row.why_ended(now) is None
            ):
                return
        raise GrantMissing(
            _("Nothing makes it lawful to hold the {fact} for {purpose}.",
              fact=WORDS[needed], purpose=DEFINITIONS[purpose].words),
            purpose=purpose.value,
        )  # fmt: skip

    def all_on_consent(self, purpose: Purpose, categories: Category) -> Iterator[Basis]:
        """Yield a basis for each person who has consented to the operator's use, for a job.

        What is yielded was live when it was read; the gate asks again before each batch.
        """
        after = b""
        while True:
            rows = store.live_bases(
                self._database, BasisKind.CONSENT, purpose, self._recorder.now_us(), after,
                _PAGE_ROWS,
            )  # fmt: skip
            for row in rows:
                if row.recipient is None and not categories & ~row.categories:
                    yield seal(row)
            if len(rows) < _PAGE_ROWS:
                return
            after = rows[-1].id.bytes


def require_live(row: BasisRow, at_us: int) -> None:
    """Insist that a basis carries a read at an instant.

    Raises:
        BasisEnded: it does not; the fact `why` says why.

    """
    why = row.why_ended(at_us)
    if why is not None:
        raise BasisEnded(
            _("Basis {basis} carries nothing any more ({why}); nothing was read.",
              basis=row.id, why=why.value),
            basis=row.id,
            why=why,
        )  # fmt: skip


def require_unbarred(row: BasisRow, categories: Category, at_us: int) -> None:
    """Insist that the person has put nothing in the way; refuse by name and by article.

    Raises:
        Objected: the person objects to the purpose.
        Restricted: they have had some of this data restricted.

    """
    if row.is_objected_at(at_us):
        raise Objected(
            _("The person objects to {purpose} (GDPR 21, PIPL 24); nothing was read.",
              purpose=DEFINITIONS[row.purpose].words),
            basis=row.id,
        )  # fmt: skip
    if restricted := row.restricted_at(at_us) & categories:
        raise Restricted(
            _("{what} of this person is restricted (GDPR 18, PIPL 44): it stays stored, they see it "
              "and payments go on, but on consent or contract it is not read.",
              what=in_words(restricted)),
            basis=row.id,
        )  # fmt: skip
