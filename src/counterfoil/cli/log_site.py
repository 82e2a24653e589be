"""`counterfoil log seal`, `receipt` and `compare`: a database and its logs, kept and held in step."""

from pathlib import Path
from typing import Annotated

import typer

from counterfoil.cli.failure import Exit
from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, facts, print_json, progress_bars
from counterfoil.kernel.i18n import _

SiteOption = Annotated[
    Path,
    typer.Option(
        "--site",
        envvar="COUNTERFOIL_SITE",
        metavar="FOLDER",
        file_okay=False,
        help=_("The operator's folder, with its keys and logs."),
        show_default=False,
    ),
]
_SEALED_WITHIN_MS = 1000


def register(app: typer.Typer) -> None:
    """Put the commands into the group `log`."""
    app.command(
        help=_("Seal every transfer and record that is in the database, and publish."),
        epilog=example(
            "counterfoil log seal --database sqlite:///bank.db --site site --origin bank.example"
        ),
    )(seal)
    app.command(
        help=_(
            "Print an account's receipt of a transfer: the half that is theirs, with its proof."
        ),
        epilog=example(
            "counterfoil log receipt --account 2 --transfer 17 --database sqlite:///bank.db "
            "--site site"
        ),
    )(receipt)
    app.command(
        help=_("Hold the whole database against what was sealed; name the first difference."),
        epilog=example("counterfoil log compare --database sqlite:///bank.db --site site"),
    )(compare)


def seal(
    *,
    database: DatabaseOption,
    site: SiteOption,
    origin: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=_("The name that the receipts bear; needed the first time."),
            show_default=False,
        ),
    ] = None,
    as_json: JSONOption = False,
) -> None:
    """Open the site as its writer, and wait until the logs have come to the end."""
    from counterfoil.bootstrap import Site

    with Site.open(database, site, origin=origin) as opened, progress_bars() as bars:
        total = opened.ledger.seq
        bar = bars.add_task(_("Sealing"), total=total)
        while not opened.sealing.wait_for(transfers=total, timeout_ms=_SEALED_WITHIN_MS):
            if opened.sealing.state.trouble is not None:
                raise opened.sealing.state.trouble
            bars.update(bar, completed=opened.sealing.state.transfers)
        bars.update(bar, completed=total)
    with_keys = opened.keys.transfers[0].verifier, opened.keys.records[0].verifier
    state = opened.sealing.state
    if as_json:
        print_json({"transfers": state.transfers, "records": state.records,
                    "keys": [str(key) for key in with_keys]})  # fmt: skip
        return
    console().print(
        facts(
            {
                _("Transfers sealed"): f"{state.transfers:,}",
                _("Records sealed"): f"{state.records:,}",
                _("Keys to verify with"): "\n".join(map(str, with_keys)),
            }
        )
    )


def receipt(
    *,
    database: DatabaseOption,
    site: SiteOption,
    account: Annotated[int, typer.Option(min=1, help=_("The account's number."))],
    transfer: Annotated[int, typer.Option(min=1, help=_("The transfer's number in the log."))],
) -> None:
    """Print the receipt, verbatim: what it prints is the file."""
    from counterfoil.bootstrap import SiteReader

    with SiteReader(database, site) as reader:
        typer.echo(str(reader.issuer.of_transfer(transfer, account)))


def compare(*, database: DatabaseOption, site: SiteOption, as_json: JSONOption = False) -> None:
    """Compare both logs; end with status 8 when one differs."""
    from counterfoil.bootstrap import SiteReader

    with SiteReader(database, site) as reader, progress_bars() as bars:
        found = {}
        for name, audit in (("transfers", reader.auditor.transfers),
                            ("records", reader.auditor.records)):  # fmt: skip
            bar = bars.add_task(name, total=None)
            found[name] = audit(
                lambda done, total, bar=bar: bars.update(  # type: ignore[misc]
                    bar, completed=done, total=total
                )
            )
    differences = [one.difference for one in found.values() if one.difference]
    if as_json:
        print_json({name: {"leaves": one.leaves, "blinded": one.blinded,
                           "difference": one.difference} for name, one in found.items()})  # fmt: skip
    else:
        for name, one in found.items():
            blinded = _("{count} blinded", count=f"{one.blinded:,}")
            verdict = one.difference or _("as sealed")
            console().print(f"{name}: {one.leaves:,}, {blinded}: {verdict}")
    if differences:
        raise typer.Exit(Exit.DAMAGED)
