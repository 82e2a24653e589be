"""The language of a page: what the reader chose here, else what their browser asks for."""

from dataclasses import dataclass
from typing import Final

from babel import Locale, UnknownLocaleError
from starlette.requests import Request

from counterfoil.kernel.i18n import SOURCE_LANGUAGE

COOKIE: Final = "language"


@dataclass(frozen=True, slots=True)
class Language:
    """A language that pages are offered in."""

    locale: str
    """As CLDR names it: zh_CN."""
    tag: str
    """As HTML names it: zh-CN (BCP 47)."""
    name: str
    """What its readers call it."""


LANGUAGES: Final = (
    Language("en", "en", "English"),
    Language("fr", "fr", "Français"),
    Language("zh_CN", "zh-CN", "简体中文"),
)


def language_of(request: Request) -> Language:
    """Choose the language of a request."""
    chosen = by_tag(request.cookies.get(COOKIE, ""))
    return chosen or _accepted(request.headers.get("accept-language", ""))


def by_tag(tag: str) -> Language | None:
    """Find an offered language by its tag."""
    return next((one for one in LANGUAGES if one.tag == tag), None)


def _accepted(header: str) -> Language:
    """Negotiate (RFC 9110 §12.5.4), the best first; English where nothing fits."""
    for wanted in _wanted(header):
        if found := next((one for one in LANGUAGES if _reads(wanted, one)), None):
            return found
    return next(one for one in LANGUAGES if one.locale == SOURCE_LANGUAGE)


def _reads(wanted: str, offered: Language) -> bool:
    """Whether who wants one locale can read another: the same language in the same script."""
    try:
        locale = Locale.parse(wanted)
    except (UnknownLocaleError, ValueError):
        return False
    known = Locale.parse(offered.locale)
    return locale.language == known.language and locale.script in {None, known.script, "Hans"}


def _wanted(header: str) -> list[str]:
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(header[:500].split(",")):
        tag, _semicolon, quality = part.strip().partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0
        if tag and tag != "*" and weight > 0:
            ranked.append((-weight, place, tag.replace("-", "_")))
    return [tag for _weight, _place, tag in sorted(ranked)]
