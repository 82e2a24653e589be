"""A clerk's day at the command line: register, ask for consent, look, be seen looking, answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from counterfoil.cli import app
from counterfoil.kernel.errors import CounterfoilError
from tools.program import counterfoil

OPERATOR = ("--operator", "Larch Savings", "--contact", "privacy@larch.example")


class Desk:
    """The program, with a key file and a database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.where: tuple[str, ...] = ("--keys", f"{folder}/keys", "--database", url)

    def says(self, *arguments: str, status: int = 0) -> str:
        """Run a command as a person would."""
        done = CliRunner(env={"COLUMNS": "80"}).invoke(app, [*arguments, *self.where])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == status, done.output
        return done.output

    def answers(self, *arguments: str, status: int = 0) -> Any:
        """Run a command as a program would."""
        return json.loads(self.says(*arguments, "--json", status=status))

    def open_purpose(self, purpose: str) -> None:
        """Assess and start a purpose."""
        text = self.folder / "assessment.md"
        text.write_text("Lawful, needed, little risk.")
        self.says("purpose", "assess", purpose, "--by", "Edda", "--file", str(text))
        self.says("purpose", "start", purpose, *OPERATOR)


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Desk:
    """Give a desk at an empty database."""
    return Desk(tmp_path, database_url)


def test_a_look_at_a_person_is_told_to_them(desk: Desk) -> None:
    """From registration to `who-looked`, by commands alone."""
    desk.open_purpose("run-wallet")
    bob = desk.answers("person", "add", "Bob Bauer", "+33 6 39 98 12 34", "--terms", "1")["person"]
    assert desk.says("person", "find", "0639981234", "--region", "FR").strip() == bob
    assert "Nobody has looked" in desk.says("who-looked", bob)
    clerk = desk.answers(
        "collector", "add", "operator", "Clara, clerk", "run-wallet", "name", "contact"
    )["certificate"]
    shown = desk.answers("person", "show", bob, "--as", clerk, "--reason", "He asked by phone.")
    assert shown == {
        "person": bob,
        "name": "Bob Bauer",
        "contact": "+33639981234",
        "disputed": [],
    }
    looks = desk.answers("who-looked", bob)["looks"]
    assert [(look["categories"], look["who"]) for look in looks] == [
        (["name"], "Clara, clerk"),
        (["contact"], "Clara, clerk"),
    ]
    told = " ".join(desk.says("who-looked", bob).split())
    assert "Clara, clerk read your name (1 entry)" in told
    assert "He asked by phone." in told
    desk.says("person", "erase", bob)
    with pytest.raises(CounterfoilError, match="Nobody has registered"):
        desk.says("person", "find", "+33639981234")


def test_consent_is_given_listed_and_revoked(desk: Desk) -> None:
    """A grant is active, then it is not; the export says both."""
    desk.open_purpose("marketing")
    bob = desk.answers("person", "add", "Bob Bauer", "bob@example.org")["person"]
    assert "Nothing has been granted" in desk.says("grant", "list", bob)
    desk.says("grant", "refuse", bob, "marketing", "name", "contact")
    (given,) = desk.answers("grant", "give", bob, "marketing", "name", "contact")["grants"]
    assert given["is_active"]
    notice = desk.answers("purpose", "notice", "marketing")
    assert notice["sha256"] == given["notice_sha256"]
    (revoked,) = desk.answers("grant", "revoke", bob, given["grant"])["grants"]
    assert (revoked["is_active"], revoked["why_ended"]) == (False, "ended")
    assert "ended" in desk.says("grant", "list", bob)
    exported = json.loads(
        desk.says("grant", "export", bob, *OPERATOR, "--address", "1 Larch Lane", "--country", "FR")
    )
    assert len(exported["@graph"]) == 2


def test_an_authority_s_request_is_narrowed_and_counted(desk: Desk) -> None:
    """Enter, decide, report."""
    desk.open_purpose("comply-with-law")
    bob = desk.answers("person", "add", "Bob Bauer", "bob@example.org")["person"]
    request = desk.answers(
        *("authority", "enter", bob, "--kind", "court", "--name", "District Court"),
        *("--article", "CCP 67", "--category", "payments", "--category", "name"),
        *("--since", "2026-01-01", "--until", "2026-02-01"),
    )["request"]
    decided = desk.answers(
        *("authority", "decide", request, "--reviewer", "Edda", "--reasons", "Names suffice."),
        *("--category", "name", "--since", "2026-01-01", "--until", "2026-02-01"),
        *("--valid-until", "2999-01-01"),
    )
    assert decided["outcome"] == "narrowed"
    assert decided["basis"]
    report = desk.answers("authority", "report", "--since", "2020-01-01", "--until", "2999-01-01")
    assert report["requests"]["court"]["narrowed"] == 1
    assert "court" in desk.says(
        "authority", "report", "--since", "2020-01-01", "--until", "2999-01-01"
    )


def test_a_right_has_a_due_date(desk: Desk) -> None:
    """Ask, extend, answer; and nothing is due in the week to come."""
    bob = desk.answers("person", "add", "Bob Bauer", "bob@example.org")["person"]
    asked = desk.answers("rights", "ask", bob, "access", "--law", "gdpr", "--law", "fcra")
    assert asked["article"] == "GDPR 12(3)"
    later = desk.answers("rights", "extend", asked["request"], "--reason", "Ten years of payments.")
    assert later["due_at"] > asked["due_at"]
    assert "Nothing is due" in desk.says("rights", "due")
    answered = desk.answers("rights", "answer", asked["request"], "fulfilled", "--by", "Edda")
    assert answered["answer"] == "fulfilled"


def test_what_is_collected_is_listed(database_url: str) -> None:
    """Every column about people, and what goes beyond the minimum."""
    runner = CliRunner(env={"COLUMNS": "80"})
    runner.invoke(app, ["db", "upgrade", "--database", database_url])
    done = runner.invoke(app, ["audit", "collection", "--database", database_url, "--json"])
    assert done.exit_code == 0
    audited = json.loads(done.output)
    assert audited["columns"]["persons.sealed_name"]["categories"] == ["name"]
    assert audited["beyond_minimum"] == ["birth-date"]
    table = runner.invoke(app, ["audit", "collection", "--database", database_url]).output
    assert "Beyond the minimum of a payment app: birth date." in table


def test_the_closed_list_of_purposes_is_shown() -> None:
    """Without a database: it is part of the program."""
    done = CliRunner(env={"COLUMNS": "80"}).invoke(app, ["purpose", "list", "--json"])
    assert json.loads(done.output)["score"]["bases"] == ["consent"]
    assert "marketing" in CliRunner(env={"COLUMNS": "80"}).invoke(app, ["purpose", "list"]).output


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("purpose", "start", "everything", *OPERATOR), 2, "is none of run-wallet, score"),
        (("purpose", "start", "score", *OPERATOR), 4, "needs an impact assessment"),
        (("person", "add", "Bob", "by post"), 6, "This is no phone number"),
        (("collector", "add", "operator", "Clara", "score", "shoes"), 2, "is no category"),
        (("grant", "list", "bob"), 2, "UUID"),
    ],
)
def test_a_mistake_is_a_sentence_and_a_status(
    tmp_path: Path, arguments: tuple[str, ...], status: int, words: str
) -> None:
    """No traceback: what was refused, and what could be given."""
    where = ("--keys", f"{tmp_path}/keys", "--database", f"sqlite:///{tmp_path}/shop.db")
    done = counterfoil(*arguments, *where)
    assert done.returncode == status, done.stderr
    assert words in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
