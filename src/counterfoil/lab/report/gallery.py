"""The index of a gallery: every policy on one page, with the numbers that tell them apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from counterfoil.charts.style import document, heading, table
from counterfoil.kernel.i18n import _, lazy, translated
from counterfoil.lab.report.page import HEADLINES, mark
from counterfoil.lab.report.values import metrics_in, say
from counterfoil.lab.run import Result
from counterfoil.policy.model import Policy

COMPARED: Final = {
    "listed_share": lazy("listed"),
    "harmed_blameless_share": lazy("harmed by no act of their own"),
    "never_corrected_share": lazy("errors never corrected"),
    "contacts_lost_share": lazy("contacts lost"),
    "gini_access": lazy("Gini of access"),
    "poor_gap_denied": lazy("poor–rich gap, months refused"),
    "lender_gain_per_request": lazy("lender's gain a request"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A policy's place in the index: `summary` has the rows of its run's summary table."""

    policy: Policy
    people: int
    summary: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, result: Result) -> "Entry":
        """Take what the index needs from a run."""
        summary = result.tables["summary"].to_pylist()
        return cls(result.policy, result.population.people, summary)


def index_page(entries: Sequence[Entry]) -> str:
    """Write the index; each policy's own page stands beside it as `<name>.html`."""
    rows = []
    for entry in entries:
        metrics = metrics_in(entry.summary)
        if "gini_access" in metrics:
            rows.append(
                [translated(entry.policy.title), *(say(*metrics[name][:2]) for name in COMPARED)]
            )
    head = [_("policy"), *(str(said) for said in COMPARED.values())]
    lead = _(
        "{count} ways to score and list people, run on the same synthetic city of {people:,}, "
        "with the same events and the same luck.",
        count=len(entries), people=entries[0].people,
    )  # fmt: skip
    last = _("The last line is this project's own policy, measured the same way.")
    return document(
        _("The gallery · Counterfoil lab"),
        mark()
        + heading(_("Scores in the news, tried on people who do not exist"), level=1)
        + f'<p class="lead">{escape(lead)}</p>'
        + "".join(map(_card, entries))
        + heading(_("Side by side"))
        + table(head, rows, numeric=set(range(1, len(head))))
        + f'<p class="small">{escape(last)}</p>',
    )


def _card(entry: Entry) -> str:
    metrics = metrics_in(entry.summary)
    shown = [name for name in HEADLINES if name in metrics and metrics[name][0]][:2]
    numbers = "".join(
        f"<p><b>{escape(say(*metrics[name][:2]))}</b> <span class='small'>"
        f"{escape(metrics[name][2])}</span></p>"
        for name in shown
    )
    name = entry.policy.name
    return (
        f'<section class="card"><div><h3><a href="{name}.html">{escape(translated(entry.policy.title))}</a>'
        f"</h3><p>{escape(translated(entry.policy.summary))}</p></div><div>{numbers}</div></section>"
    )
