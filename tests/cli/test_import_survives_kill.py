"""An import that is killed is run again, and ends as if nothing had happened."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from counterfoil.kernel.database import connect

COUNT = 400
HEADER = "merchant,merchant_name,number,name\n"
WAIT_S = 60


def command(folder: Path, url: str) -> list[str]:
    return [
        str(Path(sys.executable).with_name("counterfoil")), "merchant", "import",
        str(folder / "stores.csv"),
        "--sheets", str(folder / "sheets"), "--origin", "https://pay.example",
        "--keys", str(folder / "keys"), "--database", url, "--json",
    ]  # fmt: skip


def killed_when(command: list[str], is_time: Callable[[], bool]) -> None:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        until = time.monotonic() + WAIT_S
        while not is_time() and run.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        assert run.poll() is None, "it was done before it could be killed"
        run.kill()


@pytest.mark.slow
def test_a_killed_import_is_whole_after_another_run(database_url: str, tmp_path: Path) -> None:
    """Killed while sheets are drawn and run again: each store once, each sheet whole, nothing else."""
    lines = "".join(f"PH-1,Pharmacy,{k:04},Store {k}\n" for k in range(COUNT))
    (tmp_path / "stores.csv").write_text(HEADER + lines + "PH-1,Pharmacy,,No number\n")
    sheets = tmp_path / "sheets"
    killed_when(command(tmp_path, database_url), lambda: any(sheets.glob("*.pdf")))
    again = subprocess.run(command(tmp_path, database_url), capture_output=True, check=False)
    assert again.returncode == 6, again.stderr
    told = json.loads(again.stdout)
    assert (told["new"], told["known"]) == (0, COUNT)
    assert [one["line"] for one in told["faults"]] == [COUNT + 2]
    with connect(database_url, writes=False) as database:
        query = "SELECT count(*) AS n, count(DISTINCT number) AS numbers FROM stores"
        assert database.query(query).to_pylist() == [{"n": COUNT, "numbers": COUNT}]
    names = sorted(sheets.iterdir())
    assert len(names) == COUNT
    for path in names:
        data = path.read_bytes()
        assert data.startswith(b"%PDF-")
        assert data.endswith(b"%%EOF\n"), path
