"""The demonstration on a terminal: each scene, what the ledger answered, and what it left behind.

Every figure is read back from the ledger or measured around the call that it describes.
"""

import time
from collections.abc import Callable
from dataclasses import fields
from itertools import starmap
from typing import ParamSpec, TypeVar

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from counterfoil.bench.load import Load, open_accounts
from counterfoil.demo import town as scenes
from counterfoil.demo.town import Town
from counterfoil.kernel.i18n import _, current_locale
from counterfoil.ledger import Flags, Ledger, Posted, Side, Verification
from counterfoil.money import Money, format_money

P = ParamSpec("P")
R = TypeVar("R")

BURST_TRANSFERS = 200_000
_BURST_ACCOUNTS = 10_000
_BURST_FUNDS = 200_000
_BATCH = 8192


def show(ledger: Ledger, database: str, console: Console) -> bool:
    """Play every scene; tell whether the ledger verified at the end."""
    console.print(
        Panel(
            _("A small town on {database}\nDurable means: {durability}",
              database=database, durability=ledger.durability),
            title="Counterfoil", box=box.ROUNDED,
        )
    )  # fmt: skip
    stage = _Stage(ledger, console)
    stage.play()
    _burst(ledger, console)
    return _verify(ledger, console).is_sound


class _Stage:
    """The scenes one after the other, with the names that the ledger does not know."""

    def __init__(self, ledger: Ledger, console: Console) -> None:
        self._ledger = ledger
        self._console = console
        everyone = scenes.residents()
        self._town = self._timed(
            _("Nine accounts are opened in one commit"), scenes.open_town, ledger, everyone
        )
        numbers = [getattr(self._town, field.name) for field in fields(Town)]
        self._names = dict(zip(numbers, (r.name for r in everyone), strict=True))

    def play(self) -> None:
        """Play every scene."""
        ledger, town = self._ledger, self._town
        self._scene(_("Alice and Bob top up"), scenes.top_up, ledger, town)
        order = scenes.residents()[0].new.id
        paid, again = self._timed(
            _("Alice pays the bakery; price and fee are linked: both or neither"),
            scenes.pay_with_fee, ledger, town, order,
        )  # fmt: skip
        self._show(paid)
        seq = ", ".join(str(posted.seq) for posted in again if posted.replayed)
        self._say(_("Her phone asks again with the same ids: rows {seq} are the answer, and "
                    "nothing moves twice.", seq=seq))  # fmt: skip
        hold = self._timed(_("The hotel holds a deposit for an hour"), scenes.place_hold, ledger,
                           town)  # fmt: skip
        self._show([hold])
        balances = ledger.balances(town.alice)
        self._say(_("Alice's balance is {balance}; available are {available}.",
                    balance=_money(balances.balance),
                    available=_money(balances.available)))  # fmt: skip
        self._scene(_("The hotel takes a part of it; the rest is released"), scenes.capture_part,
                    ledger, hold)  # fmt: skip
        self._scene(_("The bakery refunds a missing slice, naming the order"), scenes.refund,
                    ledger, town, order)  # fmt: skip
        trail = ledger.transfers_by_reference(order)
        self._say(_("By the order's reference, the ledger finds rows {seqs}.",
                    seqs=", ".join(str(row.seq) for row in trail)))  # fmt: skip
        rate, converted = self._timed(_("Alice eats in Tokyo: two currencies, linked"),
                                      scenes.convert, ledger, town)  # fmt: skip
        self._show(converted)
        self._say(_("1 EUR = {rate} JPY (source: {source})", rate=scenes.YEN_PER_EURO,
                    source=rate.source))  # fmt: skip
        refused = self._timed(_("Bob tries to spend 500 euro"), scenes.overdraw, ledger, town)
        self._say(f"[red]{refused.code}[/red]: {refused}")
        self._statement()

    def _scene(self, title: str, scene: Callable[..., Posted | list[Posted]], *arguments: object,
               ) -> None:  # fmt: skip
        posted = self._timed(title, scene, *arguments)
        self._show(posted if isinstance(posted, list) else [posted])

    def _timed(self, title: str, scene: Callable[P, R], *args: P.args, **kw: P.kwargs) -> R:
        start = time.perf_counter()
        result = scene(*args, **kw)
        elapsed = (time.perf_counter() - start) * 1000
        self._console.print(f"\n[bold]{title}[/bold] [dim]{elapsed:.1f} ms[/dim]")
        return result

    def _say(self, sentence: str) -> None:
        self._console.print(f"  {sentence}", highlight=False)

    def _show(self, posted: list[Posted]) -> None:
        table = _table(_("row"), _("debit"), _("credit"), _("amount"), _("what"), right=(0, 3))
        for one in posted:
            row = self._ledger.transfer(one.id)
            table.add_row(
                str(row.seq),
                self._names[row.debit_account],
                self._names[row.credit_account],
                _money(row.amount),
                _what(row.flags),
            )
        self._console.print(table)

    def _statement(self) -> None:
        statement = self._timed(
            _("Alice's statement"), scenes.alices_statement, self._ledger, self._town
        )
        table = _table(
            _("row"), _("time"), _("with"), _("what"), _("amount"), _("balance"), right=(0, 4, 5)
        )
        for posting in statement.postings:
            sign = "−" if posting.side is Side.DEBIT else "+"
            table.add_row(
                str(posting.seq),
                f"{posting.at:%H:%M:%S.%f}"[:-3],
                self._names[posting.other_account],
                _what(posting.flags),
                sign + _money(posting.amount) if posting.moves_money else _money(posting.amount),
                _money(posting.balance_after),
            )
        self._console.print(table)
        self._say(_("Opening {opening}, closing {closing}.", opening=_money(statement.opening),
                    closing=_money(statement.closing)))  # fmt: skip


