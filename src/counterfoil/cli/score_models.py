"""`counterfoil score train`, `validate`, `sql`, `models` and `appoint`: models and what they are worth."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.cli.failure import Exit
from counterfoil.cli.log_site import SiteOption
from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, print_json, table
from counterfoil.cli.score_outcomes import (
    EndsOption,
    HarsherOption,
    KnownUntilOption,
    RefusedOption,
    ripe,
    with_refused,
)
from counterfoil.kernel.clock import SystemClock, from_us
from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from counterfoil.bootstrap import Site
    from counterfoil.score.model import Facts, Model
    from counterfoil.score.table import Categories, Table

FileArgument = Annotated[
    Path, typer.Argument(help=_("A CSV file with a header line; .csv.gz too."), show_default=False)
]
TargetOption = Annotated[
    str, typer.Option(help=_("The column with the label."), show_default=False)
]
BadOption = Annotated[
    str | None,
    typer.Option(help=_("The label of those who did not keep the contract."), show_default=False),
]
LeaveOutOption = Annotated[
    list[str] | None,
    typer.Option(help=_("A column not to learn from; can be repeated."), show_default=False),
]
NameOption = Annotated[str, typer.Option(help=_("What the model is called."), show_default=False)]
VersionOption = Annotated[
    int, typer.Option("--model-version", min=1, help=_("Its number."), show_default=False)
]
_ON_SITE = "--database sqlite:///shop.db --site site"


def register(app: typer.Typer) -> None:
    """Put the commands into the group `score`."""
    app.command(
        help=_("Learn a model from a labelled table, sign it and register it as a challenger."),
        epilog=example(
            "counterfoil score train loans.csv --target defaulted --bad yes --name loans "
            f"--model-version 1 {_ON_SITE}"
        ),
    )(train)
    app.command(
        help=_("Hold a registered model against a labelled table, and write the report."),
        epilog=example(
            "counterfoil score validate later.csv --target defaulted --bad yes --name loans "
            f"--model-version 1 --out report.html {_ON_SITE}"
        ),
    )(validate)
    app.command(
        help=_("Watch the champion: alerts on who is scored and on what became of them."),
        epilog=example(f"counterfoil score watch --days 30 {_ON_SITE}"),
    )(watch)
    app.command(
        help=_("Print a model as one plain SQL query that gives the same scores elsewhere."),
        epilog=example(f"counterfoil score sql --name loans --model-version 1 {_ON_SITE}"),
    )(sql)
    app.command(
        help=_("List the registered models and what each of them does."),
        epilog=example(f"counterfoil score models {_ON_SITE}"),
    )(models)
    app.command(
        help=_("Give a model a role: champion, challenger or retired."),
        epilog=example(
            "counterfoil score appoint --name loans --model-version 1 --role champion "
            f"--by 'Edda, risk' {_ON_SITE}"
        ),
    )(appoint)


def train(
    file: FileArgument, *, target: TargetOption, name: NameOption, model_version: VersionOption,
    database: DatabaseOption, site: SiteOption, bad: BadOption = None,
    leave_out: LeaveOutOption = None,
    currency: Annotated[
        str, typer.Option(help=_("ISO 4217 code of the amounts behind the features."))
    ] = "",
    ends: EndsOption = None, known_until: KnownUntilOption = None,
    refused: RefusedOption = None, harsher: HarsherOption = 2.0, as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Read, fit with the strength that inner folds choose, sign, register."""
    from counterfoil.bootstrap import Site

    known = ripe(_read(file, target, bad, leave_out), ends, known_until)
    found = with_refused(known, refused, harsher)
    training: dict[str, str | int | float] = {"source": file.name}
    if refused:
        training |= {"refused": len(found) - len(known), "harsher": harsher}
    if known_until:
        training["known_until"] = f"{known_until:%Y-%m-%d}"
    model = _trained(found, name, model_version, currency, training)
    with Site.open(database, site) as opened:
        opened.models.register(model)
    told(model, as_json=as_json)


