"""A short soak on each store, and proof that it would have noticed."""

import random
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from counterfoil.kernel.database import Database
from counterfoil.ledger import writer
from tools.soak import words, worker
from tools.soak.rounds import Soak

pytestmark = pytest.mark.slow

KILLS = ["kill under load", "kill while opening", "kill while creating", "kill while saving"]


@pytest.mark.parametrize(
    ("store", "outage"), [("sqlite", "file size limit"), ("postgresql", "stop immediate")]
)
def test_nothing_acknowledged_is_lost(store: str, outage: str, tmp_path: Path) -> None:
    """Processes are killed at random, the disk fills up, the server dies: nothing is lost."""
    seed = random.SystemRandom().randrange(1 << 32)
    outcome = Soak(
        store=store, seed=seed, faults=[*KILLS, outage], load_s=0.5, under=tmp_path
    ).run()
    assert outcome.findings.messages == [], f"seed {seed}, evidence in {outcome.evidence}"
    assert outcome.rounds == 5
    if sys.platform == "linux":  # elsewhere another process's file size cannot be limited
        assert outcome.skipped == {}
    assert outcome.tally.transfers_acknowledged > 100
    assert outcome.tally.retried > 0


def acknowledge_before_commit(orders: words.Orders, pipe: Connection) -> None:
    """Work as a worker whose writer answers first and commits later, now and then."""

    def commit_later(self: writer.Writer, database: Database) -> None:
        if random.random() < 0.02:
            database.commit()

    writer.Writer._commit = commit_later  # type: ignore[method-assign]
    worker.run(orders, pipe)


def forget_the_rows(orders: words.Orders, pipe: Connection) -> None:
    """Work as a worker whose writer commits transfers and leaves out the callers' own rows."""

    def write_nothing(*_: object) -> None:
        pass

    writer.Writer._write_attached = write_nothing  # type: ignore[assignment]
    worker.run(orders, pipe)


def test_a_writer_that_acknowledges_before_its_commit_is_found_out(tmp_path: Path) -> None:
    """Answers that were given too early are reported as losses."""
    soak = Soak(
        store="sqlite",
        seed=1,
        faults=["kill under load"] * 3,
        load_s=0.5,
        worker=acknowledge_before_commit,
        under=tmp_path,
    )
    assert soak.run().findings.losses > 0


def test_a_writer_that_leaves_out_attached_rows_is_found_out(tmp_path: Path) -> None:
    """A transfer without the row that was to commit with it is reported as a half."""
    soak = Soak(
        store="sqlite",
        seed=1,
        faults=["kill under load"],
        load_s=0.5,
        worker=forget_the_rows,
        under=tmp_path,
    )
    assert soak.run().findings.halves > 0
