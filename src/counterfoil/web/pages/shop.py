"""Opening a shop by oneself: a name, a city, and the till is there; and the sheet to hang up."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from counterfoil.kernel.ids import new_id
from counterfoil.pay import (
    Merchant,
    MerchantId,
    NewMerchant,
    NewStore,
    NewTill,
    PayError,
    Place,
    Store,
    StoreId,
    Till,
    TillId,
)
from counterfoil.people import Entrance, SignedIn
from counterfoil.qr import PayCode, PayKind, make_qr
from counterfoil.web.asked import Asked
from counterfoil.web.desk import Desk, Who

FIRST = "1"


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""
    shops = Shops(desk)
    return [
        desk.route("/shop", shops.show, who=Who.PERSON),
        desk.posted("/shop", shops.open, who=Who.PERSON),
        desk.posted("/shop/till", shops.use_till, who=Who.PERSON),
        desk.route("/shop/sheet/{word}", shops.sheet),
    ]


class Shops:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._merchants = desk, desk.site.pay.merchants

    def show(self, asked: Asked) -> Response:
        """Show one's shops, and the form for another."""
        return self._show(asked)

    def _show(self, asked: Asked, said: str = "", status: int = 200) -> Response:
        shops = [
            (shop, [(store, self._merchants.tills(store.id))
                    for store in self._merchants.stores(shop.id)])
            for shop in self._merchants.of_owner(asked.me.person)
        ]  # fmt: skip
        purses = {shop.id: self._desk.site.pay.purses.balances(shop.id) for shop, _stores in shops}
        return self._desk.page(asked, "shop.html", status, shops=shops, purses=purses, said=said)

    def open(self, asked: Asked) -> Response:
        """Open a shop with one store and one till, and use this device as the till."""
        try:
            _shop, _store, till = self._opened(asked)
        except PayError as error:
            return self._show(asked, error.message, 422)
        return self._use(asked.me, till)

    def _opened(self, asked: Asked) -> tuple[Merchant, Store, Till]:
        name, city = asked.field("name"), asked.field("city")
        shop = self._merchants.open(
            NewMerchant(id=MerchantId(new_id()), name=name, place=Place(city=city),
                        owner=asked.me.person)
        )  # fmt: skip
        store = self._merchants.open_store(
            NewStore(id=StoreId(new_id()), merchant=shop.id, number=FIRST, name=city or name)
        )
        till = self._merchants.open_till(
            NewTill(id=TillId(new_id()), store=store.id, merchant=shop.id, number=FIRST)
        )
        return shop, store, till

    def use_till(self, asked: Asked) -> Response:
        """Use this device as one of one's own tills."""
        for shop in self._merchants.of_owner(asked.me.person):
            for store in self._merchants.stores(shop.id):
                for till in self._merchants.tills(store.id):
                    if till.id.hex == asked.field("till"):
                        return self._use(asked.me, till)
        return self._desk.go("/shop")

    def _use(self, me: SignedIn, till: Till) -> Response:
        entered = self._desk.site.people.sessions.begin(me.person, Entrance.TILL, till=till.id)
        return self._desk.enter(self._desk.go("/till"), entered.token, Who.TILL)

    def sheet(self, asked: Asked) -> Response:
        """Show a store's sheet, to be printed."""
        store = self._merchants.store_by_word(asked.part("word"))
        shop = self._merchants.merchant(store.merchant)
        code = PayCode(PayKind.STORE, store.word)
        return self._desk.page(
            asked, "sheet.html", store=store, shop=shop, code=code,
            symbol=make_qr(self._desk.origin.link(code)),
        )  # fmt: skip
