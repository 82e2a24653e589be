"""`counterfoil retention`: what is past its limit goes, once a day, and what went is shown."""

from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.cli.log_site import SiteOption
from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, moment, print_json, table
from counterfoil.kernel.i18n import _, ngettext

if TYPE_CHECKING:
    from counterfoil.retention import Gone, Kept, Run

app = typer.Typer(
    help=_("Delete what is past its limit, once a day, and show what went."), no_args_is_help=True
)
_WHERE = "--site site --database sqlite:///bank.db"


@app.command(
    help=_("Count what a run would delete now, and what is kept because of what law; a dry run."),
    epilog=example(f"counterfoil retention plan {_WHERE}"),
)
def plan(*, site: SiteOption, database: DatabaseOption, as_json: JSONOption = False) -> None:
    """Print the plan."""
    from counterfoil.bootstrap import Site

    with Site.open(database, site) as opened:
        planned = opened.retention.plan()
    if as_json:
        print_json(
            {
                "day": planned.day.isoformat(),
                "delete": [_gone_json(one) for one in planned.gone],
                "keep": [_kept_json(one) for one in planned.kept],
            }
        )
        return
    _print_gone(planned.gone, _("Nothing is past its limit."))
    for one in planned.kept:
        console().print(
            _("Kept: {count} × {what}, because of {reason}.",
              count=one.count, what=one.what, reason=one.reason)
        )  # fmt: skip


@app.command(
    help=_(
        "Delete what is past its limit, unless that was done today; for cron, if no server runs."
    ),
    epilog=example(f"counterfoil retention run {_WHERE}"),
)
def run(
    *,
    site: SiteOption,
    database: DatabaseOption,
    after_gap: Annotated[
        bool,
        typer.Option(
            "--after-gap", help=_("Say that the clock is right after weeks without a run.")
        ),
    ] = False,
    as_json: JSONOption = False,
) -> None:
    """Run, and print what went."""
    from counterfoil.bootstrap import Site

    with Site.open(database, site) as opened:
        done = opened.retention.run(after_gap=after_gap)
    if as_json:
        print_json(_run_json(done))
        return
    _print_gone(done.gone, _("Nothing was past its limit."))
    console().print(
        _("Run {number} of {day}; it is record {record}.",
          number=done.number, day=done.day, record=done.record)
    )  # fmt: skip


@app.command(
    help=_("List the runs and what each deleted, the latest first."),
    epilog=example(f"counterfoil retention history {_WHERE}"),
)
def history(
    *,
    site: SiteOption,
    database: DatabaseOption,
    most: Annotated[int, typer.Option("--count", "-n", min=1, help=_("How many runs."))] = 30,
    as_json: JSONOption = False,
) -> None:
    """Print the runs."""
    from counterfoil.bootstrap import Site

    with Site.open(database, site) as opened:
        runs = opened.retention.history(most)
    if as_json:
        print_json({"runs": [_run_json(one) for one in runs]})
        return
    if not runs:
        console().print(_("There was no run yet."))
        return
    listing = table()
    for heading in (_("Run"), _("Day"), _("Finished (UTC)"), _("Record"), _("Deleted")):
        listing.add_column(heading, overflow="fold")
    for one in runs:
        ended = moment(one.finished_at) if one.finished_at else _("broken off")
        went = ", ".join(f"{gone.count} × {gone.what}" for gone in one.gone) or "—"
        listing.add_row(str(one.number), one.day.isoformat(), ended, str(one.record or "—"), went)
    console().print(listing)


def _print_gone(gone: "tuple[Gone, ...]", nothing: str) -> None:
    if not gone:
        console().print(nothing)
        return
    listing = table()
    for heading in (_("What"), _("Table"), _("Limit by")):
        listing.add_column(heading, overflow="fold")
    listing.add_column(_("Rows"), justify="right")
    for one in gone:
        listing.add_row(one.words, one.table, one.article, f"{one.count:,}")
    console().print(listing)
    total = sum(one.count for one in gone)
    console().print(ngettext("{count} row in all.", "{count} rows in all.", total))


def _gone_json(one: "Gone") -> dict[str, object]:
    return {"what": one.what, "table": one.table, "article": one.article, "count": one.count}


def _kept_json(one: "Kept") -> dict[str, object]:
    return {"what": one.what, "reason": one.reason, "count": one.count}


def _run_json(one: "Run") -> dict[str, object]:
    return {
        "run": one.number,
        "day": one.day.isoformat(),
        "finished_at": one.finished_at.isoformat() if one.finished_at else None,
        "record": one.record,
        "deleted": [_gone_json(gone) for gone in one.gone],
    }
