"""Every error of every room is a problem with a status of its own, and nothing escapes as a trace."""

import logging

import pytest

from counterfoil.api.problems import (
    ROOMS,
    ROWS,
    problem_of,
    problem_response,
    problems_page,
    row_of,
)
from counterfoil.kernel.errors import CounterfoilError, StoreUnavailable
from tests.api.world import ORIGIN, Shop
from tests.refusals import every_error


def codes() -> set[str]:
    return {error.code for error in every_error() if error.__module__.startswith("counterfoil")}


@pytest.mark.parametrize("room", ["api", "pay", "wallet"])
def test_every_refusal_of_a_payment_has_a_row_of_its_own(room: str) -> None:
    """Whoever adds a refusal says here what the shop is told."""
    named = {code for code in ROWS if code.startswith(f"{room}.")}
    assert {code for code in codes() if code.startswith(f"{room}.")} == named


def test_every_error_of_every_room_is_a_problem() -> None:
    """Total: whatever is raised has a status, a title and a code; a wallet's words stay there."""
    for kind in set(every_error()):
        error = CounterfoilError.__new__(kind)
        Exception.__init__(error, "secret words")
        error.message, error.facts = "secret words", {}
        told = problem_of(error, ORIGIN)
        assert 400 <= told.status < 600
        assert told.title
        assert told.code == error.code
        reply = problem_response(told)
        assert reply.headers["content-type"] == "application/problem+json"
        if error.code.startswith(("wallet.", "people.", "store.", "ledger.", "consent.")):
            assert "secret" not in told.detail, error.code


def test_the_map_names_only_errors_that_there_are() -> None:
    """A row for what no longer exists would hide that its error has none."""
    assert set(ROWS) <= codes()
    assert set(ROOMS) <= {code.partition(".")[0] for code in codes()}


def test_a_problem_s_type_leads_to_what_it_means(bakery: Shop) -> None:
    """The page that a type names is served, and has every problem in it."""
    reply = bakery.ask("GET", "/problems", key=None)
    assert reply.status_code == 200
    assert all(f'id="{code}"' in reply.text for code in ROWS)
    assert reply.text == problems_page()


class Faulty:
    """Stands in place of pay, and fails at whatever is asked of it."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> object:
        raise self.error


def test_a_fault_anywhere_is_a_problem_and_the_log_says_where(
    bakery: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """Store gone: 503 and worth asking again; a bug: 500; neither tells anybody's words."""
    real = bakery.rooms.pay
    for error, status in (
        (StoreUnavailable("the card of Bob"), 503),
        (ZeroDivisionError("Bob"), 500),
    ):
        object.__setattr__(bakery.rooms, "pay", Faulty(error))
        for method, path, body in (
            ("POST", "/payments", bakery.bread(payer_code="281234567890123456")),
            ("GET", "/orders", None), ("GET", "/merchant", None), ("GET", "/events", None),
        ):  # fmt: skip
            with caplog.at_level(logging.INFO):
                reply = bakery.ask(method, path, body)
            assert reply.status_code == status, (path, reply.text)
            assert reply.json()["is_transient"]
            assert reply.headers["retry-after"] == "1"
            assert "Bob" not in reply.text
        object.__setattr__(bakery.rooms, "pay", real)
    assert "Bob" not in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_what_cannot_be_read_is_said_field_by_field(bakery: Shop) -> None:
    """No JSON, another shape, a field too many, deep nesting, no such address or method."""
    reply = bakery.ask("POST", "/orders", {"amount": {"currency": "EUR"}, "colour": "red"})
    assert reply.status_code == 422
    assert {one["pointer"] for one in reply.json()["errors"]} == {
        "/amount/amount", "/subject", "/colour",
    }  # fmt: skip
    json = {"content-type": "application/json"}
    for body in (
        b"{",
        b"[]",
        b"[" * 50_000,
        b'{"subject": "\xff"}',
        b'{"subject": "\\ud800"}',
        b"",
    ):
        told = bakery.refused("POST", "/orders", content=body, headers=json)
        assert told == (422, "api.fields-invalid"), body
    assert bakery.refused("GET", "/nothing") == (404, "api.not-found")
    assert bakery.refused("DELETE", "/orders") == (405, "api.method-not-allowed")
    assert row_of("ledger.in-use").status == 500


def test_a_refusal_is_in_english_whatever_the_server_s_own_language(
    bakery: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Titles and details alike: programs and their writers read one language."""
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    bakery.post("/orders", bakery.bread("1.00", reference="bread-7"))
    nowhere = bakery.ask("GET", "/orders/2026010532400000123456789012").json()["detail"]
    assert nowhere == "There is no such order. Check its number."
    taken = bakery.ask("POST", "/orders", bakery.bread("2.00", reference="bread-7"))
    assert taken.json()["detail"].startswith("The order number bread-7 has been used")
