"""Who may collect or query: registered, and certified for one purpose until an instant.

A certificate is checked at each query. One that asks for what it does not cover is suspended by the
gate; whoever examines the case lets it be used again, with a reason that is recorded.
"""

from collections.abc import Sequence
from datetime import datetime

from counterfoil.consent import collector_store
from counterfoil.consent.category import Category, codes, in_words
from counterfoil.consent.errors import GrantNotPermitted, NotFound, ReasonMissing
from counterfoil.consent.model import (
    CERTIFIABLE,
    Certificate,
    CertificateId,
    CollectorId,
    CollectorKind,
)
from counterfoil.consent.purpose import DEFINITIONS, Purpose
from counterfoil.kernel.clock import to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.people.records import Recorder, moment, record_row


class Collectors:
    """The register of collectors and their certificates."""

    def __init__(self, recorder: Recorder, database: Database) -> None:
        self._recorder = recorder
        self._database = database

    def register(self, collector: CollectorId, kind: CollectorKind, name: str) -> None:
        """Register a collector under the name that people will read.

        Raises:
            StoreConflict: one with that id is registered already.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            content = {"collector": str(collector), "collector_kind": kind.value, "name": name}
            return (
                collector_store.collector_row(collector, kind, name, at_us),
                record_row("collector", None, at_us, content),
            )

        self._recorder.commit(attempt)

    def certify(
        self,
        certificate: CertificateId,
        collector: CollectorId,
        purpose: Purpose,
        categories: Category,
        *,
        until: datetime,
    ) -> Certificate:
        """Certify a collector to read some categories for one purpose until an instant.

        Raises:
            NotFound: there is no such collector.
            GrantNotPermitted: its kind cannot have this, or the end has passed.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            known = collector_store.collector_by_id(self._database, collector)
            if known is None:
                raise NotFound(
                    _("There is no collector {collector}.", collector=collector),
                    collector=collector,
                )
            self._check(known[0], purpose, categories, to_us(until) > at_us)
            content = {
                "certificate": str(certificate),
                "collector": str(collector),
                "purpose": purpose.value,
                "categories": codes(categories),
                "expires_at": moment(to_us(until)),
            }
            return (
                collector_store.certificate_row(certificate, collector, purpose, categories, at_us,
                                      to_us(until)),
                record_row("certificate", None, at_us, content),
            )  # fmt: skip

        self._recorder.commit(attempt)
        return self.certificate(certificate)

    def _check(
        self, kind: CollectorKind, purpose: Purpose, categories: Category, ends_later: bool  # noqa: FBT001
    ) -> None:  # fmt: skip
        allowed = DEFINITIONS[purpose].categories
        refusal = None
        if purpose not in CERTIFIABLE[kind]:
            refusal = _("A {kind} is certified for {purposes} and for nothing else.",
                        kind=kind.value, purposes=", ".join(sorted(CERTIFIABLE[kind])))  # fmt: skip
        elif not categories or categories & ~allowed:
            refusal = _("Purpose {purpose} needs {needed}; ask for that and nothing else.",
                        purpose=purpose.value, needed=in_words(allowed))  # fmt: skip
        elif not ends_later:
            refusal = _("A certificate ends later than now.")
        if refusal:
            raise GrantNotPermitted(refusal, purpose=purpose.value)

    def suspend(self, certificate: CertificateId, reason: str) -> None:
        """Suspend a certificate at once; suspending twice changes nothing.

        Raises:
            NotFound: there is no such certificate.
            ReasonMissing: no reason is given.

        """
        self._change(certificate, reason, is_suspension=True)

    def reinstate(self, certificate: CertificateId, reason: str) -> None:
        """Let a suspended certificate be used again, after the case was examined.

        Raises:
            NotFound: there is no such certificate.
            ReasonMissing: no reason is given.

        """
        self._change(certificate, reason, is_suspension=False)

    def _change(self, certificate: CertificateId, reason: str, *, is_suspension: bool) -> None:
        if not reason.strip():
            raise ReasonMissing(_("Say why; it is recorded."))

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            known = self.certificate(certificate)
            if (known.suspended_at is not None) == is_suspension:
                return ()
            kind = "suspension" if is_suspension else "reinstatement"
            content = {"certificate": str(certificate), "reason": reason}
            return (
                collector_store.suspending_row(certificate, at_us if is_suspension else 0),
                record_row(kind, None, at_us, content),
            )

        self._recorder.commit(attempt)

    def certificate(self, certificate: CertificateId) -> Certificate:
        """Tell a certificate as it stands.

        Raises:
            NotFound: there is none with that id.

        """
        found = collector_store.certificate_by_id(self._database, certificate)
        if found is None:
            raise NotFound(
                _("There is no certificate {certificate}.", certificate=certificate),
                certificate=certificate,
            )
        return found

    def certificate_for(self, collector: CollectorId, purpose: Purpose) -> Certificate | None:
        """Find a collector's certificate for a purpose that can be used now; None: it has none."""
        found = collector_store.usable_certificate(
            self._database, collector, purpose, self._recorder.now_us()
        )
        return None if found is None else self.certificate(found)

    def own_certificate(self, purpose: Purpose) -> Certificate | None:
        """Find a certificate of the operator's own for a purpose that can be used now."""
        found = collector_store.own_certificate(self._database, purpose, self._recorder.now_us())
        return None if found is None else self.certificate(found)
