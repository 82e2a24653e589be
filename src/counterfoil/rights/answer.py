"""The answer to a request for erasure, as the person reads it: item by item, in their language."""

from babel.dates import format_date

from counterfoil.kernel.i18n import _, current_locale, use_locale
from counterfoil.rights.erasure import Erasure
from counterfoil.rights.keeping import ITEM_WORDS


def answer_text(erasure: Erasure, locale: str) -> str:
    """Write the answer as plain text, in a person's language.

    Raises:
        ValueError: there is no such locale.

    """
    with use_locale(locale):
        lines = [
            _("Your request to be erased"),
            "",
            _("On {day} we did the following with what we knew about you.",
              day=_day(erasure.at)),
            "",
            *(_("Erased: {what}.", what=ITEM_WORDS[item]) for item in erasure.erased),
            "",
            *(
                _("Kept until {day}, locked, and used for nothing else: {what} ({article}).",
                  day=_day(one.until), what=ITEM_WORDS[one.item], article=one.article)
                for one in erasure.kept
            ),
            "",
        ]  # fmt: skip
        if not erasure.is_complete:
            lines += [
                _("What a law keeps about who you are is erased by itself on its last day."), "",
            ]  # fmt: skip
        lines += [
            _("Whoever received your data from us is told to delete it."),
            _("If you disagree, you can turn to the data protection authority or to a court."),
            "",
        ]
        return "\n".join(lines)


def _day(at: object) -> str:
    return str(format_date(at, format="long", locale=current_locale()))  # type: ignore[arg-type]
