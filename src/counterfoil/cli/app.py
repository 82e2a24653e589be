"""The program `counterfoil`: its groups of commands, and what happens when one fails."""

import logging
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler

from counterfoil import __version__
from counterfoil.cli import (
    audit,
    authority,
    bank,
    bank_suspense,
    bench,
    bench_score,
    bench_settle,
    breach,
    copies,
    db,
    demo,
    evidence,
    grant,
    lab,
    ledger,
    log,
    merchant,
    merchant_certificates,
    merchant_keys,
    merchant_stores,
    notify,
    order,
    person,
    purpose,
    qr,
    retention,
    rights,
    rights_cases,
    rights_export,
    rights_outbox,
    score,
    score_answers,
    score_evidence,
    score_models,
    score_people,
    score_serve,
    serve,
    settle,
    verify,
    witness,
)
from counterfoil.cli.failure import Exit, report
from counterfoil.cli.options import example
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import _

app = typer.Typer(
    name="counterfoil",
    help=_("A ledger that both sides can check, and a lab for policies that score people."),
    epilog=example("counterfoil ledger verify --database sqlite:///bank.db"),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(ledger.app, name="ledger")
app.add_typer(log.app, name="log")
app.add_typer(witness.app, name="witness")
app.add_typer(person.app, name="person")
app.add_typer(purpose.app, name="purpose")
app.add_typer(purpose.collectors, name="collector")
app.add_typer(grant.app, name="grant")
person.register_who_looked(app)
app.add_typer(authority.app, name="authority")
rights_cases.register(rights.app)
rights_export.register(rights.app)
rights_outbox.register(rights.app)
app.add_typer(rights.app, name="rights")
app.add_typer(copies.app, name="copies")
app.add_typer(audit.app, name="audit")
app.add_typer(retention.app, name="retention")
app.add_typer(breach.app, name="breach")
app.add_typer(evidence.app, name="evidence")
app.add_typer(qr.app, name="qr")
app.add_typer(bank.app, name="bank")
app.add_typer(settle.app, name="settle")
bank_suspense.register(bank.app)
merchant_stores.register(merchant.app)
merchant_certificates.register(merchant.app)
merchant.app.add_typer(merchant_keys.app, name="api-key")
app.add_typer(merchant.app, name="merchant")
app.add_typer(order.app, name="order")
app.add_typer(order.rates, name="rate")
app.add_typer(db.app, name="db")
bench_settle.register(bench.app)
bench_score.register(bench.app)
app.add_typer(bench.app, name="bench")
app.add_typer(lab.app, name="lab")
app.add_typer(notify.app, name="notify")
score_models.register(score.app)
score_people.register(score.app)
score_evidence.register(score.app)
score_answers.register(score.app)
score_serve.register(score.app)
app.add_typer(score.app, name="score")
app.command(name="demo")(demo.demo)
serve.register(app)
app.command(
    name="verify",
    help=_("Verify receipts offline, and say what that proves and what it does not."),
    epilog=example("counterfoil verify receipt.json --key VKEY --policy policy.txt"),
)(verify.verify)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"counterfoil {__version__}")
        raise typer.Exit


@app.callback()
def set_up(
    *,
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose",
            "-v",
            count=True,
            show_default=False,
            help=_("Say more on stderr; twice for everything."),
        ),
    ] = 0,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help=_("Print the version."), callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Set up logging, for every command."""
    levels = (logging.WARNING, logging.INFO, logging.DEBUG)
    logging.basicConfig(
        level=levels[min(verbose, 2)],
        format="%(name)s: %(message)s",
        datefmt="[%X]",
        handlers=[RichHandler(console=Console(stderr=True), show_path=False)],
        force=True,
    )


def main() -> None:
    """Run the program; end with the exit status of what happened."""
    try:
        app()
    except CounterfoilError as error:
        sys.exit(report(error))
    except BrokenPipeError:
        # Whoever read has read enough, as `| head` does. What is still in the buffer is for nobody.
        sys.stderr.close()
        sys.exit(Exit.DONE)
