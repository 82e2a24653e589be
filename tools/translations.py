"""Bring the message catalogs in step with the sources: new messages in, unused ones out.

New messages arrive untranslated; `tests/kernel/test_translations.py` stays red until someone
has translated them. Nothing is guessed from similar messages, and no line numbers or dates are
written, so that a catalog changes only when its messages do.
"""

import sys
import tomllib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from counterfoil.kernel.i18n import CATALOGS

ROOT = Path(__file__).parent.parent
KEYWORDS = {"_": None, "lazy": None, "ngettext": (1, 2)}

Found = tuple[int, str, str, list[str]]
"""A line's number, the function that marks a message, the message, comments on it."""


def extract(folder: Path) -> Catalog:
    """Collect every message that the sources in `folder` mark for translation."""
    template = Catalog(project="counterfoil", charset="utf-8")
    for path, line, message, comments, context in extract_from_dir(
        folder,
        [
            ("**.py", "python"),
            ("**.html", "jinja2"),
            ("**/policy/**.toml", "tools.translations:policy_sentences"),
        ],
        keywords=KEYWORDS,
        comment_tags=("Translators:",),
    ):
        template.add(message, None, [(path, line)], (), comments, context=context)
    return template


def policy_sentences(
    file: BinaryIO, _keywords: object, _tags: object, options: object
) -> Iterator[Found]:
    """Collect what a policy that ships says in its own words: all but its sources, which are quoted."""
    del options  # Babel gives it by this name
    document: dict[str, Any] = tomllib.load(file)
    parts = [
        item.get("why", "") for key in ("assumption", "open") for item in document.get(key, ())
    ]
    names = [grade["name"] for grade in document.get("grade", ())]
    for said in [document["title"], document["summary"], *parts, *names]:
        # A grade may be a letter or a number, which no language says otherwise.
        if sum(sign.isalpha() for sign in said) > 1:
            yield 1, "_", said, []


def read(path: Path) -> Catalog:
    """Read a catalog."""
    with path.open("rb") as source:
        return read_po(source, locale=path.parent.parent.name)


def _body(catalog: Catalog) -> str:
    """Print the messages without Babel's header, which would name a date and a person."""
    body = BytesIO()
    write_po(
        body,
        catalog,
        no_location=True,
        omit_header=True,
        sort_output=True,
        ignore_obsolete=True,
    )
    return body.getvalue().decode()


def main() -> int:
    """Update every catalog; exit with 1 while a message is without a translation."""
    template = extract(ROOT / "src")
    untranslated = 0
    for path in sorted(CATALOGS.glob("*/LC_MESSAGES/counterfoil.po")):
        catalog = read(path)
        catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
        header = path.read_text().partition("\n\n")[0]
        path.write_text(f"{header}\n\n{_body(catalog)}")
        missing = [message for message in catalog if message.id and not message.string]
        untranslated += len(missing)
        print(f"{path.relative_to(ROOT)}: {len(catalog)} messages, {len(missing)} untranslated")
    return 1 if untranslated else 0


if __name__ == "__main__":
    sys.exit(main())
