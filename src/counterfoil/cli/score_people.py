"""`counterfoil score person`, `explain`, `batch`, `rescore` and `file`: scores of people, on consent."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from counterfoil.cli.log_site import SiteOption
from counterfoil.cli.options import AtOption, DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, print_json, table
from counterfoil.cli.wiring import PersonArgument, ReasonOption
from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from counterfoil.bootstrap import Site
    from counterfoil.consent import RightsRequest
    from counterfoil.score.explanation import Explained
    from counterfoil.score.score_store import Score

CertificateOption = Annotated[
    UUID,
    typer.Option("--as", metavar="CERTIFICATE", help=_("The certificate of who asks."),
                 show_default=False),
]  # fmt: skip
ByOption = Annotated[str, typer.Option(help=_("Who answers the person."), show_default=False)]
_WHERE = "--database sqlite:///shop.db --site site"
_WHO = "--as 0190c5f2-0000-7000-8000-00000000000a --reason 'You asked for your score.'"
_PERSON = "0190c5f2-0000-7000-8000-000000000001"


def register(app: typer.Typer) -> None:
    """Put the commands into the group `score`."""
    app.command(
        help=_("Score somebody who has agreed to it, from their payments before an instant."),
        epilog=example(f"counterfoil score person {_PERSON} {_WHO} {_WHERE}"),
    )(person)
    app.command(
        help=_("Explain somebody's latest score to them: lines, reasons, what would raise it."),
        epilog=example(f"counterfoil score explain {_PERSON} --by Edda {_WHERE}"),
    )(explain)
    app.command(
        help=_("Score everybody who has agreed, over copies of their payments."),
        epilog=example(f"counterfoil score batch {_WHO} {_WHERE}"),
    )(batch)
    app.command(
        help=_("Score anew whoever had a payment corrected, and tell whoever was told."),
        epilog=example(f"counterfoil score rescore {_WHO} {_WHERE}"),
    )(rescore)
    app.command(
        "file",
        help=_("Write the file and the program with which a person computes their score again."),
        epilog=example(f"counterfoil score file {_PERSON} mine --by Edda {_WHERE}", "python3 mine/recompute.py "
                       "mine/score.json"),
    )(file_command)  # fmt: skip


def person(
    person: PersonArgument, *, certificate: CertificateOption, reason: ReasonOption,
    database: DatabaseOption, site: SiteOption, at: AtOption = None, as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Score, and print what the person is told."""
    from counterfoil.bootstrap import Site
    from counterfoil.consent import CertificateId
    from counterfoil.people import PersonId

    with Site.open(database, site) as opened:
        score = opened.scores.score(
            PersonId(person), who=CertificateId(certificate), reason=reason, as_of=_aware(at)
        )
        _show(opened, score, as_json=as_json)


