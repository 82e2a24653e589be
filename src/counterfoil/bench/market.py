"""A market to measure in: an operator with one shop, the shop's program, and people with money.

Everything is opened through the rooms themselves; only the first money comes from an account of the
operator's without anybody being asked.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from counterfoil.bootstrap import Site
from counterfoil.kernel.clock import Clock, SystemClock
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import (
    AccountId,
    AccountKind,
    AccountNumber,
    NewAccount,
    Transfer,
    TransferId,
)
from counterfoil.money import Currency, Money, currency_by_code
from counterfoil.pay import (
    Application,
    FeeTerms,
    Merchant,
    MerchantId,
    NewMerchant,
    NewStore,
    NewTill,
    Store,
    StoreId,
    TillId,
)
from counterfoil.people import NewPerson, PersonId, parse_contact
from counterfoil.wallet import Limits, Terms

CNY: Final = currency_by_code("CNY")
STORE_NO: Final = "1"
TILL_NO: Final = "A"
_AT_ONCE: Final = 500
"""Whose rows share a commit."""


@dataclass(slots=True)
class Market:
    """Who sells and who buys."""

    site: Site
    merchant: Merchant
    store: Store
    application: Application
    private_key: str
    """The shop's own key, as it was handed out."""
    people: Sequence[PersonId]
    currency: Currency


@contextmanager
def market(
    url: str,
    folder: Path,
    *,
    people: int,
    each: str = "1000000",
    clock: Clock | None = None,
) -> Iterator[Market]:
    """Open a market in a new folder; everybody has the same amount."""
    with Site.open(url, folder, origin="market.example", clock=clock or SystemClock()) as site:
        most = Money.of("100000000000", CNY)
        limits = Limits(most, most)
        site.wallets.offer(Terms(default=limits, ceiling=limits))
        merchant = site.pay.merchants.open(
            NewMerchant(id=MerchantId(new_id()), name="Larch Bakery", terms=FeeTerms(60))
        )
        store = site.pay.merchants.open_store(
            NewStore(
                id=StoreId(new_id()), merchant=merchant.id, number=STORE_NO, name="Main street"
            )
        )
        site.pay.merchants.open_till(
            NewTill(id=TillId(new_id()), store=store.id, merchant=merchant.id, number=TILL_NO)
        )
        pair = site.pay.applications.new_key_pair()
        application = site.pay.applications.open(
            merchant.id, "till program", public_key=pair.public_pem
        )
        buyers = _people(site, people)
        _fund(site, buyers, Money.of(each, CNY))
        yield Market(site, merchant, store, application, pair.private_pem, buyers, CNY)


def _people(site: Site, count: int) -> list[PersonId]:
    new = [
        NewPerson(
            id=PersonId(new_id()), name=f"Buyer {number}",
            contact=parse_contact(f"buyer.{number}@example.org"),
        )
        for number in range(count)
    ]  # fmt: skip
    for start in range(0, count, _AT_ONCE):
        site.people.register_all(new[start : start + _AT_ONCE])
    return [one.id for one in new]


def _fund(site: Site, people: Sequence[PersonId], each: Money) -> None:
    new = NewAccount(id=AccountId(new_id()), currency=each.currency, kind=AccountKind.ASSET)
    cash = site.ledger.open_account(new)
    wallets: list[AccountNumber] = []
    for start in range(0, len(people), _AT_ONCE):
        some = people[start : start + _AT_ONCE]
        wallets += site.wallets.accounts.open_wallets(some, each.currency)
    transfers = [
        Transfer(id=TransferId(new_id()), debit_account=cash, amount=each, credit_account=wallet)
        for wallet in wallets
    ]
    site.ledger.post_each(transfers)
