"""The lock that keeps a second writer out does not keep the first one out of its own database."""

import errno
import os
from pathlib import Path

import pytest

from counterfoil.kernel.database import connect
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
