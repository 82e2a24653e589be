"""Whom money would go to: the registered name, in part, read through the gate on their contract.

Who pays has to recognize who is paid; whoever types numbers must not collect names by it. So a family
name is hidden but for its first letter, each look is in the record of whoever was looked at, and one
person looks at no more than a few dozen in an hour.
"""

from datetime import timedelta
from typing import Final

from counterfoil.bootstrap import Site
from counterfoil.consent import (
    Category,
    CertificateId,
    CollectorId,
    CollectorKind,
    GrantMissing,
    Purpose,
)
from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import derive_id
from counterfoil.people import PersonId, ValueUnusable
from counterfoil.web.briefly import Briefly

LOOKS_MAX: Final = 40
WITHIN: Final = timedelta(hours=1)
REASON: Final = "Somebody is about to send you money, and checks that it is you."
_COLLECTOR: Final = CollectorId(derive_id("collector", "sending", at_us=0))
_CERTIFIED: Final = timedelta(days=400)


class Recipients:
    """Shows names in part."""

    def __init__(self, site: Site, clock: Clock) -> None:
        self._site, self._clock = site, clock
        self._looks: Briefly[PersonId, int] = Briefly(clock, WITHIN)
        self._certified: CertificateId | None = None

    def shown(self, looker: PersonId, person: PersonId) -> str:
        """Show somebody's registered name in part; empty, if they have no contract to read it on.

        Raises:
            ValueUnusable: the looker has looked at too many.

        """
        looks = self._looks.look(looker) or 0
        if looks >= LOOKS_MAX:
            raise ValueUnusable(_("You have looked up too many people. Try again in an hour."))
        self._looks.keep(looker, looks + 1)
        consent = self._site.consent
        with self._site.wallets.accounts.people_lock:
            try:
                basis = consent.bases.on_contract(person)
            except GrantMissing:
                return ""
            with consent.gate.read(
                basis, who=self._certificate(), categories=Category.NAME, reason=REASON
            ) as access:
                names = access.rows(self._site.readers.name)
        return recognizable(names[0]) if names else ""

    def _certificate(self) -> CertificateId:
        """Give the certificate of this page for this year; make it where it is not there."""
        now = from_us(self._clock.now_us())
        certificate = CertificateId(derive_id("certificate", "sending", now.year, at_us=0))
        if certificate == self._certified:
            return certificate
        collectors = self._site.consent.collectors
        for make in (
            lambda: collectors.register(_COLLECTOR, CollectorKind.OPERATOR, "Sending money"),
            lambda: collectors.certify(
                certificate, _COLLECTOR, Purpose.RUN_WALLET, Category.NAME, until=now + _CERTIFIED
            ),
        ):
            try:
                make()
            except StoreConflict:  # it is there
                continue
        self._certified = certificate
        return certificate


def recognizable(name: str) -> str:
    """Show of a name what its friends recognize: the given name, and no family name.

    >>> recognizable("Gil Gross")
    'Gil G•••'
    >>> recognizable("王小明")
    '•小明'
    """
    words = name.split()
    if len(words) == 1 and not name.isascii() and len(name) <= 4:
        return "•" + name[1:]
    if len(words) == 1:
        return f"{name[:2]}•••"
    return f"{words[0]} {words[-1][:1]}•••" if words else ""
