"""`counterfoil rights export`: a person's data and receipts, as one file."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from counterfoil.cli.log_site import SiteOption
from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, facts, print_json
from counterfoil.cli.rights_cases import ByOption
from counterfoil.cli.wiring import PersonArgument, one_of
from counterfoil.kernel.i18n import _

_BOB = "01890a5d-ac96-774b-bcce-b302099a8057"


ToOption = Annotated[
    Path,
    typer.Option(metavar="FILE", dir_okay=False, help=_("A new file: a ZIP."), show_default=False),
]
RequestOption = Annotated[
    UUID | None,
    typer.Option(
        help=_("The request that this answers; without one it is received now."),
        show_default=False,
    ),
]
LawOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="pipl|gdpr|gb-35273",
        help=_("A law that applies, where there is no request yet; give it again for more."),
        show_default=False,
    ),
]
LanguageOption = Annotated[
    str | None,
    typer.Option(help=_("A language other than the person's own."), show_default=False),
]


def export(
    person: PersonArgument,
    *,
    to: ToOption,
    request: RequestOption = None,
    law: LawOption = None,
    by: ByOption,
    language: LanguageOption = None,
    site: SiteOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Write the file, answer the request, and print what was given."""
    from counterfoil.bootstrap import Site
    from counterfoil.consent import Regime, RightsRequestId
    from counterfoil.kernel.i18n import use_locale
    from counterfoil.people import PersonId

    if (request is None) == (not law):
        raise typer.BadParameter(_("Give --request or --law, and not both."))
    try:
        with use_locale(language or "en"):
            pass
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    with Site.open(database, site) as opened:
        given = opened.exports.give(
            PersonId(person),
            to,
            by=by,
            request=RightsRequestId(request) if request else None,
            regimes=[one_of(Regime, one) for one in law or []],
            language=language,
        )
        keys = [str(key.verifier) for key in (*opened.keys.transfers, *opened.keys.records)]
    answer = {
        "file": str(to),
        "request": str(given.request.id),
        "answer": given.request.state.value,
        "files": given.files,
        "rows": given.rows,
        "receipts": given.receipts,
        "receipts_missing": given.missing,
        "manifest_sha256": given.manifest_sha256,
        "keys": keys,
    }
    if as_json:
        print_json(answer)
        return
    console().print(
        facts(
            {
                _("File"): str(to),
                _("Request"): f"{given.request.id}: {given.request.state.value}",
                _("Rows"): f"{given.rows:,}",
                _("Receipts"): f"{given.receipts:,}",
                _("Receipts missing"): f"{given.missing:,}",
                _("Keys to verify with"): "\n".join(keys),
            }
        )
    )


def register(app: typer.Typer) -> None:
    """Put the command into the group `rights`."""
    app.command(
        help=_("Give a person everything that is held about them, as one file with receipts."),
        epilog=example(
            f"counterfoil rights export {_BOB} --to bob.zip --law gdpr --by Edda --site site "
            "--database sqlite:///shop.db"
        ),
    )(export)