def explain(
    person: PersonArgument, *, by: ByOption, database: DatabaseOption, site: SiteOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Print the latest score, taken apart."""
    from counterfoil.bootstrap import Site

    with Site.open(database, site) as opened, asked(opened, person, by) as request:
        _show(opened, _latest(opened, request), as_json=as_json)


def batch(
    *, certificate: CertificateOption, reason: ReasonOption, database: DatabaseOption,
    site: SiteOption, at: AtOption = None, as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Copy, score, enter, delete the copies; print how many."""
    from counterfoil.bootstrap import Site
    from counterfoil.consent import CertificateId

    with Site.open(database, site) as opened:
        run = opened.scores.run(
            opened.copies, who=CertificateId(certificate), reason=reason, as_of=_aware(at)
        )
    if as_json:
        print_json({"scored": run.scored, "refused": run.refused, "left_out": run.left_out})
        return
    console().print(
        _("{scored:,} scored; of {refused:,} too little is known; {left:,} withdrew meanwhile.",
          scored=run.scored, refused=run.refused, left=run.left_out)
    )  # fmt: skip


def rescore(
    *, certificate: CertificateOption, reason: ReasonOption, database: DatabaseOption,
    site: SiteOption, as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Score who was corrected; print how many."""
    from counterfoil.bootstrap import Site
    from counterfoil.consent import CertificateId

    with Site.open(database, site) as opened:
        done = opened.scores.rescore_corrected(who=CertificateId(certificate), reason=reason)
    if as_json:
        print_json({"scored": len(done)})
        return
    console().print(_("{count:,} scored anew after a correction.", count=len(done)))


def file_command(
    person: PersonArgument,
    folder: Annotated[
        Path, typer.Argument(file_okay=False, help=_("A folder to write to."), show_default=False)
    ],
    *, by: ByOption, database: DatabaseOption, site: SiteOption,
) -> None:  # fmt: skip
    """Write both files."""
    from counterfoil.bootstrap import Site
    from counterfoil.score.export import PROGRAM_NAME, program

    with Site.open(database, site) as opened, asked(opened, person, by) as request:
        text = opened.scores.own_file(request, _latest(opened, request))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "score.json").write_text(text, "utf-8")
    (folder / PROGRAM_NAME).write_text(program(), "utf-8")
    console().print(_("Run: python3 {program} {file}", program=folder / PROGRAM_NAME,
                      file=folder / "score.json"))  # fmt: skip


@contextmanager
def asked(opened: "Site", person: UUID, by: str) -> "Iterator[RightsRequest]":
    """Receive the person's request to see what is known of them, and answer it at the end."""
    from counterfoil.consent import Regime, Right, RightsRequestId, State
    from counterfoil.kernel.ids import new_id
    from counterfoil.people import PersonId

    rights, request = opened.consent.rights, RightsRequestId(new_id())
    yield rights.ask(request, PersonId(person), Right.ACCESS, [Regime.GDPR])
    rights.answer(request, State.FULFILLED, by=by, reasons="")


def _latest(opened: "Site", request: "RightsRequest") -> "Score":
    from counterfoil.score.errors import NotScored

    scores = opened.scores.own(request)
    if not scores:
        raise NotScored(_("There is no score of {person}.", person=request.subject))
    return scores[-1]


def _aware(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(tzinfo=UTC)


def _show(opened: "Site", score: "Score", *, as_json: bool) -> None:
    told = opened.scores.explained(score)
    if as_json:
        print_json(_as_json(score, told))
    else:
        show_explained(told)


def _as_json(score: "Score", told: "Explained") -> dict[str, object]:
    from counterfoil.score.wording import change_words, reason_words

    model = told.model
    return {
        "score": score.score, "low": score.low, "high": score.high, "id": str(score.id),
        "as_of": score.as_of.isoformat(), "model": model.name, "version": model.version,
        "model_sha256": model.hash.hex(), "base": model.card.base_points, "limits": told.limits,
        "lines": [{"column": one.column, "value": one.value, "points": one.points,
                   "reference": one.usual} for one in told.lines],
        "dimensions": {one.value if one else "other": points
                       for one, points in told.dimensions.items()},
        "reasons": [{"code": one.code, "loss": one.loss, "sentence": reason_words(told, one)}
                    for one in told.reasons],
        "changes": [{"column": one.line.column, "gain": one.gain, "days": one.days,
                     "sentence": change_words(told, one)} for one in told.changes],
    }  # fmt: skip


def show_explained(told: "Explained") -> None:
    """Print a score as a person reads it."""
    from counterfoil.score.wording import (
        change_words,
        dimension_words,
        interval_words,
        line_words,
        reason_words,
    )

    out = console()
    out.print(interval_words(told), style="bold")
    for heading, sentences in (
        (_("What cost most"), [reason_words(told, one) for one in told.reasons]),
        (_("What would raise it"), [change_words(told, one) for one in told.changes]),
    ):
        if sentences:
            out.print(f"\n{heading}", style="bold")
        for sentence in sentences:
            out.print(f"· {sentence}", highlight=False)
    rows = table(_("Every line; together they are the score"))
    for name in (_("what"), _("yours"), _("points")):
        rows.add_column(name, justify="left" if name != _("points") else "right")
    rows.add_row(_("base"), "", f"{told.model.card.base_points:+d}")
    for line in told.lines:
        rows.add_row(*line_words(told, line))
    if told.limits:
        rows.add_row(_("the ends of the scale"), "", f"{told.limits:+d}")
    out.print()
    out.print(rows)
    out.print(", ".join(
        f"{dimension_words(one)}: {points:+d}" for one, points in told.dimensions.items()
    ), style="dim")  # fmt: skip
