"""Pages stand alone, lives are marked as simulation, sweeps find the place that tips."""

from html import escape
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from counterfoil import lab
from counterfoil.charts import svg
from counterfoil.kernel.i18n import translated, use_locale
from counterfoil.lab.errors import RunInvalid
from counterfoil.lab.kept import Kept
from counterfoil.lab.live import live
from counterfoil.lab.report import Entry, index_page, report_page
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


@pytest.mark.parametrize("language", ["fr", "zh_CN"])
def test_a_page_says_the_policy_in_the_reader_s_language(
    language: str, town: lab.Population
) -> None:
    """Title, summary, grades and why a number was taken are translated; only sources stay as quoted."""
    result = lab.run(lab.load("national-file-2014"), town, months=6)
    policy = result.policy
    whys = [item.why for item in policy.assumptions]
    whys += [item.why for item in policy.open_parameters]
    with use_locale(language):
        page = report_page(result)
        index = index_page([Entry.of(result)])
        introduced = " ".join(live(policy).introduce())
        for said in (policy.title, policy.summary, *whys, *(one.name for one in policy.grades)):
            assert translated(said) != said
        for said in (policy.title, policy.summary, *whys):
            assert escape(said) not in page
            assert escape(translated(said)) in page
        assert f">{translated(policy.grades[0].name)} " in page
        assert escape(translated(policy.title)) in index
        assert translated(policy.title) in introduced


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
    page = index_page([Entry.of(result) for result in results])
    for name in lab.builtin_names():
        assert f'href="{name}.html"' in page


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
    with pytest.raises(
        RunInvalid,
        match="There is no command 'ask joy'; you can: next, ask fast-travel, ask licence",
    ):
        live(lab.load("suining-2010")).act("ask joy")


def test_a_loan_is_refused_for_what_friends_are() -> None:
    """Under the friends' average somebody whose own score passes is refused, and told why."""
    rule = lab.load("friends-average")
    answers = [live(rule, resident=person).act("ask loan")[0] for person in range(60)]
    for_friends = [said for said in answers if "your contacts' mean score" in said]
    assert for_friends
    assert all("your own" in said and "would pass" in said for said in for_friends)
    assert "You ask for: a loan. Granted." in answers


def test_what_a_policy_does_not_touch_is_granted_and_said() -> None:
    """The court's list closes fast trains; a school place is none of its business."""
    life = live(lab.load("court-blacklist"))
    assert life.act("ask school-place") == [
        "You ask for: school-place. Granted: this policy has no say in it."
    ]


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


def test_a_sweep_that_was_stopped_goes_on(plain: lab.Population, tmp_path: Path) -> None:
    """Runs that were done are not done again, and the table is that of an unbroken sweep."""
    rule, kept = lab.load("spiral"), tmp_path / "spiral.sweep"
    whole = sweep(rule, plain, "listing.below", [800, 850, 900], months=12)

    def press_ctrl_c(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(rule, plain, "listing.below", [800, 850, 900], months=12, done=press_ctrl_c,
              kept=Kept(kept))  # fmt: skip
    lines = kept.read_text().splitlines()
    assert len(lines) in {2, 3}  # the third ran beside the second
    kept.write_text("\n".join([lines[0], lines[1][:40]]) + "\n")  # the second was cut off
    told: list[int] = []
    found = sweep(rule, plain, "listing.below", [800, 850, 900], months=12, kept=Kept(kept),
                  done=lambda done, _total: told.append(done))  # fmt: skip
    assert found.equals(whole)
    assert told == [1, 2, 3]
    assert not kept.exists()


def test_a_metric_that_no_run_has_is_refused(plain: lab.Population) -> None:
    """A tipping point of happiness is not searched for."""
    with pytest.raises(RunInvalid, match="There is no metric 'happiness'; there are listed_share"):
        find_tipping_point(lab.load("spiral"), plain, "listing.below", 800, 900, metric="happiness",
                           months=1)  # fmt: skip


@pytest.mark.parametrize("name", lab.builtin_names())
def test_under_every_policy_a_resident_can_ask_look_and_object(name: str) -> None:
    """A ticket, a permit, a loan, a school place, the list, an objection: each gets an answer."""
    life = live(lab.load(name))
    for month in range(3):
        for item in ("fast-travel", "permit", "small-loan", "school-place"):
            (said,) = life.act(f"ask {item}")
            assert said.startswith(f"You ask for: {item}. ")
            assert "Granted" in said or ("REFUSED: " in said and len(said) > 50)
        assert "list" in life.act("list")[0]
        assert life.act("contest")[0].startswith("You object")
        life.act("next")
        assert life.month == month + 1


def test_whoever_leaves_is_refused_for_having_left() -> None:
    """Enrolled by default, a resident who gets out finds the loan closed, and is told why."""
    life = live(lab.load("automatic-enrolment"))
    assert "nobody asked you about" in life.act("ask small-loan")[0]
    while "You are out" not in life.act("leave")[0]:
        assert life.month < 30
    assert "close for whoever leaves" in life.act("ask small-loan")[0]


def test_a_line_s_name_stands_on_the_page_whole() -> None:
    """However long a name is in its language, its end is left of the drawing's edge."""
    name = "si aucun dossier n'avait été faux"
    drawing = ET.fromstring(svg.lines("t", {name: ([1000.0, 1033.0], svg.FAINT)}, zero=False))
    (label,) = [one for one in drawing.iter() if (one.text or "").startswith(name)]
    wide = 6.5 * len(label.text or "")  # of letters at this size, on average
    assert float(label.attrib["x"]) + wide < svg.WIDTH
    months = [float(one.attrib["y"]) for one in drawing.iter() if (one.text or "") in {"1", "2"}]
    assert float(label.attrib["y"]) <= min(months, default=250) - 12
