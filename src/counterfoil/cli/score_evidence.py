"""`counterfoil score attest`, `vouch`, `shown`, `end` and `extend`: what people show for their score."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from counterfoil.cli.log_site import SiteOption
from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, print_json, table
from counterfoil.cli.score_models import NameOption, VersionOption
from counterfoil.cli.score_people import ByOption, CertificateOption, asked
from counterfoil.cli.wiring import PersonArgument, ReasonOption
from counterfoil.kernel.clock import SystemClock, from_us
from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from counterfoil.score.evidence_store import Confirmed

UntilOption = Annotated[
    datetime,
    typer.Option(formats=["%Y-%m-%d"], help=_("The day on which it ends."), show_default=False),
]
_WHERE = "--database sqlite:///shop.db --site site"
_PERSON = "0190c5f2-0000-7000-8000-000000000001"
_OTHER = "0190c5f2-0000-7000-8000-000000000002"
_WHO = "--as 0190c5f2-0000-7000-8000-00000000000b --reason 'Seen the payslips.'"
_KINDS = {"income": "score-income", "job": "score-job"}


def register(app: typer.Typer) -> None:
    """Put the commands into the group `score`."""
    app.command(
        help=_("Confirm somebody's income or how long they have had their job, on their consent."),
        epilog=example(
            f"counterfoil score attest {_PERSON} income 250000 --until 2027-01-31 {_WHO} {_WHERE}"
        ),
    )(attest)
    app.command(
        help=_("Let somebody vouch for another with their own score; both have agreed."),
        epilog=example(f"counterfoil score vouch {_OTHER} {_PERSON} --until 2027-01-31 {_WHERE}"),
    )(vouch)
    app.command(
        help=_("Show a person what was confirmed for their score."),
        epilog=example(f"counterfoil score shown {_PERSON} --by Edda {_WHERE}"),
    )(shown)
    app.command(
        help=_("End what was confirmed, or that somebody vouches, at once."),
        epilog=example(f"counterfoil score end {_PERSON} {_OTHER} {_WHERE}"),
    )(end)
    app.command(
        help=_("Add points for what people show to a model, as its next version."),
        epilog=example(
            "counterfoil score extend points.toml --name loans --model-version 1 --to 2 " + _WHERE
        ),
    )(extend)


def attest(
    person: PersonArgument,
    kind: Annotated[str, typer.Argument(metavar="income|job", help=_("What is confirmed."),
                                        show_default=False)],
    value: Annotated[str, typer.Argument(
        help=_("An income a month in minor units, such as 250000; or the day since when, YYYY-MM-DD."),
        show_default=False)],
    *, certificate: CertificateOption, reason: ReasonOption, until: UntilOption,
    database: DatabaseOption, site: SiteOption, as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Enter it under the person's consent."""
    from counterfoil.bootstrap import Site
    from counterfoil.consent import CertificateId, Purpose
    from counterfoil.kernel.ids import new_id
    from counterfoil.people import PersonId
    from counterfoil.score.evidence_store import EvidenceId

    if kind not in _KINDS:
        raise typer.BadParameter(
            _("{text!r} is none of {offered}.", text=kind, offered=", ".join(_KINDS))
        )
    number = _number(kind, value)
    with Site.open(database, site) as opened:
        done = opened.scores.evidence.attest(
            EvidenceId(new_id()), PersonId(person), Purpose(_KINDS[kind]), number,
            who=CertificateId(certificate), reason=reason, until=until.replace(tzinfo=UTC),
        )  # fmt: skip
    _told([done], as_json=as_json)


def vouch(
    guarantor: Annotated[UUID, typer.Argument(help=_("Who vouches."), show_default=False)],
    person: PersonArgument,
    *, until: UntilOption, database: DatabaseOption, site: SiteOption, as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Enter it under the consents of both."""
    from counterfoil.bootstrap import Site
    from counterfoil.kernel.ids import new_id
    from counterfoil.people import PersonId
    from counterfoil.score.evidence_store import EvidenceId

    with Site.open(database, site) as opened:
        done = opened.scores.evidence.vouch(
            EvidenceId(new_id()), PersonId(guarantor), PersonId(person),
            until=until.replace(tzinfo=UTC),
        )  # fmt: skip
    _told([done], as_json=as_json)


def shown(
    person: PersonArgument, *, by: ByOption, database: DatabaseOption, site: SiteOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """List it for the person."""
    from counterfoil.bootstrap import Site

    with Site.open(database, site) as opened, asked(opened, person, by) as request:
        found = opened.scores.evidence.own(request)
    _told(found, as_json=as_json)


def end(
    person: PersonArgument,
    evidence: Annotated[UUID, typer.Argument(help=_("The id of what was confirmed."),
                                             show_default=False)],
    *, database: DatabaseOption, site: SiteOption,
) -> None:  # fmt: skip
    """End it for the person, or for who vouches."""
    from counterfoil.bootstrap import Site
    from counterfoil.people import PersonId
    from counterfoil.score.evidence_store import EvidenceId

    with Site.open(database, site) as opened:
        opened.scores.evidence.end(EvidenceId(evidence), PersonId(person))
    console().print(_("Ended; the next score does not count it."))


def extend(
    points: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, show_default=False,
                             help=_("TOML: a table a column, with cuts and points."))
    ],
    *, name: NameOption, model_version: VersionOption,
    to: Annotated[int, typer.Option(min=1, help=_("The number of the new version."),
                                    show_default=False)],
    database: DatabaseOption, site: SiteOption, as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Add the points, sign, register as a challenger."""
    from counterfoil.bootstrap import Site
    from counterfoil.cli.score_models import told
    from counterfoil.score.declared import extended, steps_of

    declared = steps_of(points.read_text("utf-8"))
    made_at = from_us(SystemClock().now_us()).astimezone(UTC)
    with Site.open(database, site) as opened:
        model = opened.models.load(opened.models.named(name, model_version).hash)
        done = extended(model, declared, version=to, made_at=f"{made_at:%Y-%m-%dT%H:%M:%SZ}")
        opened.models.register(done)
    told(done, as_json=as_json)


def _number(kind: str, value: str) -> int:
    try:
        if kind == "job":
            return (date.fromisoformat(value) - date(1970, 1, 1)).days
        return int(value)
    except ValueError as error:
        raise typer.BadParameter(
            _("{text!r} is no whole number, or no day.", text=value)
        ) from error


def _told(found: "list[Confirmed]", *, as_json: bool) -> None:
    if as_json:
        print_json({"shown": [
            {"id": str(one.id), "purpose": one.purpose.value, "value": one.value,
             "by": one.attested_by, "guarantor": str(one.guarantor) if one.guarantor else None,
             "at": one.at.isoformat(), "until": one.until.isoformat(),
             "ended_at": one.ended_at.isoformat() if one.ended_at else None}
            for one in found
        ]})  # fmt: skip
        return
    from counterfoil.consent import DEFINITIONS

    rows = table(_("What was confirmed for the score"))
    for heading in (_("id"), _("what"), _("value"), _("by"), _("until"), _("ended")):
        rows.add_column(heading)
    for one in found:
        rows.add_row(
            str(one.id), str(DEFINITIONS[one.purpose].words), str(one.value),
            one.attested_by or str(one.guarantor), f"{one.until:%Y-%m-%d}",
            f"{one.ended_at:%Y-%m-%d}" if one.ended_at else "",
        )  # fmt: skip
    console().print(rows)
