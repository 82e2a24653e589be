"""Policy files: what ships loads, what is wrong is refused with its place, and the lab stays lab."""

from pathlib import Path

import pytest

from counterfoil.policy import (
    Kind,
    PolicyInvalid,
    PolicyNotForProduction,
    PolicyTooNew,
    PolicyUnknown,
    builtin_names,
    load,
    load_for_production,
    parse,
    with_parameter,
)

LEAST = """
format = 1
name = "least"
kind = "lab"
model = "conduct"
title = "The least"
summary = "Nothing but a start."
"""


def test_eleven_policies_ship_in_the_order_of_the_gallery() -> None:
    """All eleven are there, each with a source, and only Counterfoil's own is for production."""
    names = builtin_names()
    assert len(names) == 11
    assert names[3] == "spiral"
    for name in names:
        policy = load(name)
        assert policy.name == name
        assert policy.sources
    assert [name for name in names if load(name).kind is Kind.PRODUCTION] == ["counterfoil"]


@pytest.mark.parametrize("name", builtin_names())
def test_every_open_parameter_can_be_swept(name: str) -> None:
    """Each value of each open parameter makes a valid policy."""
    policy = load(name)
    assert policy.open_parameters
    for unknown in policy.open_parameters:
        for value in unknown.values():
            swept = with_parameter(policy, unknown.parameter, _lift(policy, unknown, value))
            assert swept.document != {}


def _lift(policy: object, unknown: object, value: float) -> float:
    """Keep a listing's thresholds in order, as the sweep does."""
    return min(value, 900.0) if getattr(unknown, "parameter", "") == "listing.below" else value


@pytest.mark.parametrize("name", [name for name in builtin_names() if name != "counterfoil"])
def test_production_refuses_lab_policies_by_name(name: str) -> None:
    """A lab policy is refused in production, and the message names it."""
    with pytest.raises(PolicyNotForProduction, match=f"Policy '{name}' is refused in production"):
        load_for_production(name)


def test_production_takes_counterfoils_own() -> None:
    """The project's own policy loads for production and in the lab alike."""
    assert load_for_production("counterfoil") == load("counterfoil")


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("[points]\ncritical-post = -5", "it reads critical-post"),
        ("[score.weights]\nconduct = 90\nconnections = 10", "friends count in its score"),
        ("[loan]\ncontacts_minimum = 600", "friends decide its loans"),
        ("[listing]\npublic = true", "its list is public"),
        ("[listing]\ndenies = ['school-place']", "it decides school-place"),
        ("[base]\nill = -10", "it scores people by what they are"),
    ],
)
def test_production_refuses_what_it_never_reads(rule: str, problem: str, tmp_path: Path) -> None:
    """Calling a file a production policy does not make it one."""
    path = tmp_path / "sly.toml"
    path.write_text(LEAST.replace('"lab"', '"production"') + rule)
    with pytest.raises(PolicyNotForProduction, match=problem):
        load_for_production(path)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("speed = 3", "speed: there is no such rule"),
        ("[points]\nsinging = 3", "points.singing: there is no such event; use one of late-bill"),
        ("[points]\nrecord-error = -3", "points.record-error: there is no such event"),
        (
            "[points]\nlate-bill = { points = 1, category = 'joy' }",
            "no category 'joy'; use one of conduct",
        ),
        (
            "[score.weights]\nhistory = 60\nconnections = 30",
            "score.weights: they sum to 90, not to 100",
        ),
        ("[score.weights]\nhistory = -60\nconnections = 160", "score.weights.history: -60 is out"),
        (
            "[listing]\nbelow = 900\nuntil = 850",
            "listing.until: thresholds crossed: 850 is under `below` 900",
        ),
        ("[listing]\nbelow = 900", "listing.below: give both"),
        ("[listing]\nerror_rate = -0.1", "listing.error_rate: -0.1 is outside 0.0 to 1.0"),
        ("[drop_rates]\nfriends = 1.5", "drop_rates.friends: 1.5 is outside"),
        ("[drop_rates]\nneighbors = 0.5", "drop_rates.neighbors: there is no such rule"),
        ("[listing]\npublic = 1", "listing.public: true or false is needed, not 1"),
        ("[listing]\ndenies = ['joy']", "listing.denies: unknown 'joy'; use one of fast-travel"),
        ("[score]\nstart = 'high'", "score.start: a number is needed, not 'high'"),
        ("[score]\nfloor = 500\nceiling = 400", "score.ceiling: 400 is not above the floor 500"),
        (
            "[[grade]]\nname = 'B'\nfrom = 0\n[[grade]]\nname = 'A'\nfrom = 0",
            "grade: thresholds crossed: A starts at 0, B at 0",
        ),
        ("[[grade]]\nname = 'B'\nfrom = 5", "B starts at 5, but scores begin at the floor 0"),
        (
            "[[grade]]\nname = 'B'\nfrom = 0\ndenies = ['permit']\ngrants = ['permit']",
            "permit is both denied and granted",
        ),
        ("[base]\nincome = [1, 2]", "base.income: a list of 5 numbers is needed"),
        ("[settings]\nk = 3", "settings.k: there is no such rule"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place(rule: str, problem: str) -> None:
    """Each broken rule says where it stands and what would do."""
    with pytest.raises(PolicyInvalid) as refused:
        parse(LEAST + rule)
    assert problem in refused.value.message


def test_a_file_from_a_newer_version_is_refused() -> None:
    """A later format is told apart from a mistake."""
    with pytest.raises(PolicyTooNew, match="Format 2 is newer than this version reads"):
        parse(LEAST.replace("format = 1", "format = 2"))


def test_an_unknown_name_lists_what_ships() -> None:
    """A name that is neither shipped nor a file lists the shipped ones."""
    with pytest.raises(PolicyUnknown, match=r"no policy 'nobody'.*zhima-like"):
        load("nobody")


def test_what_is_not_toml_is_refused(tmp_path: Path) -> None:
    """A file that is no TOML, or no text, is an error of the policy and not of Python."""
    path = tmp_path / "bad.toml"
    path.write_text("format = = 1")
    with pytest.raises(PolicyInvalid, match="is not TOML"):
        load(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PolicyInvalid, match="is not UTF-8"):
        load(path)


def test_a_changed_weight_scales_the_others() -> None:
    """Sweeping the friends' weight keeps the other categories' proportions and the sum."""
    weights = with_parameter(load("zhima-like"), "score.weights.connections", 24).score.weights
    assert sum(weights.values()) == pytest.approx(100)
    assert weights["history"] / weights["identity"] == pytest.approx(35 / 15)


def test_a_parameter_that_is_no_number_cannot_be_swept() -> None:
    """Texts, tables and unknown grades are refused by name."""
    for parameter in ("title", "score", "grade.Z.from"):
        with pytest.raises(PolicyInvalid):
            with_parameter(load("suining-2010"), parameter, 1)
