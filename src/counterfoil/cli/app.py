"""The program `counterfoil`: its groups of commands, and what happens when one fails."""

import logging
import sys
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.logging import RichHandler
from typer.core import TyperGroup
from typer.main import get_group

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
    wallet,
    wallet_money,
    witness,
)
from counterfoil.cli.failure import Exit, report
from counterfoil.cli.options import example
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import _

rights_cases.register(rights.app)
rights_export.register(rights.app)
rights_outbox.register(rights.app)
bank_suspense.register(bank.app)
merchant_stores.register(merchant.app)
merchant_certificates.register(merchant.app)
merchant.app.add_typer(merchant_keys.app, name="api-key")
bench_settle.register(bench.app)
bench_score.register(bench.app)
score_models.register(score.app)
score_people.register(score.app)
score_evidence.register(score.app)
score_answers.register(score.app)
score_serve.register(score.app)
wallet_money.register(wallet.app)

_GROUPS: Final = {
    "ledger": ledger.app,
    "log": log.app,
    "witness": witness.app,
    "person": person.app,
    "purpose": purpose.app,
    "collector": purpose.collectors,
    "grant": grant.app,
    "authority": authority.app,
    "rights": rights.app,
    "copies": copies.app,
    "audit": audit.app,
    "retention": retention.app,
    "breach": breach.app,
    "evidence": evidence.app,
    "qr": qr.app,
    "bank": bank.app,
    "settle": settle.app,
    "merchant": merchant.app,
    "wallet": wallet.app,
    "order": order.app,
    "rate": order.rates,
    "db": db.app,
    "bench": bench.app,
    "lab": lab.app,
    "notify": notify.app,
    "score": score.app,
}


class _Groups(TyperGroup):
    """The program's groups, each built when it is asked for: all take longer than most commands."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Name every command and group."""
        there = super().list_commands(ctx)
        return [*there, *(name for name in _GROUPS if name not in there)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Find one by its name."""
        if cmd_name in _GROUPS and cmd_name not in self.commands:
            self.commands[cmd_name] = get_group(_GROUPS[cmd_name])
            self.commands[cmd_name].name = cmd_name
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find what a line asks for; a name that is none is held against all that there are."""
        if args and self.get_command(ctx, args[0]) is None:
            for name in _GROUPS:
                self.get_command(ctx, name)
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="counterfoil",
    cls=_Groups,
    help=_("A ledger that both sides can check, and a lab for policies that score people."),
    epilog=example("counterfoil ledger verify --database sqlite:///bank.db"),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
person.register_who_looked(app)
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
