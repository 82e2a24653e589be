"""The power goes off: only what was synchronized is left, and all that was acknowledged is in it."""

import os
import random
import sys
from pathlib import Path

import pytest

from counterfoil.kernel.clock import ManualClock, from_us
from counterfoil.receipts import Log, LogReader, leaves_of
from counterfoil.receipts import log as log_module
from counterfoil.receipts.merkle import leaf_hash
from counterfoil.receipts.witness import Witness
from tests.receipts.given import LOG_KEY, NOW_US, WITNESS_KEY, recursive_root

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="finds out through /proc what is synchronized"
)


class Disk:
    """Remembers what was synchronized: of a file its bytes, of a folder its names (fsync(2))."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._bytes: dict[int, bytes] = {}
        self._names: dict[int, dict[str, tuple[int, bool]]] = {}
        self._fsync = os.fsync
        monkeypatch.setattr(os, "fsync", self._remember)

    def _remember(self, descriptor: int) -> None:
        self._fsync(descriptor)
        path, inode = Path(f"/proc/self/fd/{descriptor}").readlink(), os.fstat(descriptor).st_ino
        if path.is_dir():
            self._names[inode] = {
                child.name: (child.stat().st_ino, child.is_dir()) for child in path.iterdir()
            }
        else:
            self._bytes[inode] = path.read_bytes()

    def left(self, folder: Path, into: Path) -> Path:
        """Write down what a power cut would leave of a folder."""
        self._leave(folder.stat().st_ino, into)
        return into

    def _leave(self, folder: int, into: Path) -> None:
        into.mkdir()
        for name, (inode, is_folder) in self._names.get(folder, {}).items():
            if is_folder:
                self._leave(inode, into / name)
            else:  # a name may be there whose bytes never reached the disk
                (into / name).write_bytes(self._bytes.get(inode, b""))


def test_a_log_has_what_it_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut at any moment, it opens, has every leaf and the token, and proves what it published."""
    monkeypatch.setattr(log_module, "SETTLE_BYTES", 4000)
    disk, chance = Disk(monkeypatch), random.Random(11)
    log, entries = Log.open(tmp_path / "log", [LOG_KEY]), [b""] * 0
    published = 0
    for cut in range(60):
        new = [b"%d" % (len(entries) + number) for number in range(chance.choice([1, 90, 300]))]
        log.append(leaves_of(new), b"%d" % cut)
        entries += new
        if cut % 3 == 0:
            published = log.publish().signed.checkpoint.size
        left = disk.left(tmp_path / "log", tmp_path / f"after-{cut}")
        with Log.open(left, [LOG_KEY]) as again:
            assert (again.size, again.token) == (len(entries), b"%d" % cut)
            if published:
                index = chance.randrange(published)
                again.prove(index).check(leaf_hash(entries[index]))
            root = again.publish().signed.checkpoint.root
            assert LogReader(left).entry(len(entries) - 1) == entries[-1]
        assert root == recursive_root([leaf_hash(entry) for entry in entries])
    log.close()
    with Log.open(disk.left(tmp_path / "log", tmp_path / "closed"), [LOG_KEY]) as again:
        assert again.size == len(entries)


def test_a_witness_remembers_what_it_cosigned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checkpoint that was answered for is the one that is remembered."""
    disk, clock = Disk(monkeypatch), ManualClock(from_us(NOW_US))
    with (
        Log.open(tmp_path / "log", [LOG_KEY]) as log,
        Witness(tmp_path / "memory", WITNESS_KEY, [LOG_KEY.verifier], clock) as witness,
    ):
        for size in range(4):
            log.append(leaves_of([b"x"]))
            log.publish()
            witness.add_checkpoint(str(log.prove_consistency(size)).encode())
            left = disk.left(tmp_path / "memory", tmp_path / f"after-{size}")
            stored = next(left.rglob("checkpoint")).read_text()
            assert stored.split("\n")[1] == str(size + 1)
