"""`counterfoil merchant import`, `sheet`, …: a chain's stores, what hangs at their counters, payouts."""

import atexit
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from functools import cache
from multiprocessing import get_context, parent_process
from os import _exit, cpu_count, getpid
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.pay_site import opened_money, opened_pay
from counterfoil.cli.printing import console, money, print_json, printable, progress_bars
from counterfoil.cli.wiring import KeysOption
from counterfoil.kernel.clock import Stopwatch
from counterfoil.kernel.i18n import _
from counterfoil.money import currency_by_code

if TYPE_CHECKING:
    from counterfoil.pay import Merchant, Pay, Store
    from counterfoil.pay.roll_out import RollOut
    from counterfoil.qr import Origin, Press, Sheet


_WHERE = "--keys keys --database sqlite:///shop.db"
_FAULTS_STATUS = 6
_SHEETS_A_TASK = 100
_SHEETS_ALONE = 200
"""Below so many, other processes would take longer to start than to draw."""

MerchantArgument = Annotated[
    str,
    typer.Argument(
        metavar="MERCHANT",
        show_default=False,
        help=_("The merchant: the operator's number for it, or its 16 digits."),
    ),
]
OriginOption = Annotated[
    str,
    typer.Option(
        metavar="URL",
        help=_("Where links in codes lead, such as https://pay.example."),
        show_default=False,
    ),
]


def import_stores(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, metavar="FILE", show_default=False,
            help=_("merchant,merchant_name,number,name and, if you like, category,country,city."),
        ),
    ],
    *,
    sheets: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", show_default=False,
                     help=_("Where to write a PDF for each store.")),
    ] = None,
    origin: OriginOption = "",
    fee: Annotated[
        int, typer.Option(help=_("What new merchants pay for payments, in basis points."))
    ] = 0,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Open them, draw their sheets, and say what happened."""
    from counterfoil.pay import FeeTerms
    from counterfoil.pay.codes import store_sheet
    from counterfoil.pay.roll_out import roll_out
    from counterfoil.pay.store_file import read_store_file

    leads_to = _checked_origin(sheets, origin)
    watch = Stopwatch()
    read = read_store_file(file.read_bytes(), FeeTerms(fee))
    with progress_bars() as bars, opened_pay(database, keys) as pay:
        task = bars.add_task(_("Opening stores"), total=len(read.lines))
        told = roll_out(pay.merchants, read, lambda count: bars.advance(task, count))
        opened_ms = int(watch.elapsed_s * 1000)
        if sheets is not None and leads_to is not None:
            drawing = bars.add_task(_("Drawing sheets"), total=len(told.stores))
            merchants = told.merchants
            drawn = [store_sheet(merchants[one.merchant], one, leads_to) for one in told.stores]
            for count in draw(drawn, sheets):
                bars.advance(drawing, count)
    _tell(told, opened_ms, int(watch.elapsed_s * 1000), as_json=as_json)
    if told.faults:
        raise typer.Exit(_FAULTS_STATUS)


def sheet(
    merchant: Annotated[
        str,
        typer.Argument(metavar="MERCHANT", show_default=False,
                       help=_("The merchant: the operator's number for it, or its 16 digits.")),
    ],
    *,
    to: Annotated[
        Path, typer.Option(metavar="FOLDER", help=_("Where to write the pages."), show_default=False)
    ],
    store: Annotated[
        str | None,
        typer.Option(help=_("The merchant's number for one store."), show_default=False),
    ] = None,
    origin: OriginOption,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Draw them, and print the files' names."""
    from counterfoil.pay.codes import store_sheet

    leads_to = _checked_origin(to, origin)
    assert leads_to is not None
    with progress_bars() as bars, opened_pay(database, keys) as pay:
        whose = find_merchant(pay, merchant)
        stores = [pay.merchants.store_by_number(whose.id, store)] if store else _all(pay, whose)
        task = bars.add_task(_("Drawing sheets"), total=len(stores))
        drawn = [store_sheet(whose, one, leads_to) for one in stores]
        for count in draw(drawn, to):
            bars.advance(task, count)
    names = [file_name(one) for one in drawn]
    if as_json:
        print_json({"folder": str(to), "files": names})
    else:
        console().print(
            _("{count} sheets are in {folder}.", count=len(names), folder=str(to)), soft_wrap=True
        )


def bank_account(
    merchant: MerchantArgument,
    *,
    iban: Annotated[str, typer.Option(help=_("The account's IBAN."), show_default=False)],
    holder: Annotated[str, typer.Option(help=_("Who holds it."), show_default=False)],
    currency: Annotated[str, typer.Option(help=_("The account's currency."), show_default=False)],
    bic: Annotated[str, typer.Option(help=_("The bank's BIC, if it wants one."))] = "",
    keys: KeysOption,
    database: DatabaseOption,
) -> None:
    """Keep it."""
    from counterfoil.bank import Party, masked, parse_iban

    party = Party(holder, parse_iban(iban), bic)
    with opened_money(database, keys) as rooms:
        whose = find_merchant(rooms.pay, merchant)
        rooms.settling.set_account(whose.id, currency_by_code(currency), party)
    console().print(
        _("{merchant} is paid out to {account}.", merchant=whose.name, account=masked(party.iban))
    )


