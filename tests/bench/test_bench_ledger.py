"""What the benchmark prints is what happened."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from counterfoil.bench.load import MIXES
from counterfoil.bench.peer import run_pgbench, run_tigerbeetle
from counterfoil.cli.bench import app
from counterfoil.ledger import LedgerReader
from tools.local_postgres import LocalPostgres

_TRANSFERS = 3000
_ACCOUNTS = 100
_ASKED = {
    "transfers_per_second",
    "commit_ms_p50",
    "commit_ms_p99",
    "peak_rss_mb",
    "rejected",
    "store",
    "durability",
    "compared_with",
}


def _run(*arguments: str) -> dict[str, object]:
    done = CliRunner().invoke(app, [*arguments, "--pgbench-seconds", "0", "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("mix", MIXES)
def test_each_mix_is_posted_whole_and_verifies(database_url: str, mix: str) -> None:
    """Every transfer that the benchmark counts is in the log, and the log verifies."""
    found = _run(
        "ledger", "--database", database_url, "--mix", mix, "--batch", "256",
        "--transfers", str(_TRANSFERS), "--accounts", str(_ACCOUNTS), "--references",
    )  # fmt: skip
    assert set(found) >= _ASKED
    assert found["rejected"] == 0
    with LedgerReader.open(database_url) as ledger:
        assert ledger.seq == _ACCOUNTS + 256 + _TRANSFERS  # funding, warming up, what counts
        assert ledger.verify().is_sound


def test_single_callers_are_counted_one_by_one(database_url: str) -> None:
    """With callers, a commit's time is what one caller waited, and each transfer is in the log."""
    found = _run(
        "ledger", "--database", database_url, "--callers", "8", "--transfers", "800",
    )  # fmt: skip
    assert found["transfers"] == 800
    with LedgerReader.open(database_url) as ledger:
        assert ledger.seq == 1000 + 8 * 10 + 800


def test_it_says_what_durable_means(database_url: str) -> None:
    """The output names the settings that make a commit durable, as the database reports them."""
    found = _run("ledger", "--database", database_url, "--transfers", "10", "--accounts", "10")
    expected = {
        "sqlite": "WAL, synchronous=FULL",
        "postgresql": "fsync=on, synchronous_commit=on",
    }
    assert found["durability"] == expected[str(found["store"])]


def test_history_is_read_from_a_log_that_exists(database_url: str) -> None:
    """The reading benchmark opens what the writing one has filled."""
    _run("ledger", "--database", database_url, "--transfers", "2000", "--accounts", "50")
    done = CliRunner().invoke(app, ["history", "--database", database_url, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["log_transfers"] == 2000 + 50 + 2000


def test_pgbench_runs_beside_and_leaves_nothing(
    postgres: LocalPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The peer is really run, and its scratch database is gone afterwards."""
    if not (postgres.bin / "pgbench").exists():
        pytest.skip("this PostgreSQL brings no pgbench")
    monkeypatch.setenv("PATH", str(postgres.bin), prepend=":")
    monkeypatch.setattr("counterfoil.bench.peer.PGBENCH_SCALE", 1)
    said: list[str] = []
    peer = run_pgbench(postgres.url, 1, said.append)
    assert peer.transfers_per_second is not None
    assert peer.transfers_per_second > 0
    assert len(said) == 4
    again = run_pgbench(postgres.url, 1, said.append)  # would fail on a left-over database
    assert again.note == peer.note


def test_an_absent_peer_is_skipped_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """No figure is made up for a peer that is not there."""
    assert run_tigerbeetle(None, 10, 10, print).note.startswith("skipped: its binary was not named")
    assert run_pgbench(None, 1, print).transfers_per_second is None
    monkeypatch.setenv("PATH", "")
    assert run_pgbench("postgresql://", 1, print).note == "skipped: no pgbench on the PATH"


def test_an_unknown_mix_is_refused_with_the_known_ones() -> None:
    """The message lists what can be asked for."""
    done = CliRunner().invoke(app, ["ledger", "--database", "sqlite:///x.db", "--mix", "wild"])
    assert done.exit_code == 2
    assert "uniform, hot, holds, mixed" in done.output
    assert not Path("x.db").exists()
