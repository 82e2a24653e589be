"""A run: what it refuses before it starts, how it stops, and how it goes on."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from counterfoil import lab
from counterfoil.lab import memory
from counterfoil.lab.checkpoint import Checkpoint
from counterfoil.lab.errors import (
    CheckpointInvalid,
    ForeignPopulation,
    MemoryShort,
    PopulationInvalid,
    RunInvalid,
)
from counterfoil.lab.population import Population


def _stop_after(months: int) -> object:
    """Press Ctrl-C once that many months are done."""

    def progress(done: int, total: int) -> None:
        if done == months:
            os.kill(os.getpid(), signal.SIGINT)

    return progress


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_a_stopped_run_goes_on_to_the_same_checksum(
    engine: str, plain: lab.Population, tmp_path: Path
) -> None:
    """Ctrl-C keeps what is done; the same run later ends in the bits of an unbroken one."""
    rule = lab.load("national-file-2014")
    whole = lab.run(rule, plain, months=20)
    kept = tmp_path / "run.checkpoint"
    with pytest.raises(lab.Interrupted) as stopped:
        lab.run(rule, plain, months=20, checkpoint=kept, progress=_stop_after(7), engine=engine)  # type: ignore[arg-type]
    assert stopped.value.months_done == 7
    assert kept.exists()
    told: list[int] = []
    result = lab.run(
        rule, plain, months=20, checkpoint=kept, progress=lambda done, _: told.append(done)
    )
    assert told == list(range(8, 21))
    assert result.checksum == whole.checksum
    assert result.trace is not None
    assert whole.trace is not None
    assert (result.trace.seen == whole.trace.seen).all()
    assert not kept.exists()


def test_a_checkpoint_of_another_run_is_refused(plain: lab.Population, tmp_path: Path) -> None:
    """Going on with another seed, or with a file that is none, is refused."""
    rule, kept = lab.load("spiral"), tmp_path / "run.checkpoint"
    with pytest.raises(lab.Interrupted):
        lab.run(rule, plain, months=9, checkpoint=kept, progress=_stop_after(3))  # type: ignore[arg-type]
    with pytest.raises(CheckpointInvalid, match="another policy, population, length or seed"):
        lab.run(rule, plain, months=9, seed=2, checkpoint=kept)
    kept.write_bytes(b"nothing of the kind")
    with pytest.raises(CheckpointInvalid, match="is not a saved run"):
        lab.run(rule, plain, months=9, checkpoint=kept)


def test_a_checkpoint_of_a_later_version_is_refused(tmp_path: Path) -> None:
    """A later format is told apart from a broken file."""
    kept = tmp_path / "run.checkpoint"
    with kept.open("wb") as file:
        np.savez(file, head=np.array('{"format": 99, "identity": "x", "done": 1}'))
    with pytest.raises(CheckpointInvalid, match="later version"):
        Checkpoint.load(kept, "x")


@pytest.mark.parametrize("months", [0, -1, 1_000_000])
def test_impossible_lengths_are_refused(months: int, plain: lab.Population) -> None:
    """No months, and a million months, are refused with what is allowed."""
    with pytest.raises(RunInvalid, match=r"a run takes 1 to 1,200 \(a century\)"):
        lab.run(lab.load("spiral"), plain, months=months)


def test_unknown_engines_and_threads_are_refused(plain: lab.Population) -> None:
    """An engine that does not exist and a thread count the machine has not are refused."""
    with pytest.raises(RunInvalid, match="There is no engine 'abacus'; use one of numba, numpy"):
        lab.run(lab.load("spiral"), plain, months=1, engine="abacus")
    with pytest.raises(RunInvalid, match="0 threads: this machine runs 1 to"):
        lab.run(lab.load("spiral"), plain, months=1, threads=0)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"people": 1}, "1 people: a population has at least 2"),
        ({"people": 1 << 29}, "536,870,912 people: at most 268,435,455"),
        ({"people": 50, "mean_contacts": 80.0}, "80 contacts each are more than the other 49"),
        ({"mean_contacts": -1.0}, "-1 contacts each: between 0 and 100"),
        ({"rural_share": -0.5}, "rural_share -0.5: a share lies between 0 and 1"),
        ({"income_gini": 1.0}, "income_gini 1: it lies between 0.01 and 0.89"),
        ({"seed": -1}, "Seed -1: a seed is between 0"),
    ],
)
def test_impossible_cities_are_refused(changes: dict[str, float], problem: str) -> None:
    """A population that cannot be says which number is wrong."""
    with pytest.raises(PopulationInvalid) as refused:
        lab.PopulationSpec(**changes)  # type: ignore[arg-type]
    assert problem in refused.value.message


def test_memory_that_will_not_suffice_is_said_before_starting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Too large a city says what it needs, what is free, and what would fit."""
    monkeypatch.setattr(memory, "free_bytes", lambda: 1_000_000_000)
    with pytest.raises(MemoryShort, match=r"GB and 1\.0 GB are free; 1,1\d\d,000 people would fit"):
        memory.check_spec(lab.PopulationSpec(people=100_000_000))
    memory.check_spec(lab.PopulationSpec(people=1_000_000))


