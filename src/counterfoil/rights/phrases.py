"""What each kind of record says to the person it is about, in plain words.

A room above that makes records of its own says them here too, with `register_phrase`. A record of a
kind that nobody has put into words is shown as such, and never left out.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from babel.dates import format_datetime

from counterfoil.consent import DEFINITIONS, BasisKind, Category, Purpose, Right
from counterfoil.consent.category import category_by_code, in_words
from counterfoil.consent.model import BASIS_WORDS
from counterfoil.consent.readers import category_of_field
from counterfoil.kernel.i18n import Message, _, current_locale, lazy
from counterfoil.people import Record
from counterfoil.rights.keeping import ITEM_WORDS, Item

RIGHT_WORDS: Final[dict[Right, Message]] = {
    Right.ACCESS: lazy("to see what is known about you"),
    Right.PORTABILITY: lazy("to take it with you"),
    Right.CORRECTION: lazy("to have it corrected"),
    Right.ERASURE: lazy("to be erased"),
    Right.RESTRICTION: lazy("to have it restricted"),
    Right.OBJECTION: lazy("to object"),
    Right.EXPLANATION: lazy("to have it explained"),
}

ANSWER_WORDS: Final[dict[str, Message]] = {
    "fulfilled": lazy("fulfilled"),
    "partly": lazy("fulfilled in part"),
    "refused": lazy("refused"),
    "duplicate": lazy("answered with an earlier one"),
    "allowed": lazy("allowed"),
    "narrowed": lazy("narrowed"),
    "upheld": lazy("upheld"),
    "changed": lazy("changed"),
}

_PHRASES: Final[dict[str, Message]] = {
    "registration": lazy("You registered."),
    "passkey-added": lazy("You added a passkey."),
    "passkey-removed": lazy("You removed a passkey."),
    "sign-in-link": lazy("{by} made a link that signs you in once."),
    "fact": lazy("You gave your {fact} for {purpose}."),
    "correction-proposed": lazy("You said that your {field} is wrong; it is being checked."),
    "correction": lazy("Your {field} was corrected."),
    "dispute": lazy("You disputed your {field}; your statement stays with it."),
    "erasure": lazy("The key to what we knew about you was destroyed."),
    "erasure-answer": lazy("You were erased: {erased}. Kept because a law wants it: {kept}."),
    "erasure-deferred": lazy("You could not be erased yet: {obstacles}."),
    "grant": lazy("You agreed to {purpose}: {categories}, until {expires_at}."),
    "refusal": lazy("You said no to {purpose}."),
    "withdrawal": lazy("You took back your consent to {purpose}."),
    "basis": lazy("You agreed to the terms of the wallet: {source}."),
    "basis-ended": lazy("A contract or a duty ended."),
    "bases-ended": lazy("All your consents and your contract ended."),
    "access": lazy("{who} read your {categories} for {purpose}, on {basis}: “{reason}”"),
    "misuse": lazy(
        "{who} asked for more of your data than allowed, got nothing, and was suspended."
    ),
    "authority-request": lazy(
        "{authority} asked for your {categories}, from {since} to {until}, under {article}."
    ),
    "authority-decision": lazy(
        "The request of {authority} was {outcome} by {reviewer}: “{reasons}” ({categories})"
    ),
    "rights-request": lazy("You asked {right} ({article}); the answer is due on {due_at}."),
    "rights-extension": lazy("The answer was put off until {due_at}: “{reason}”"),
    "rights-answer": lazy("Your wish {right} was {answer} by {by}. {reasons}"),
    "export": lazy("You were given everything that is held about you, as one file."),
    "restriction": lazy("Your {categories} was restricted ({article}): “{reason}”"),
    "restriction-lift": lazy("The restriction of your {categories} ends on {ends_at}: “{reason}”"),
    "objection": lazy("You objected to {purpose} ({article})."),
    "objection-withdrawn": lazy("You took back your objection to {purpose}."),
    "review": lazy("A human looks at what a program decided for {purpose}, by {due_at}."),
    "review-heard": lazy("You said what you think of it; the human reads that first."),
    "review-decided": lazy("{reviewer} looked at it: the decision is {decision}. “{reasons}”"),
    "notice-told": lazy("{recipient} was told about this: {about}, {field}."),
    "notice-acknowledged": lazy("{recipient} says that it was told: {about}, {field}."),
}

ABOUT_WORDS: Final[dict[str, Message]] = {
    "correction": lazy("a correction"),
    "dispute": lazy("a dispute"),
    "restriction": lazy("a restriction"),
    "erasure": lazy("an erasure"),
    "breach": lazy("a leak of data"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A record, in words."""

    number: int
    """Its place in the log of records."""
    at: datetime
    kind: str
    sentence: str


