"""A real process appends and is killed, again and again: nothing acknowledged is lost or doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from counterfoil.receipts import Log, LogReader
from counterfoil.receipts.merkle import leaf_hash
from tests.receipts.given import LOG_KEY, recursive_root

WORKER = """
import sys
from pathlib import Path
from counterfoil.receipts import Log, leaves_of, log as log_module
from tests.receipts.given import LOG_KEY

log_module.SETTLE_BYTES = 20_000  # so that kills fall into settling too
log = Log.open(Path(sys.argv[1]), [LOG_KEY])
next_one = int(log.token or b"0")
print("open", next_one, flush=True)
while True:
    count = next_one % 97 + 1
    log.append(leaves_of([b"%d" % n for n in range(next_one, next_one + count)]),
               b"%d" % (next_one + count))
    next_one += count
    print("has", next_one, flush=True)
    if next_one % 5 == 0:
        print("published", log.publish().signed.checkpoint.size, flush=True)
"""


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_or_doubled(tmp_path: Path) -> None:
    """Killed at any instant, the log has every leaf that was answered for, once and in order."""
    seed = random.SystemRandom().randrange(1 << 32)
    chance, folder, acknowledged, published = random.Random(seed), tmp_path / "log", 0, 0
    for _round in range(6):
        said = work_until_killed(folder, after_s=chance.uniform(0.05, 0.4))
        counts = {word: int(number) for word, number in map(str.split, said)}
        assert int(said[0].split()[1]) >= acknowledged, f"seed {seed}: lost after a kill"
        acknowledged = counts.get("has", counts["open"])
        published = counts.get("published", published)
    with Log.open(folder, [LOG_KEY]) as log:
        assert log.size == int(log.token) >= acknowledged > 0, f"seed {seed}"
        checkpoint = log.publish().signed.checkpoint
        assert checkpoint.size >= published, f"seed {seed}"
        expected = [b"%d" % number for number in range(log.size)]
        assert checkpoint.root == recursive_root([leaf_hash(entry) for entry in expected])
        reader = LogReader(folder)
        for index in chance.sample(range(log.size), min(50, log.size)):
            assert reader.entry(index) == expected[index], f"seed {seed}"


def work_until_killed(folder: Path, *, after_s: float) -> list[str]:
    """Run the worker, kill it some time after it has opened the log, and give what it said."""
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert worker.stdout is not None
    with worker:
        first = worker.stdout.readline()
        time.sleep(after_s)
        worker.send_signal(signal.SIGKILL)
        rest = worker.stdout.read().splitlines(keepends=True)
    return [line for line in [first, *rest] if line.endswith("\n")]
