"""Splitting what a trade brought: who is named gets their part once, and money is neither made nor lost."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.kernel.ids import new_id
from counterfoil.money import Money
from counterfoil.pay import Merchant, MerchantId, NewMerchant, Purse
from tests.alipay.world import Shop
from tests.wallet.world import euros

SETTLE, FOUND = "alipay.trade.order.settle", "alipay.trade.order.settle.query"
REFUND = "alipay.trade.refund"


@dataclass(slots=True)
class Split:
    """The bakery, its mill, and Bob who delivers."""

    shop: Shop
    mill: Merchant

    @property
    def bob(self) -> str:
        """Bob, as this shop knows him."""
        street = self.shop.street
        return self.shop.rooms.identities.open_id(self.shop.application.id, street.bob)

    def settle(self, trade_no: str, request: str, *parts: dict[str, Any]) -> dict[str, Any]:
        """Ask to split."""
        content = {"trade_no": trade_no, "out_request_no": request, "royalty_parameters": parts}
        return self.shop.ask(SETTLE, content)

    def paid(self, amount: str) -> str:
        """Sell something; its number."""
        return str(self.shop.pay(amount)["trade_no"])

    def held(self) -> list[Money]:
        """Tell what everybody has: Alice, Bob, the bakery, the mill, the operator's fees."""
        street = self.shop.street
        return [street.wallet(), street.wallet(street.bob), street.purse(), street.purse(self.mill.id),
                street.operator(Purse.FEES)]  # fmt: skip


@pytest.fixture
def split(bakery: Shop) -> Split:
    mill = bakery.street.pay.merchants.open(NewMerchant(id=MerchantId(new_id()), name="Mill"))
    return Split(bakery, mill)


def part(to: str, amount: str = "", **fields: str) -> dict[str, str]:
    return {"trans_in": to, **({"amount": amount} if amount else {}), **fields}


def test_each_gets_their_part_once(split: Split) -> None:
    """A person by open id, a merchant by its digits, an amount and a percentage; found by either number."""
    trade_no = split.paid("40.00")
    parts = (part(split.bob, "3.33", desc="delivery"),
             part(split.mill.number, amount_percentage="12.5", trans_in_type="userId"))  # fmt: skip
    done = split.settle(trade_no, "s1", *parts)
    assert (done["code"], done["trade_no"]) == ("10000", trade_no)
    assert split.settle(trade_no, "s1", *parts) == done
    street = split.shop.street
    assert street.wallet(street.bob) == euros("1003.33")
    assert street.purse(split.mill.id) == euros("5.00")
    by_settle = split.shop.ask(FOUND, {"settle_no": done["settle_no"]})
    by_request = split.shop.ask(FOUND, {"out_request_no": "s1", "trade_no": trade_no})
    assert by_settle == by_request
    assert [one["amount"] for one in by_settle["royalty_detail_list"]] == ["3.33", "5.00"]
    account = split.shop.ask("alipay.fund.account.query", {})
    assert account["available_amount"] == str(street.purse().plain)


def test_what_cannot_be_split_is_refused_by_name(split: Split) -> None:
    """Otherwise under one number, beyond what there is, to nobody, to itself, unpaid, of another: nothing moves."""
    trade_no = split.paid("10.00")
    assert split.settle(trade_no, "s1", part(split.bob, "1.00"))["code"] == "10000"
    before = split.held()
    unpaid = split.shop.ask(
        "alipay.trade.create",
        {"out_trade_no": "u1", "total_amount": "5.00", "subject": "Bread",
         "buyer_open_id": split.shop.rooms.identities.open_id(
             split.shop.application.id, split.shop.street.alice)},
    )["trade_no"]  # fmt: skip
    for expected, node in (
        ("DISCORDANT_REPEAT_REQUEST", split.settle(trade_no, "s1", part(split.bob, "2.00"))),
        ("ALLOC_AMOUNT_VALIDATE_ERROR", split.settle(trade_no, "s2", part(split.bob, "9.00"))),
        ("ALLOC_AMOUNT_VALIDATE_ERROR",
         split.settle(trade_no, "s2", part(split.bob, amount_percentage="200"))),
        ("ROYALTY_ACCOUNT_NOT_EXIST", split.settle(trade_no, "s2", part("2088999999999999", "1.00"))),
        ("ROYALTY_ACCOUNT_NOT_EXIST", split.settle(trade_no, "s2", part("x" * 22, "1.00"))),
        ("INVALID_RECEIVE_ACCOUNT",
         split.settle(trade_no, "s2", part(split.shop.street.bakery.number, "1.00"))),
        ("INVALID_PARAMETER", split.settle(trade_no, "s2", part(split.bob))),
        ("INVALID_PARAMETER", split.settle(trade_no, "s2")),
        ("INVALID_PARAMETER", split.settle(trade_no, "s2", *[part(split.bob, "0.01")] * 21)),
        ("TRADE_STATUS_ERROR", split.settle(unpaid, "s2", part(split.bob, "1.00"))),
        ("TRADE_NOT_EXIST", split.settle("2026112600000000000000000000", "s2", part(split.bob, "1.00"))),
        ("TRADE_NOT_EXIST", split.shop.ask(FOUND, {"out_request_no": "s9", "trade_no": trade_no})),
    ):  # fmt: skip
        assert (node["code"], node["sub_code"]) == ("40004", f"ACQ.{expected}"), node
    assert split.held() == before


