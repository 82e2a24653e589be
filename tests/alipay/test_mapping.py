"""Every error of every room has a code of the merchant API's, and nothing escapes as anything else."""

import json
import logging

import pytest

from counterfoil.alipay import mapping
from counterfoil.alipay.mapping import METHOD_ROWS, ROWS, SINGLE, in_api_words
from counterfoil.alipay.methods import METHODS
from counterfoil.alipay.refusal import Code, Refused
from counterfoil.kernel.errors import CounterfoilError, StoreUnavailable
from tests.alipay.world import Shop
from tests.refusals import every_error


def codes() -> set[str]:
    return {error.code for error in every_error()}


@pytest.mark.parametrize("room", ["pay", "wallet"])
def test_every_refusal_of_a_payment_has_a_row_of_its_own(room: str) -> None:
    """Whoever adds a refusal says here what the shop is told."""
    named = set(ROWS) | set(SINGLE)
    unknown = {"pay.busy", "wallet.busy"}  # it may be asked again: the outcome is unknown
    assert {code for code in codes() if code.startswith(f"{room}.")} - unknown == {
        code for code in named if code.startswith(f"{room}.")
    }


def test_every_error_of_every_room_is_said_in_the_api_s_words() -> None:
    """Total: whatever is raised, there is a first code, a sub-code and a fixed sentence."""
    for kind in set(every_error()) - {Refused}:
        error = CounterfoilError.__new__(kind)
        Exception.__init__(error, "secret words")
        error.message, error.facts = "secret words", {}
        for method in METHODS:
            said = in_api_words(error, method, METHODS[method].prefix)
            assert said.kind not in {Code.SUCCESS, Code.IN_PROCESS}
            assert said.sub_code
            assert "secret" not in said.message


def test_the_map_names_only_errors_and_methods_that_there_are() -> None:
    """A row for what no longer exists would hide that its error has none."""
    assert set(ROWS) | set(SINGLE) <= codes()
    assert set(METHOD_ROWS) <= set(METHODS)
    rooms = {code.partition(".")[0] for code in codes()}
    assert {code for rows in METHOD_ROWS.values() for code in rows} <= codes() | rooms
    assert set(mapping.ROOMS) <= rooms


class Faulty:
    """Stands in place of pay, and fails at whatever is asked of it."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> object:
        raise self.error


CONTENT = {
    "out_trade_no": "1", "trade_no": "2026112600000000000000000000", "total_amount": "1.00",
    "subject": "Bread", "scene": "bar_code", "auth_code": "280000000000000000",
    "refund_amount": "1.00", "out_request_no": "1", "royalty_parameters": [
        {"trans_in": "2088000000000000", "amount": "1.00"}],
    "auth_no": "2026112600000000000000000000", "out_order_no": "1", "order_title": "A deposit",
    "amount": "1.00", "remark": "x", "out_biz_no": "1", "trans_amount": "1.00",
    "payee_info": {"identity": "2088000000000000"}, "personal_product_code": "P",
    "access_params": {}, "agreement_no": "2026112600000000000000000000", "bill_type": "trade",
    "bill_date": "2020-01-01", "alipay_cert_sn": "aa", "transaction_id": "1",
    "product_code": "P", "settle_no": "2026112600000000000000000000",
}  # fmt: skip


def test_a_fault_anywhere_is_answered_in_a_signed_frame(
    bakery: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """Store gone, a bug, an error that nobody mapped: 20000, and the log says where, not what."""
    real = bakery.rooms.pay
    for error in (StoreUnavailable("the card of Bob"), ZeroDivisionError("the card of Bob")):
        faulty = Faulty(error)
        faulty.applications = real.applications  # type: ignore[attr-defined]
        object.__setattr__(bakery.rooms, "pay", faulty)
        for method in METHODS:
            extra = {"grant_type": "refresh_token", "refresh_token": "x"}
            with caplog.at_level(logging.INFO):
                reply = bakery.raw(method, CONTENT, **extra)
            if METHODS[method].is_page:
                assert b"aop.ACQ.SYSTEM_ERROR" in reply.body
                continue
            node = json.loads(reply.body)[f"{method.replace('.', '_')}_response"]
            assert node["code"] in {"20000", "40002", "40004"}, (method, node)
            if method.startswith(("alipay.trade", "alipay.fund", "alipay.user")):
                assert node["code"] == "20000", (method, node)
        object.__setattr__(bakery.rooms, "pay", real)
    assert "Bob" not in caplog.text
