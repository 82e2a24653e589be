"""Correcting what is known of a person, and what was paid.

1. The person says what is right. That is a request with its clock; the proposed value is sealed, and
   the contested data is restricted while it is checked (GDPR 18(1)(a), 征信业管理条例 25).
2. It is accepted: the new value counts from now, the old one stays as sealed history, and a notice
   is queued for whoever received the old one. Or it is refused, with reasons; then the person's
   statement of dispute can be attached to the value, and whoever received it is told of that
   (FCRA 611(b)-(c)). Either way the restriction ends a day later, which the person is told first.

A payment is never corrected by changing a row: a correcting transfer moves the amount back, in the
same database transaction as the answer, and both stay in the log.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from counterfoil.consent import (
    Category,
    Consent,
    Ground,
    Regime,
    RestrictionId,
    Right,
    RightsRequestId,
    State,
    SubjectId,
    category_of_field,
)
from counterfoil.kernel.clock import to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import derive_id
from counterfoil.ledger import Ledger, Refusal, TransferId, TransferRefused, correcting_transfer
from counterfoil.people import People, WordsKind
from counterfoil.people.records import ATTEMPT_COUNT_MAX, Json, Recorder, record_row
from counterfoil.rights.correction import (
    Correction,
    CorrectionState,
    correction_row,
    corrections_where,
    deciding_row,
)
from counterfoil.rights.errors import (
    CaseNotFound,
    CorrectionDecided,
    CorrectionOpen,
    FieldUnknown,
    PaymentNotTheirs,
)
from counterfoil.rights.notice import NoticeKind
from counterfoil.rights.notices import Notices

_PAYMENT: Final = "payment:"
_CHECKING: Final = "The person contests this; it is being checked."


class Corrections:
    """The register of corrections."""

    def __init__(
        self,
        recorder: Recorder,
        database: Database,
        people: People,
        consent: Consent,
        ledger: Ledger,
        notices: Notices,
    ) -> None:
        self._recorder = recorder
        self._database = database
        self._people = people
        self._consent = consent
        self._ledger = ledger
        self._notices = notices

    def propose(
        self,
        request: RightsRequestId,
        subject: SubjectId,
        field: str,
        value: str,
        regimes: Iterable[Regime],
        *,
        restricts: bool = True,
    ) -> Correction:
        """Take down what a person says is right.

        `field` is `name`, `contact`, `fact:KIND:PURPOSE` or `payment:ID`, the ledger's id of a
        transfer; for a payment `value` says what is wrong with it. `restricts` restricts the
        contested data at once.

        Raises:
            FieldUnknown: nothing of theirs has that name.
            PaymentNotTheirs: the payment is on none of their accounts.
            PersonNotFound: there is no such person, or they have been erased.
            ValueUnusable: the value is empty, too long, or nothing is known there to correct.
            ReviewInvalid: no law that was named is about corrections.
            StoreConflict: a request with that id has been received.

        """
        category = self._category(subject, field)
        applying = list(regimes)

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            since_us = self._held_since(subject, field)
            content: dict[str, Json] = {"request": str(request), "field": field}
            restricting = self._consent.restrictions.placing_rows(
                _restriction(request, at_us), subject, category, Ground.ACCURACY,
                reason=_CHECKING, by="counterfoil", at_us=at_us,
            ) if restricts else ()  # fmt: skip
            return (
                *self._consent.rights.asking_rows(
                    request, subject, Right.CORRECTION, applying, at_us
                ),
                correction_row(request, subject, field, since_us, at_us),
                self._people.words.keep(request, subject, WordsKind.PROPOSAL, field, value, at_us),
                record_row("correction-proposed", subject, at_us, content),
                *restricting,
            )

        self._recorder.commit(attempt)
        return self.correction(request)

    def accept(self, request: RightsRequestId, *, by: str) -> Correction:
        """Let the proposed value count from now, and queue notices for who received the old one.

        A payment is undone by a correcting transfer.

        Raises:
            CaseNotFound: there is no such correction.
            CorrectionDecided: it has been decided already.
            ReviewInvalid: nobody answers for it.
            ContactTaken: somebody else has registered with the proposed contact.
            TransferRefused: the ledger cannot undo the payment, and says why; nothing was changed.

        """
        field = self._open(request).field
        if field.startswith(_PAYMENT):
            self._undo(request, TransferId(UUID(field.removeprefix(_PAYMENT))), by)
        else:
            self._recorder.commit(lambda at_us: self._accepting_rows(request, by, at_us))
        return self.correction(request)

    def refuse(self, request: RightsRequestId, *, by: str, reasons: str) -> Correction:
        """Leave the value as it is, with reasons.

        Raises:
            CaseNotFound: there is no such correction.
            CorrectionDecided: it has been decided already.
            ReviewInvalid: nobody answers for it, or no reasons are given.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            known = self._open(request)
            return (
                *self._answering_rows(known, State.REFUSED, by, reasons, at_us),
                self._people.words.drop(request),
            )

        self._recorder.commit(attempt)
        return self.correction(request)

    def dispute(self, request: RightsRequestId, statement: UUID, text: str) -> None:
        """Attach the person's statement to a value whose correction was refused, from now on.

        Raises:
            CaseNotFound: there is no such correction.
            CorrectionOpen: it was not refused.
            ValueUnusable: the text is empty or too long.
            StoreConflict: a statement with that id is attached already.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            known = self.correction(request)
            if known.state is not CorrectionState.REFUSED:
                raise CorrectionOpen(
                    _("Correction {request} was not refused; a dispute is noted once it is.",
                      request=request),
                    request=request,
                )  # fmt: skip
            content = {"request": str(request), "field": known.field, "statement": str(statement)}
            return (
                self._people.words.keep(
                    statement, known.subject, WordsKind.STATEMENT, known.field, text, at_us
                ),
                record_row("dispute", known.subject, at_us, content),
                *self._notices.queueing_rows(
                    NoticeKind.DISPUTE, known.subject, request, known.field,
                    category_of_field(known.field), since_us=to_us(known.held_since), at_us=at_us,
                ),
            )  # fmt: skip

        self._recorder.commit(attempt)

    def correction(self, request: RightsRequestId) -> Correction:
        """Tell a correction as it stands.

        Raises:
            CaseNotFound: there is none with that id.

        """
        found = corrections_where(self._database, "id = $1", (request.bytes,))
        if not found:
            raise CaseNotFound(
                _("There is no correction {request}.", request=request), request=request
            )
        return found[0]

    def of(self, subject: SubjectId) -> list[Correction]:
        """List a person's corrections, the oldest first."""
        return corrections_where(self._database, "subject = $1", (subject.bytes,))

    def _accepting_rows(
        self, request: RightsRequestId, by: str, at_us: int
    ) -> tuple[AttachedRow, ...]:
        known = self._open(request)
        content: dict[str, Json] = {"request": str(request), "field": known.field}
        return (
            *self._answering_rows(known, State.FULFILLED, by, "", at_us),
            *self._people.words.apply(request, known.subject, at_us),
            record_row("correction", known.subject, at_us, content),
            *self._telling_rows(known, at_us),
        )

    def _undo(self, request: RightsRequestId, payment: TransferId, by: str) -> None:
        undone = self._ledger.transfer(payment)
        for left in reversed(range(ATTEMPT_COUNT_MAX)):
            at_us = self._recorder.now_us()
            known = self._open(request)
            correcting = TransferId(derive_id("correction", request, at_us=to_us(known.opened_at)))
            content: dict[str, Json] = {
                "request": str(request),
                "field": known.field,
                "transfer": str(payment),
                "seq": undone.seq,
                "corrected_by": str(correcting),
            }
            rows = (
                *self._answering_rows(known, State.FULFILLED, by, "", at_us),
                self._people.words.drop(request),
                record_row("correction", known.subject, at_us, content),
                *self._telling_rows(known, at_us),
            )
            transfer = correcting_transfer(correcting, subject=payment, reference=request)
            try:
                self._ledger.post(transfer, rows=rows)
            except TransferRefused as refused:
                # Somebody wrote a record in between; any other refusal is the answer.
                if refused.refusal is not Refusal.ATTACHED_ROW_REFUSED or not left:
                    raise
            else:
                return

    def _answering_rows(
        self, known: Correction, state: State, by: str, reasons: str, at_us: int
    ) -> tuple[AttachedRow, ...]:
        decided = CorrectionState.ACCEPTED if state is State.FULFILLED else CorrectionState.REFUSED
        restriction = _restriction(known.id, to_us(known.opened_at))
        standing = {one.id for one in self._consent.restrictions.of(known.subject)}
        lifting = self._consent.restrictions.lifting_rows(
            restriction, by=by, reason="The check has ended.", at_us=at_us
        ) if restriction in standing else ()  # fmt: skip
        return (
            *self._consent.rights.answering_rows(
                known.id, state, by=by, reasons=reasons, at_us=at_us
            ),
            deciding_row(known.id, decided, by, reasons, at_us),
            *lifting,
        )

    def _telling_rows(self, known: Correction, at_us: int) -> tuple[AttachedRow, ...]:
        return self._notices.queueing_rows(
            NoticeKind.CORRECTION, known.subject, known.id, known.field,
            category_of_field(known.field), since_us=to_us(known.held_since), at_us=at_us,
        )  # fmt: skip

    def _open(self, request: RightsRequestId) -> Correction:
        known = self.correction(request)
        if known.state is not CorrectionState.OPEN:
            raise CorrectionDecided(
                _("Correction {request} was decided on {at}; propose another.",
                  request=request, at=known.decided_at),
                request=request,
            )  # fmt: skip
        return known

    def _category(self, subject: SubjectId, field: str) -> Category:
        try:
            category = category_of_field(field)
            if category is Category.PAYMENTS:
                self._check_payment(subject, UUID(field.removeprefix(_PAYMENT)))
        except (KeyError, ValueError) as error:
            raise _unknown(field) from error
        if category is Category.SCORE:
            raise _unknown(field)
        return category

    def _check_payment(self, subject: SubjectId, payment: UUID) -> None:
        transfer = self._ledger.transfer(TransferId(payment))
        theirs = self._people.accounts_of(subject)
        if transfer.debit_account not in theirs and transfer.credit_account not in theirs:
            raise PaymentNotTheirs(
                _("Payment {payment} is on none of this person's accounts.", payment=payment),
                payment=payment,
            )

    def _held_since(self, subject: SubjectId, field: str) -> int:
        if field.startswith(_PAYMENT):
            return to_us(self._ledger.transfer(TransferId(UUID(field[len(_PAYMENT) :]))).at)
        return self._people.words.held_since(subject, field)


def _restriction(request: RightsRequestId, opened_us: int) -> RestrictionId:
    return RestrictionId(derive_id("correction", request, at_us=opened_us))


def _unknown(field: str) -> FieldUnknown:
    return FieldUnknown(
        _("{field!r} is nothing that can be corrected; give name, contact, fact:KIND:PURPOSE or "
          "payment:ID. A decision is reviewed instead.", field=field),
        field=field,
    )  # fmt: skip
