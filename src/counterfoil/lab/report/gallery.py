"""The index of a gallery: every policy on one page, with the numbers that tell them apart."""

from collections.abc import Sequence
from html import escape

from counterfoil.lab.report.page import HEADLINES, metrics_of, say
from counterfoil.lab.report.style import document, table
from counterfoil.lab.run import Result

COMPARED = (
    ("listed_share", "listed"),
    ("harmed_blameless_share", "harmed by no act of their own"),
    ("never_corrected_share", "errors never corrected"),
    ("contacts_lost_share", "contacts lost"),
    ("gini_access", "Gini of access"),
    ("poor_gap_denied", "poor–rich gap, months refused"),
    ("lender_gain_per_request", "lender's gain a request"),
)


def index_page(results: Sequence[Result]) -> str:
    """Write the index; each policy's own page stands beside it as `<name>.html`."""
    people = results[0].population.people
    cards = "".join(_card(result) for result in results)
    conduct = [result for result in results if "gini_access" in metrics_of(result)]
    rows = []
    for result in conduct:
        metrics = metrics_of(result)
        rows.append([result.policy.name, *(say(*metrics[name][:2]) for name, _ in COMPARED)])
    head = ["policy", *(said for _, said in COMPARED)]
    return document(
        "The gallery · Counterfoil lab",
        '<p class="mark">Simulation. Nobody on this page is real.</p>'
        "<h1>Scores in the news, tried on people who do not exist</h1>"
        f'<p class="lead">Eleven ways to score and list people, run on the same synthetic city of '
        f"{people:,}, with the same events and the same luck.</p>{cards}"
        "<h2>Side by side</h2>"
        + table(head, rows, numeric=set(range(1, len(head))))
        + '<p class="small">The last line is this project\'s own policy, measured the same way.</p>',
    )


def _card(result: Result) -> str:
    metrics = metrics_of(result)
    shown = [name for name in HEADLINES if name in metrics and metrics[name][0]][:2]
    numbers = "".join(
        f"<p><b>{escape(say(*metrics[name][:2]))}</b> <span class='small'>"
        f"{escape(metrics[name][2])}</span></p>"
        for name in shown
    )
    name = result.policy.name
    return (
        f'<section class="card"><div><h3><a href="{name}.html">{escape(result.policy.title)}</a>'
        f"</h3><p>{escape(result.policy.summary)}</p></div><div>{numbers}</div></section>"
    )