def test_a_shared_trade_is_refunded_from_the_merchant_s_own(split: Split) -> None:
    """Its receivers keep theirs; while the merchant has too little, the refund waits for it."""
    trade_no = split.paid("20.00")
    split.settle(trade_no, "s1", part(split.bob, "8.00"))
    back = {"trade_no": trade_no, "out_request_no": "r1", "refund_amount": "20.00"}
    taking = back | {"refund_royalty_parameters": [{"trans_out": split.bob, "amount": "8.00"}]}
    before = split.held()
    assert split.shop.ask(REFUND, taking)["sub_code"] == "ACQ.REFUNDALLOC_UNAUTH_LIMIT"
    assert split.shop.ask(REFUND, back)["sub_code"] == "ACQ.SELLER_BALANCE_NOT_ENOUGH"
    assert split.held() == before
    split.paid("30.00")
    empty: dict[str, Any] = back | {"refund_royalty_parameters": []}
    assert split.shop.ask(REFUND, empty)["refund_fee"] == "20.00"
    street = split.shop.street
    assert street.wallet(street.bob) == euros("1008.00")
    again = split.settle(trade_no, "s2", part(split.bob, "0.01"))
    assert again["sub_code"].startswith("ACQ.")


STEP = st.tuples(
    st.sampled_from(["settle", "refund"]), st.integers(1, 2500), st.integers(1, 3), st.booleans()
)


@given(amount=st.integers(100, 4000), steps=st.lists(STEP, max_size=6))
@settings(
    max_examples=20, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_money_is_neither_made_nor_lost(
    split: Split, amount: int, steps: list[tuple[str, int, int, bool]]
) -> None:
    """Any splits and refunds in any order, repeated or not: the sum stays, and each cent has one holder."""
    before, street = split.held(), split.shop.street
    shop = split.shop
    trade_no = split.paid(f"{amount / 100:.2f}")
    shared = {split.bob: 0, split.mill.number: 0}
    known: set[tuple[str, int]] = set()
    back = 0
    for kind, cents, number, to_bob in steps:
        receiver, said = split.bob if to_bob else split.mill.number, f"{cents / 100:.2f}"
        if kind == "settle":
            node = split.settle(trade_no, f"s{number}", part(receiver, said))
            if node["code"] == "10000" and (kind, number) not in known:
                shared[receiver] += cents
        else:
            node = shop.ask(REFUND, {"trade_no": trade_no, "out_request_no": f"r{number}",
                                     "refund_amount": said})  # fmt: skip
            if node["code"] == "10000" and (kind, number) not in known:
                back += cents
        assert node["code"] in {"10000", "40004"}
        if node["code"] == "10000":
            known.add((kind, number))
    after = split.held()
    assert sum(one.minor for one in after) == sum(one.minor for one in before)
    alice, bob, _bakery, mill, _fees = (
        now.minor - then.minor for now, then in zip(after, before, strict=True)
    )
    assert (alice, bob, mill) == (back - amount, shared[split.bob], shared[split.mill.number])
    assert street.bank.town.ledger.verify().is_sound
