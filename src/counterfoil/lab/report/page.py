"""The page of one run, with another policy beside it where one was asked for."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from io import BytesIO

import pyarrow as pa
import pyarrow.csv

from counterfoil import __version__
from counterfoil.lab.population.moments import moments_table
from counterfoil.lab.report import charts
from counterfoil.lab.report.style import document, figure, table, tiles
from counterfoil.lab.report.svg import heat, number, percent
from counterfoil.lab.run import Result
from counterfoil.lab.stories import Story, stories_of
from counterfoil.policy.model import Model, Policy

_COUNTS = ("None", "One", "Two", "Three", "Four", "Five")
HEADLINES = (
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


def report_page(result: Result, against: Result | None = None, *, phase: str = "") -> str:
    """Write the page of a run; `phase` is a drawing of a sweep to set among the charts."""
    policy = result.policy
    parts = [
        '<p class="mark">Simulation. Nobody on this page is real.</p>',
        f"<h1>{escape(policy.title)}</h1>",
        f'<p class="lead">{escape(policy.summary)}</p>',
        f'<p class="small">{escape(_setting(result))}</p>',
        _headline(result, against),
        "<h2>What happens</h2>",
        *(figure(drawing, caption) for drawing, caption in charts.charts_of(result, against)),
        phase,
        _stories(stories_of(result)),
        _numbers(result, against),
        _assumptions(result),
        _population(result),
        _reproduce(result),
    ]
    return document(f"{policy.title} · Counterfoil lab", "".join(part for part in parts if part))


def say(value: float, unit: str) -> str:
    """Write a metric's value with its unit."""
    if unit == "share":
        return percent(value)
    if unit in {"index", "moves"}:
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return number(value) if unit in {"people", "months"} else f"{number(value)} {unit}"


def metrics_of(result: Result) -> dict[str, tuple[float, str, str]]:
    """Give a run's summary by metric: (value, unit, meaning)."""
    return {
        row["metric"]: (row["value"], row["unit"], row["means"])
        for row in result.tables["summary"].to_pylist()
    }


def _setting(result: Result) -> str:
    conduct = f" over {result.months} months" if result.policy.model is not Model.RELINK else ""
    return (
        f"{result.population.people:,} synthetic residents{conduct}, "
        f"{result.population.directed_ties // 2:,} ties between them, seed {result.seed}."
    )


def _headline(result: Result, against: Result | None) -> str:
    here = metrics_of(result)
    there = metrics_of(against) if against else {}
    items = []
    for name in HEADLINES:
        if name not in here or (here[name][0] == 0 and not there.get(name, (0,))[0]):
            continue
        value, unit, means = here[name]
        other = f" · {against.policy.name}: {say(*there[name][:2])}" if (
            against and name in there
        ) else ""  # fmt: skip
        items.append((say(value, unit), means + other))
    return tiles(items[:6])


def _stories(stories: tuple[Story, ...]) -> str:
    if not stories:
        return ""
    parts = [
        (
            f"<h2>{_COUNTS[len(stories)]} who do not exist</h2>"
            '<p class="small">Residents of the simulation, each the traced one who fits a question '
            "best. Without the rule nobody keeps a list: nothing is refused and no contact is "
            "dropped.</p>"
        )
    ]
    parts.extend(_story(story) for story in stories)
    return "".join(parts)


def _story(story: Story) -> str:
    shown, rest = story.lines[:8], story.lines[8:]
    refused = int(story.denied.sum())
    more = (
        f"<details><summary>{len(rest)} more months</summary><ol class='months'>"
        + "".join(f"<li>{escape(line)}</li>" for line in rest)
        + "</ol></details>"
        if rest
        else ""
    )
    return (
        f'<section class="story"><h3>{escape(story.question)}</h3>'
        f"<p><b>{story.name}</b> (resident {story.person}), {escape(story.about)}. "
        f"With the rule: refused something in {refused} of {len(story.score)} months, listed in "
        f"{int(story.listed.sum())}, {story.contacts[-1]} of {story.contacts.max()} contacts left. "
        f"Without it: 0 months, not listed, {story.contacts.max()} contacts.</p>"
        + figure(charts.story_chart(story), "Score with the rule, score had no record been wrong, "
                 "and the own record alone.")
        + "<ol class='months'>"
        + "".join(f"<li>{escape(line)}</li>" for line in shown)
        + f"</ol>{more}</section>"
    )  # fmt: skip


def _numbers(result: Result, against: Result | None) -> str:
    here = metrics_of(result)
    there = metrics_of(against) if against else {}
    head = ["metric", "meaning", result.policy.name]
    rows = []
    for name, (value, unit, means) in here.items():
        row = [name.replace("_", " "), means, say(value, unit)]
        if against:
            row.append(say(*there[name][:2]) if name in there else "–")
        rows.append(row)
    if against:
        head.append(against.policy.name)
    links = "".join(
        f'<a download="{result.policy.name}-{name}.csv" href="{_csv(content)}">{name}.csv</a>'
        for name, content in result.tables.items()
    )
    return (
        "<h2>All numbers</h2>"
        + table(head, rows, numeric={2, 3} if against else {2})
        + f"<nav><p>Download: {links}</p></nav>"
    )


def _csv(content: pa.Table) -> str:
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
    assumed = [[item.parameter, item.why] for item in policy.assumptions]
    unknown = [
        [item.parameter, f"{item.low:g} to {item.high:g}", item.why]
        for item in policy.open_parameters
    ]
    return (
        f"<h2>Sources</h2><ul>{sources}</ul><h2>What is assumed</h2>"
        + table(["parameter", "why this value"], assumed, numeric=set())
        + "<h3>Unknown, and swept</h3>"
        + table(["parameter", "range", "why"], unknown, numeric=set())
    )


def _link(said: str, url: str) -> str:
    return f'<a href="{escape(url)}">{escape(said)}</a>' if url else escape(said)


def _population(result: Result) -> str:
    rows = [
        [
            row["moment"],
            number(row["here"]) if row["here"] >= 1 else f"{row['here']:.3f}",
            "" if row["published"] is None else f"{row['published']:,g}",
            row["source"],
        ]
        for row in moments_table(result.population).to_pylist()
    ]
    return (
        "<h2>The city</h2><p>Households, workplaces and friends of residents over 14, made by a "
        "seeded generator. What it was fitted to, and what it was not:</p>"
        + table(["moment", "here", "published", "source"], rows, numeric={1, 2})
    )


def _reproduce(result: Result) -> str:
    spec = result.population.spec
    command = (
        f"counterfoil lab run {result.policy.name} --people {spec.people} "
        f"--months {result.months} --seed {result.seed}"
    )
    return (
        f'<h2>Do it again</h2><p class="small"><code>{escape(command)}</code><br>'
        f"Checksum {result.checksum} on every engine and any number of threads; Counterfoil "
        f"{__version__}, engine {result.engine}, {result.seconds:.1f} s after "
        f"{result.population.build_seconds:.1f} s for the city.</p>"
    )


def phase_page(
    policy: Policy, found: pa.Table, across: tuple[str, Sequence[float]],
    up: tuple[str, Sequence[float]], metric: str, months: int,
) -> str:  # fmt: skip
    """Write the page of a phase diagram: two numbers of a policy, and a metric at each pair."""
    cells = {(row[across[0]], row[up[0]]): row[metric] for row in found.to_pylist()}
    drawing = heat(metric, across, up, cells)
    caption = f"{metric} of {policy.title} after {months} months"
    return document(caption, figure(drawing, caption))