def register_phrase(kind: str, phrase: Message) -> None:
    """Say how a kind of record is told; its placeholders are keys of the record's content.

    Raises:
        ValueError: that kind is told already.

    """
    if kind in _PHRASES:
        raise ValueError(f"records of kind {kind} are told already")
    _PHRASES[kind] = phrase


def kinds_told() -> frozenset[str]:
    """Name the kinds that have a phrase."""
    return frozenset(_PHRASES)


def told(record: Record) -> Told:
    """Tell a record in the current language."""
    content = json.loads(record.body)
    phrase = _PHRASES.get(record.kind)
    if phrase is None:
        sentence = _("A record of kind “{kind}” was made.", kind=record.kind)
    else:
        sentence = phrase(**{name: _shown(name, value) for name, value in content.items()}).strip()
    return Told(record.number, record.at, record.kind, sentence)


def _shown(name: str, value: Any) -> str:
    """Write a value of a record's as a person reads it."""
    if value is None:
        return "—"
    if name in _WRITERS:
        return _WRITERS[name](value)
    if name.endswith("_at") or name in {"since", "until"}:
        return _instant(value)
    return str(value)


def _instant(text: str) -> str:
    at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    return str(format_datetime(at, format="medium", locale=current_locale()))


def _categories(codes: list[str]) -> str:
    found = Category(0)
    for code in codes:
        found |= category_by_code(code)
    return in_words(found)


def _field(text: str) -> str:
    try:
        return in_words(category_of_field(text))
    except KeyError:
        known = {one.code for one in Category}
        return _categories([code for code in text.split() if code in known])


def _basis(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    kinds = {kind.code: kind for kind in BasisKind}
    return str(BASIS_WORDS[kinds[value["kind"]]])


def _kept(items: list[Mapping[str, str]]) -> str:
    return "; ".join(
        f"{ITEM_WORDS[Item(one['item'])]} ({one['article']}, {_instant(one['until'])})"
        for one in items
    )


def _obstacles(items: list[Mapping[str, str]]) -> str:
    from counterfoil.rights.obstacles import Obstacle

    return "; ".join(str(Obstacle(**one)) for one in items)


def _answer(word: str) -> str:
    return str(ANSWER_WORDS[word])


_WRITERS: Final[Mapping[str, Callable[[Any], str]]] = {
    "purpose": lambda code: str(DEFINITIONS[Purpose(code)].words),
    "what": lambda code: str(DEFINITIONS[Purpose(code)].words) if code in set(Purpose) else code,
    "categories": _categories,
    "field": _field,
    "fact": lambda code: _categories([code]),
    "basis": _basis,
    "right": lambda code: str(RIGHT_WORDS[Right(code)]),
    "answer": _answer,
    "outcome": _answer,
    "decision": _answer,
    "erased": lambda items: ", ".join(str(ITEM_WORDS[Item(one)]) for one in items),
    "kept": _kept,
    "obstacles": _obstacles,
    "recipient": lambda name: _("The person") if name == "person" else name,
    "about": lambda code: str(ABOUT_WORDS.get(code, code)),
}
