"""The register of authorities' requests: courts, police, regulators.

A request names the authority, the article it rests on, the person, the data and the period. A
reviewer who is named too lets it through, narrows it or refuses it, with reasons. The person is told
at once what was asked and what was decided, unless a law that is cited by its article makes the
operator keep silent until a day; on that day they are told everything, the reads included. The
records are there, and sealed, from the first hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from counterfoil.consent import store
from counterfoil.consent.authority import (
    Authority,
    Outcome,
    Request,
    Review,
    Secrecy,
    TransparencyReport,
)
from counterfoil.consent.authority_store import (
    deciding_row,
    request_by_id,
    request_row,
    requests_received,
)
from counterfoil.consent.category import Category, codes
from counterfoil.consent.errors import NotFound, RequestDecided, ReviewInvalid
from counterfoil.consent.model import BasisId, BasisRow, RequestId, SubjectId
from counterfoil.consent.purpose import BasisKind, Purpose
from counterfoil.consent.purposes import Purposes
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.people import People
from counterfoil.people.records import Json, Recorder, moment, record_row


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """A request as it arrives."""

    id: RequestId
    authority: Authority
    article: str
    """The article of law it rests on."""
    subject: SubjectId
    categories: Category
    since: datetime
    until: datetime
    secrecy: Secrecy | None = None
    """The duty of silence that the authority cites."""


class Authorities:
    """The register, its reviews, and the report that is published about it."""

    def __init__(
        self, recorder: Recorder, database: Database, people: People, purposes: Purposes
    ) -> None:
        self._recorder = recorder
        self._database = database
        self._people = people
        self._purposes = purposes

    def enter(self, new: NewRequest) -> None:
        """Enter a request in the register; nothing is handed over by that.

        Raises:
            ReviewInvalid: it names no article, no data or no period, or a secrecy without a duty.
            PersonNotFound: there is no such person.
            StoreConflict: one with that id has been entered.

        """
        _check_request(new, self._recorder.now_us())
        self._people.registration(new.subject)

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            told_from = to_us(new.secrecy.until) if new.secrecy else 0
            content: dict[str, Json] = {
                "request": str(new.id),
                "authority": new.authority.name,
                "article": new.article,
                "categories": codes(new.categories),
                "since": moment(to_us(new.since)),
                "until": moment(to_us(new.until)),
                "secrecy": _secrecy_content(new.secrecy),
            }
            return (
                request_row(
                    new.id, new.authority, new.article, new.subject, new.categories,
                    to_us(new.since), to_us(new.until), new.secrecy, at_us,
                ),
                record_row("authority-request", new.subject, at_us, content,
                           told_from_us=told_from),
            )  # fmt: skip

        self._recorder.commit(attempt)

    def decide(self, request: RequestId, review: Review, order: BasisId | None = None) -> Request:
        """Let a request through, narrow it or refuse it.

        `order` is the id of the basis that is made unless it is refused; reads on it go through the
        gate as all others do.

        Raises:
            NotFound: there is no such request.
            RequestDecided: it has been decided already.
            ReviewInvalid: no reviewer, no reasons, or more than was asked.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            known = self.request(request)
            if known.outcome is not Outcome.OPEN:
                raise RequestDecided(
                    _("Request {request} was decided on {at}; enter a new one.",
                      request=request, at=known.decided_at),
                    request=request,
                )  # fmt: skip
            outcome = _outcome(known, review, order, at_us)
            told_from = to_us(known.secrecy.until) if known.secrecy and review.keeps_secret else 0
            content: dict[str, Json] = {
                "request": str(request),
                "authority": known.authority.name,
                "article": known.article,
                "outcome": outcome.value,
                "reviewer": review.reviewer,
                "reasons": review.reasons,
                "categories": codes(review.categories),
                "since": moment(to_us(review.since)) if review.since else None,
                "until": moment(to_us(review.until)) if review.until else None,
                "told_from": moment(max(told_from, at_us)),
            }
            rows = [
                deciding_row(request, outcome, review, at_us),
                record_row("authority-decision", known.subject, at_us, content,
                           told_from_us=told_from),
            ]  # fmt: skip
            if outcome is not Outcome.REFUSED and order is not None:
                rows.append(store.basis_row(self._order(known, review, order, at_us, told_from)))
            return rows

        self._recorder.commit(attempt)
        return self.request(request)

    def _order(
        self, known: Request, review: Review, order: BasisId, at_us: int, told_from_us: int
    ) -> BasisRow:
        assert review.since is not None
        assert review.until is not None
        assert review.valid_until is not None
        return BasisRow(
            id=order,
            kind=BasisKind.AUTHORITY_ORDER,
            subject=known.subject,
            purpose=Purpose.COMPLY_WITH_LAW,
            version=self._purposes.running_version(Purpose.COMPLY_WITH_LAW),
            categories=review.categories,
            source=f"{known.authority.name}: {known.article}",
            starts_at=at_us,
            expires_at=to_us(review.valid_until),
            told_from=told_from_us,
            data_since=to_us(review.since),
            data_until=to_us(review.until),
        )

    def request(self, request: RequestId) -> Request:
        """Tell a request as it stands.

        Raises:
            NotFound: there is none with that id.

        """
        found = request_by_id(self._database, request)
        if found is None:
            raise NotFound(_("There is no request {request}.", request=request), request=request)
        return found

    def open_requests(self) -> list[Request]:
        """List what waits to be reviewed, the oldest first."""
        every = requests_received(self._database, 0, self._recorder.now_us() + 1)
        return [one for one in every if one.outcome is Outcome.OPEN]

    def report(self, since: datetime, until: datetime) -> TransparencyReport:
        """Count the requests received in a half-open period; it names no person."""
        now = from_us(self._recorder.now_us())
        return TransparencyReport.of(
            requests_received(self._database, to_us(since), to_us(until)), since, until, now
        )


def _check_request(new: NewRequest, now_us: int) -> None:
    if not new.article.strip() or not new.authority.name.strip():
        raise ReviewInvalid(_("A request names the authority and the article that it rests on."))
    if not new.categories or new.until <= new.since:
        raise ReviewInvalid(_("A request names the data it asks for, and a period."))
    if new.secrecy and (not new.secrecy.article.strip() or to_us(new.secrecy.until) <= now_us):
        raise ReviewInvalid(
            _("Secrecy rests on an article of law and ends on a day to come; name both.")
        )


def _outcome(known: Request, review: Review, order: BasisId | None, at_us: int) -> Outcome:
    """Hold a review against the request, and say what it comes to."""
    if not review.reviewer.strip() or not review.reasons.strip():
        raise ReviewInvalid(_("A review names the reviewer and gives reasons."))
    if not review.categories:
        return Outcome.REFUSED
    since, until, valid_until = review.since, review.until, review.valid_until
    if order is None or since is None or until is None or valid_until is None:
        raise ReviewInvalid(
            _(
                "What is allowed names the data's period, until when it may be read, and an order id."
            )
        )
    is_within = known.since <= since < until <= known.until
    if review.categories & ~known.categories or not is_within or to_us(valid_until) <= at_us:
        raise ReviewInvalid(
            _("A review narrows: it allows no data and no period that was not asked for.")
        )
    is_whole = (review.categories, since, until) == (known.categories, known.since, known.until)
    return Outcome.ALLOWED if is_whole else Outcome.NARROWED


def _secrecy_content(secrecy: Secrecy | None) -> Json:
    if secrecy is None:
        return None
    return {"article": secrecy.article, "until": moment(to_us(secrecy.until))}
