"""The page of one run, with another policy beside it where one was asked for."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from io import BytesIO
from typing import Final

import pyarrow as pa
import pyarrow.csv

from counterfoil import __version__
from counterfoil.charts.drawing import Drawing
from counterfoil.charts.style import document, figure, heading, table, tiles
from counterfoil.charts.svg import heat, number
from counterfoil.kernel.i18n import Message, _, figures, lazy, ngettext, translated
from counterfoil.lab.population.moments import moments_table
from counterfoil.lab.report import charts
from counterfoil.lab.report.values import metrics_of, say
from counterfoil.lab.run import Result
from counterfoil.lab.stories import Story, stories_of
from counterfoil.policy.model import Model, Policy

HEADLINES: Final = (
    "listed_share",
    "harmed_blameless_share",
    "wronged_people",
    "months_to_correction",
    "contacts_lost_share",
    "refused_reliable_share",
    "scored_share",
    "against_will_share",
    "unknowing_share",
    "service_share_lost",
    "relinked_share",
    "unique_share",
    "mislinked_share",
    "false_alarms_a_day",
    "wrongly_stopped_a_day",
    "missed_share",
)
"""Metrics that open the page, in this order, where the run has them."""
_SCORE_CAPTION: Final = lazy(
    "Score with the rule, score had no record been wrong, and the own record alone."
)


def report_page(result: Result, against: Result | None = None, *, phase: str = "") -> str:
    """Write the page of a run; `phase` is a drawing of a sweep to set among the charts."""
    policy = result.policy
    parts = [
        mark(),
        f"<h1>{escape(translated(policy.title))}</h1>",
        f'<p class="lead">{escape(translated(policy.summary))}</p>',
        f'<p class="small">{escape(_setting(result))}</p>',
        _headline(result, against),
        heading(_("What happens")),
        *map(figure, charts.charts_of(result, against)),
        phase,
        _stories(stories_of(result)),
        _numbers(result, against),
        _assumptions(result),
        _population(result),
        _reproduce(result),
    ]
    title = _("{title} · Counterfoil lab", title=translated(policy.title))
    return document(title, "".join(part for part in parts if part))


def phase_page(
    policy: Policy, found: pa.Table, across: tuple[str, Sequence[float]],
    up: tuple[str, Sequence[float]], metric: str, months: int,
) -> str:  # fmt: skip
    """Write the page of a phase diagram: two numbers of a policy, and a metric at each pair."""
    cells = {(row[across[0]], row[up[0]]): row[metric] for row in found.to_pylist()}
    title = _("{metric} of {policy} after {months} months", metric=metric.replace("_", " "),
              policy=translated(policy.title), months=months)  # fmt: skip
    caption = _(
        "Every cell is a run on the same people with the same luck; only the two numbers differ."
    )
    drawing = Drawing("", heat(metric, across, up, cells), caption)
    return document(title, f"{mark()}<h1>{escape(title)}</h1>{figure(drawing)}")


def mark() -> str:
    """Say, at the head of every page, that it is a simulation."""
    said = _("Simulation. Nobody on this page is real.")
    return f'<p class="mark">{escape(said)}</p>'


def _setting(result: Result) -> str:
    people, ties = result.population.people, result.population.directed_ties // 2
    if result.policy.model is Model.RELINK:
        return _(
            "{people:,} synthetic residents, {ties:,} ties between them, seed {seed}.",
            people=people, ties=ties, seed=result.seed,
        )  # fmt: skip
    return _(
        "{people:,} synthetic residents over {months} months, {ties:,} ties between them, seed "
        "{seed}.",
        people=people, months=result.months, ties=ties, seed=result.seed,
    )  # fmt: skip


def _headline(result: Result, against: Result | None) -> str:
    here = metrics_of(result)
    there = metrics_of(against) if against else {}
    items = []
    for name in HEADLINES:
        if name not in here or (here[name][0] == 0 and not there.get(name, (0,))[0]):
            continue
        value, unit, means = here[name]
        other = ""
        if against and name in there:
            other = f" · {against.policy.name}: {say(*there[name][:2])}"
        items.append((say(value, unit), means + other))
    return tiles(items[:6])


def _stories(stories: tuple[Story, ...]) -> str:
    if not stories:
        return ""
    head = ngettext(
        "{count} resident who does not exist", "{count} residents who do not exist", len(stories)
    )
    lead = _(
        "Residents of the simulation, each the traced one who fits a question best. Without the "
        "rule nobody keeps a list: nothing is refused and no contact is dropped."
    )
    told = "".join(_story(story) for story in stories)
    return f'<h2>{escape(head)}</h2><p class="small">{escape(lead)}</p>{told}'


def _story(story: Story) -> str:
    shown, rest = story.lines[:8], story.lines[8:]
    drawing = Drawing("", charts.story_chart(story), str(_SCORE_CAPTION))
    who = _("{name} (resident {person}), {about}.", name=story.name, person=story.person,
            about=story.about)  # fmt: skip
    fate = _(
        "With the rule: refused something in {refused} of {months} months, listed in {listed}, "
        "{left} of {contacts} contacts left. Without it: 0 months, not listed, {contacts} "
        "contacts.",
        refused=int(story.denied.sum()), months=len(story.score), listed=int(story.listed.sum()),
        left=story.contacts[-1], contacts=story.contacts.max(),
    )  # fmt: skip
    more = ""
    if rest:
        said = ngettext("{count} more month", "{count} more months", len(rest))
        more = f"<details><summary>{escape(said)}</summary>{_months(rest)}</details>"
    return (
        f'<section class="story"><h3>{escape(story.question)}</h3>'
        f"<p>{escape(who)} {escape(fate)}</p>{figure(drawing)}{_months(shown)}{more}</section>"
    )


def _months(lines: Sequence[str]) -> str:
    return f"<ul class='months'>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _numbers(result: Result, against: Result | None) -> str:
    here = metrics_of(result)
    there = metrics_of(against) if against else {}
    head = [_("metric"), _("meaning"), result.policy.name]
    rows = []
    for name, (value, unit, means) in here.items():
        row = [name.replace("_", " "), means, say(value, unit)]
        if against:
            row.append(say(*there[name][:2]) if name in there else "–")
        rows.append(row)
    if against:
        head.append(against.policy.name)
    download = _("Download:")
    links = "".join(
        f'<a download="{result.policy.name}-{name}.csv" href="{csv_link(content)}">{name}.csv</a> '
        for name, content in result.tables.items()
    )
    return (
        heading(_("All numbers"))
        + table(head, rows, numeric={2, 3} if against else {2})
        + f"<nav><p>{escape(download)} {links}</p></nav>"
    )


def csv_link(content: pa.Table) -> str:
    """Write a table as a link that holds it: CSV."""
    buffer = BytesIO()
    pyarrow.csv.write_csv(content, buffer)
    return f"data:text/csv;base64,{b64encode(buffer.getvalue()).decode()}"


def _assumptions(result: Result) -> str:
    policy = result.policy
    sources = "".join(
        f"<li><b>{_link(source.title, source.url)}</b>. {escape(source.publisher)}, "
        f"{escape(source.date)}. {escape(source.says)}</li>"
        for source in policy.sources
    )
    assumed = [[item.parameter, translated(item.why)] for item in policy.assumptions]
    unknown = [
        [item.parameter, figures(f"{item.low:g} – {item.high:g}"), translated(item.why)]
        for item in policy.open_parameters
    ]
    return (
        heading(_("Sources"))
        + f"<ul>{sources}</ul>"
        + heading(_("What is assumed"))
        + table([_("parameter"), _("why this value")], assumed, numeric=set())
        + heading(_("Unknown, and to be swept"), level=3)
        + table([_("parameter"), _("range"), _("why")], unknown, numeric=set())
    )


def _link(said: str, url: str) -> str:
    return f'<a href="{escape(url)}">{escape(said)}</a>' if url else escape(said)


def _population(result: Result) -> str:
    rows = [
        [
            str(Message(row["moment"])),
            number(row["here"]) if row["here"] >= 1 else figures(f"{row['here']:.3f}"),
            "" if row["published"] is None else figures(f"{row['published']:,g}"),
            str(Message(row["source"])) if row["source"] else "",
        ]
        for row in moments_table(result.population).to_pylist()
    ]
    lead = _(
        "Households, workplaces and friends of residents over 14, made by a seeded generator. "
        "What it was fitted to, and what it was not:"
    )
    head = [_("moment"), _("here"), _("published"), _("source")]
    return heading(_("The city")) + f"<p>{escape(lead)}</p>" + table(head, rows, numeric={1, 2})


def _reproduce(result: Result) -> str:
    spec = result.population.spec
    command = (
        f"counterfoil lab run {result.policy.name} --people {spec.people} "
        f"--months {result.months} --seed {result.seed}"
    )
    said = _(
        "Checksum {checksum} on every engine and any number of threads; Counterfoil {version}, "
        "engine {engine}, {seconds:.1f} s after {build:.1f} s for the city.",
        checksum=result.checksum, version=__version__, engine=result.engine,
        seconds=result.seconds, build=result.population.build_seconds,
    )  # fmt: skip
    return (
        heading(_("Do it again"))
        + f'<p class="small"><code>{escape(command)}</code><br>{escape(said)}</p>'
    )
