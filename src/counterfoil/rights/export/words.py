"""What an export says to the person, in their language: README, and the page that they can read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from counterfoil.consent import SubjectId
from counterfoil.kernel.i18n import Message, _, current_locale, lazy
from counterfoil.rights.export.gathered import Gathered, Rows
from counterfoil.rights.export.holding import Holding
from counterfoil.rights.export.holdings import EXCLUDED, HOLDINGS
from counterfoil.rights.export.kind import Json
from counterfoil.rights.phrases import Told

SHOWN_ROWS_MAX: Final = 200
"""How many rows of a table the page shows; the files have all of them."""

_SILENCE: Final = lazy(
    "Where a court or another authority has ordered silence for a time, what it covers is not in "
    "here before that time has passed. Then you are told, and it is in your next export."
)
_KEYS: Final = lazy(
    "Whoever made this file could have written any key into it. So compare the keys with those that "
    "we publish elsewhere: in our branches, on our letters, at the witnesses that watch our logs. "
    "Then give those, not these:"
)
_PROOF: Final = lazy(
    "Each line of the files in receipts/ is a receipt of its own. It proves that we wrote down "
    "exactly this, and cannot change it any more. You can show one to a court, and keep the others "
    "to yourself."
)
_CSV: Final = lazy(
    "JSON is exact. In CSV, an apostrophe stands before a text that a spreadsheet would take for a "
    "formula."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the README and the page are made of."""

    operator: str
    subject: SubjectId
    day: str
    gathered: Gathered
    told: Sequence[Told]
    receipts: Mapping[str, int]
    missing: int
    keys: Sequence[str]

    @property
    def command(self) -> str:
        """How to verify this export."""
        given = " ".join(f"--key {key}" for key in self.keys)
        return f"counterfoil verify export.zip {given}"


def readme(words: Words) -> str:
    """Write the plain text that comes first."""
    return "\n".join(_paragraphs(words)) + "\n"


def _paragraphs(words: Words) -> Iterator[str]:
    yield _("What {operator} holds about you", operator=words.operator)
    yield ""
    yield from opening(words)
    yield ""
    yield _("Open index.html to read it. The same is in data/, for programs:")
    yield ""
    for holding, rows in words.gathered.files:
        yield f"  data/{holding.name}.json, .csv: {holding.title} ({len(rows)})"
    yield ""
    yield str(_CSV)
    yield ""
    yield _("Proof")
    yield ""
    yield from proof(words)
    yield ""
    yield _("What is not in here")
    yield ""
    yield from (f"  {line}" for line in left_out())
    yield ""
    yield str(_SILENCE)


def opening(words: Words) -> Iterator[str]:
    """Say what this is."""
    yield _("This is everything that we hold about you, as of {day} (UTC). Your id with us is "
            "{person}.", day=words.day, person=words.subject)  # fmt: skip
    yield _("You can ask us to correct it, to restrict it or to erase it, and you can complain to the "
            "data protection authority or go to court.")  # fmt: skip


def proof(words: Words) -> Iterator[str]:
    """Say what the receipts are, and how to verify them."""
    yield str(_PROOF)
    for path, count in words.receipts.items():
        yield f"  {path}: {count}"
    if words.missing:
        yield _("{count} receipts could not be given; receipts/missing.json says why.",
                count=words.missing)  # fmt: skip
    yield str(_KEYS)
    yield f"  {words.command}"


def left_out() -> Iterator[str]:
    """Say which tables and columns about a person are not handed over, and why."""
    reasons: dict[str, list[str]] = {}
    for table, excluded in EXCLUDED.items():
        if excluded.is_about_people:
            reasons.setdefault(str(excluded.reason), []).append(table)
    for holding in HOLDINGS:
        for column, why in holding.withheld.items():
            reasons.setdefault(str(why), []).append(f"{holding.table}.{column}")
    for said, names in reasons.items():
        yield f"{', '.join(names)}: {said}."


def page(words: Words) -> str:
    """Write the page: everything in tables, what was done in sentences, nothing from elsewhere."""
    return _template().render(
        language=current_locale().replace("_", "-"),
        title=_("What {operator} holds about you", operator=words.operator),
        opening=list(opening(words)),
        done_title=_("What was done, in words"),
        told=[(f"{one.at:%Y-%m-%d %H:%M}", one.sentence) for one in words.told],
        sections=[_section(holding, rows) for holding, rows in words.gathered.files if rows],
        nothing=_("We hold nothing of this kind about you:"),
        empty=", ".join(str(holding.title) for holding, rows in words.gathered.files if not rows),
        proof_title=_("Proof"),
        proof=list(proof(words)),
        left_title=_("What is not in here"),
        left=list(left_out()),
        silence=str(_SILENCE),
    )


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the page."""

    name: str
    title: Message
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    more: str


def _section(holding: Holding, rows: Rows) -> Section:
    # The latest come last in the files; who reads wants them first, and not ten thousand of them.
    shown = list(rows[-SHOWN_ROWS_MAX:])[::-1]
    more = ""
    if len(rows) > len(shown):
        more = _("These are the latest {shown} of {count}; all are in data/{name}.csv.",
                 shown=len(shown), count=len(rows), name=holding.name)  # fmt: skip
    columns = [name.replace("_", " ") for name in holding.written]
    return Section(
        holding.name, holding.title, columns,
        [[_shown(value) for value in row.values()] for row in shown], more,
    )  # fmt: skip


def _shown(value: Json) -> str:
    match value:
        case None:
            return "—"
        case list():
            return ", ".join(value) or "—"
        case _:
            return str(value)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("counterfoil.rights", "export"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")