def test_people_from_elsewhere_are_refused(town: lab.Population) -> None:
    """Arrays that the generator did not make cannot be run on."""
    with pytest.raises(ForeignPopulation, match="records of real people cannot be brought in"):
        Population(
            spec=town.spec,
            residents=town.residents,
            offsets=town.offsets,
            ties=town.ties,
            build_seconds=0.0,
            maker="somebody else",
        )


def test_the_twin_is_the_same_city_where_no_record_is_wrong(plain: lab.Population) -> None:
    """Without errors both worlds are one; with errors every difference follows from them."""
    from counterfoil.policy import with_parameter

    rule = with_parameter(lab.load("spiral"), "listing.error_rate", 0)
    months = lab.run(rule, plain, months=60).tables["months"]
    for name in ("listed", "ties", "mean_score"):
        twin = f"twin_{name}" if name != "mean_score" else "twin_mean_score"
        assert months.column(name).to_pylist() == months.column(twin).to_pylist()
    harsh = with_parameter(rule, "listing.error_rate", 0.001)
    result = lab.run(harsh, plain, months=60)
    assert result.metric("contacts_lost_to_errors") > 0
    assert result.metric("listed_share") > result.metric("twin_listed_share")


def test_every_table_is_arrow_and_every_metric_has_a_unit(town: lab.Population) -> None:
    """A run's tables hold what they promise, and shares are shares."""
    result = lab.run(lab.load("zhima-like"), town, months=24)
    assert set(result.tables) == {"months", "grades", "flows", "traits", "summary"}
    assert result.tables["months"].num_rows == 24
    grades = result.tables["grades"].to_pylist()
    assert sum(row["people"] for row in grades if row["month"] == 24) == town.people
    for row in result.tables["summary"].to_pylist():
        assert row["unit"]
        assert row["means"]
        if row["unit"] == "share" and "gap" not in row["metric"]:
            assert 0 <= row["value"] <= 1
    with pytest.raises(KeyError, match="no metric 'happiness'"):
        result.metric("happiness")


def _read_until(terminal: int, wanted: str) -> str:
    """Read a terminal until something is on it, or its other end is closed."""
    said = ""
    while not re.search(wanted, said):
        try:
            said += os.read(terminal, 4096).decode(errors="replace")
        except OSError:
            break
        said = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said)
    return said


def test_a_real_ctrl_c_to_a_real_command_keeps_what_is_done(tmp_path: Path) -> None:
    """Stopped by SIGINT half way, the command says so, and given again it ends as unbroken."""
    command = [
        sys.executable, "-c", "from counterfoil.cli import main; main()", "lab", "run", "spiral",
        "--people", "10000", "--months", "1200", "--shape", "uniform", "--json", "--out",
    ]  # fmt: skip
    kept = tmp_path / "report.checkpoint"
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*command, str(tmp_path / "report.html")], stderr=theirs, stdout=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
    ) as running:  # fmt: skip
        os.close(theirs)
        # The bar of the run, with a share of its months done and the time left.
        _read_until(ours, r"spiral\D+[1-9]\d?%")
        running.send_signal(signal.SIGINT)
        said = _read_until(ours, "run the same command again")
        assert running.wait(timeout=60) == 130
    os.close(ours)
    assert re.search(r"Stopped after \d+ months", said)
    assert "run the same command again" in said
    assert kept.exists()
    checksums = [
        json.loads(
            subprocess.run(
                [*command, str(tmp_path / page)], check=True, text=True, stdout=subprocess.PIPE
            ).stdout
        )["checksum"]
        for page in ("report.html", "unbroken.html")
    ]
    assert checksums[0] == checksums[1]
    assert not kept.exists()
