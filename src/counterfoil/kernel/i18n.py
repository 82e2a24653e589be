"""The language that a person reads: every sentence shown to someone goes through here.

Sources are written in English; `locales/*/LC_MESSAGES/counterfoil.po` holds the other languages
and is read as it is, so there is nothing to compile and no binary to keep in step. A message is
a template with named placeholders, never a sentence put together from parts, because word order
differs between languages:

    raise HoldExpired(_("Hold {hold} expired at {at}.", hold=hold, at=at))

The language belongs to the request, not to the process: it is held in a context variable, so
that two requests served at once may speak two languages. Nobody having chosen, it is the one of
the environment. A message without a translation appears in English.

An f-string in `_()` would be filled in before it is looked up and is therefore never found.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from numbers import Number
from pathlib import Path
from string import Formatter

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol, get_group_symbol

SOURCE_LANGUAGE = "en"
_SOURCE_SIGNS = (",", ".")
CATALOGS = Path(__file__).parent.parent / "locales"
_ENVIRONMENT = ("LC_ALL", "LC_MESSAGES", "LANG")  # POSIX's own order of precedence


def _(template: str, /, **values: object) -> str:
    """Say a sentence in the current language, its placeholders filled in."""
    return _filled(_translations().gettext(template), values)


def translated(said: str) -> str:
    """Say, in the current language, a sentence that stands in a file that ships.

    Nothing is filled in: a file of the user's own, which no catalog has, may hold any signs.
    """
    return _translations().gettext(said) if said else said


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """Say a sentence about `count` things; `{count}` is filled in too.

    English has two forms; a language has as many as its catalog declares.
    """
    return _filled(_translations().ngettext(one, many, count), values | {"count": count})


def figures(written: str) -> str:
    """Give a number as Python writes it, 1,234.5, the signs of the current language."""
    group, decimal = _signs(current_locale(), CATALOGS)
    return written.translate({ord(","): group, ord("."): decimal})


class _Filler(Formatter):
    """Fills in placeholders, numbers with the signs of the current language."""

    def format_field(self, value: object, format_spec: str) -> str:
        written: str = super().format_field(value, format_spec)
        return figures(written) if isinstance(value, Number) else written


def _filled(template: str, values: dict[str, object]) -> str:
    if _signs(current_locale(), CATALOGS) == _SOURCE_SIGNS:
        return template.format(**values)
    return _Filler().vformat(template, (), values)


@cache
def _signs(name: str, folder: Path) -> tuple[str, str]:
    """Give what stands between thousands and before decimals, where a catalog has the language."""
    if not isinstance(_catalog_for(name, folder), GNUTranslations):
        return _SOURCE_SIGNS
    return get_group_symbol(name), get_decimal_symbol(name)


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence written down now and said later, in the language current then.

    For module level, where no request and hence no language is known: `str()` says it, and a
    call says it with its placeholders filled in.
    """

    template: str

    def __call__(self, **values: object) -> str:
        """Say it in the current language, its placeholders filled in."""
        return _(self.template, **values)

    def __str__(self) -> str:
        """Say it in the current language, if it has no placeholders."""
        return _(self.template)


lazy = Message
"""Mark a sentence for translation without saying it yet."""


def current_locale() -> str:
    """Tell the current locale as a CLDR name, for what else depends on it: dates, amounts."""
    return _current.get() or _locale_of_environment()


@contextmanager
def use_locale(name: str) -> Iterator[None]:
    """Speak another language inside the `with` block: a CLDR name (zh_CN) or a tag (zh-CN).

    Raises:
        ValueError: there is no such locale.

    """
    token = _current.set(_parsed(name))
    try:
        yield
    finally:
        _current.reset(token)


@lru_cache(256)
def _parsed(name: str) -> str:
    try:
        return str(Locale.parse(name.replace("-", "_")))
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError(f"{name!r} is no locale; give one such as fr or zh_CN") from error


_current: ContextVar[str | None] = ContextVar("locale", default=None)


def _locale_of_environment() -> str:
    for variable in _ENVIRONMENT:
        if name := os.environ.get(variable):
            return _locale_named(name)
    return SOURCE_LANGUAGE


@cache
def _locale_named(name: str) -> str:
    try:
        return str(Locale.parse(name.partition(".")[0].partition("@")[0]))
    except (UnknownLocaleError, ValueError):
        return SOURCE_LANGUAGE  # C, POSIX, or a name that CLDR does not have


def _translations() -> NullTranslations:
    return _catalog_for(current_locale(), CATALOGS)


@cache
def _catalog_for(name: str, folder: Path) -> NullTranslations:
    """Choose the catalog that a reader of this locale understands, or none."""
    wanted = Locale.parse(name)
    for path in sorted(folder.glob("*/LC_MESSAGES/counterfoil.po")):
        offered = Locale.parse(path.parent.parent.name)
        scripts = {wanted.script, offered.script} - {None}
        if wanted.language == offered.language and len(scripts) <= 1:
            return _read(path)
    return NullTranslations()


def _read(path: Path) -> GNUTranslations:
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=path.parent.parent.name))
    compiled.seek(0)
    return GNUTranslations(compiled)
