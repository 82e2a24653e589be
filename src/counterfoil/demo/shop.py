"""A shop, a payer and an order that waits to be paid: for whoever watches, on a real server.

In a terminal the server stays, and the reader pays. Elsewhere nobody would: then the payer pays by
the very pages that a phone would show, and the server ends by itself.
"""

import os
import re
import signal
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

import httpx2
from rich.console import Console
from rich.panel import Panel

from counterfoil.bootstrap import Site
from counterfoil.consent import BasisId
from counterfoil.kernel.clock import SystemClock, from_us
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountId, AccountKind, NewAccount, Transfer, TransferId
from counterfoil.money import Money, currency_by_code
from counterfoil.pay import (
    FeeTerms,
    MerchantId,
    NewMerchant,
    NewOrder,
    NewStore,
    NewTill,
    Order,
    Place,
    StoreId,
    TillId,
)
from counterfoil.people import NewPerson, PersonId, parse_contact
from counterfoil.server import Settings, serve
from counterfoil.server.compose import Composed
from counterfoil.wallet import Movement

_EUR: Final = currency_by_code("EUR")
_FEE_BP: Final = 60
_FORM: Final = re.compile(r'name="form" value="(\w+)"')
_MATCH: Final = re.compile(r'class="match">(\w{4})<')
_TIMEOUT_S: Final = 60


@dataclass(frozen=True, slots=True)
class Opened:
    """The shop, the links of its till and of its payer, and the order that waits."""

    till_link: str
    payer_link: str
    order: Order


def open_shop(site: Site) -> Opened:
    """Register Noor, who bakes, and Bob, who buys; give Bob money, and make an order."""
    noor = _person(site, "Noor Nasser", "noor@example.org")
    bob = _person(site, "Bob Bauer", "bob@example.org")
    _fund(site, bob, Money.of("100.00", _EUR))
    merchants = site.pay.merchants
    bakery = merchants.open(
        NewMerchant(id=MerchantId(new_id()), name="Noor's bakery", owner=noor,
                    place=Place(category="5462", country="FR", city="Paris"),
                    terms=FeeTerms(_FEE_BP))
    )  # fmt: skip
    store = merchants.open_store(
        NewStore(id=StoreId(new_id()), merchant=bakery.id, number="1", name="Rue de Rivoli")
    )
    till = merchants.open_till(
        NewTill(id=TillId(new_id()), store=store.id, merchant=bakery.id, number="1")
    )
    order = site.pay.orders.create(
        NewOrder(merchant=bakery.id, merchant_order_no="cake-1", amount=Money.of("12.50", _EUR),
                 subject="A cake", store=store.id, till=till.id,
                 expires_at=from_us(SystemClock().now_us()) + timedelta(hours=1))
    )  # fmt: skip
    sessions = site.people.sessions
    return Opened(
        sessions.make_link(noor, by="the demonstration", till=till.id),
        sessions.make_link(bob, by="the demonstration"),
        order,
    )


def _person(site: Site, name: str, contact: str) -> PersonId:
    new = NewPerson(id=PersonId(new_id()), name=name, contact=parse_contact(contact))
    site.people.register(new)
    site.consent.bases.enter_contract(BasisId(new_id()), new.id, "terms of the demonstration")
    site.wallets.open_wallet(new.id, _EUR)
    return new.id


def _fund(site: Site, person: PersonId, amount: Money) -> None:
    """Let a person bring cash to the bank."""
    cash = site.ledger.open_account(
        NewAccount(id=AccountId(new_id()), currency=_EUR, kind=AccountKind.ASSET)
    )
    wallet = site.wallets.wallet(person, _EUR)
    site.ledger.post(
        Transfer(id=TransferId(new_id()), debit_account=cash, credit_account=wallet.account,
                 amount=amount, code=Movement.TOP_UP)
    )  # fmt: skip


def show_shop(folder: Path, console: Console, *, stays: bool, port: int = 0) -> None:
    """Serve the shop: until interrupted, or until the payer has paid by themselves.

    Raises:
        AssertionError: a page did not show what it has to.

    """
    settings = Settings(
        database=f"sqlite:///{folder / 'shop.db'}", folder=folder / "operator", port=port
    )

    paying: list[Future[None]] = []

    with ThreadPoolExecutor(1) as phone:

        def begin(url: str, site: Site, _composed: Composed) -> None:
            opened = open_shop(site)
            if stays:
                _invite(console, url, opened)
            else:
                paying.append(phone.submit(_pay_and_stop, url, opened, console))

        serve(settings, on_start=begin)
    for one in paying:
        one.result()


def _invite(console: Console, url: str, opened: Opened) -> None:
    first = f"/in/{opened.payer_link}?next=/side-by-side"
    link = f"{url}/in/{opened.till_link}?next={quote(first)}"
    console.print(
        Panel(
            _("A shop, a payer, and an order of 12.50 that waits. Open this in a browser, and pay "
              "(code {word}):", word=opened.order.word) + f"\n\n[bold]{link}[/bold]\n\n"
            + _("{url} is the first page. Ctrl-C ends it; everything is thrown away.", url=url),
            title="Counterfoil",
        ),
        soft_wrap=True,
    )  # fmt: skip


def _pay_and_stop(url: str, opened: Opened, console: Console) -> None:
    try:
        match = pay_by_pages(url, opened)
        console.print(
            _("Served at {url}. Bob scanned the code {word} of Noor's bakery, confirmed the "
              "registered name and 12.50 euro, and paid; till and phone both show {match}, and his "
              "receipt verifies.", url=url, word=opened.order.word, match=match)
        )  # fmt: skip
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


def pay_by_pages(url: str, opened: Opened) -> str:
    """Pay as a phone would, page by page; give the match code that it shows at the end."""
    with httpx2.Client(base_url=url, follow_redirects=True, timeout=_TIMEOUT_S) as phone:
        _submit(phone, f"/in/{opened.payer_link}", "/wallet")
        paid = _submit(phone, f"/o/{opened.order.word}", "")
        found = _MATCH.search(paid)
        wallet = phone.get("/wallet").text
        seq = re.findall(r"/wallet/payments/(\d+)", wallet)[0]
        receipt = phone.get(f"/wallet/payments/{seq}/receipt.txt").raise_for_status().content
        page = phone.get("/verify").text
        form = {"form": _FORM.findall(page)[0], "text": receipt.decode()}
        verified = phone.post("/verify", data=form).text
        assert found is not None, "the payment did not go through"
        assert "✓" in verified, "the receipt does not verify"
        return found[1]


def _submit(phone: httpx2.Client, path: str, following: str) -> str:
    page = phone.get(path).text
    form = {"form": _FORM.findall(page)[-1], "next": following, "answer": ""}
    return phone.post(path, data=form).text
