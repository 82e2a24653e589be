"""A day at the desk where rights are answered: correct, dispute, restrict, object, erase, explain."""

import json
from pathlib import Path

import pytest

from counterfoil.kernel.errors import CounterfoilError
from tests.cli.test_people_commands import Desk, desk

__all__ = ["desk"]


@pytest.fixture
def bob(desk: Desk) -> str:
    """Register Bob, who reads French, with a contract."""
    desk.open_purpose("run-wallet")
    answered = desk.answers(
        *("person", "add", "Bob Bauer", "bob@example.org", "--locale", "fr", "--terms", "1")
    )
    return str(answered["person"])


@pytest.fixture
def clerk(desk: Desk, bob: str) -> str:
    """Certify a clerk, who has looked once."""
    certificate = desk.answers(
        "collector", "add", "operator", "Clara", "run-wallet", "name", "contact"
    )["certificate"]
    desk.says("person", "show", bob, "--as", certificate, "--reason", "He asked by phone.")
    return str(certificate)


def test_a_correction_is_told_to_who_had_the_old_value(
    desk: Desk, bob: str, clerk: str, tmp_path: Path
) -> None:
    """Correct, accept, deliver, acknowledge; and Bob sees who was told."""
    opened = desk.answers("rights", "correct", bob, "name", "Bob Baur", "--law", "gdpr")
    with pytest.raises(CounterfoilError, match="is restricted"):
        desk.says("person", "show", bob, "--as", clerk, "--reason", "He asked by phone.")
    accepted = desk.answers("rights", "accept", opened["request"], "--by", "Edda")
    assert (accepted["state"], accepted["notices"]) == ("accepted", 1)
    assert "Clara" in desk.says("rights", "notices")
    (told,) = desk.answers("rights", "deliver", "--to", str(tmp_path / "outbox"))["told"]
    assert json.loads((tmp_path / "outbox" / told["file"]).read_text())["kind"] == "correction"
    assert "told" in desk.says("rights", "notices", bob)
    desk.says("rights", "acknowledge", told["notice"], "--by", "Clara")
    (seen,) = desk.answers("rights", "notices", bob)["notices"]
    assert (seen["recipient"], seen["state"]) == ("Clara", "acknowledged")
    assert "no notices" in desk.says("rights", "notices")


def test_a_refused_correction_carries_the_person_s_statement(
    desk: Desk, bob: str, clerk: str
) -> None:
    """Whoever is shown the value is shown the dispute."""
    opened = desk.answers(
        "rights", "correct", bob, "name", "Bob Baur", "--law", "gdpr", "--no-restrict"
    )
    desk.says("rights", "refuse", opened["request"], "--by", "Edda", "--reasons", "No document.")
    desk.says("rights", "dispute", opened["request"], "My name is Baur.")
    show = ("person", "show", bob, "--as", clerk, "--reason", "He asked by phone.")
    assert desk.answers(*show)["disputed"] == [{"field": "name", "statement": "My name is Baur."}]
    assert "My name is Baur." in desk.says(*show)


def test_restricting_lifting_and_explaining(desk: Desk, bob: str, clerk: str) -> None:
    """A restriction has an article and an explanation, and ends when Bob wishes."""
    placed = desk.answers(
        *("rights", "restrict", bob, "name", "--law", "pipl", "--reason", "He asked."),
        *("--by", "Edda"),
    )
    assert placed["article"] == "PIPL 44"
    explained = desk.says("rights", "explain", bob, "--restriction", placed["restriction"])
    assert "payments go on" in explained
    announced = desk.answers(
        "rights", "lift", placed["restriction"], "--by", "Edda", "--reason", "Checked."
    )
    sooner = desk.answers("rights", "lift", placed["restriction"], "--wish-of", bob)
    assert sooner["ends_at"] < announced["ends_at"]
    desk.says("person", "show", bob, "--as", clerk, "--reason", "He asked by phone.")
    number = desk.answers("who-looked", bob)["looks"][0]["number"]
    assert "contract needs it" in desk.says("rights", "explain", bob, "--look", str(number))


def test_objecting_and_being_reviewed_by_a_human(desk: Desk, bob: str) -> None:
    """Marketing is ended by one word; a program's decision goes to a human, with a clock."""
    assert desk.answers("rights", "object", bob, "marketing")["stands"]
    assert not desk.answers("rights", "object", bob, "marketing", "--withdraw")["stands"]
    assert "GDPR 22" in desk.says(
        "rights", "object", bob, "score", "--automated", "--matter", "credit of May"
    )
    (case,) = desk.answers("rights", "due")["reviews"]
    desk.says("rights", "say", case["review"], "I was in hospital.")
    decided = desk.answers(
        "rights", "review", case["review"], "changed", "--by", "Clara", "--reasons", "One month."
    )
    assert decided["decision"] == "changed"
    assert "Nothing is due" in desk.says("rights", "due")


def test_an_erasure_is_answered_item_by_item_in_the_person_s_language(
    desk: Desk, bob: str, tmp_path: Path
) -> None:
    """What is erased, what is kept by which article, and the record stays readable."""
    asked = desk.answers("rights", "ask", bob, "erasure", "--law", "gdpr")
    answer = tmp_path / "answer.txt"
    done = desk.answers(
        *("person", "erase", bob, "--by", "Edda", "--request", asked["request"]),
        *("--answer", str(answer)),
    )
    assert "name" in done["erased"]
    assert {one["item"] for one in done["kept"]} == {"payments", "records"}
    assert "Effacé : votre nom." in answer.read_text()
    told = desk.answers("person", "record", bob, "--language", "en")["records"]
    assert [one["kind"] for one in told][-1] == "erasure"
    assert "vous" in desk.says("person", "record", bob).casefold()
    assert desk.answers("rights", "finish") == {"finished": []}


def test_the_laws_are_listed(desk: Desk) -> None:
    """Each law with its deadline, its extension and the article of each right."""
    from typer.testing import CliRunner

    from counterfoil.cli import app

    laws = json.loads(CliRunner().invoke(app, ["rights", "laws", "--json"]).output)
    assert (laws["gdpr"]["months"], laws["gdpr"]["extension_months"]) == (1, 2)
    assert laws["pipl"]["rights"]["restriction"] == "PIPL 44"
    assert "GDPR 12(3)" in CliRunner().invoke(app, ["rights", "laws"]).output


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("rights", "explain", "{bob}"), 2),
        (("rights", "object", "{bob}", "run-wallet"), 4),
        (("rights", "correct", "{bob}", "height", "180", "--law", "gdpr"), 6),
        (("rights", "accept", "{bob}", "--by", "Edda"), 5),
        (("person", "record", "{bob}", "--language", "klingon"), 2),
    ],
)
def test_what_cannot_be_done_has_its_exit_status(
    desk: Desk, bob: str, arguments: tuple[str, ...], status: int
) -> None:
    """A refusal by rule, bad data, and what is not there are told apart."""
    from counterfoil.cli.failure import exit_status

    given = [one.format(bob=bob) for one in arguments]
    if status == 2:
        desk.says(*given, status=2)
        return
    with pytest.raises(CounterfoilError) as refused:
        desk.says(*given)
    assert exit_status(refused.value.code) == status
