"""The language that a person reads."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from counterfoil.kernel import i18n
from counterfoil.kernel.i18n import (
    _,
    current_locale,
    figures,
    lazy,
    ngettext,
    translated,
    use_locale,
)

FRENCH = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "{person} pays {merchant}."
msgstr "{merchant} est payé par {person}."

msgid "Paid"
msgstr "Payé"

msgid "{count} payment"
msgid_plural "{count} payments"
msgstr[0] "{count} paiement"
msgstr[1] "{count} paiements"
"""

CHINESE = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "{person} pays {merchant}."
msgstr "{person}付款给{merchant}。"
"""


@pytest.fixture(autouse=True)
def catalogs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for language, catalog in {"fr": FRENCH, "zh_CN": CHINESE}.items():
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "counterfoil.po").write_text(catalog)
    monkeypatch.setattr(i18n, "CATALOGS", tmp_path)
    with use_locale("en_US"):
        yield


def pays() -> str:
    return _("{person} pays {merchant}.", person="Bob", merchant="Alice's shop")


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en", "Bob pays Alice's shop."),
        ("fr", "Alice's shop est payé par Bob."),
        ("fr_CA", "Alice's shop est payé par Bob."),
        ("zh-CN", "Bob付款给Alice's shop。"),
        ("zh", "Bob付款给Alice's shop。"),
        ("zh_Hans_SG", "Bob付款给Alice's shop。"),
        ("zh_TW", "Bob pays Alice's shop."),
        ("de", "Bob pays Alice's shop."),
    ],
)
def test_a_reader_gets_a_language_they_read(locale: str, sentence: str) -> None:
    """A region's reader gets the language's catalog, another script's reader does not."""
    with use_locale(locale):
        assert pays() == sentence


@pytest.mark.parametrize(
    ("count", "english", "french"),
    [
        (0, "0 payments", "0 paiement"),
        (1, "1 payment", "1 paiement"),
        (2, "2 payments", "2 paiements"),
    ],
)
def test_each_language_counts_by_its_own_rule(count: int, english: str, french: str) -> None:
    """Nothing is plural in English and singular in French."""
    assert ngettext("{count} payment", "{count} payments", count) == english
    with use_locale("fr"):
        assert ngettext("{count} payment", "{count} payments", count) == french


def test_a_lazy_sentence_is_said_in_the_language_of_its_reader() -> None:
    """What is written at module level waits for whoever reads it."""
    sentence = lazy("{person} pays {merchant}.")
    with use_locale("fr"):
        assert sentence(person="Bob", merchant="Alice") == "Alice est payé par Bob."
        assert str(lazy("Paid")) == "Payé"
    assert sentence(person="Bob", merchant="Alice") == "Bob pays Alice."


def test_two_requests_at_once_speak_two_languages() -> None:
    """One person's language never leaks into another's page."""

    async def request(locale: str) -> str:
        with use_locale(locale):
            await asyncio.sleep(0.001)
            return pays()

    async def both() -> tuple[str, str]:
        return await asyncio.gather(request("fr"), request("zh_CN"))

    assert tuple(asyncio.run(both())) == (
        "Alice's shop est payé par Bob.",
        "Bob付款给Alice's shop。",
    )


@pytest.mark.parametrize(
    ("environment", "locale"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr_FR"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh_Hans_CN"),
        ({"LANG": "de_DE@euro"}, "de_DE"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANG": "tlh_QO"}, "en"),
        ({}, "en"),
    ],
)
def test_the_environment_speaks_where_nobody_chose(
    environment: dict[str, str], locale: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command at a terminal speaks the terminal's language, or else English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    token = i18n._current.set(None)
    try:
        assert current_locale() == locale
    finally:
        i18n._current.reset(token)


def test_an_impossible_locale_is_refused() -> None:
    """A mistyped language is an error, not English in silence."""
    with pytest.raises(ValueError, match="'tlh' is no locale; give one such as fr or zh_CN"):
        use_locale("tlh").__enter__()


def test_numbers_have_the_signs_of_the_language() -> None:
    """A French sentence writes 1 234,5 where an English and a Chinese one write 1,234.5; words stay."""
    said = []
    for name in ("en", "zh_CN", "fr"):
        with use_locale(name):
            said.append(_("{count:,.1f} {name}", count=1234.5, name="a.b,c"))
            assert _("{count:,}", count=np.int64(1234)) == figures("1,234")
            assert figures("0.02") == ("0,02" if name == "fr" else "0.02")
    assert said == ["1,234.5 a.b,c", "1,234.5 a.b,c", "1\u202f234,5 a.b,c"]


def test_a_sentence_of_a_file_is_said_as_it_is() -> None:
    """What no catalog has, braces and all, is said unchanged; nothing stays nothing."""
    with use_locale("fr"):
        assert translated("{not} a place") == "{not} a place"
        assert translated("") == ""
        assert translated("Paid") == "Payé"