def validate(
    file: FileArgument, *, target: TargetOption, name: NameOption, model_version: VersionOption,
    database: DatabaseOption, site: SiteOption, bad: BadOption = None,
    month: Annotated[str | None, typer.Option(help=_("A column with the month."))] = None,
    group: Annotated[
        str | None, typer.Option(help=_("A column with groups to compare; never an input."))
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", dir_okay=False, help=_("Where the report goes."))
    ] = None,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Read, score, measure, write the page."""
    from counterfoil.bootstrap import Site
    from counterfoil.score.report import report_page
    from counterfoil.score.validation import validate as held_against

    found = _read(file, target, bad, None)
    with Site.open(database, site) as opened:
        model = opened.models.load(opened.models.named(name, model_version).hash)
        champion = _champion_beside(opened, model, found)
    done = held_against(model, found, months=_named(found, month), groups=_named(found, group))
    beside = held_against(champion, found) if champion else None
    if out:
        out.write_text(report_page(done, champion=beside), "utf-8")
    answer = {
        "rows": done.rows, "bad": done.bad, "auc": done.auc.value,
        "auc_interval": [done.auc.low, done.auc.high], "ks": done.ks.value,
        "ks_interval": [done.ks.low, done.ks.high], "brier": done.brier, "psi": done.psi.value,
        "psi_interval": [done.psi.low, done.psi.high],
        "champion_auc": beside.auc.value if beside else None, "calibrated_bands": sum(one.is_calibrated for one in done.bands),
        "bands": len(done.bands),
    }  # fmt: skip
    if as_json:
        print_json(answer)
        return
    console().print(
        _("AUC {auc} ({low} … {high}), KS {ks}, PSI {psi}; {true} of {bands} bands came as said.",
          auc=f"{done.auc.value:.3f}", low=f"{done.auc.low:.3f}", high=f"{done.auc.high:.3f}",
          ks=f"{done.ks.value:.3f}", psi=f"{done.psi.value:.3f}", true=answer["calibrated_bands"],
          bands=answer["bands"])
    )  # fmt: skip


def _champion_beside(opened: "Site", model: "Model", found: "Table") -> "Model | None":
    """Take the model that scores now, where it is another and can read the same table."""
    from counterfoil.score.errors import ModelNotFound
    from counterfoil.score.features.given import GIVEN_NAMES

    try:
        champion = opened.models.champion()
    except ModelNotFound:
        return None
    known = {column.name for column in found.columns} | GIVEN_NAMES
    can_read = all(item.binning.name in known for item in champion.card.items)
    return champion if can_read and champion.hash != model.hash else None


def watch(
    *, database: DatabaseOption, site: SiteOption,
    days: Annotated[int, typer.Option(min=1, help=_("How many of the last days to look at."))] = 30,
    outcomes: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, show_default=False,
                     help=_("A CSV file with the columns score and bad: what became of contracts.")),
    ] = None,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Hold the champion's scores of the last days against those it was learned from."""
    from counterfoil.bootstrap import Site

    with Site.open(database, site) as opened:
        alerts = opened.watching.found(days=days, outcomes=outcomes)
    if as_json:
        print_json({"alerts": [
            {"about": one.about.value, "column": one.column, "value": one.value, "limit": one.limit}
            for one in alerts
        ]})  # fmt: skip
    for one in () if as_json else alerts:
        console().print(f"⚠ {one.sentence}")
    if not alerts and not as_json:
        console().print(_("Nothing has moved further than chance would."))
    if alerts:
        raise typer.Exit(Exit.DIFFERENCE)


def sql(
    *, name: NameOption, model_version: VersionOption, database: DatabaseOption, site: SiteOption
) -> None:
    """Print the query."""
    from counterfoil.bootstrap import Site
    from counterfoil.score.sql import as_sql

    with Site.open(database, site) as opened:
        model = opened.models.load(opened.models.named(name, model_version).hash)
    typer.echo(as_sql(model), nl=False)


def models(*, database: DatabaseOption, site: SiteOption, as_json: JSONOption = False) -> None:
    """Print the register."""
    from counterfoil.bootstrap import Site

    with Site.open(database, site) as opened:
        known = opened.models.listing()
    if as_json:
        print_json({"models": [
            {"name": one.name, "version": one.version, "role": one.role.value,
             "sha256": one.hash.hex(), "since": one.role_since.isoformat()}
            for one in known
        ]})  # fmt: skip
        return
    rows = table()
    for head in (_("model"), _("version"), _("role"), _("since"), "SHA-256"):
        rows.add_column(head)
    for one in known:
        rows.add_row(one.name, str(one.version), one.role.value, f"{one.role_since:%Y-%m-%d}",
                     one.hash.hex()[:16])  # fmt: skip
    console().print(rows)


def appoint(
    *, name: NameOption, model_version: VersionOption,
    role: Annotated[str, typer.Option(help=_("champion, challenger or retired"), show_default=False)],
    by: Annotated[str, typer.Option(help=_("Who decides it."), show_default=False)],
    database: DatabaseOption, site: SiteOption,
) -> None:  # fmt: skip
    """Change the role, on record."""
    from counterfoil.bootstrap import Site
    from counterfoil.cli.wiring import one_of
    from counterfoil.score.registry import Role

    wanted = one_of(Role, role)
    with Site.open(database, site) as opened:
        known = opened.models.appoint(opened.models.named(name, model_version).hash, wanted, by=by)
    console().print(
        _("{name}, version {version}: {role}.", name=known.name, version=known.version,
          role=known.role.value)
    )  # fmt: skip


def registered(
    opened: "Site", found: "Table", name: str, model_version: int, currency: str, source: str
) -> "Model":
    """Learn a model from a table of catalogue features and register it."""
    model = _trained(found, name, model_version, currency, {"source": source})
    opened.models.register(model)
    return model


def _trained(found: "Table", name: str, version: int, currency: str, training: "Facts") -> "Model":
    from counterfoil.score.features import FEATURE_BY_NAME, FEATURES, catalogue_hash
    from counterfoil.score.learner import STRENGTHS, ScorecardLearner
    from counterfoil.score.model import model_of
    from counterfoil.score.scorecard import Settings

    of_catalogue = all(column.name in FEATURE_BY_NAME for column in found.columns)
    trends = {one.name: one.trend for one in FEATURES} if of_catalogue else None
    card = ScorecardLearner(Settings(trends=trends), STRENGTHS).card(found)
    made_at: datetime = from_us(SystemClock().now_us()).astimezone(UTC)
    return model_of(
        card, found, name=name, version=version, made_at=f"{made_at:%Y-%m-%dT%H:%M:%SZ}",
        currency=currency, catalogue=catalogue_hash() if of_catalogue else "",
        training=training,
    )  # fmt: skip


def _read(file: Path, target: str, bad: str | None, leave_out: list[str] | None) -> "Table":
    from counterfoil.score.csvfile import read_table

    return read_table(file, target, bad=bad, leave_out=frozenset(leave_out or ()))


def _named(found: "Table", column: str | None) -> "Categories | None":
    """Take a column of the table as names; numbers are taken as what they say."""
    from counterfoil.score.table import Categories, categories

    if column is None:
        return None
    known = {one.name: one for one in found.columns}.get(column)
    if known is None:
        raise typer.BadParameter(_("There is no column {column}.", column=column))
    if isinstance(known, Categories):
        return known
    return categories(column, [f"{value:g}" for value in known.values])


def told(model: "Model", *, as_json: bool) -> None:
    """Say what was registered."""
    answer = {"name": model.name, "version": model.version, "sha256": model.hash.hex(),
              "columns": len(model.card.items)}  # fmt: skip
    if as_json:
        print_json(answer)
    else:
        console().print(
            _("{name}, version {version}: {count} columns, {hash}; a challenger until it is appointed.",
              name=model.name, version=model.version, count=len(model.card.items),
              hash=model.hash.hex()[:16])
        )  # fmt: skip
