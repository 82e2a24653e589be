"""The lab's commands, from the line that is typed to the line that is printed."""

import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, get_args

import pyarrow.parquet
import pytest

from counterfoil import lab
from counterfoil.bench.lab import Regime
from counterfoil.cli import lab as lab_command
from counterfoil.cli import lab_options, main
from counterfoil.lab.engine import EngineName
from counterfoil.lab.population import Shape

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Said:
    """Run `counterfoil …` and give its exit status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["counterfoil", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(str(ended.value.code or 0)), printed.out, printed.err

    return run


@pytest.mark.parametrize("name", lab.builtin_names())
def test_every_policy_can_be_lived_under_and_says_it_is_a_simulation(name: str, said: Said) -> None:
    """A year passes under each policy, and every line of it is marked."""
    script = ";".join(["next"] * 12)
    status, out, _err = said("lab", "live", name, "--script", script)
    assert status == 0
    lines = out.splitlines()
    assert lines[-1] == "[simulation] The year is over."
    assert all(line.startswith("[simulation] ") for line in lines)


def test_the_run_command_writes_a_page_and_its_tables(said: Said, tmp_path: Path) -> None:
    """`lab run` leaves the page and one Parquet file a table, for both policies."""
    out = tmp_path / "page.html"
    status, _out, _err = said(
        *("lab", "run", "zhima-like", "--against", "counterfoil", "--people", "3000"),
        *("--months", "13", "--out", out),
    )
    assert status == 0
    assert "counterfoil" in out.read_text(encoding="utf-8")
    for folder in (tmp_path / "page", tmp_path / "page" / "counterfoil"):
        assert pyarrow.parquet.read_table(folder / "months.parquet").num_rows == 13


def test_a_run_in_json_is_the_run_in_python(said: Said, tmp_path: Path) -> None:
    """`--json` prints one object whose checksum is the library's."""
    status, out, _err = said(
        *("lab", "run", "spiral", "--people", "2000", "--months", "6", "--json"),
        *("--out", tmp_path / "page.html"),
    )
    city = lab.generate(lab.PopulationSpec(people=2000))
    assert status == 0
    assert json.loads(out)["checksum"] == lab.run(lab.load("spiral"), city, months=6).checksum


def test_the_gallery_has_all_eleven_and_an_index(said: Said, tmp_path: Path) -> None:
    """Each shipped policy has its page, and the index links to each."""
    folder = tmp_path / "gallery"
    status, _out, _err = said(
        "lab", "gallery", "--people", "2000", "--months", "4", "--out", folder
    )
    assert status == 0
    index = (folder / "index.html").read_text(encoding="utf-8")
    for name in lab.builtin_names():
        assert f'href="{name}.html"' in index
        assert (folder / f"{name}.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["run", "nobody"], "policy.unknown"),
        (["run", "spiral", "--people", "1"], "lab.population-invalid"),
        (["run", "spiral", "--people", "200", "--months", "1000000"], "lab.run-invalid"),
        (["run", "spiral", "--people", "260000000"], "lab.memory-short"),
        (["live", "suining-2010", "--script", "ask joy"], "lab.run-invalid"),
        (["ensemble", "spiral", "--people", "200", "--seed", "-1"], "lab.population-invalid"),
    ],
)
def test_what_cannot_be_run_is_a_sentence_and_a_code(
    arguments: list[str], code: str, said: Said, tmp_path: Path
) -> None:
    """What cannot be run is said with a stable code and status 6, without a traceback."""
    out = ["--out", tmp_path / "x.html"] if arguments[0] == "run" else []
    status, _out, err = said("lab", *arguments, *out)
    assert status == 6
    assert f"{code}, exit status 6" in err
    assert not (tmp_path / "x.html").exists()


