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
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE_LANGUAGE = "en"
CATALOGS = Path(__file__).parent.parent / "locales"
_ENVIRONMENT = ("LC_ALL", "LC_MESSAGES", "LANG")  # POSIX's own order of precedence


def _(template: str, /, **values: object) -> str:
    """Say a sentence in the current language, its placeholders filled in."""
    return _translations().gettext(template).format(**values)


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """Say a sentence about `count` things; `{count}` is filled in too.

    English has two forms; a language has as many as its catalog declares.
    """
    return _translations().ngettext(one, many, count).format(count=count, **values)


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
    try:
        locale = Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError(f"{name!r} is no locale; give one such as fr or zh_CN") from error
    token = _current.set(str(locale))
    try:
        yield
    finally:
        _current.reset(token)


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
