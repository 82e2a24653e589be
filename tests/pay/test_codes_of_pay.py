"""What a shop prints and shows leads back to the shop, and to nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.pay import OrderNotFound, StoreNotFound, id_of, number_of, word_of
from counterfoil.pay.number import id_of_word, new_numbered_id
from counterfoil.qr import Initiation, Origin, PayCode, PayKind, read_merchant_code
from tests.consent.world import EUR
from tests.pay.test_agreements import offered
from tests.pay.test_holds import deposit
from tests.pay.world import Street
from tests.wallet.world import euros

ORIGIN = Origin("https://pay.example")


def test_an_order_s_code_leads_to_the_order(market: Street) -> None:
    """As a link that any camera opens, and as a dynamic EMV code with the amount."""
    order = market.bread("9.99", "till-7")
    codes = market.pay.codes
    linked = ORIGIN.code_of_link(codes.order_link(order, ORIGIN))
    read = read_merchant_code(codes.order_code(order, ORIGIN))
    assert linked == ORIGIN.code_of_account(read) == PayCode(PayKind.ORDER, order.word)
    assert linked is not None
    assert codes.found(linked) == order
    assert (read.initiation, read.amount) == (Initiation.DYNAMIC, euros("9.99"))
    assert (read.name, read.city, read.category) == ("Larch Bakery", "Paris", "5462")
    assert read.additional is not None
    assert read.additional.reference == "till-7"


def test_a_store_s_code_leads_to_the_store(market: Street) -> None:
    """Static, without an amount: the payer enters it."""
    codes, store = market.pay.codes, market.store
    linked = ORIGIN.code_of_link(codes.store_link(store, ORIGIN))
    read = read_merchant_code(codes.store_code(store, ORIGIN, EUR))
    assert linked == ORIGIN.code_of_account(read)
    assert linked is not None
    assert codes.found(linked) == store
    assert (read.initiation, read.amount) == (Initiation.STATIC, None)


def test_holds_and_agreements_have_links_too(market: Street) -> None:
    """A phone opens what is to be placed or signed."""
    hold, agreement = market.pay.holds.create(deposit(market)), offered(market)
    codes = market.pay.codes
    for link, meant in (
        (codes.hold_link(hold, ORIGIN), hold),
        (codes.agreement_link(agreement, ORIGIN), agreement),
    ):
        code = ORIGIN.code_of_link(link)
        assert code is not None
        assert codes.found(code) == meant


def test_a_code_of_nobody_is_refused_by_name(market: Street) -> None:
    """A word that was never given, and a code that is no shop's."""
    with pytest.raises(OrderNotFound):
        market.pay.codes.found(PayCode(PayKind.ORDER, "0" * 19))
    with pytest.raises(StoreNotFound):
        market.pay.codes.found(PayCode(PayKind.STORE, "00000000"))
    with pytest.raises(OrderNotFound):
        market.pay.codes.found(PayCode(PayKind.WALLET, "00000000"))


@given(at_us=st.integers(0, 4_000_000_000_000_000))
def test_an_id_its_number_and_its_word_are_one(at_us: int) -> None:
    """Each gives back the others, and the number begins with the date."""
    made = new_numbered_id(at_us)
    number, word = number_of(made), word_of(made)
    assert (len(number), len(word)) == (28, 19)
    assert id_of(number) == made == id_of_word(word)


@pytest.mark.parametrize("text", ["", "1" * 27, "2" * 29, "20261399" + "0" * 20, "x" * 28,
                                  "2026010599999999" + "0" * 12])  # fmt: skip
def test_what_is_no_number_finds_nothing(text: str) -> None:
    """A month 13, a millisecond after midnight, letters: none is an id."""
    assert id_of(text) is None