def test_a_wrong_range_is_a_wrong_command_line(said: Said) -> None:
    """A range that cannot be read ends with status 2 before a city is made."""
    status, _out, err = said(
        *("lab", "sweep", "spiral", "--parameter", "listing.below", "--low", "1", "--high", "2"),
        *("--against", "drop_rates.friends"),
    )
    assert status == 2
    assert "name:low:high" in err


def test_a_phase_diagram_is_a_page(said: Said, tmp_path: Path) -> None:
    """Two numbers swept leave a page with a cell for each pair."""
    out = tmp_path / "phase.html"
    status, _out, _err = said(
        *("lab", "sweep", "spiral", "--parameter", "listing.below", "--low", "850"),
        *("--high", "940", "--steps", "2", "--against", "drop_rates.friends:0:0.2"),
        *("--people", "2000", "--months", "12", "--out", out),
    )
    assert status == 0
    assert len(re.findall(r"<rect", out.read_text(encoding="utf-8"))) == 10


def test_an_ensemble_gives_each_metric_s_spread(said: Said) -> None:
    """Sixteen seeds have a mean between the lowest and the highest."""
    status, out, _err = said(
        "lab", "ensemble", "spiral", "--people", "2000", "--months", "6", "--json"
    )
    assert status == 0
    row = json.loads(out)["contacts_lost_share"]
    assert row["lowest"] <= row["mean"] <= row["highest"]


def test_the_policies_that_ship_are_listed(said: Said) -> None:
    """`lab policies` names all eleven."""
    status, out, _err = said("lab", "policies", "--json")
    assert status == 0
    assert list(json.loads(out)) == list(lab.builtin_names())


def test_the_benchmark_answers_with_the_promised_numbers(said: Said) -> None:
    """`bench lab --json` gives times, rate, share of the gather limit, and the checksum."""
    status, out, _err = said(
        "bench", "lab", "--people", "3000", "--months", "4", "--replicas", "2", "--json"
    )
    assert status == 0
    found = json.loads(out)
    names = {"seconds", "build_seconds", "agent_steps_per_second", "share_of_gather_limit"}
    assert all(found[name] > 0 for name in names | {"ensemble_seconds"})
    assert re.fullmatch("[0-9a-f]{16}", found["checksum"])


def test_the_words_of_the_options_are_the_lab_s_own() -> None:
    """Options that load quickly name what the heavy modules define."""
    assert _choices(lab_options.EngineOption) == [str(name) for name in EngineName]
    assert _choices(lab_options.ShapeOption) == [str(name) for name in Shape]
    assert [str(regime) for regime in Regime] == ["mild", "collapse"]


def _choices(option: Any) -> list[str]:
    return list(get_args(get_args(option)[0]))


def test_ctrl_c_keeps_a_run_and_the_same_command_goes_on(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted in its seventh month a run says so; the same command ends as if never stopped."""
    command = (
        *("lab", "run", "spiral", "--people", "3000", "--months", "20", "--json"),
        *("--out", tmp_path / "page.html"),
    )
    kept = tmp_path / "page.checkpoint"
    with monkeypatch.context() as patch:
        patch.setattr(lab_command, "bar", _pressing_ctrl_c_at(7))
        status, _out, err = said(*command)
    assert status == 130
    assert "Stopped after 7 months." in err
    assert "run the same command again" in err
    assert kept.exists()
    status, out, _err = said(*command)
    city = lab.generate(lab.PopulationSpec(people=3000))
    assert status == 0
    assert json.loads(out)["checksum"] == lab.run(lab.load("spiral"), city, months=20).checksum
    assert not kept.exists()


def _pressing_ctrl_c_at(month: int) -> Callable[[str], AbstractContextManager[lab_options.Told]]:
    """Make a progress bar during which somebody presses Ctrl-C."""

    @contextmanager
    def bar(_said: str) -> Iterator[lab_options.Told]:
        def told(done: int, total: int) -> None:
            if done == month and total == 20:
                os.kill(os.getpid(), signal.SIGINT)

        yield told

    return bar
