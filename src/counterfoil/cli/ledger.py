"""`counterfoil ledger`: import, read and verify a ledger."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from counterfoil.cli import ledger_import, ledger_tables, ledger_write
from counterfoil.cli.failure import Exit
from counterfoil.cli.options import (
    AccountArgument,
    AtOption,
    CountOption,
    DatabaseOption,
    JSONOption,
    SinceOption,
    UntilOption,
    example,
)
from counterfoil.cli.printing import console, print_json, progress_bars
from counterfoil.kernel.clock import EPOCH, SystemClock, from_us
from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from counterfoil.ledger import AccountNumber, LedgerReader

app = typer.Typer(help=_("Open accounts, post, import, read and verify."), no_args_is_help=True)
ledger_write.register(app)


@app.command(
    "import-berka",
    help=_(
        "Replay a real bank, the Berka data, into a ledger, and compare every running balance with "
        "the one the bank printed. Running it again moves nothing."
    ),
    epilog=example("counterfoil ledger import-berka ../data/berka --database sqlite:///bank.db"),
)
def import_berka(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help=_("The folder with the bank's transaction files (trans*.asc or .csv, or .gz)."),
            show_default=False,
        ),
    ],
    *,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Import, then print what came of it."""
    result = ledger_import.run(folder, database)
    if as_json:
        print_json(ledger_import.as_json(result))
    else:
        ledger_import.show(result, console())


@app.command(
    help=_("Rebuild every balance from the log, compare, and name the first difference."),
    epilog=example("counterfoil ledger verify --database sqlite:///bank.db"),
)
def verify(*, database: DatabaseOption, as_json: JSONOption = False) -> None:
    """Verify, with exit status 1 for a difference."""
    with _reader(database) as reader, progress_bars() as bars:
        bar = bars.add_task(_("Replaying the log"), total=None)
        verification = reader.verify(
            lambda done, total: bars.update(bar, completed=done, total=total)
        )
    if as_json:
        print_json(ledger_tables.verification_json(verification))
    else:
        console().print(ledger_tables.verification_text(verification))
    if not verification.is_sound:
        raise typer.Exit(Exit.DIFFERENCE)


@app.command(
    help=_("Tell an account's balance, and what is held against it, now or at a moment."),
    epilog=example("counterfoil ledger balance 8 --database sqlite:///bank.db"),
)
def balance(
    account: AccountArgument,
    *,
    at: AtOption = None,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print an account's sums."""
    with _reader(database) as reader:
        number = _number(reader, account)
        sums = reader.balances(number) if at is None else reader.balances_at(number, _utc(at))
        described = reader.account(number)
    if as_json:
        print_json(ledger_tables.balance_json(described, sums))
    else:
        console().print(ledger_tables.balance_table(described, sums))


@app.command(
    help=_("Draw up an account's statement for a period: opening, postings, closing."),
    epilog=example(
        "counterfoil ledger statement 8 --since 1993-01-01 --until 1993-02-01 "
        "--database sqlite:///bank.db"
    ),
)
def statement(
    account: AccountArgument,
    *,
    since: SinceOption = None,
    until: UntilOption = None,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print a statement."""
    end = _utc(until) if until else from_us(SystemClock().now_us())
    with _reader(database) as reader:
        number = _number(reader, account)
        drawn_up = reader.statement(number, _utc(since) if since else EPOCH, end)
    if as_json:
        print_json(ledger_tables.statement_json(drawn_up))
    else:
        console().print(ledger_tables.statement_table(drawn_up))


@app.command(
    help=_("List an account's latest postings, the latest first."),
    epilog=example("counterfoil ledger latest 8 --count 5 --database sqlite:///bank.db"),
)
def latest(
    account: AccountArgument,
    *,
    count: CountOption = 20,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print the latest postings."""
    with _reader(database) as reader:
        number = _number(reader, account)
        postings = reader.latest(number, count)
    if as_json:
        print_json(
            {"account": number, "postings": [ledger_tables.posting_json(one) for one in postings]}
        )
    else:
        console().print(ledger_tables.latest_table(number, postings))


@app.command(
    "trial-balance",
    help=_("Add up all accounts by currency and kind; debits equal credits in each currency."),
    epilog=example("counterfoil ledger trial-balance --database sqlite:///bank.db"),
)
def trial_balance(*, database: DatabaseOption, as_json: JSONOption = False) -> None:
    """Print the trial balance."""
    with _reader(database) as reader:
        lines = reader.trial_balance()
    if as_json:
        print_json({"lines": [ledger_tables.trial_line_json(line) for line in lines]})
    else:
        console().print(ledger_tables.trial_balance_table(lines))


@app.command(
    help=_("Show one transfer by the id that its caller gave it."),
    epilog=example(
        "counterfoil ledger transfer 01890a5d-ac96-774b-bcce-b302099a8057 "
        "--database sqlite:///bank.db"
    ),
)
def transfer(
    id: Annotated[  # noqa: A002  # the field's name
        UUID, typer.Argument(metavar="ID", help=_("The transfer's id."), show_default=False)
    ],
    *,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print a transfer."""
    from counterfoil.ledger import TransferId

    with _reader(database) as reader:
        found = reader.transfer(TransferId(id))
    if as_json:
        print_json(ledger_tables.transfer_json(found))
    else:
        console().print(ledger_tables.transfer_table(found))


def _reader(database: str) -> "LedgerReader":
    # Loading the ledger takes half a second, and `--help` should not wait for it.
    from counterfoil.ledger import LedgerReader

    return LedgerReader.open(database)


def _number(reader: "LedgerReader", account: str) -> "AccountNumber":
    """Find the account by its number or by its id."""
    from counterfoil.ledger import AccountId, AccountNumber

    if account.isascii() and account.isdigit():
        number = AccountNumber(int(account))
        reader.account(number)
        return number
    try:
        return reader.account_by_id(AccountId(UUID(account))).number
    except ValueError as error:
        raise typer.BadParameter(
            _("{account!r} is neither an account's number nor an id.", account=account)
        ) from error


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
