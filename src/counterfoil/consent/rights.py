"""Requests of persons about their data, each with a clock that starts when it is received."""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from counterfoil.consent.errors import (
    ExtensionNotPermitted,
    NotFound,
    RequestDecided,
    ReviewInvalid,
)
from counterfoil.consent.model import RightsRequestId, SubjectId
from counterfoil.consent.right import (
    DEADLINES,
    Regime,
    Right,
    RightsRequest,
    State,
    governing,
)
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database, Value
from counterfoil.kernel.i18n import _
from counterfoil.people import People
from counterfoil.people.records import Json, Recorder, moment, record_row

ESCALATION: Final = "the data protection authority; court"
"""Where a person can turn when they are refused (PIPL 50, GDPR 12(4)); named in each answer."""

_COLUMNS = (
    "id, subject, right_asked, regime, received_at, due_at, extended_at, extension_reason, state, "
    "reasons, answered_by, answered_at"
)


class Rights:
    """The register of persons' requests."""

    def __init__(self, recorder: Recorder, database: Database, people: People) -> None:
        self._recorder = recorder
        self._database = database
        self._people = people

    def ask(
        self,
        request: RightsRequestId,
        subject: SubjectId,
        right: Right,
        regimes: Iterable[Regime],
    ) -> RightsRequest:
        """Receive a request; of the laws that apply, the one with the shortest deadline governs.

        Raises:
            PersonNotFound: there never was such a person.
            ReviewInvalid: no law that was named is about this right.
            StoreConflict: one with that id has been received.

        """
        self._people.registration(subject)
        applying = list(regimes)
        self._recorder.commit(
            lambda at_us: self.asking_rows(request, subject, right, applying, at_us)
        )
        return self.request(request)

    def asking_rows(
        self,
        request: RightsRequestId,
        subject: SubjectId,
        right: Right,
        regimes: Iterable[Regime],
        at_us: int,
    ) -> tuple[AttachedRow, ...]:
        """Make the rows that receive a request, to stand or fall with others.

        Raises:
            ReviewInvalid: no law that was named is about this right.

        """
        try:
            regime, due_at = governing(regimes, right, from_us(at_us))
        except ValueError as error:
            raise ReviewInvalid(
                _("None of these laws is about {right}; name one that is.", right=right.value)
            ) from error
        content: dict[str, Json] = {
            "request": str(request),
            "right": right.value,
            "regime": regime.value,
            "article": DEADLINES[regime].article,
            "due_at": moment(to_us(due_at)),
        }
        return (
            AttachedRow(
                "INSERT INTO rights_requests (id, subject, right_asked, regime, received_at, "
                "due_at, extended_at, extension_reason, state, reasons, answered_by, "
                "answered_at) VALUES ($1, $2, $3, $4, $5, $6, 0, '', 'open', '', '', 0)",
                (request.bytes, subject.bytes, right.value, regime.value, at_us, to_us(due_at)),
            ),
            record_row("rights-request", subject, at_us, content),
        )

    def extend(self, request: RightsRequestId, reason: str) -> RightsRequest:
        """Put the due date off as far as the law allows, once, and tell the person why.

        Raises:
            NotFound: there is no such request.
            RequestDecided: it has been answered.
            ExtensionNotPermitted: the law knows none, it is too late, or no reason is given.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            known = self.require_open(request)
            extension = DEADLINES[known.regime].extension
            is_late = at_us > to_us(known.due_at)
            if extension is None or known.extended_at or is_late or not reason.strip():
                raise ExtensionNotPermitted(
                    _(
                        "{article} lets a due date be put off once at most, with a reason told "
                        "before the first has passed; this one stays {due_at}.",
                        article=known.article,
                        due_at=known.due_at,
                    ),
                    request=request,
                )
            due_us = to_us(extension.after(known.due_at))
            content = {"request": str(request), "due_at": moment(due_us), "reason": reason}
            return (
                AttachedRow(
                    "UPDATE rights_requests SET due_at = $1, extended_at = $2, "
                    "extension_reason = $3 WHERE id = $4 AND state = 'open' AND extended_at = 0",
                    (due_us, at_us, reason, request.bytes),
                ),
                record_row("rights-extension", known.subject, at_us, content),
            )

        self._recorder.commit(attempt)
        return self.request(request)

    def answer(
        self, request: RightsRequestId, state: State, *, by: str, reasons: str
    ) -> RightsRequest:
        """Answer a request: fulfilled, in part, refused, or the same as an earlier one.

        Raises:
            NotFound: there is no such request.
            RequestDecided: it has been answered already.
            ReviewInvalid: nobody answers for it, or what is not fulfilled has no reasons.

        """
        self._recorder.commit(
            lambda at_us: self.answering_rows(request, state, by=by, reasons=reasons, at_us=at_us)
        )
        return self.request(request)

    def answering_rows(
        self, request: RightsRequestId, state: State, *, by: str, reasons: str, at_us: int
    ) -> tuple[AttachedRow, ...]:
        """Make the rows that answer a request, to stand or fall with what fulfills it.

        Raises:
            NotFound: there is no such request.
            RequestDecided: it has been answered already.
            ReviewInvalid: nobody answers for it, or what is not fulfilled has no reasons.

        """
        if state is State.OPEN or not by.strip():
            raise ReviewInvalid(_("An answer says what became of the request, and who answers."))
        if state is not State.FULFILLED and not reasons.strip():
            raise ReviewInvalid(_("What is not fulfilled in whole is answered with reasons."))
        known = self.require_open(request)
        content: dict[str, Json] = {
            "request": str(request),
            "right": known.right.value,
            "answer": state.value,
            "by": by,
            "reasons": reasons,
            "due_at": moment(to_us(known.due_at)),
            "escalation": ESCALATION,
        }
        return (
            AttachedRow(
                "UPDATE rights_requests SET state = $1, answered_by = $2, reasons = $3, "
                "answered_at = $4 WHERE id = $5 AND state = 'open'",
                (state.value, by, reasons, at_us, request.bytes),
            ),
            record_row("rights-answer", known.subject, at_us, content),
        )

    def request(self, request: RightsRequestId) -> RightsRequest:
        """Tell a request as it stands.

        Raises:
            NotFound: there is none with that id.

        """
        found = self._read("WHERE id = $1", (request.bytes,))
        if not found:
            raise NotFound(_("There is no request {request}.", request=request), request=request)
        return found[0]

    def requests_of(self, subject: SubjectId) -> list[RightsRequest]:
        """List a person's requests, the oldest first."""
        return self._read("WHERE subject = $1 ORDER BY received_at, id", (subject.bytes,))

    def due_soon(self) -> list[RightsRequest]:
        """List what waits and is due within a week, or is overdue; the most urgent first."""
        now = from_us(self._recorder.now_us())
        waiting = self._read("WHERE state = 'open' ORDER BY due_at, id", ())
        return [one for one in waiting if one.is_due_soon_at(now)]

    def overdue(self) -> list[RightsRequest]:
        """List what should have been answered by now; the longest overdue first."""
        now = from_us(self._recorder.now_us())
        return [one for one in self.due_soon() if one.is_overdue_at(now)]

    def require_open(self, request: RightsRequestId) -> RightsRequest:
        """Insist that a request waits for its answer, and tell it.

        Raises:
            NotFound: there is no such request.
            RequestDecided: it has been answered already.

        """
        known = self.request(request)
        if known.state is not State.OPEN:
            raise RequestDecided(
                _("Request {request} was decided on {at}; enter a new one.",
                  request=request, at=known.answered_at),
                request=request,
            )  # fmt: skip
        return known

    def _read(self, condition: str, parameters: tuple[Value, ...]) -> list[RightsRequest]:
        found = self._database.query(
            f"SELECT {_COLUMNS} FROM rights_requests {condition}",  # noqa: S608
            parameters,
        )
        return [_request(row) for row in found.to_pylist()]


def _request(row: dict[str, Any]) -> RightsRequest:
    return RightsRequest(
        id=RightsRequestId(UUID(bytes=row["id"])),
        subject=SubjectId(UUID(bytes=row["subject"])),
        right=Right(row["right_asked"]),
        regime=Regime(row["regime"]),
        received_at=from_us(row["received_at"]),
        due_at=from_us(row["due_at"]),
        extended_at=from_us(row["extended_at"]) if row["extended_at"] else None,
        extension_reason=row["extension_reason"],
        state=State(row["state"]),
        reasons=row["reasons"],
        answered_by=row["answered_by"],
        answered_at=from_us(row["answered_at"]) if row["answered_at"] else None,
    )
