"""Starting and stopping purposes: nothing is granted or read for one that does not run.

To start a purpose is to publish its notice, as it is shown, in every language, and to show that the
impact assessment that PIPL 55 asks for has been made. A new version of the notice starts it anew,
and from then on grants under the old text carry nothing.
"""

from collections.abc import Sequence
from uuid import UUID

from counterfoil.consent import store
from counterfoil.consent.errors import AssessmentMissing, PurposeNotStarted
from counterfoil.consent.notice import LANGUAGES, Notice, Operator, language_for, notice
from counterfoil.consent.purpose import DEFINITIONS, Purpose
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.people.records import Recorder, record_row


class Purposes:
    """Which purposes run, at which version of their notice."""

    def __init__(self, recorder: Recorder, database: Database) -> None:
        self._recorder = recorder
        self._database = database

    def assess(self, assessment: UUID, purpose: Purpose, *, by: str, text: str) -> None:
        """Store an impact assessment of a purpose at its current version.

        `text` answers what PIPL 56 asks: legality and necessity, effect and risk, protection.

        Raises:
            AssessmentMissing: the text is empty.
            StoreConflict: an assessment with that id is stored already.

        """
        if not text.strip() or not by.strip():
            raise AssessmentMissing(
                _("An impact assessment says who made it and what it found; give both.")
            )
        version = DEFINITIONS[purpose].version

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            content = {"assessment": str(assessment), "purpose": purpose.value, "version": version,
                       "by": by}  # fmt: skip
            return (
                store.assessment_row(assessment, purpose, version, by, text, at_us),
                record_row("assessment", None, at_us, content),
            )

        self._recorder.commit(attempt)

    def start(self, purpose: Purpose, operator: Operator) -> None:
        """Publish a purpose's notices and let it run; starting what runs as it is does nothing.

        Raises:
            AssessmentMissing: it needs an impact assessment for this version, and none is stored.

        """
        definition = DEFINITIONS[purpose]
        notices = [notice(purpose, language, operator) for language in LANGUAGES]

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            if definition.needs_assessment and not store.has_assessment(
                self._database, purpose, definition.version
            ):
                raise AssessmentMissing(
                    _(
                        "Purpose {purpose} is sensitive, automated or shared and needs an impact "
                        "assessment of version {version} first (PIPL 55).",
                        purpose=purpose.value,
                        version=definition.version,
                    ),
                    purpose=purpose.value,
                )
            stored = store.notices_of(self._database, purpose, definition.version)
            # The latest published stands last.
            shown = {one.language: digest for digest, one in stored}
            running = store.running_version(self._database, purpose)
            if running == definition.version and shown == {
                one.language: one.hash for one in notices
            }:
                return ()
            content = {
                "purpose": purpose.value,
                "version": definition.version,
                "notices": {one.language: one.hash.hex() for one in notices},
            }
            return (
                *store.purpose_rows(notices, at_us),
                record_row("purpose-started", None, at_us, content),
            )

        self._recorder.commit(attempt)

    def stop(self, purpose: Purpose) -> None:
        """Let a purpose run no more: every basis for it carries nothing from now on.

        Raises:
            PurposeNotStarted: it does not run.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            self.running_version(purpose)
            return (
                store.stopping_row(purpose, at_us),
                record_row("purpose-stopped", None, at_us, {"purpose": purpose.value}),
            )

        self._recorder.commit(attempt)

    def running_version(self, purpose: Purpose) -> int:
        """Tell the version of the notice under which a purpose runs.

        Raises:
            PurposeNotStarted: it does not run.

        """
        version = store.running_version(self._database, purpose)
        if version is None:
            raise PurposeNotStarted(
                _(
                    "Purpose {purpose} does not run. The operator starts it by publishing its "
                    "notice.",
                    purpose=purpose.value,
                ),
                purpose=purpose.value,
            )
        return version

    def notice(self, purpose: Purpose, locale: str) -> Notice:
        """Give the notice in force, in the reader's language, word for word as it was published.

        Raises:
            PurposeNotStarted: the purpose does not run.

        """
        stored = store.notices_of(self._database, purpose, self.running_version(purpose))
        # The latest published stands last: the operator's name may have changed.
        return {one.language: one for _digest, one in stored}[language_for(locale)]

    def notice_by_hash(self, purpose: Purpose, hash: bytes) -> Notice | None:  # noqa: A002
        """Find a notice among those in force by the hash of its text; None for any other."""
        version = self.running_version(purpose)
        stored = store.notices_of(self._database, purpose, version)
        return next((one for known, one in stored if known == hash), None)