def statement(
    merchant: MerchantArgument,
    *,
    on: Annotated[
        datetime,
        typer.Option("--date", formats=["%Y-%m-%d"], help=_("The day."), show_default=False),
    ],
    currency: Annotated[str, typer.Option(help=_("The account's currency."), show_default=False)],
    to: Annotated[
        Path, typer.Option(metavar="FILE", help=_("Where to write it."), show_default=False)
    ],
    keys: KeysOption,
    database: DatabaseOption,
) -> None:
    """Write it."""
    from counterfoil.bank.camt053 import write_camt053

    with opened_money(database, keys) as rooms:
        whose = find_merchant(rooms.pay, merchant)
        told = rooms.settling.statement(whose, currency_by_code(currency), on.date())
    to.write_bytes(write_camt053(told))
    console().print(
        _("{count} entries, from {opening} to {closing}.", count=len(told.entries),
          opening=money(told.opening), closing=money(told.closing))
    )  # fmt: skip


def find_merchant(pay: "Pay", text: str) -> "Merchant":
    """Find a merchant by the operator's number for it, or by its own 16 digits.

    Raises:
        MerchantNotFound: there is none.

    """
    if len(text) == 16 and text.isdigit():
        return pay.merchants.by_number(text)
    return pay.merchants.by_reference(text)


def file_name(sheet: "Sheet") -> str:
    """Name a sheet's file by the store's numbers, with nothing that a path could be."""
    safe = "".join(one if one.isalnum() or one in "-_" else "-" for one in sheet.number)
    return f"{safe}-{sheet.word}.pdf"


def draw(sheets: "Sequence[Sheet]", folder: Path) -> Iterator[int]:
    """Draw sheets into a folder, on all cores where there are many; yield how many at a time.

    Raises:
        GlyphMissing: no font at hand has a character of a name.

    """
    folder.mkdir(parents=True, exist_ok=True)
    for torn in folder.glob("*.part"):  # of a run that was killed
        torn.unlink(missing_ok=True)
    parts = [sheets[k : k + _SHEETS_A_TASK] for k in range(0, len(sheets), _SHEETS_A_TASK)]
    if len(sheets) < _SHEETS_ALONE:
        for part in parts:
            yield draw_part(part, folder)
        return
    # Forking would copy the ledger's locks and threads.
    with ProcessPoolExecutor(
        cpu_count(), mp_context=get_context("spawn"), initializer=_end_with_parent
    ) as pool:
        yield from pool.map(draw_part, parts, [folder] * len(parts))


def draw_part(sheets: "Sequence[Sheet]", folder: Path) -> int:
    """Draw some sheets; each file is whole or not there."""
    press = _press()
    for one in sheets:
        path = folder / file_name(one)
        aside = path.with_suffix(f".{getpid()}.part")
        aside.write_bytes(press.pdf(one))
        aside.replace(path)
    return len(sheets)


def _end_with_parent() -> None:
    """Draw for nobody: when the command is killed, this process ends too."""

    def wait() -> None:
        if (parent := parent_process()) is not None:
            parent.join()
            _exit(1)

    Thread(target=wait, daemon=True).start()
    # All is written by then; a thread that waits would only make libraries complain of leaks.
    atexit.register(_exit, 0)


@cache
def _press() -> "Press":
    """Give this process its press: to find and open the fonts takes longer than a hundred sheets."""
    from counterfoil.qr import Press

    return Press()


def _all(pay: "Pay", merchant: "Merchant") -> "list[Store]":
    found: list[Store] = []
    while page := pay.merchants.stores(merchant.id, found[-1].id if found else None):
        found += page
    return found


def _checked_origin(sheets: Path | None, origin: str) -> "Origin | None":
    from counterfoil.qr import Origin

    if sheets is None:
        return None
    if not origin:
        raise typer.BadParameter(
            _("Sheets have a link: give --origin, such as https://pay.example.")
        )
    return Origin(origin)


def _tell(told: "RollOut", opened_ms: int, all_ms: int, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "merchants": told.merchant_count,
                "new": told.new_count,
                "known": told.known_count,
                "faults": [{"line": one.line, "message": one.said} for one in told.faults],
                "opened_ms": opened_ms,
                "all_ms": all_ms,
            }
        )
        return
    console().print(
        _("{new} stores opened, {known} were there already, {wrong} lines are wrong.",
          new=f"{told.new_count:,}", known=f"{told.known_count:,}", wrong=f"{len(told.faults):,}")
    )  # fmt: skip
    for one in told.faults:
        console().print(
            _("Line {line}: {what}", line=one.line, what=printable(one.said)), soft_wrap=True
        )


def register(app: typer.Typer) -> None:
    """Offer these commands beside those that open one merchant."""
    app.command(
        "import",
        help=_(
            "Open the stores that a CSV file names, each with a till and, with --sheets, a sheet to "
            "hang up. The same file again changes nothing. Lines that are wrong are named and the "
            "others opened; the exit status is 6 then."
        ),
        epilog=example(
            f"counterfoil merchant import stores.csv --sheets sheets --origin https://pay.example {_WHERE}"
        ),
    )(import_stores)
    app.command(
        help=_(
            "Draw the sheets of a merchant's stores, or of one of them: an A5 page each, as PDF."
        ),
        epilog=example(
            f"counterfoil merchant sheet PH-1 --store 0001 --to sheets --origin https://pay.example {_WHERE}"
        ),
    )(sheet)
    app.command(
        "bank-account",
        help=_("Keep a merchant's bank account, to which it is paid out; it is stored sealed."),
        epilog=example(
            'counterfoil merchant bank-account PH-1 --iban "FR14 2004 1010 0505 0001 3M02 606" '
            f'--holder "National Pharmacy" --currency EUR {_WHERE}'
        ),
    )(bank_account)
    app.command(
        help=_("Write a merchant's statement of a day, as a bank would (camt.053)."),
        epilog=example(
            "counterfoil merchant statement PH-1 --date 2026-01-05 --currency EUR --to statement.xml "
            f"{_WHERE}"
        ),
    )(statement)
