"""Reviews: a human, by name and with reasons, looks at what a program decided about a person.

`require_decided` is for whoever makes a decision final: no adverse result stands without a human who
has looked at it, once the person has asked for one (GDPR 22(3), C-634/21).
"""

from collections.abc import Sequence

from counterfoil.consent import standing_store
from counterfoil.consent.errors import HumanNeeded, NotFound, RequestDecided, ReviewInvalid
from counterfoil.consent.model import SubjectId
from counterfoil.consent.purpose import Purpose
from counterfoil.consent.standing import REVIEW_LIMIT, HumanReview, ReviewId, ReviewState
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.people import People, WordsKind
from counterfoil.people.records import Json, Recorder, moment, record_row


class Reviews:
    """The register of cases for humans."""

    def __init__(self, recorder: Recorder, database: Database, people: People) -> None:
        self._recorder = recorder
        self._database = database
        self._people = people

    def open(
        self, review: ReviewId, subject: SubjectId, purpose: Purpose, matter: str
    ) -> HumanReview:
        """Open a review of a decision that the person contests.

        Raises:
            PersonNotFound: there never was such a person.
            StoreConflict: one with that id is open already.

        """
        self._people.registration(subject)
        self._recorder.commit(
            lambda at_us: self.opening_rows(review, subject, purpose, matter, at_us)
        )
        return self.review(review)

    def opening_rows(
        self, review: ReviewId, subject: SubjectId, purpose: Purpose, matter: str, at_us: int
    ) -> Sequence[AttachedRow]:
        """Make the rows that open a review, to stand or fall with others."""
        opened = HumanReview(
            id=review,
            subject=subject,
            purpose=purpose,
            matter=matter,
            opened_at=from_us(at_us),
            due_at=REVIEW_LIMIT.after(from_us(at_us)),
            state=ReviewState.OPEN,
            reviewer="",
            reasons="",
            decided_at=None,
        )
        content: dict[str, Json] = {
            "review": str(review),
            "purpose": purpose.value,
            "matter": matter,
            "due_at": moment(to_us(opened.due_at)),
        }
        return (
            standing_store.review_row(opened),
            record_row("review", subject, at_us, content),
        )

    def say(self, review: ReviewId, text: str) -> None:
        """Take down the person's own point of view, sealed with their key (GDPR 22(3)).

        Raises:
            NotFound: there is no such review.
            RequestDecided: it has been decided.
            ValueUnusable: the text is empty or too long.
            StoreConflict: they have said it already.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            known = self._open(review)
            return (
                self._people.words.keep(
                    review, known.subject, WordsKind.STATEMENT, f"score:{review}", text, at_us
                ),
                record_row("review-heard", known.subject, at_us, {"review": str(review)}),
            )

        self._recorder.commit(attempt)

    def decide(
        self, review: ReviewId, state: ReviewState, *, reviewer: str, reasons: str
    ) -> HumanReview:
        """Decide a review: the decision is upheld or changed, with reasons.

        Raises:
            NotFound: there is no such review.
            RequestDecided: it has been decided already.
            ReviewInvalid: no reviewer, no reasons or no decision.

        """
        if state is ReviewState.OPEN or not reviewer.strip() or not reasons.strip():
            raise ReviewInvalid(_("A review names the reviewer and gives reasons."))

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            known = self._open(review)
            content = {
                "review": str(review),
                "purpose": known.purpose.value,
                "matter": known.matter,
                "decision": state.value,
                "reviewer": reviewer,
                "reasons": reasons,
            }
            return (
                standing_store.reviewed_row(review, state, reviewer, reasons, at_us),
                record_row("review-decided", known.subject, at_us, content),
            )

        self._recorder.commit(attempt)
        return self.review(review)

    def review(self, review: ReviewId) -> HumanReview:
        """Tell a review as it stands.

        Raises:
            NotFound: there is none with that id.

        """
        found = standing_store.reviews_where(self._database, "id = $1", (review.bytes,))
        if not found:
            raise NotFound(_("There is no review {review}.", review=review), review=review)
        return found[0]

    def of(self, subject: SubjectId) -> list[HumanReview]:
        """List a person's reviews."""
        return standing_store.reviews_where(self._database, "subject = $1", (subject.bytes,))

    def waiting(self) -> list[HumanReview]:
        """List what waits for a human, the most urgent first."""
        return standing_store.reviews_where(self._database, "state = 'open'", ())

    def require_decided(self, review: ReviewId) -> HumanReview:
        """Insist that a human has decided; give what they decided.

        Raises:
            NotFound: there is no such review.
            HumanNeeded: nobody has, so nothing is final yet.

        """
        known = self.review(review)
        if known.state is ReviewState.OPEN:
            raise HumanNeeded(
                _("Review {review} waits for a human; until then nothing is final.", review=review),
                review=review,
            )
        return known

    def _open(self, review: ReviewId) -> HumanReview:
        known = self.review(review)
        if known.state is not ReviewState.OPEN:
            raise RequestDecided(
                _("Review {review} was decided on {at}; open a new one.",
                  review=review, at=known.decided_at),
                review=review,
            )  # fmt: skip
        return known
