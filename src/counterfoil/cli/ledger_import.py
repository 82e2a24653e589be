"""`counterfoil ledger import-berka`: the import with its bars, and its result as people read it."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from counterfoil.cli.ledger_tables import kind_name
from counterfoil.cli.printing import (
    money,
    money_json,
    number,
    progress_bars,
    table,
)
from counterfoil.kernel.i18n import _, ngettext
from counterfoil.money import Money, currency_by_code

if TYPE_CHECKING:
    from counterfoil.ledger.imports.berka import FileCount, Import, Miss, OwnBalance


def run(folder: Path, database: str) -> "Import":
    """Import a folder into a ledger, which is made if it does not exist."""
    from counterfoil.ledger import Ledger
    from counterfoil.ledger.imports.berka import Stage, import_berka

    with progress_bars() as bars:
        said = {
            Stage.READ: _("Reading files"),
            Stage.POST: _("Posting transfers"),
            Stage.COMPARE: _("Comparing balances"),
        }
        tasks = {
            stage: bars.add_task(text, total=None, start=False) for stage, text in said.items()
        }

        def tell(stage: Stage, done: int, total: int) -> None:
            bars.start_task(tasks[stage])
            bars.update(tasks[stage], completed=done, total=total)

        with Ledger.open(database) as ledger:
            return import_berka(ledger, folder, tell)


def show(result: "Import", console: Console) -> None:
    """Print what an import did."""
    console.print(_files_table(result))
    console.print(_own_table(result.own_balances))
    for account, opening in result.openings:
        console.print(
            _(
                "Account {account} of the bank was opened with {opening}, from before the data.",
                account=account,
                opening=money(opening),
            )
        )
    for counted in result.files:
        if misses := [miss for miss in result.misses if miss.file == counted.file]:
            console.print(_misses_table(counted.file, misses))
    if all(not counted.new_count for counted in result.files):
        console.print(_("All rows were known already; nothing was moved."))
    console.print(
        _(
            "A row ties when the ledger's balance moved as the printed one did, within {tolerance} "
            "of the bank's rounding. Over a whole history the roundings add up to {drift} at most.",
            tolerance=money(_tolerance()),
            drift=money(result.drift_max),
        ),
        style="dim",
    )


def as_json(result: "Import") -> dict[str, object]:
    """Give what an import did."""
    return {
        "files": [_file_json(counted) for counted in result.files],
        "account_count": result.account_count,
        "openings": [
            {"bank_account": account, "opening": money_json(opening)}
            for account, opening in result.openings
        ],
        "misses": [_miss_json(miss) for miss in result.misses],
        "tolerance": money_json(_tolerance()),
        "drift_max": money_json(result.drift_max),
        "own_accounts": [
            {
                "name": each.own.name.lower().replace("_", "-"),
                "account": each.account,
                "balance": money_json(each.balance),
            }
            for each in result.own_balances
        ],
    }


def _tolerance() -> "Money":
    from counterfoil.ledger.imports.berka import TOLERANCE_MINOR

    return Money(TOLERANCE_MINOR, currency_by_code("CZK"))


def _files_table(result: "Import") -> Table:
    shown = table(_("The bank's rows, and the ledger's balances"))
    shown.add_column(_("file"), overflow="fold")
    for heading in (_("rows"), _("new"), _("known"), _("tie")):
        shown.add_column(heading, justify="right", no_wrap=True)
    for counted in result.files:
        is_whole = counted.tied_count == counted.row_count
        shown.add_row(
            counted.file,
            f"{counted.row_count:,}",
            f"{counted.new_count:,}",
            f"{counted.known_count:,}",
            f"[{'green' if is_whole else 'yellow'}]{counted.tied_count:,}[/]",
        )
    return shown


def _own_table(balances: "tuple[OwnBalance, ...]") -> Table:
    from counterfoil.ledger.imports.berka import OwnAccount

    names = {
        OwnAccount.CASH: _("cash"),
        OwnAccount.CLEARING: _("card clearing"),
        OwnAccount.OTHER_BANKS: _("other banks"),
        OwnAccount.INTEREST_PAID: _("interest paid"),
        OwnAccount.INTEREST_EARNED: _("sanction interest earned"),
        OwnAccount.FEES: _("fees"),
        OwnAccount.OPENING: _("opening balances"),
    }
    shown = table(_("The bank's own accounts"))
    shown.add_column(_("account"), justify="right")
    shown.add_column(_("name"))
    shown.add_column(_("kind"))
    shown.add_column(_("balance in {currency}", currency="CZK"), justify="right", no_wrap=True)
    for each in balances:
        shown.add_row(
            f"{each.account}", names[each.own], kind_name(each.own.kind), number(each.balance)
        )
    return shown


def _misses_table(file: str, misses: "list[Miss]") -> Table:
    title = ngettext(
        "{count} row of {file} does not tie",
        "{count} rows of {file} do not tie",
        len(misses),
        file=file,
    )
    shown = table(title)
    shown.add_column(_("line"), justify="right")
    shown.add_column(_("day"), no_wrap=True)
    shown.add_column(_("bank's account"), justify="right")
    shown.add_column(_("account"), justify="right")
    for heading in (_("printed"), _("ledger"), _("gap")):
        shown.add_column(heading, justify="right", no_wrap=True)
    for miss in sorted(misses, key=lambda miss: miss.line):
        shown.add_row(
            f"{miss.line}",
            f"{miss.day}",
            f"{miss.bank_account}",
            f"{miss.account}",
            number(miss.printed),
            number(miss.ledger),
            number(miss.gap),
        )
    return shown


def _file_json(counted: "FileCount") -> dict[str, object]:
    return {
        "file": counted.file,
        "row_count": counted.row_count,
        "new_count": counted.new_count,
        "known_count": counted.known_count,
        "tied_count": counted.tied_count,
    }


def _miss_json(miss: "Miss") -> dict[str, object]:
    return {
        "file": miss.file,
        "line": miss.line,
        "trans_id": miss.number,
        "bank_account": miss.bank_account,
        "account": miss.account,
        "day": miss.day.isoformat(),
        "printed": money_json(miss.printed),
        "ledger": money_json(miss.ledger),
        "gap": money_json(miss.gap),
    }
