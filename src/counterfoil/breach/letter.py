"""What is written: a letter to each person in their language, and the notice to the authority.

A letter has no name and no address in it: whoever sends it reads them at the gate, on record. It says
what PIPL 57 and GDPR 34(2) want said: which data, the cause, what may come of it, what was done, what the
person can do, and whom to ask.
"""

from collections.abc import Mapping
from datetime import datetime

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime

from counterfoil.breach.model import CLOCKS, Affected, Breach, Standing, Words
from counterfoil.consent import Regime
from counterfoil.consent.category import in_words
from counterfoil.kernel.i18n import _, current_locale, use_locale


def letter_of(breach: Breach, one: Affected, locale: str) -> str:
    """Write the letter to one person, as plain text."""
    case = breach.case
    words = chosen(case.words, locale)
    with use_locale(locale):
        what = in_words(one.categories) if one.categories else _("what was done with your data")
        return "\n".join(
            [
                _("Some of your data got out"),
                "",
                _("On {at} we learned that data about you has come into wrong hands. We tell you what "
                  "it is and what you can do.", at=_instant(case.discovered_at)),
                "",
                _("What it is: {what}.", what=what),
                _("How it happened: {cause}", cause=words.cause),
                _("What may come of it: {harm}", harm=words.harm),
                _("What we have done: {measures}", measures=words.measures),
                _("What you can do: {advice}", advice=words.advice),
                _("Whom to ask: {contact}", contact=case.contact),
                "",
                _("You find this letter in your record, with a receipt, and with it everybody who has "
                  "looked at your data."),
                _("If you disagree, you can turn to the data protection authority or to a court."),
                _("Case {breach}.", breach=breach.id),
                "",
            ]
        )  # fmt: skip


def notice_of(standing: Standing, law: Regime, authority: str, at: datetime, reasons: str) -> str:
    """Write the notice to an authority (GDPR 33(3), PIPL 57), in the current language."""
    breach, clock = standing.breach, CLOCKS[law]
    case = breach.case
    words = chosen(case.words, current_locale())
    lines = [
        _("Notice of a breach of personal data, {article}", article=clock.article),
        "",
        _("To: {authority}", authority=authority),
        _("Case: {breach} ({title})", breach=breach.id, title=case.title),
        _("Known since {discovered} UTC; told on {at} UTC.",
          discovered=f"{case.discovered_at:%Y-%m-%d %H:%M}", at=f"{at:%Y-%m-%d %H:%M}"),
    ]  # fmt: skip
    if at > breach.due_at(law):
        due = f"{breach.due_at(law):%Y-%m-%d %H:%M}"
        lines.append(
            _("Due on {due} UTC. Why it is late: {reasons}", due=due, reasons=reasons or "—")
        )
    lines += [
        "",
        _("Persons affected: {count}; severity: {severity}.",
          count=standing.person_count, severity=case.severity.value),
        *(
            _("  {category}: {count}", category=in_words(one), count=count)
            for one, count in standing.by_category.items()
        ),
        "",
        _("How it happened: {cause}", cause=words.cause),
        _("What may come of it: {harm}", harm=words.harm),
        _("What we have done: {measures}", measures=words.measures),
        _("Letters to persons: {written} of {all}; not reachable: {erased}.",
          written=standing.letter_count, all=standing.person_count,
          erased=standing.erased_count),
        _("Contact: {contact}", contact=case.contact),
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def chosen(words: Mapping[str, Words], locale: str) -> Words:
    """Choose what a reader of a locale understands; the first, where nothing is in their language."""
    wanted = Locale.parse(locale.replace("-", "_"))
    for language, text in words.items():
        try:
            offered = Locale.parse(language.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            continue
        if offered.language == wanted.language:
            return text
    return next(iter(words.values()))


def _instant(at: datetime) -> str:
    return str(format_datetime(at, format="long", locale=current_locale()))