def _burst(ledger: Ledger, console: Console) -> None:
    """Many people pay at once, in batches; the rate counts what came back durable."""
    console.print("\n[bold]" + _("A market day: {count} payments among {people} people",
                  count=f"{BURST_TRANSFERS:,}", people=f"{_BURST_ACCOUNTS:,}") + "[/bold]")  # fmt: skip
    first = open_accounts(ledger, _BURST_ACCOUNTS, funds=_BURST_FUNDS)
    load = Load("uniform", first, _BURST_ACCOUNTS, references=False)
    waits: list[float] = []
    accepted = 0
    with _progress(console) as progress:
        task = progress.add_task(_("payments"), total=BURST_TRANSFERS)
        while not progress.finished:
            left = BURST_TRANSFERS - accepted
            asked = load.batch(min(_BATCH, left))
            start = time.perf_counter()
            answers = ledger.post_records(asked)
            waits.append(time.perf_counter() - start)
            accepted += answers.accepted_count
            progress.update(task, completed=accepted)
    rate = accepted / sum(waits)
    console.print(
        "  " + _("{count} payments durable in {seconds} s: {rate} a second, in {commits} commits; "
                 "half of them took less than {median} ms.", count=f"{accepted:,}",
                 seconds=f"{sum(waits):.2f}", rate=f"[bold green]{rate:,.0f}[/bold green]",
                 commits=len(waits), median=f"{sorted(waits)[len(waits) // 2] * 1000:.0f}"),
        highlight=False,
    )  # fmt: skip


def _verify(ledger: Ledger, console: Console) -> Verification:
    """Rebuild everything from the log, and show the trial balance."""
    table = _table(_("currency"), _("kind"), _("accounts"), _("debits"), _("credits"),
                   right=(2, 3, 4))  # fmt: skip
    for line in ledger.trial_balance():
        debits, credits_ = starmap(
            Money, ((s, line.currency) for s in (line.debits_posted, line.credits_posted))
        )
        table.add_row(
            line.currency.code,
            line.kind.name.lower(),
            f"{line.account_count:,}",
            _money(debits),
            _money(credits_),
        )
    console.print("\n[bold]" + _("The trial balance") + "[/bold]")
    console.print(table)
    with _progress(console) as progress:
        task = progress.add_task(_("rebuilding every balance from the log"), total=ledger.seq)
        found = ledger.verify(
            lambda done, total: progress.update(task, completed=done, total=total)
        )
    if found.is_sound:
        sentence = _("{transfers} transfers and {accounts} accounts verified: every balance is "
                     "what the log makes of it.", transfers=f"{found.transfer_count:,}",
                     accounts=f"{found.account_count:,}")  # fmt: skip
        console.print(f"  [bold green]✓[/bold green] {sentence}", highlight=False)
    else:
        console.print(f"  [bold red]✗ {found.difference}[/bold red]", highlight=False)
    return found


def _table(*columns: str, right: tuple[int, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place in right else "left")
    return table


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("  {task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
    )


def _money(amount: Money) -> str:
    return format_money(amount, current_locale())


def _what(flags: Flags) -> str:
    """Name a transfer as a person would."""
    names = {
        Flags.PENDING: _("hold placed"),
        Flags.POST: _("hold posted"),
        Flags.VOID: _("hold voided"),
        Flags.EXPIRY: _("hold expired"),
        Flags.CORRECTION: _("correction"),
    }
    found = [name for flag, name in names.items() if flags & flag]
    return found[0] if found else _("payment")
