"""Pages stand alone, lives are marked as simulation, sweeps find the place that tips."""

from html import escape
from pathlib import Path
from xml.etree import ElementTree as ET

import pyarrow.parquet
import pytest
from typer.testing import CliRunner

from counterfoil import lab
from counterfoil.cli.lab import app
from counterfoil.lab.live import live
from counterfoil.lab.report import index_page, report_page, svg
from counterfoil.lab.stories import stories_of
from counterfoil.lab.sweep import find_tipping_point, neighbor, phase_diagram, sweep


@pytest.mark.parametrize("name", lab.builtin_names())
def test_a_page_needs_nothing_from_anywhere(name: str, town: lab.Population) -> None:
    """No script, image or style is fetched; sources, assumptions and the checksum are there."""
    result = lab.run(lab.load(name), town, months=18)
    page = report_page(result)
    for outside in ("<script", "<link", "<img", "@import", 'src="', "url("):
        assert outside not in page
    assert "Nobody on this page is real" in page
    assert result.checksum in page
    for source in result.policy.sources:
        assert escape(source.publisher) in page
    for unknown in result.policy.open_parameters:
        assert unknown.parameter in page


def test_every_drawing_is_well_formed(town: lab.Population) -> None:
    """Each SVG parses, and no coordinate is missing or infinite."""
    page = report_page(lab.run(lab.load("national-file-2014"), town, months=30))
    drawings = [part.split("</svg>")[0] + "</svg>" for part in page.split("<svg")[1:]]
    assert len(drawings) > 5
    for drawing in drawings:
        ET.fromstring("<svg" + drawing)
        assert "nan" not in drawing
        assert "inf" not in drawing


def test_a_flat_line_and_an_empty_bar_still_draw() -> None:
    """Charts of nothing much do not fail."""
    assert "<path" in svg.lines("flat", {"flat": ([3.0, 3.0], svg.RED)}, zero=False)
    assert "<rect" in svg.bars("none", [("none", 0.0, svg.RED)])


def test_stories_tell_of_people_picked_by_rule(town: lab.Population) -> None:
    """Stories are of different residents and agree with the run's own numbers."""
    result = lab.run(lab.load("national-file-2014"), town, months=60)
    stories = stories_of(result)
    assert len(stories) >= 4
    assert len({story.person for story in stories}) == len(stories)
    assert result.state is not None
    for story in stories:
        assert story.contacts[-1] == result.state.alive[story.person]
        assert int(story.denied.sum()) == result.state.denied[story.person]


def test_the_index_lists_every_policy(town: lab.Population) -> None:
    """The gallery's index links each page and compares the scores of conduct."""
    results = [lab.run(lab.load(name), town, months=6) for name in lab.builtin_names()]
    page = index_page(results)
    for name in lab.builtin_names():
        assert f'href="{name}.html"' in page


@pytest.mark.parametrize("name", lab.builtin_names())
def test_every_policy_can_be_lived_under_and_says_it_is_a_simulation(name: str) -> None:
    """A year passes under each policy, and every line of it is marked."""
    script = ";".join(["next"] * 12)
    answer = CliRunner().invoke(app, ["live", name, "--script", script])
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert lines[-1] == "[simulation] The year is over."
    assert all(line.startswith("[simulation] ") for line in lines)


def test_a_resident_is_refused_with_the_cause_and_can_object() -> None:
    """Under the Suining pilot somebody wronged falls a grade, is refused, and objects."""
    life = live(lab.load("suining-2010"))
    assert life.act("ask school-place") == ["You ask for: school-place. Granted."]
    said: list[str] = []
    for _ in range(12):
        said += life.act("next")
        if any("you did not do" in line for line in said):
            break
    assert any("Your grade goes from A to B" in line for line in said)
    assert "REFUSED: it opens at A (970 points)" in life.act("ask school-place")[0]
    assert "corrected in 50 months" in life.act("contest")[0]
    assert "of 2,000 residents" in life.act("list")[0]


def test_an_unknown_command_lists_the_known_ones() -> None:
    """Asking for what does not exist names what does."""
    answer = CliRunner().invoke(app, ["live", "suining-2010", "--script", "ask joy"])
    assert answer.exit_code == 2
    assert "you can: next, ask licence" in answer.output


def test_the_run_command_writes_a_page_and_its_tables(tmp_path: Path) -> None:
    """`lab run` leaves the page and one Parquet file a table."""
    out = tmp_path / "page.html"
    answer = CliRunner().invoke(
        app,
        ["run", "zhima-like", "--against", "counterfoil", "--people", "3000", "--months", "13",
         "--out", str(out)],
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    assert "counterfoil" in out.read_text(encoding="utf-8")
    months = pyarrow.parquet.read_table(tmp_path / "page" / "months.parquet")
    assert months.num_rows == 13


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "nobody"], "[policy.unknown]"),
        (["run", "spiral", "--people", "1"], "[lab.population-invalid]"),
        (["run", "spiral", "--people", "200", "--months", "1000000"], "[lab.run-invalid]"),
        (["run", "spiral", "--people", "260000000"], "[lab.memory-short]"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], said: str, tmp_path: Path
) -> None:
    """What cannot be run is said in a line with a stable code, without a traceback."""
    out = [] if arguments[0] != "run" else ["--out", str(tmp_path / "x.html")]
    answer = CliRunner().invoke(app, arguments + out)
    assert answer.exit_code == 2
    assert said in answer.output
    assert "Traceback" not in answer.output


def test_a_sweep_changes_one_number_and_a_diagram_two(plain: lab.Population) -> None:
    """The list grows with its threshold, along a line and over a plane."""
    rule = lab.load("spiral")
    table = sweep(rule, plain, "listing.below", [800, 940], months=60)
    low, high = table.column("listed_share").to_pylist()
    assert high > low
    rates = ("drop_rates.friends", [0.0, 0.3])
    cells = phase_diagram(rule, plain, ("listing.below", [800, 940]), rates, months=60).to_pylist()
    assert len(cells) == 4
    assert cells[3]["listed_share"] >= cells[1]["listed_share"]
    drawing = svg.heat(
        "listed", ("listing.below", [800, 940]), rates,
        {(c["listing.below"], c["drop_rates.friends"]): c["listed_share"] for c in cells},
    )  # fmt: skip
    ET.fromstring(drawing)


def test_the_list_keeps_its_distance_between_on_and_off() -> None:
    """Sweeping where a list begins carries along where it ends."""
    listing = neighbor(lab.load("spiral"), "listing.below", 920).listing
    assert (listing.below, listing.until) == (920, 970)


def test_the_tipping_point_is_found_and_a_slope_is_not_one(plain: lab.Population) -> None:
    """Between 800 and 960 the city tips; between 700 and 720 nothing does."""
    rule = lab.load("spiral")
    found = find_tipping_point(rule, plain, "listing.below", 800, 960, months=90, coarse=5)
    assert found is not None
    assert found.high - found.low <= 1
    assert 880 < found.low < 960
    assert find_tipping_point(rule, plain, "listing.below", 700, 720, months=60, coarse=2) is None
