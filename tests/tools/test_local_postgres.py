"""The PostgreSQL that other tests rely on keeps its own promises."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from tools.local_postgres import LocalPostgres, bundled_binaries, find_binaries


def test_it_is_durable_and_unreachable_from_outside(postgres: LocalPostgres) -> None:
    """Commits reach the disk, and nobody can connect over the network."""
    with psycopg.connect(postgres.url) as connection:
        for setting, value in {
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "listen_addresses": "",
        }.items():
            assert connection.execute(f"SHOW {setting}").fetchone() == (value,)


def test_an_emptied_database_holds_nothing(postgres: LocalPostgres) -> None:
    """Whatever a test left behind, tables or open connections, the next one does not see."""
    left_open = psycopg.connect(postgres.emptied_database("emptied"))
    left_open.execute("CREATE TABLE left_behind ()")
    left_open.commit()
    with psycopg.connect(postgres.emptied_database("emptied")) as connection:
        assert connection.execute("SELECT to_regclass('left_behind')").fetchone() == (None,)
    with pytest.raises(psycopg.OperationalError, match="terminat"):
        left_open.execute("SELECT 1")
    left_open.close()


@pytest.mark.slow
@pytest.mark.parametrize("binaries", [find_binaries, bundled_binaries])
def test_committed_rows_survive_an_immediate_stop(binaries: Callable[[], Path | None]) -> None:
    """What was committed is there after a stop that gives the server no time to tidy up."""
    with LocalPostgres(bin_folder=binaries()) as postgres:
        url = postgres.new_database("survives")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        postgres.stop(mode="immediate")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)
        postgres.start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


@pytest.mark.slow
def test_it_goes_when_its_owner_is_killed() -> None:
    """A test run that dies leaves no server and no folder behind."""
    owner = subprocess.Popen(
        [sys.executable, "-m", "tools.local_postgres", "run", "--", "sh", "-c", WAIT],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    folder = Path(owner.stdout.readline().strip().partition("?host=")[2])
    server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    deadline = time.monotonic() + 20
    while (folder.exists() or runs(server)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()
    assert not runs(server)


def runs(pid: int) -> bool:
    """Tell whether a process runs; one that ended and waits to be reaped does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


WAIT = 'echo "$COUNTERFOIL_POSTGRESQL_URL"; exec 1>&-; exec sleep 5'
