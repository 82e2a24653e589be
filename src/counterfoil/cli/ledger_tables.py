"""What a ledger answers, as tables for people and as JSON for programs."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from counterfoil.cli.printing import facts, moment, money, money_json, number, table
from counterfoil.kernel.clock import EPOCH
from counterfoil.kernel.i18n import _
from counterfoil.money import Currency, Money

if TYPE_CHECKING:
    from counterfoil.ledger import (
        Account,
        AccountKind,
        AccountNumber,
        Balances,
        Flags,
        Posting,
        RecordedTransfer,
        Statement,
        TrialLine,
        Verification,
    )


def kind_name(kind: "AccountKind") -> str:
    """Name a kind of account in the reader's language."""
    names = (_("asset"), _("liability"), _("equity"), _("income"), _("expense"))
    return names[kind - 1]


def balance_table(account: "Account", sums: "Balances") -> Table:
    """Show an account's balance and its four sums."""
    title = _("Account {number}, {kind}", number=account.number, kind=kind_name(account.kind))
    return facts(
        {
            _("balance"): money(sums.balance),
            _("available"): money(sums.available),
            _("debits posted"): money(Money(sums.debits_posted, sums.currency)),
            _("credits posted"): money(Money(sums.credits_posted, sums.currency)),
            _("debits pending"): money(Money(sums.debits_pending, sums.currency)),
            _("credits pending"): money(Money(sums.credits_pending, sums.currency)),
            _("opened"): moment(account.opened_at),
        },
        title,
    )


def balance_json(account: "Account", sums: "Balances") -> dict[str, object]:
    """Give an account's balance and its four sums."""
    return {
        "account": account.number,
        "id": str(account.id),
        "kind": account.kind.name.lower(),
        "balance": money_json(sums.balance),
        "available": money_json(sums.available),
        "debits_posted": sums.debits_posted,
        "credits_posted": sums.credits_posted,
        "debits_pending": sums.debits_pending,
        "credits_pending": sums.credits_pending,
    }


def statement_table(statement: "Statement") -> Table:
    """Show a statement, opening first and closing last."""
    shown = _postings(
        _(
            "Statement of account {account} in {currency}",
            account=statement.account,
            currency=statement.opening.currency,
        )
    )
    since = "" if statement.since == EPOCH else moment(statement.since)
    shown.add_row(since, _("opening"), "", "", "", number(statement.opening), style="bold")
    for posting in statement.postings:
        shown.add_row(*_posting_row(posting))
    shown.add_section()
    shown.add_row(
        moment(statement.until), _("closing"), "", "", "", number(statement.closing), style="bold"
    )
    return shown


def statement_json(statement: "Statement") -> dict[str, object]:
    """Give a statement."""
    return {
        "account": statement.account,
        "since": statement.since.isoformat(),
        "until": statement.until.isoformat(),
        "opening": money_json(statement.opening),
        "postings": [posting_json(posting) for posting in statement.postings],
        "closing": money_json(statement.closing),
    }


def latest_table(account: "AccountNumber", postings: "Sequence[Posting]") -> Table:
    """Show an account's latest postings."""
    if not postings:
        return table(_("Account {account} has no postings.", account=account))
    shown = _postings(
        _(
            "Latest postings of account {account} in {currency}",
            account=account,
            currency=postings[0].amount.currency,
        )
    )
    for posting in postings:
        shown.add_row(*_posting_row(posting))
    return shown


def posting_json(posting: "Posting") -> dict[str, object]:
    """Give one posting."""
    return {
        "seq": posting.seq,
        "id": str(posting.id),
        "at": posting.at.isoformat(),
        "side": posting.side.name.lower(),
        "other_account": posting.other_account,
        "amount": money_json(posting.amount),
        "flags": _flag_names(posting.flags),
        "balance_after": money_json(posting.balance_after),
        "code": posting.code,
        "reference": str(posting.reference) if posting.reference else None,
    }


def trial_balance_table(lines: "Sequence[TrialLine]") -> Table:
    """Show the trial balance, with a total for each currency."""
    shown = table(_("Trial balance"))
    shown.add_column(_("currency"))
    shown.add_column(_("kind"))
    for heading in (_("accounts"), _("debits"), _("credits")):
        shown.add_column(heading, justify="right", no_wrap=True)
    by_currency: defaultdict[Currency, list[TrialLine]] = defaultdict(list)
    for line in lines:
        by_currency[line.currency].append(line)
    for currency, group in by_currency.items():
        for line in group:
            shown.add_row(currency.code, kind_name(line.kind), f"{line.account_count}",
                          _sum([line.debits_posted], currency),
                          _sum([line.credits_posted], currency))  # fmt: skip
        shown.add_section()
        shown.add_row(
            currency.code,
            _("all"),
            f"{sum(line.account_count for line in group)}",
            _sum([line.debits_posted for line in group], currency),
            _sum([line.credits_posted for line in group], currency),
            style="bold",
            end_section=True,
        )
    return shown


