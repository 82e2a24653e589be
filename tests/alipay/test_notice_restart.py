"""A notice that was not heard outlives the server: told when it is due, by the same id, and shown meanwhile."""

import json
import signal
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from counterfoil.cli import main
from counterfoil.cli.failure import Exit
from tests.alipay.test_kill import Client, payment, served
from tests.courier.world import says, shop, wait_until

pytestmark = pytest.mark.slow
Said = Callable[..., tuple[int, str]]


@pytest.fixture
def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str,
    tmp_path: Path,
) -> Said:  # fmt: skip
    """Run `counterfoil notify …` beside the server; its status, and all that it prints."""
    for name, value in (("COUNTERFOIL_DATABASE", database_url), ("NO_COLOR", "1"),
                        ("COUNTERFOIL_FOLDER", str(tmp_path / "site")), ("COLUMNS", "300")):  # fmt: skip
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["counterfoil", "notify", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(str(ended.value.code or 0)), printed.out + printed.err

    return run


def listed(said: Said, *options: str) -> list[dict[str, Any]]:
    status, printed = said("list", "--json", *options)
    assert status == 0
    return list(json.loads(printed)["deliveries"])


def hears_late(request: BaseHTTPRequestHandler, number: int) -> None:
    """Answer the first notice wrongly, and all others rightly."""
    says(b"fail" if number == 1 else b"success")(request, number)


def test_a_notice_is_told_after_a_kill_between_its_attempts(
    database_url: str, tmp_path: Path, said: Said
) -> None:
    """Not heard, killed, restarted: told once it is due, once; then again because the operator asks."""
    folder = tmp_path / "site"
    with served(database_url, folder, "make") as (_, made):
        pass
    with shop(hears_late) as alice:
        with served(database_url, folder, "serve") as (process, started):
            client = Client(made, started["port"], alice)
            paid = client.ask("alipay.trade.pay", payment("order_1", started["codes"][0]))
            assert paid is not None
            assert paid["code"] == "10000"
            wait_until(lambda: [one["attempts"] for one in listed(said)] == [1])
            process.send_signal(signal.SIGKILL)
            process.wait()
        (waiting,) = listed(said, "--waiting")
        assert (waiting["attempts"], waiting["http_status"]) == (1, 200)
        assert (waiting["url"], listed(said, "--given-up")) == (alice.url, [])
        status, printed = said("list", "--waiting")
        assert (status, "1 notice waits." in printed, waiting["id"] in printed) == (0, True, True)
        with served(database_url, folder, "later"):
            alice.wait_for(2)
            wait_until(lambda: not listed(said, "--waiting"))
            first, told = (dict(parse_qsl(body.decode())) for body in alice.told)
            for name in ("notify_id", "trade_no", "trade_status", "total_amount"):
                assert told[name] == first[name]
            assert told["notify_time"] > first["notify_time"]
            (done,) = listed(said)
            assert (done["id"], done["attempts"]) == (waiting["id"], 2)
            assert said("resend", waiting["id"])[0] == 0
            alice.wait_for(3)
            again = dict(parse_qsl(alice.told[2].decode()))
            assert again["notify_id"] == first["notify_id"]
            wait_until(lambda: not list((folder / "notify").iterdir()))
        assert len(alice.told) == 3
    status, printed = said("resend", "019b3e5e-8400-7000-8000-0000075bcd15")
    assert (status, "counterfoil notify list" in printed) == (Exit.NOT_FOUND, True)
