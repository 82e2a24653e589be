"""From a TOML document to a `Policy`, or to an error that names the place.

The checks run in this order, and the first that fails speaks: the format's version, the kind
and model, each table's values, then what must hold between tables (weights sum to 100,
thresholds in order, no entitlement both denied and granted by one grade).
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from counterfoil.kernel.i18n import _
from counterfoil.policy.errors import PolicyInvalid, PolicyTooNew
from counterfoil.policy.model import (
    Assumption,
    Base,
    EventPoints,
    Grade,
    Kind,
    Listing,
    Loan,
    Model,
    OpenParameter,
    People,
    Policy,
    Score,
    Source,
)
from counterfoil.policy.reader import Reader
from counterfoil.policy.words import EVENT_WORDS, Entitlement, Event, Layer

FORMAT: Final = 1
SCORE_MAX: Final = 2040
"""A score in 1/16 points must fit in 15 bits (`lab.rules`)."""
GRADES_MAX: Final = 8
WEIGHTS_TOLERANCE: Final = 1e-9

MODEL_SETTINGS: Final[Mapping[Model, Mapping[str, tuple[float, float]]]] = {
    Model.CONDUCT: {},
    Model.ENROLMENT: {
        "default_on": (0, 1),
        "notice_share": (0, 1),
        "consent_rate": (0, 1),
        "leave_rate": (0, 1),
        "leave_friction": (0, 1),
        "services": (1, 50),
        "services_lost_on_leaving": (0, 50),
    },
    Model.RELINK: {
        "brokers": (2, 12),
        "coverage": (0, 1),
        "error_rate": (0, 1),
        "birth_precision": (1, 3),
        "postcodes": (1, 100_000),
        "k": (2, 100),
    },
    Model.FACE: {
        "gallery": (1, 1e10),
        "watchlist": (0, 1e9),
        "cameras": (1, 1e10),
        "faces_per_camera_day": (0, 1e7),
        "false_match_rate": (0, 1),
        "false_negative_rate": (0, 1),
        "stop_share": (0, 1),
        "dimensions": (8, 4096),
        "sample_gallery": (100, 10_000_000),
    },
}
"""What each model other than `conduct` is told, with the lowest and highest value allowed."""


def parse_document(document: Mapping[str, object]) -> Policy:
    """Read a policy from a parsed TOML document.

    Raises:
        PolicyTooNew: its `format` is later than this version's.
        PolicyInvalid: any other rule is broken; the message names the place.

    """
    top = Reader(document)
    _check_format(top)
    kind, model = Kind(_word(top, "kind", Kind)), Model(_word(top, "model", Model))
    score = _score(top.table("score"))
    policy = Policy(
        name=top.text("name"),
        kind=kind,
        model=model,
        title=top.text("title"),
        summary=top.text("summary"),
        sources=tuple(_source(item) for item in top.tables("source")),
        assumptions=tuple(_assumption(item) for item in top.tables("assumption")),
        open_parameters=tuple(_open(item) for item in top.tables("open")),
        score=score,
        base=_base(top.table("base")),
        points=_points(top.table("points"), score),
        listing=_listing(top.table("listing"), score),
        drop_rates=_drop_rates(top.table("drop_rates")),
        grades=_grades(top.tables("grade"), score),
        loan=_loan(top.table("loan")),
        people=_people(top.table("people")),
        settings=_settings(top.table("settings"), model),
        document=document,
    )
    top.done()
    return policy


def _check_format(top: Reader) -> None:
    number = top.number("format", low=0, high=1e9)
    if number > FORMAT:
        raise PolicyTooNew(
            _(
                "Format {number:g} is newer than this version reads ({known}); update Counterfoil, or "
                "ask for the file in the older format.",
                number=number,
                known=FORMAT,
            ),
            format=number,
            supported=FORMAT,
        )
    if number != FORMAT:
        raise PolicyInvalid(
            _(
                "Format {number:g} does not exist; write format = {known}.",
                number=number,
                known=FORMAT,
            )
        )


def _word(top: Reader, key: str, allowed: type[Kind] | type[Model]) -> str:
    word = top.text(key)
    words = [str(item) for item in allowed]
    if word not in words:
        raise top.refuse(
            key, _("unknown {word!r}; use one of {known}", word=word, known=", ".join(words))
        )
    return word


def _source(item: Reader) -> Source:
    source = Source(
        title=item.text("title"),
        publisher=item.text("publisher"),
        date=item.text("date"),
        url=item.text("url", ""),
        says=item.text("says"),
    )
    item.done()
    return source


def _assumption(item: Reader) -> Assumption:
    assumption = Assumption(parameter=item.text("parameter"), why=item.text("why"))
    item.done()
    return assumption


def _open(item: Reader) -> OpenParameter:
    low = item.number("low", low=-1e12, high=1e12)
    found = OpenParameter(
        parameter=item.text("parameter"),
        low=low,
        high=item.number("high", low=low, high=1e12),
        steps=int(item.number("steps", 9, low=2, high=201)),
        why=item.text("why"),
    )
    item.done()
    return found


def _score(table: Reader) -> Score:
    floor = table.number("floor", 0, low=0, high=SCORE_MAX)
    ceiling = table.number("ceiling", SCORE_MAX, low=0, high=SCORE_MAX)
    if ceiling <= floor:
        raise table.refuse(
            "ceiling",
            _("{ceiling:g} is not above the floor {floor:g}", ceiling=ceiling, floor=floor),
        )
    weights_table = table.table("weights")
    names = weights_table.names() or ("conduct",)
    weights = {
        name: weights_table.number(name, 100.0 if name == "conduct" else None, low=0, high=100)
        for name in names
    }
    if abs(sum(weights.values()) - 100) > WEIGHTS_TOLERANCE:
        raise table.refuse(
            "weights", _("they sum to {total:g}, not to 100", total=sum(weights.values()))
        )
    score = Score(
        start=table.number("start", 1000, low=floor, high=ceiling),
        floor=floor,
        ceiling=ceiling,
        weights=weights,
        clean_month=table.number("clean_month", 0, low=-100, high=100),
        forget_per_1024=int(table.number("forget_per_1024", 0, low=0, high=1024)),
        lost_contact_penalty=table.number("lost_contact_penalty", 0, low=0, high=SCORE_MAX),
    )
    table.done()
    return score


def _base(table: Reader) -> Base:
    base = Base(
        income=table.numbers("income", 5),
        age=table.numbers("age", 4),
        child=table.number("child", 0),
        ill=table.number("ill", 0),
        schooled=table.number("schooled", 0),
    )
    table.done()
    return base


def _points(table: Reader, score: Score) -> dict[Event, EventPoints]:
    own = [name for name in score.weights if name != "connections"]
    points: dict[Event, EventPoints] = {}
    for word in table.names():
        if word not in EVENT_WORDS or word == Event.RECORD_ERROR.word:
            known = ", ".join(name for name in EVENT_WORDS if name != Event.RECORD_ERROR.word)
            raise table.refuse(word, _("there is no such event; use one of {known}", known=known))
        if table.is_table(word):
            inner = table.table(word)
            category = inner.text("category")
            points[EVENT_WORDS[word]] = EventPoints(inner.number("points"), category)
            inner.done()
        else:
            category = own[0]
            points[EVENT_WORDS[word]] = EventPoints(table.number(word), category)
        if category not in own:
            raise table.refuse(
                word,
                _(
                    "there is no category {category!r}; use one of {known}",
                    category=category,
                    known=", ".join(own),
                ),
            )
    return points


def _listing(table: Reader, score: Score) -> Listing:
    below = table.optional_number("below", low=score.floor, high=score.ceiling)
    until = table.optional_number("until", low=score.floor, high=score.ceiling)
    if (below is None) != (until is None):
        raise table.refuse("below", _("give both `below` (on the list) and `until` (off it again)"))
    if below is not None and until is not None and until < below:
        raise table.refuse(
            "until",
            _("thresholds crossed: {until:g} is under `below` {below:g}", until=until, below=below),
        )
    listing = Listing(
        below=below,
        until=until,
        by_error=table.flag("by_error", default=False),
        events=_listing_events(table),
        error_rate=table.rate("error_rate"),
        error_points=table.number("error_points", 0),
        correction_rate=table.rate("correction_rate"),
        release_rate=table.rate("release_rate"),
        public=table.flag("public", default=False),
        denies=table.words("denies", Entitlement),
    )
    table.done()
    return listing


def _listing_events(table: Reader) -> tuple[Event, ...]:
    words = table.strings("events")
    for word in words:
        if word not in EVENT_WORDS:
            raise table.refuse(
                "events",
                _("unknown {word!r}; use one of {known}", word=word, known=", ".join(EVENT_WORDS)),
            )
    return tuple(EVENT_WORDS[word] for word in words)


def _drop_rates(table: Reader) -> dict[Layer, float]:
    rates = {layer: table.rate(layer.name.lower()) for layer in Layer}
    table.done()
    return rates


def _grades(items: list[Reader], score: Score) -> tuple[Grade, ...]:
    grades = tuple(_grade(item, score) for item in items)
    if not grades:
        return (Grade("all", score.floor, (), ()),)
    if len(grades) > GRADES_MAX:
        raise PolicyInvalid(
            _("grade: {count} grades; at most {most} can be told apart", count=len(grades),
              most=GRADES_MAX)
        )  # fmt: skip
    if len({grade.name for grade in grades}) < len(grades):
        raise PolicyInvalid(_("grade: two grades have the same name"))
    for worse, better in pairwise(grades):
        if better.starts_at <= worse.starts_at:
            raise PolicyInvalid(
                _("grade: thresholds crossed: {better} starts at {high:g}, {worse} at {low:g}; list "
                  "the grades from the lowest up", better=better.name, high=better.starts_at,
                  worse=worse.name, low=worse.starts_at),
                place="grade",
            )  # fmt: skip
    if grades[0].starts_at != score.floor:
        raise PolicyInvalid(
            _("grade: {grade} starts at {start:g}, but scores begin at the floor {floor:g}",
              grade=grades[0].name, start=grades[0].starts_at, floor=score.floor),
            place="grade",
        )  # fmt: skip
    return grades


def _grade(item: Reader, score: Score) -> Grade:
    grade = Grade(
        name=item.text("name"),
        starts_at=item.number("from", low=score.floor, high=score.ceiling),
        denies=item.words("denies", Entitlement),
        grants=item.words("grants", Entitlement),
    )
    both = set(grade.denies) & set(grade.grants)
    if both:
        raise item.refuse(
            "grants", _("{names} is both denied and granted", names=", ".join(sorted(both)))
        )
    item.done()
    return grade


def _loan(table: Reader) -> Loan:
    loan = Loan(
        own_minimum=table.optional_number("own_minimum", low=0, high=SCORE_MAX),
        contacts_minimum=table.optional_number("contacts_minimum", low=0, high=SCORE_MAX),
        authorized_share=table.rate("authorized_share", 1.0),
        repaid_points=table.number("repaid_points", 0),
        default_points=table.number("default_points", 0),
        lender_gain=int(table.number("lender_gain", 1, low=0, high=1000)),
        lender_loss=int(table.number("lender_loss", 4, low=0, high=1000)),
    )
    table.done()
    return loan


def _people(table: Reader) -> People:
    people = People(
        enrolled_share=table.rate("enrolled_share", 1.0),
        exempt_share=table.rate("exempt_share"),
        merged_share=table.rate("merged_share"),
        silence=table.flag("silence", default=False),
        businesses=table.flag("businesses", default=False),
    )
    table.done()
    return people


def _settings(table: Reader, model: Model) -> dict[str, float]:
    values = {
        name: table.number(name, low=low, high=high)
        for name, (low, high) in MODEL_SETTINGS[model].items()
    }
    table.done()
    return values
