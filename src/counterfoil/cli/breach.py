"""`counterfoil breach`: whom a leak is about, letters, the authority's clock, compensation."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from counterfoil.cli.failure import Exit
from counterfoil.cli.log_site import SiteOption
from counterfoil.cli.options import DatabaseOption, JSONOption, SinceOption, UntilOption, example
from counterfoil.cli.printing import console, facts, moment, print_json, table
from counterfoil.cli.wiring import one_of
from counterfoil.kernel.clock import EPOCH, SystemClock, from_us
from counterfoil.kernel.i18n import _, ngettext
from counterfoil.kernel.ids import new_id

if TYPE_CHECKING:
    from counterfoil.breach import Standing

app = typer.Typer(
    help=_("A leak: whom it is about, letters, the authority's clock, compensation."),
    no_args_is_help=True,
)
_WHERE = "--site site --database sqlite:///bank.db"
_CASE = "01890a5d-ac96-774b-bcce-b302099a8057"

BreachArgument = Annotated[
    UUID, typer.Argument(metavar="CASE", help=_("The case's id."), show_default=False)
]
ByOption = Annotated[str, typer.Option(help=_("Who does it."), show_default=False)]


@app.command(
    "open",
    help=_("Open a case from a TOML file: title, discovered, severity, laws, contact, texts."),
    epilog=example(f"counterfoil breach open case.toml --by Edda {_WHERE}"),
)
def open_case(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, show_default=False,
                                         help=_("The description of the case."))],
    *,
    by: ByOption,
    site: SiteOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Open a case, and print its id and its clocks."""
    from counterfoil.bootstrap import Site
    from counterfoil.breach import BreachId, read_case

    case = read_case(file.read_text("utf-8"))
    with Site.open(database, site) as opened:
        breach = opened.breaches.open(BreachId(new_id()), case, by=by)
        _print(opened.breaches.standing(breach.id), as_json=as_json)


@app.command(
    help=_(
        "Add what leaked: rows in a CSV, the reads of a collector, or a copy; count whom it is about."
    ),
    epilog=example(
        f"counterfoil breach affected {_CASE} --rows leaked.csv {_WHERE}",
        f"counterfoil breach affected {_CASE} --reads-of {_CASE} --since 2026-03-01 {_WHERE}",
    ),
)
def affected(
    case: BreachArgument,
    *,
    rows: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, show_default=False,
        help=_("A CSV with the columns table and id, perhaps column; an id of * is the table."))] = None,
    without_keys: Annotated[bool, typer.Option("--without-keys",
        help=_("The keys did not leak: sealed values tell nothing."))] = False,
    reads_of: Annotated[UUID | None, typer.Option(show_default=False,
        help=_("A collector's or a certificate's id: what it read."))] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    copy: Annotated[UUID | None, typer.Option(show_default=False,
        help=_("A copy's id: who was in it."))] = None,
    site: SiteOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Add a leak, and print how the case stands."""
    from counterfoil.bootstrap import Site
    from counterfoil.breach import BreachId, copy_leaked, reads_leaked, rows_leaked

    if sum(one is not None for one in (rows, reads_of, copy)) > 1:
        raise typer.BadParameter(_("Give one of --rows, --reads-of and --copy, or none to look."))
    now_us = SystemClock().now_us()
    with Site.open(database, site) as opened:
        leak = None
        if rows is not None:
            text = rows.read_text("utf-8")
            leak = rows_leaked(opened.database, text, without_keys=without_keys)
        elif reads_of is not None:
            begin, end = _utc(since) or EPOCH, _utc(until) or from_us(now_us + 1)
            leak = reads_leaked(opened.database, reads_of, begin, end)
        elif copy is not None:
            leak = copy_leaked(opened.database, copy, now_us)
        breach = BreachId(case)
        if leak is not None:
            opened.breaches.add(breach, leak)
        _print(opened.breaches.standing(breach), as_json=as_json)


@app.command(
    help=_("Write a letter to each person affected, in their language, and queue the notices."),
    epilog=example(f"counterfoil breach letters {_CASE} --to letters {_WHERE}"),
)
def letters(
    case: BreachArgument,
    *,
    to: Annotated[Path, typer.Option(file_okay=False, metavar="FOLDER", show_default=False,
                                     help=_("Where each person has a folder."))],
    site: SiteOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Write the letters that are missing."""
    from counterfoil.bootstrap import Site
    from counterfoil.breach import BreachId

    with Site.open(database, site) as opened:
        _print(opened.breaches.write_letters(BreachId(case), to), as_json=as_json)


