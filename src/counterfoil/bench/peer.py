"""The peers that the ledger is measured beside, in the same run and on the same machine.

pgbench, PostgreSQL's own: TPC-B is a transfer with a row lock an account and a commit a payment,
which is how payment ledgers on SQL work. TigerBeetle, the fastest ledger there is: its own
benchmark, where its binary is to be had.
"""

import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from counterfoil.kernel.database import connect

PGBENCH_SCALE = 20
PGBENCH_CLIENTS = 16
PGBENCH_THREADS = 2
PGBENCH_RUNS = 3
_SCRATCH = "counterfoil_pgbench"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Peer:
    """What a peer did, or why it was not asked."""

    name: str
    transfers_per_second: int | None
    note: str


def run_pgbench(url: str | None, seconds: int, say: Say) -> Peer:
    """Run TPC-B on a scratch database of the server at `url`, and give the median of three."""
    name = "pgbench TPC-B"
    program = shutil.which("pgbench")
    if program is None or url is None:
        missing = "no pgbench on the PATH" if program is None else "no PostgreSQL was named"
        return Peer(name, None, f"skipped: {missing}")
    scratch = _with_database(url, _SCRATCH)
    with connect(url, writes=False) as database:
        database.execute(f"DROP DATABASE IF EXISTS {_SCRATCH}")
        database.execute(f"CREATE DATABASE {_SCRATCH}")
        try:
            say(f"pgbench: filling scale {PGBENCH_SCALE}")
            _call([program, "-i", "-q", "-s", str(PGBENCH_SCALE), scratch])
            rates = []
            for run in range(PGBENCH_RUNS):
                say(f"pgbench: run {run + 1} of {PGBENCH_RUNS}, {seconds} s")
                rates.append(_tps(_call(_command(program, seconds, scratch))))
        finally:
            database.execute(f"DROP DATABASE {_SCRATCH}")
    note = (
        f"scale {PGBENCH_SCALE}, {PGBENCH_CLIENTS} clients, prepared, {seconds} s, "
        f"median of {PGBENCH_RUNS}"
    )
    return Peer(name, round(statistics.median(rates)), note)


def run_tigerbeetle(program: Path | None, transfers: int, accounts: int, say: Say) -> Peer:
    """Run TigerBeetle's own benchmark."""
    if program is None:
        return Peer("TigerBeetle", None, "skipped: its binary was not named (--tigerbeetle PATH)")
    say("TigerBeetle: its own benchmark")
    with tempfile.TemporaryDirectory() as folder:
        counts = [f"--transfer-count={transfers}", f"--account-count={accounts}"]
        text = _call([str(program), "benchmark", *counts, f"--file={folder}/0_0.tb"])
    found = re.search(r"([\d,]+) tx/s|load accepted = ([\d,]+) tx/s", text)
    if found is None:
        return Peer("TigerBeetle", None, "its benchmark printed no rate")
    note = f"its own benchmark, {transfers:,} transfers among {accounts:,} accounts"
    return Peer("TigerBeetle", int((found[1] or found[2]).replace(",", "")), note)


def _command(program: str, seconds: int, url: str) -> list[str]:
    return [
        program,
        *("-c", str(PGBENCH_CLIENTS)),
        *("-j", str(PGBENCH_THREADS)),
        *("-M", "prepared"),
        *("-T", str(seconds)),
        url,
    ]


def _call(command: list[str]) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return done.stdout + done.stderr


def _tps(text: str) -> float:
    found = re.search(r"tps = ([\d.]+)", text)
    if found is None:
        raise ValueError(f"pgbench printed no rate: {text[-200:]!r}")
    return float(found[1])


def _with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    query = {k: v[0] for k, v in parse_qs(parts.query).items() if k != "options"}
    return parts._replace(path=f"/{name}", query=urlencode(query)).geturl()
