"""The outbox: who must be told what, who has been, and who has said so.

A notice is queued in the same commit as what it is about, so none is forgotten; it is handed over by
`deliver`, at least once; whoever got it acknowledges it. The person sees who was told, but for what
a duty of silence still covers. Reminders of requests that are due go the same way, to the operator's
officer, once before the day and once after it.
"""

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from counterfoil.consent import Category, Consent, Recipient, RecipientKind, Rights, SubjectId
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import derive_id
from counterfoil.people.records import Json, Recorder, moment, record_row
from counterfoil.rights.delivery import Delivery
from counterfoil.rights.errors import CaseNotFound
from counterfoil.rights.notice import (
    NOTICE_LIMIT,
    REMINDERS,
    Notice,
    NoticeId,
    NoticeKind,
    NoticeState,
)
from counterfoil.rights.notice_store import (
    acknowledged_row,
    notice_row,
    notices_where,
    told_row,
)

RecipientSource = Callable[[SubjectId, Category, int], Sequence[Recipient]]
"""Finds who holds some of a person's data: whose, what, received since when (microseconds)."""

_OFFICER: Final = Recipient(RecipientKind.OFFICER, UUID(int=0), "officer")


class Notices:
    """The outbox of one operator."""

    def __init__(
        self,
        recorder: Recorder,
        database: Database,
        consent: Consent,
        more: Sequence[RecipientSource] = (),
    ) -> None:
        """`more` are further sources of recipients, such as a register of copies."""
        self._recorder = recorder
        self._database = database
        self._consent = consent
        self._more = tuple(more)

    def queueing_rows(
        self,
        kind: NoticeKind,
        subject: SubjectId,
        about: UUID,
        field: str,
        categories: Category,
        *,
        since_us: int,
        at_us: int,
    ) -> tuple[AttachedRow, ...]:
        """Make the rows that queue a notice for whoever received the data since an instant."""
        recipients = [
            *self._consent.recipients_of(subject, categories, from_us(since_us)),
            *(one for source in self._more for one in source(subject, categories, since_us)),
        ]
        due_us = to_us(NOTICE_LIMIT.after(from_us(at_us)))
        return tuple(
            notice_row(
                NoticeId(derive_id(kind, about, one.kind, one.id, at_us=at_us)),
                kind, subject, about, field, one, at_us, due_us,
            )
            for one in recipients
        )  # fmt: skip

    def remind(self) -> list[Notice]:
        """Queue a reminder for each request that is due soon or overdue, once each; list them."""
        rights: Rights = self._consent.rights
        made: list[NoticeId] = []

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            made.clear()
            rows: list[AttachedRow] = []
            for request in rights.due_soon():
                is_late = request.is_overdue_at(from_us(at_us))
                kind = NoticeKind.OVERDUE if is_late else NoticeKind.DUE_SOON
                due_us = to_us(request.due_at)
                # A due date that was put off is reminded of anew.
                reminder = NoticeId(derive_id(kind, request.id, at_us=due_us))
                if notices_where(self._database, "id = $1", (reminder.bytes,)):
                    continue
                made.append(reminder)
                rows.append(
                    notice_row(reminder, kind, request.subject, request.id, request.right.value,
                               _OFFICER, at_us, due_us)
                )  # fmt: skip
            return rows

        self._recorder.commit(attempt)
        return [self.notice(one) for one in made]

    def deliver(self, delivery: Delivery) -> list[Notice]:
        """Hand over all that waits, and list it; what fails stays, and is asked again next time.

        Raises:
            DeliveryFailed: one could not be handed over; those before it are marked.

        """
        return [self._told(one, delivery.deliver(one)) for one in self.waiting()]

    def acknowledge(self, notice: NoticeId, *, by: str) -> Notice:
        """Note that a recipient says it has received a notice; saying so twice changes nothing.

        Raises:
            CaseNotFound: no such notice has been told.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            known = self.notice(notice)
            if known.state is NoticeState.QUEUED or not by.strip():
                raise CaseNotFound(
                    _("Notice {notice} has not been told yet, or nobody acknowledges it.",
                      notice=notice),
                    notice=notice,
                )  # fmt: skip
            if known.state is NoticeState.ACKNOWLEDGED:
                return ()
            return (
                acknowledged_row(notice, by, at_us),
                *_records("notice-acknowledged", known, {"by": by}, at_us),
            )

        self._recorder.commit(attempt)
        return self.notice(notice)

    def notice(self, notice: NoticeId) -> Notice:
        """Tell a notice as it stands.

        Raises:
            CaseNotFound: there is none with that id.

        """
        found = notices_where(self._database, "id = $1", (notice.bytes,))
        if not found:
            raise CaseNotFound(_("There is no notice {notice}.", notice=notice), notice=notice)
        return found[0]

    def of(self, subject: SubjectId) -> list[Notice]:
        """List who was and will be told about a person, as that person may know it now."""
        return notices_where(
            self._database,
            "subject = $1 AND told_from <= $2 AND recipient_kind <> 'officer'",
            (subject.bytes, self._recorder.now_us()),
        )

    def waiting(self) -> list[Notice]:
        """List what is to be told, the most urgent first."""
        return notices_where(self._database, "told_at = 0")

    def overdue(self) -> list[Notice]:
        """List what recipients should have been told by now."""
        now = from_us(self._recorder.now_us())
        return [
            one for one in self.waiting() if one.kind not in REMINDERS and one.is_overdue_at(now)
        ]

    def _told(self, notice: Notice, where: str) -> Notice:
        def attempt(at_us: int) -> Sequence[AttachedRow]:
            if self.notice(notice.id).state is not NoticeState.QUEUED:
                return ()
            return (
                told_row(notice.id, where, at_us),
                *_records("notice-told", notice, {"where": where}, at_us),
            )

        self._recorder.commit(attempt)
        return self.notice(notice.id)


def _records(
    kind: str, notice: Notice, more: dict[str, Json], at_us: int
) -> tuple[AttachedRow, ...]:
    if notice.kind in REMINDERS:  # the operator's own affair
        return ()
    content: dict[str, Json] = {
        "notice": str(notice.id),
        "about": notice.kind.value,
        "field": notice.field,
        "recipient": notice.recipient_name,
        "due_at": moment(to_us(notice.due_at)),
        **more,
    }
    told_from = to_us(notice.told_from)
    return (record_row(kind, notice.subject, at_us, content, told_from_us=told_from),)
