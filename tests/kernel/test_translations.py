"""The catalogs hold every sentence of the sources, complete."""

import shutil
from pathlib import Path
from string import Formatter
from typing import TypeAlias

import pytest
from babel.messages.catalog import Catalog, Message

from counterfoil.kernel.i18n import CATALOGS
from tools import translations

Text: TypeAlias = str | list[str] | tuple[str, ...] | None

ROOT = Path(__file__).parent.parent.parent
PATHS = {path.parent.parent.name: path for path in CATALOGS.glob("*/LC_MESSAGES/*.po")}


def test_the_promised_languages_are_there() -> None:
    """Counterfoil speaks French and Simplified Chinese."""
    assert sorted(PATHS) == ["fr", "zh_CN"]


@pytest.mark.parametrize("language", sorted(PATHS))
def test_every_sentence_is_translated(language: str) -> None:
    """No reader meets a half-translated page (after a change: make translations)."""
    assert faults(translations.extract(ROOT / "src"), translations.read(PATHS[language])) == []


def test_each_kind_of_fault_is_found(tmp_path: Path) -> None:
    """A missing, an unused, a fuzzy translation, and a changed placeholder are each named."""
    (tmp_path / "shop.py").write_text(
        '_("Pay {amount}"); _("Paid"); lazy("Void"); _("Hold"); '
        'ngettext("{count} hold", "{count} holds", n)'
    )
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "counterfoil.po").write_text(
        'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
        'msgid "Pay {amount}"\nmsgstr "Payer {montant}"\n\n'
        'msgid "Paid"\nmsgstr ""\n\n'
        '#, fuzzy\nmsgid "Hold"\nmsgstr "Tenir"\n\n'
        'msgid "{count} hold"\nmsgid_plural "{count} holds"\n'
        'msgstr[0] "une réserve"\nmsgstr[1] "{count} réserves"\n\n'
        'msgid "Refund"\nmsgstr "Rembourser"\n'
    )
    template = translations.extract(tmp_path)
    assert sorted(faults(template, translations.read(folder / "counterfoil.po"))) == [
        "changed placeholders: Pay {amount}",
        "fuzzy: Hold",
        "missing: Paid",
        "missing: Void",
        "unused: Refund",
    ]


def test_updating_keeps_translations_and_their_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bringing catalogs in step changes nothing that was in step already."""
    shutil.copytree(CATALOGS, tmp_path / "locales")
    monkeypatch.setattr(translations, "CATALOGS", tmp_path / "locales")
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src")
    assert translations.main() == 0
    for language, path in PATHS.items():
        copy = tmp_path / "locales" / language / "LC_MESSAGES" / path.name
        assert copy.read_text().strip() == path.read_text().strip()


def faults(template: Catalog, catalog: Catalog) -> list[str]:
    """Name what keeps a catalog from being the template's complete translation."""
    wanted = {first(message.id): message for message in template if message.id}
    found = {first(message.id): message for message in catalog if message.id}
    return [
        *(f"missing: {key}" for key in wanted if key not in found or not is_complete(found[key])),
        *(f"unused: {key}" for key in found if key not in wanted),
        *(f"fuzzy: {key}" for key, message in found.items() if message.fuzzy),
        *(
            f"changed placeholders: {key}"
            for key, message in found.items()
            if is_complete(message) and not keeps_placeholders(message)
        ),
    ]


def first(text: Text) -> str:
    return forms(text)[0]


def forms(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def is_complete(message: Message) -> bool:
    return bool(message.string) and all(forms(message.string))


def keeps_placeholders(message: Message) -> bool:
    """Whether every form names the same values; a form for one thing may leave out the count."""
    names = set().union(*(placeholders(form) for form in forms(message.id)))
    for form in forms(message.string):
        optional = {"count"} if message.pluralizable else set()
        if placeholders(form) | optional != names | optional:
            return False
    return True


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}