def trial_line_json(line: "TrialLine") -> dict[str, object]:
    """Give one line of the trial balance."""
    return {
        "currency": line.currency.code,
        "kind": line.kind.name.lower(),
        "account_count": line.account_count,
        "debits_posted": line.debits_posted,
        "credits_posted": line.credits_posted,
        "debits_pending": line.debits_pending,
        "credits_pending": line.credits_pending,
    }


def transfer_table(transfer: "RecordedTransfer") -> Table:
    """Show one transfer."""
    rows = {
        _("row of the log"): f"{transfer.seq}",
        _("at"): moment(transfer.at),
        _("debit account"): f"{transfer.debit_account}",
        _("credit account"): f"{transfer.credit_account}",
        _("amount"): money(transfer.amount),
        _("kind"): ", ".join(_flag_names(transfer.flags)) or _("plain"),
        _("code"): f"{transfer.code}",
        _("reference"): str(transfer.reference or "—"),
    }
    if transfer.subject_seq:
        rows[_("concerns row")] = f"{transfer.subject_seq}"
    if transfer.expires_at:
        rows[_("expires")] = moment(transfer.expires_at)
    return facts(rows, _("Transfer {id}", id=transfer.id))


def transfer_json(transfer: "RecordedTransfer") -> dict[str, object]:
    """Give one transfer."""
    return {
        "seq": transfer.seq,
        "id": str(transfer.id),
        "at": transfer.at.isoformat(),
        "debit_account": transfer.debit_account,
        "credit_account": transfer.credit_account,
        "amount": money_json(transfer.amount),
        "flags": _flag_names(transfer.flags),
        "code": transfer.code,
        "reference": str(transfer.reference) if transfer.reference else None,
        "subject_seq": transfer.subject_seq,
        "expires_at": transfer.expires_at.isoformat() if transfer.expires_at else None,
    }


def verification_text(verification: "Verification") -> Text:
    """Say whether the ledger is sound."""
    counts = {
        "transfers": f"{verification.transfer_count:,}",
        "accounts": f"{verification.account_count:,}",
        "holds": f"{verification.open_hold_count:,}",
    }
    if verification.is_sound:
        said = _(
            "Every balance follows from the log. Transfers: {transfers}; accounts: {accounts}; "
            "open holds: {holds}.",
            **counts,
        )
        return Text.assemble(("✓ ", "bold green"), said)
    said = _("The first difference: {difference}", difference=verification.difference)
    return Text.assemble(("✗ ", "bold red"), said)


def verification_json(verification: "Verification") -> dict[str, object]:
    """Give what was compared, and the first difference."""
    return {
        "is_sound": verification.is_sound,
        "transfer_count": verification.transfer_count,
        "account_count": verification.account_count,
        "open_hold_count": verification.open_hold_count,
        "difference": verification.difference,
    }


def _postings(title: str) -> Table:
    shown = table(title)
    shown.add_column(_("at (UTC)"), no_wrap=True)
    shown.add_column(_("with"), no_wrap=True)
    shown.add_column(_("kind"))
    shown.add_column(_("debit"), justify="right", no_wrap=True)
    shown.add_column(_("credit"), justify="right", no_wrap=True)
    shown.add_column(_("balance"), justify="right", no_wrap=True)
    return shown


def _posting_row(posting: "Posting") -> list[str]:
    from counterfoil.ledger import Side

    amount = number(posting.amount)
    is_debit = posting.side is Side.DEBIT
    return [
        moment(posting.at),
        f"{posting.other_account}",
        ", ".join([*_flag_names(posting.flags), *([f"{posting.code}"] if posting.code else [])]),
        amount if is_debit else "",
        "" if is_debit else amount,
        number(posting.balance_after),
    ]


def _flag_names(flags: "Flags") -> list[str]:
    return [(flag.name or "").lower().replace("_", "-") for flag in flags]


def _sum(minors: Sequence[int], currency: Currency) -> str:
    return number(Money(sum(minors), currency))