@app.command(
    help=_("Write the notice to an authority, and put on record that it was told."),
    epilog=example(
        f"counterfoil breach notify {_CASE} --law gdpr --authority CNIL --to notice.txt {_WHERE}"
    ),
)
def notify(
    case: BreachArgument,
    *,
    law: Annotated[str, typer.Option(metavar="gdpr|pipl", show_default=False,
                                     help=_("Under which law."))],
    authority: Annotated[str, typer.Option(show_default=False, help=_("Who is told."))],
    to: Annotated[Path, typer.Option(dir_okay=False, metavar="FILE", show_default=False,
                                     help=_("Where the text goes."))],
    delay_reasons: Annotated[str, typer.Option(help=_("Why it is late, if it is."))] = "",
    site: SiteOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Write the notice."""
    from counterfoil.bootstrap import Site
    from counterfoil.breach import BreachId
    from counterfoil.consent import Regime

    with Site.open(database, site) as opened:
        text = opened.breaches.report(
            BreachId(case), one_of(Regime, law), authority, delay_reasons=delay_reasons
        )
        to.write_text(text, "utf-8")
        _print(opened.breaches.standing(BreachId(case)), as_json=as_json)


@app.command(
    help=_("Compute what each person gets, by a rule that is written down."),
    epilog=example(f"counterfoil breach claims {_CASE} --rule rule.toml {_WHERE}"),
)
def claims(
    case: BreachArgument,
    *,
    rule: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, show_default=False,
        help=_("The rule, as TOML; the one that comes along if left out."))] = None,
    site: SiteOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Compute the claims that are missing."""
    from counterfoil.bootstrap import Site
    from counterfoil.breach import BreachId, default_rule, read_rule

    chosen = read_rule(rule.read_text("utf-8")) if rule else default_rule()
    with Site.open(database, site) as opened:
        _print(opened.breaches.claim(BreachId(case), chosen), as_json=as_json)


@app.command(
    help=_("Pay every claim from an account of the operator's, each at most once."),
    epilog=example(f"counterfoil breach pay {_CASE} --from 3 {_WHERE}"),
)
def pay(
    case: BreachArgument,
    *,
    account: Annotated[int, typer.Option("--from", min=1, show_default=False,
                                         help=_("The number of the account that pays."))],
    site: SiteOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Pay, and name who has no account to be paid on."""
    from counterfoil.bootstrap import Site
    from counterfoil.breach import BreachId
    from counterfoil.ledger import AccountNumber

    with Site.open(database, site) as opened:
        paid, without = opened.breaches.pay(BreachId(case), AccountNumber(account))
    if as_json:
        print_json({"paid": paid, "without_account": [str(one) for one in without]})
        return
    console().print(ngettext("{count} claim paid.", "{count} claims paid.", paid))
    for one in without:
        console().print(_("{person} has no account to be paid on.", person=one))


@app.command(
    help=_("Close a case in which everybody who can be told has been."),
    epilog=example(f'counterfoil breach close {_CASE} --by Edda --conclusion "Mended." {_WHERE}'),
)
def close(
    case: BreachArgument,
    *,
    by: ByOption,
    conclusion: Annotated[str, typer.Option(show_default=False,
                                            help=_("What came of it."))],
    site: SiteOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Close it."""
    from counterfoil.bootstrap import Site
    from counterfoil.breach import BreachId

    with Site.open(database, site) as opened:
        opened.breaches.close(BreachId(case), by=by, conclusion=conclusion)
        _print(opened.breaches.standing(BreachId(case)), as_json=as_json)


@app.command(
    "list",
    help=_(
        "List the cases and what is late; exit status 1 while an authority should have been told."
    ),
    epilog=example(f"counterfoil breach list {_WHERE}"),
)
def list_cases(*, site: SiteOption, database: DatabaseOption, as_json: JSONOption = False) -> None:
    """Print the cases."""
    from counterfoil.bootstrap import Site

    now = from_us(SystemClock().now_us())
    with Site.open(database, site) as opened:
        found = opened.breaches.listing()
    overdue = [one for one in found if set(one.late(now)) & set(one.unreported)]
    if as_json:
        print_json({"cases": [_json(one, now) for one in found], "overdue": len(overdue)})
    elif not found:
        console().print(_("There are no cases."))
    else:
        listing = table()
        for heading in (_("Case"), _("Known since (UTC)"), _("Persons"), _("Letters"), _("Late")):
            listing.add_column(heading, overflow="fold")
        for one in found:
            listing.add_row(
                f"{one.breach.id}\n{one.breach.case.title}",
                moment(one.breach.case.discovered_at), str(one.person_count),
                f"{one.letter_count}/{one.person_count - one.erased_count}",
                ", ".join(one.late(now)) or "—",
            )  # fmt: skip
        console().print(listing)
    if overdue:
        raise typer.Exit(Exit.DIFFERENCE)


@app.command(
    help=_("Report a case: whom it is about, who was told when, claims; it names no person."),
    epilog=example(f"counterfoil breach report {_CASE} {_WHERE}"),
)
def report(
    case: BreachArgument,
    *,
    site: SiteOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print the report."""
    from counterfoil.bootstrap import Site
    from counterfoil.breach import BreachId

    with Site.open(database, site) as opened:
        _print(opened.breaches.standing(BreachId(case)), as_json=as_json)


def _print(standing: "Standing", *, as_json: bool) -> None:
    from counterfoil.consent.category import in_words

    now = from_us(SystemClock().now_us())
    if as_json:
        print_json(_json(standing, now))
        return
    breach = standing.breach
    rows = {
        _("Case"): str(breach.id),
        _("What"): breach.case.title,
        _("Known since (UTC)"): moment(breach.case.discovered_at),
        _("Persons"): _("{count}, of whom {erased} are erased",
                        count=standing.person_count, erased=standing.erased_count),
        **{f"  {in_words(one)}": str(count) for one, count in standing.by_category.items()},
        _("Letters"): _("{written} written, {missing} missing",
                        written=standing.letter_count, missing=standing.unwritten_count),
        **{
            _("Told under {law}", law=told.law.value): f"{told.authority}, {moment(told.sent_at)}"
            for told in standing.reports
        },
        **{
            _("Due under {law}", law=law.value): moment(breach.due_at(law))
            for law in standing.unreported
        },
        _("Late"): ", ".join(standing.late(now)) or "—",
        _("Claims"): _("{count} ({sums}), {paid} paid", count=standing.claim_count,
                       sums=_sums(standing), paid=standing.paid_count),
        _("Closed (UTC)"): moment(breach.closed_at) if breach.closed_at else "—",
    }  # fmt: skip
    console().print(facts(rows))


def _sums(standing: "Standing") -> str:
    return ", ".join(f"{total} {code}" for code, total in standing.claimed.items()) or "—"


def _json(standing: "Standing", now: datetime) -> dict[str, object]:
    breach = standing.breach
    return {
        "case": str(breach.id),
        "title": breach.case.title,
        "severity": breach.case.severity.value,
        "discovered_at": breach.case.discovered_at.isoformat(),
        "due": {law.value: breach.due_at(law).isoformat() for law in breach.case.laws},
        "late": [law.value for law in standing.late(now)],
        "unreported": [law.value for law in standing.unreported],
        "persons": standing.person_count,
        "erased": standing.erased_count,
        "categories": {one.code: count for one, count in standing.by_category.items()},
        "letters": standing.letter_count,
        "letters_missing": standing.unwritten_count,
        "claims": standing.claim_count,
        "claimed": dict(standing.claimed),
        "paid": standing.paid_count,
        "closed_at": breach.closed_at.isoformat() if breach.closed_at else None,
    }


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at else None
