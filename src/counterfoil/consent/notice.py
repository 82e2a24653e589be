"""The text a person is shown before they are asked, in their language, word for word.

A notice says who asks, how to reach them, what for, what data, how, how long, and how to say no or
change one's mind (PIPL 17). The files hold two placeholders, for the operator's name and contact;
what is hashed and stored is the text with both filled in, because that is what was shown.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from babel import Locale, UnknownLocaleError

from counterfoil.consent.purpose import DEFINITIONS, Purpose

LANGUAGES: Final = ("en", "fr", "zh_CN")
_FOLDER: Final = Path(__file__).parent / "notices"


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs the wallet and answers for the data."""

    name: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One purpose's text in one language, as it is shown."""

    purpose: Purpose
    version: int
    language: str
    text: str

    @property
    def hash(self) -> bytes:
        """SHA-256 of the exact text, in UTF-8."""
        return hashlib.sha256(self.text.encode()).digest()


def notice(purpose: Purpose, language: str, operator: Operator) -> Notice:
    """Read the current text of a purpose, with the operator filled in."""
    version = DEFINITIONS[purpose].version
    template = (_FOLDER / f"{purpose}.{version}.{language}.txt").read_text()
    text = template.format(operator=operator.name, contact=operator.contact)
    return Notice(purpose=purpose, version=version, language=language, text=text)


def language_for(locale: str) -> str:
    """Choose the language of a notice for a reader: theirs where there is one, else English."""
    try:
        wanted = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return "en"
    for offered in LANGUAGES:
        known = Locale.parse(offered)
        if known.language == wanted.language and wanted.script in {None, known.script, "Hans"}:
            return offered
    return "en"
