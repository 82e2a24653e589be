"""`counterfoil purpose` and `collector`: what data is used for, and who may use it."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, print_json, table
from counterfoil.cli.wiring import CategoriesArgument, KeysOption, categories_of, one_of, opened
from counterfoil.kernel.clock import SystemClock, from_us
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import new_id

app = typer.Typer(help=_("Say what data is used for, and start it."), no_args_is_help=True)
collectors = typer.Typer(help=_("Certify who may read what."), no_args_is_help=True)

_WHERE = "--keys keys --database sqlite:///shop.db"
_PURPOSES = (
    "run-wallet|score|score-income|score-job|score-contact|score-guarantor|vouch|share-answer|"
    "share-score|share-reasons|marketing|research|comply-with-law"
)

PurposeArgument = Annotated[
    str, typer.Argument(metavar=_PURPOSES, help=_("The purpose."), show_default=False)
]
LanguageOption = Annotated[str, typer.Option(help=_("The language of the notice."))]


@app.command(
    "list",
    help=_("List the purposes: their data, what they rest on, and their law."),
    epilog=example("counterfoil purpose list"),
)
def list_purposes(*, as_json: JSONOption = False) -> None:
    """Print the closed list."""
    from counterfoil.consent import DEFINITIONS
    from counterfoil.consent.category import codes

    if as_json:
        print_json(
            {
                purpose.value: {
                    "categories": codes(one.categories),
                    "bases": sorted(kind.code for kind in one.bases),
                    "legal_lines": list(one.legal_lines),
                    "retention_days": one.retention_days,
                    "needs_assessment": one.needs_assessment,
                }
                for purpose, one in DEFINITIONS.items()
            }
        )
        return
    listing = table()
    for heading in (_("Purpose"), _("Data"), _("Rests on"), _("Law")):
        listing.add_column(heading, overflow="fold")
    for purpose, one in DEFINITIONS.items():
        listing.add_row(
            purpose.value,
            ", ".join(codes(one.categories)),
            ", ".join(sorted(kind.code for kind in one.bases)),
            "; ".join(one.legal_lines),
        )
    console().print(listing)


@app.command(
    help=_("Store an impact assessment (PIPL 55), without which most purposes do not start."),
    epilog=example(f'counterfoil purpose assess score --by "Edda" --file assessment.md {_WHERE}'),
)
def assess(
    purpose: PurposeArgument,
    *,
    by: Annotated[str, typer.Option(help=_("Who made it."), show_default=False)],
    file: Annotated[
        Path,
        typer.Option(
            exists=True, dir_okay=False, help=_("The assessment's text."), show_default=False
        ),
    ],
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Store it."""
    from counterfoil.consent import Purpose

    assessment = new_id()
    with opened(database, keys) as rooms:
        rooms.consent.purposes.assess(
            assessment, one_of(Purpose, purpose), by=by, text=file.read_text()
        )
    if as_json:
        print_json({"assessment": str(assessment)})
    else:
        console().print(_("Stored as {assessment}.", assessment=assessment))


@app.command(
    help=_("Start a purpose: publish its notice in every language, in the operator's name."),
    epilog=example(
        'counterfoil purpose start marketing --operator "Larch Savings" '
        f"--contact privacy@larch.example {_WHERE}"
    ),
)
def start(
    purpose: PurposeArgument,
    *,
    operator: Annotated[str, typer.Option(help=_("Who runs the wallet."), show_default=False)],
    contact: Annotated[str, typer.Option(help=_("How to reach them."), show_default=False)],
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Start it, and print the notice's version."""
    from counterfoil.consent import Operator, Purpose

    with opened(database, keys) as rooms:
        rooms.consent.purposes.start(one_of(Purpose, purpose), Operator(operator, contact))
        version = rooms.consent.purposes.running_version(one_of(Purpose, purpose))
    if as_json:
        print_json({"purpose": purpose, "version": version})
    else:
        console().print(
            _("Purpose {purpose} runs, with version {version} of its notice.",
              purpose=purpose, version=version)
        )  # fmt: skip


@app.command(
    help=_("Print a purpose's notice, word for word as it is shown, and its hash."),
    epilog=example(f"counterfoil purpose notice marketing --language fr {_WHERE}"),
)
def notice(
    purpose: PurposeArgument,
    *,
    language: LanguageOption = "en",
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print it."""
    from counterfoil.consent import Purpose

    with opened(database, keys) as rooms:
        shown = rooms.consent.purposes.notice(one_of(Purpose, purpose), language)
    if as_json:
        print_json(
            {
                "purpose": purpose,
                "version": shown.version,
                "language": shown.language,
                "sha256": shown.hash.hex(),
                "text": shown.text,
            }
        )
    else:
        console().print(shown.text, markup=False)
        console().print(_("SHA-256 {hash}", hash=shown.hash.hex()))


@collectors.command(
    help=_("Register a collector and certify it for one purpose."),
    epilog=example(
        'counterfoil collector add operator "Clara, clerk" run-wallet name contact '
        f"--days 365 {_WHERE}"
    ),
)
def add(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="operator|merchant|partner", help=_("What it is."), show_default=False
        ),
    ],
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help=_("The name that people will read."), show_default=False
        ),
    ],
    purpose: PurposeArgument,
    categories: CategoriesArgument,
    *,
    days: Annotated[int, typer.Option(min=1, help=_("For how many days."))] = 365,
    collector: Annotated[
        UUID | None,
        typer.Option(
            help=_("Its id, such as a merchant's; registered under it where it is not yet."),
            show_default=False,
        ),
    ] = None,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Register, certify, and print both ids."""
    from counterfoil.consent import CertificateId, CollectorId, CollectorKind, Purpose

    whose, certificate = CollectorId(collector or new_id()), CertificateId(new_id())
    until = from_us(SystemClock().now_us()) + timedelta(days=days)
    with opened(database, keys) as rooms:
        with suppress(StoreConflict):  # it is registered
            rooms.consent.collectors.register(whose, one_of(CollectorKind, kind), name)
        rooms.consent.collectors.certify(
            certificate, whose, one_of(Purpose, purpose), categories_of(categories), until=until
        )
    if as_json:
        print_json({"collector": str(whose), "certificate": str(certificate)})
    else:
        console().print(
            _("{name} is collector {collector}, with certificate {certificate}.",
              name=name, collector=whose, certificate=certificate)
        )  # fmt: skip
