"""The documents tell the truth: links lead somewhere, examples run, no command is left out."""

import doctest
import importlib
import re
from pathlib import Path
from typing import Any

import pytest

from counterfoil.cli import app
from counterfoil.ledger.refusal import ACCOUNT_RULES, RULES, AccountRefusal, Refusal
from tools import api_reference, cli_reference, doc_examples, refusal_reference

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "src"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
REFERENCE = ROOT / "docs" / "reference"
RUN = [
    page
    for page in PAGES
    if page.parent != REFERENCE and doc_examples.examples_in(page.read_text())
]
MODULES = [path for path in sorted(SOURCES.rglob("*.py")) if ">>>" in path.read_text()]
COMMANDS = cli_reference.commands(app)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ADR_PARTS = ["## Status", "## Context", "## Decision", "## Consequences"]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    """A link inside the project names a file that is there and, after #, a heading in it."""
    assert dead_links(page) == []


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    """A missing file and a missing heading are both dead links."""
    page = tmp_path / "page.md"
    page.write_text("# One heading\n[a](#one-heading) [b](gone.md) [c](page.md#gone) [d](page.md)")
    assert dead_links(page) == ["gone.md", "page.md#gone"]


@pytest.mark.parametrize("decision", DECISIONS, ids=named)
def test_a_decision_record_has_its_five_parts(decision: Path) -> None:
    """Title, status, context, decision, consequences: enough to undo a choice knowingly."""
    lines = decision.read_text().splitlines()
    assert re.fullmatch(rf"# {decision.name[:4]}\. \S.*", lines[0])
    assert [line for line in lines if line.startswith("## ")] == ADR_PARTS


def test_the_index_lists_every_decision() -> None:
    """A reader finds each record from the index, in order."""
    index = (ROOT / "docs" / "adr" / "README.md").read_text()
    listed = [link for link in LINK.findall(index) if re.match(r"\d{4}-", link)]
    assert listed == [decision.name for decision in DECISIONS]


def test_the_command_reference_is_what_the_commands_say() -> None:
    """No command, option or default is missing from the reference (after a change: make reference)."""
    assert cli_reference.PAGE.read_text() == cli_reference.render(app)


def test_the_reference_of_the_api_is_what_its_openapi_says() -> None:
    """Nobody edits docs/reference/api.md by hand (make reference)."""
    assert api_reference.PAGE.read_text() == api_reference.render()


def test_the_reference_of_refusals_is_what_the_rules_say() -> None:
    """No refusal is undocumented, and none is out of its order (after a change: make reference)."""
    assert refusal_reference.PAGE.read_text() == refusal_reference.render()
    assert (set(RULES), set(ACCOUNT_RULES)) == (set(Refusal), set(AccountRefusal))


@pytest.mark.parametrize(
    ("name", "command"),
    [(name, command) for name, command in COMMANDS if not hasattr(command, "commands")],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_help_shows_an_example(name: str, command: Any) -> None:
    """`--help` shows a line that can be typed as it stands, for that very command."""
    assert [line for line in cli_reference.examples(command) if line.startswith(name)]


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN, ids=named)
def test_every_example_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page shows is what happens, from top to bottom in an empty folder."""
    monkeypatch.chdir(tmp_path)
    assert doc_examples.run(page)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_every_example_in_a_docstring_runs(path: Path) -> None:
    """An example in a docstring is true."""
    name = ".".join(path.relative_to(SOURCES).with_suffix("").parts).removesuffix(".__init__")
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted
    assert result.failed == 0


@pytest.mark.parametrize(
    "example",
    [
        "```python\n>>> 1 + 1\n3\n```\n",
        "```console\n$ counterfoil --help\nNothing to see.\n```\n",
        "```console\n$ counterfoil no-such-command\n```\n",
        "```python\nx = 1\n```\n\n```python\n>>> x\n2\n```\n",
    ],
)
def test_a_wrong_example_is_found(example: str, tmp_path: Path) -> None:
    """An example that shows something else than what happens fails."""
    page = tmp_path / "page.md"
    page.write_text(example)
    with pytest.raises(doc_examples.ExampleFailed):
        doc_examples.run(page)


def test_a_right_example_passes(tmp_path: Path) -> None:
    """Blocks of one page share their names, `...` stands for anything, other commands are not run."""
    page = tmp_path / "page.md"
    page.write_text(
        "```python\nx = 1\n```\n\n```python\n>>> x + 1\n2\n```\n\n"
        "```console\n$ rm -rf everything\n$ counterfoil --help\n...Usage:...counterfoil...\n```\n"
    )
    assert doc_examples.run(page) == 3


def dead_links(page: Path) -> list[str]:
    """Name the page's links to files or headings that are not there."""
    return [
        link
        for link in LINK.findall(page.read_text())
        if not re.match(r"[a-z]+:", link) and not is_alive(page, link)
    ]


def is_alive(page: Path, link: str) -> bool:
    name, _, heading = link.partition("#")
    target = (page.parent / name) if name else page
    if not target.exists():
        return False
    return not heading or heading in anchors(target.read_text())


def anchors(text: str) -> set[str]:
    """Compute the anchors that a page's headings get when it is shown."""
    headings = re.findall(r"^#+ +(.*?) *$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
