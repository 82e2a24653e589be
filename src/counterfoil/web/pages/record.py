"""My record: consents as switches, who looked, what was done about me, and all of it to take along."""

import tempfile
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response
from starlette.routing import BaseRoute

from counterfoil.consent import (
    DEFINITIONS,
    BasisId,
    BasisKind,
    ConsentGrant,
    Purpose,
    PurposeNotStarted,
    Regime,
)
from counterfoil.consent.category import in_words
from counterfoil.kernel.i18n import _, current_locale
from counterfoil.kernel.ids import new_id
from counterfoil.pay import MerchantId, MerchantNotFound
from counterfoil.rights import told
from counterfoil.web.asked import Asked
from counterfoil.web.desk import Desk, Who

GRANT_DAYS = 30
LATEST = 50


@dataclass(frozen=True, slots=True)
class Switch:
    """One purpose that a person can say yes or no to."""

    purpose: Purpose
    words: str
    data: str
    notice: str
    hash: str
    grant: ConsentGrant | None


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""
    record = RecordPages(desk)
    return [
        desk.route("/record", record.show, who=Who.PERSON),
        desk.posted("/record/consent", record.switch, who=Who.PERSON),
        desk.posted("/record/end", record.end, who=Who.PERSON),
        desk.posted("/record/export", record.export, who=Who.PERSON),
    ]


class RecordPages:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._site = desk, desk.site

    def show(self, asked: Asked) -> Response:
        """Show switches, looks and records."""
        consent, me = self._site.consent, asked.me
        records = [told(one) for one in consent.records_of(me.person)]
        return self._desk.page(
            asked, "record.html", told=self._told(asked), switches=self._switches(asked),
            looks=consent.who_looked(me.person)[::-1], records=records[::-1][:LATEST],
        )  # fmt: skip

    def _told(self, asked: Asked) -> list[tuple[ConsentGrant, str, str]]:
        """List the grants by which somebody else is told something, with who and what."""
        active = [one for one in self._site.consent.grants.grants_of(asked.me.person)
                  if one.is_active and one.recipient is not None]  # fmt: skip
        return [(one, self._recipient(one), str(DEFINITIONS[one.purpose].words)) for one in active]

    def _recipient(self, grant: ConsentGrant) -> str:
        assert grant.recipient is not None
        try:
            return self._site.pay.merchants.merchant(MerchantId(grant.recipient)).name
        except MerchantNotFound:
            return _("Another recipient")

    def end(self, asked: Asked) -> Response:
        """End a grant at once; ending it again changes nothing."""
        for grant, _who, _what in self._told(asked):
            if grant.id.hex == asked.field("grant"):
                self._site.consent.grants.revoke_consent(asked.me.person, grant.id)
        return self._desk.go("/record")

    def _switches(self, asked: Asked) -> list[Switch]:
        """List what can be agreed to by a switch: purposes that run and name no recipient."""
        consent = self._site.consent
        active = {one.purpose: one for one in consent.grants.grants_of(asked.me.person)
                  if one.is_active}  # fmt: skip
        switches = []
        for purpose, definition in DEFINITIONS.items():
            is_asked = BasisKind.CONSENT in definition.bases and not definition.names_recipient
            if not is_asked:
                continue
            try:
                notice = consent.purposes.notice(purpose, current_locale())
            except PurposeNotStarted:
                continue
            switches.append(
                Switch(purpose, str(definition.words), in_words(definition.categories),
                       notice.text, notice.hash.hex(), active.get(purpose))
            )  # fmt: skip
        return switches

    def switch(self, asked: Asked) -> Response:
        """Turn a consent on, for thirty days, or off, at once."""
        grants, me = self._site.consent.grants, asked.me.person
        switch = next(
            (one for one in self._switches(asked) if one.purpose == asked.field("purpose")), None
        )
        if switch is None:
            return self._desk.go("/record")
        if switch.grant is not None:
            grants.revoke_consent(me, switch.grant.id)
        else:
            grants.grant_consent(
                BasisId(new_id()), subject=me, purpose=switch.purpose,
                categories=DEFINITIONS[switch.purpose].categories,
                until=self._desk.now + timedelta(days=GRANT_DAYS),
                notice_hash=bytes.fromhex(asked.field("notice")), method="switch",
            )  # fmt: skip
        return self._desk.go("/record")

    def export(self, asked: Asked) -> Response:
        """Hand over everything that is known, as one archive."""
        with tempfile.TemporaryFile() as out:  # it has no name, and nobody else can open it
            self._site.exports.write(
                asked.me.person, out, by="self-service", regimes=(Regime.GDPR,),
                language=current_locale(),
            )  # fmt: skip
            out.seek(0)
            written = out.read()
        headers = {"content-disposition": 'attachment; filename="my-record.zip"',
                   "cache-control": "no-store"}  # fmt: skip
        return Response(written, media_type="application/zip", headers=headers)
