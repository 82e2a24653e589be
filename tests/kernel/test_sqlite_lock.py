"""The lock that keeps a second writer out does not keep the first one out of its own database."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from counterfoil.kernel.database import connect, single
from counterfoil.kernel.errors import StoreUnavailable
from counterfoil.kernel.schema import create_if_empty


def test_a_disk_that_was_full_while_locking_locks_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that could not be written is given up, and taken again once there is space."""
    url = f"sqlite:///{tmp_path}/ledger.db"

    def write_on_full_disk(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", write_on_full_disk)
        with pytest.raises(StoreUnavailable, match="No space left on device"):
            connect(url, writes=True)
    connect(url, writes=True, prepare=lambda: create_if_empty(url)).close()


HOLD = """
import sqlite3, sys, time
with sqlite3.connect(sys.argv[1], isolation_level=None) as database:
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("BEGIN EXCLUSIVE")
    print("held", flush=True)
    time.sleep(1)
    database.execute("COMMIT")
"""
"""Another process, for this one may not have two copies of SQLite open on one file."""


@pytest.mark.parametrize("writes", [True, False])
def test_a_file_that_is_locked_for_a_moment_is_waited_for(tmp_path: Path, *, writes: bool) -> None:
    """Whoever opens the database while another has it for itself waits, and fails at nothing."""
    path = tmp_path / "ledger.db"
    create_if_empty(f"sqlite:///{path}")
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with connect(f"sqlite:///{path}", writes=writes) as database:
            assert single(database.query("SELECT count(*) FROM transfers")) == 0
    assert other.returncode == 0
