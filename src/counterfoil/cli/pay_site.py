"""What commands about merchants and orders stand on, and how both are printed."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.cli.printing import money, money_json
from counterfoil.cli.wiring import opened
from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from counterfoil.bank import Bank
    from counterfoil.cli.wiring import Rooms
    from counterfoil.ledger import Ledger
    from counterfoil.pay import Merchant, Order, Pay, Settling
    from counterfoil.wallet import Banking, Requests, Wallets
    from counterfoil.wallet import Rooms as WalletRooms

WHERE = "--keys site/keys/people --database sqlite:///shop.db"
BAKERY = "2088120035550123"
ORDER = "2026010532400000123456789012"

MerchantArgument = Annotated[
    str,
    typer.Argument(metavar="MERCHANT", help=_("The merchant's 16 digits."), show_default=False),
]
OrderArgument = Annotated[
    str,
    typer.Argument(metavar="ORDER", help=_("Our number for the order, 28 digits."),
                   show_default=False),
]  # fmt: skip


@contextmanager
def opened_pay(database: str, keys: Path) -> Iterator["Pay"]:
    """Open the writer and everything up to merchants and orders."""
    with opened_writing(database, keys) as (_ledger, pay):
        yield pay


@contextmanager
def opened_writing(database: str, keys: Path) -> Iterator[tuple["Ledger", "Pay"]]:
    """Open the same, and give the writer too."""
    with ExitStack() as undo:
        below, wallets = _open_wallets(undo, database, keys)
        yield below.ledger, _open_pay(undo, below, wallets, database, keys)


@dataclass(frozen=True, slots=True)
class MoneySite:
    """The rooms through which money goes: wallets, merchants, and the bank that both use."""

    rooms: "Rooms"
    wallets: "Wallets"
    requests: "Requests"
    bank: "Bank"
    banking: "Banking"
    pay: "Pay"
    settling: "Settling"


@contextmanager
def opened_money(database: str, keys: Path) -> Iterator[MoneySite]:
    """Open all of them: the bank answers for whoever has business with it, so none is left out."""
    from counterfoil.bank import Bank
    from counterfoil.kernel.clock import SystemClock
    from counterfoil.pay import Settling
    from counterfoil.people import LocalKeys
    from counterfoil.wallet import Banking, Requests

    clock, service = SystemClock(), LocalKeys(keys)
    with ExitStack() as undo:
        rooms, wallets = _open_wallets(undo, database, keys)
        below = _below(rooms)
        bank = undo.enter_context(Bank(rooms.ledger, service, database, clock))
        banking = Banking(below, wallets, bank, rooms.consent, rooms.readers, database)
        undo.callback(banking.close)
        pay = _open_pay(undo, rooms, wallets, database, keys)
        settling = Settling(rooms.ledger, wallets, bank, service, clock, database)
        undo.callback(settling.close)
        requests = Requests(below, wallets, service, rooms.readers, database)
        undo.callback(requests.close)
        yield MoneySite(rooms, wallets, requests, bank, banking, pay, settling)


def _below(rooms: "Rooms") -> "WalletRooms":
    from counterfoil.history import History
    from counterfoil.kernel.clock import SystemClock
    from counterfoil.wallet import Rooms as WalletRooms

    history = History(rooms.ledger)
    return WalletRooms(rooms.ledger, rooms.people, rooms.consent.gate, history, SystemClock())


def _open_wallets(undo: ExitStack, database: str, keys: Path) -> "tuple[Rooms, Wallets]":
    from counterfoil.wallet import Wallets

    rooms = undo.enter_context(opened(database, keys))
    return rooms, undo.enter_context(Wallets(_below(rooms), database))


def _open_pay(
    undo: ExitStack, rooms: "Rooms", wallets: "Wallets", database: str, keys: Path
) -> "Pay":
    from counterfoil.kernel.clock import SystemClock
    from counterfoil.pay import Pay, PayRooms
    from counterfoil.people import LocalKeys

    stand_on = PayRooms(rooms.ledger, rooms.consent.gate, wallets, LocalKeys(keys), SystemClock())
    return undo.enter_context(Pay(stand_on, database))


def merchant_json(merchant: "Merchant") -> dict[str, object]:
    """Give a merchant as JSON."""
    return {
        "id": str(merchant.id),
        "number": merchant.number,
        "name": merchant.name,
        "category": merchant.place.category,
        "country": merchant.place.country,
        "city": merchant.place.city,
        "owner": str(merchant.owner) if merchant.owner else None,
        "fee_basis_points": merchant.terms.basis_points,
        "fee_rounding": merchant.terms.rounding.value,
        "standing": merchant.standing.name.lower(),
        "reason": merchant.reason,
        "opened_at": merchant.opened_at.isoformat(),
    }


def order_json(order: "Order") -> dict[str, object]:
    """Give an order as JSON; who paid is not in it."""
    return {
        "number": order.number,
        "merchant_order_no": order.merchant_order_no,
        "state": order.state.value,
        "subject": order.subject,
        "amount": money_json(order.amount),
        "refunded": money_json(order.refunded),
        "fee": money_json(order.fee),
        "net": money_json(order.net),
        "way": order.way.value,
        "created_at": order.created_at.isoformat(),
        "paid_at": order.paid.at.isoformat() if order.paid else None,
    }


def order_facts(order: "Order") -> dict[str, str]:
    """Give an order as people read it; who paid is not in it."""
    return {
        _("Order"): order.number,
        _("Merchant's number"): order.merchant_order_no,
        _("State"): order.state.value,
        _("Subject"): order.subject,
        _("Amount"): money(order.amount),
        _("Given back"): money(order.refunded),
        _("Fee"): money(order.fee),
        _("Net"): money(order.net),
    }
