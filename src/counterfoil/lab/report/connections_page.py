"""The page of the study of connections: what friends tell, and what that costs."""

from collections.abc import Sequence
from html import escape
from typing import Final

import pyarrow as pa

from counterfoil.charts.drawing import Drawing
from counterfoil.charts.style import document, figure, heading, table
from counterfoil.charts.svg import SHADES
from counterfoil.kernel.i18n import _, translated
from counterfoil.lab.report.curve import curves
from counterfoil.lab.report.page import csv_link, mark
from counterfoil.policy.model import Policy

INKS: Final = (SHADES[6], SHADES[5], SHADES[2], SHADES[1], SHADES[0])
ALIKE: Final = "alike"


def connections_page(policy: Policy, found: pa.Table, months: int) -> str:
    """Write what a study of connections found: two curves, a table, the numbers to download."""
    rows = found.to_pylist()
    title = _("What friends tell a lender, and what it costs")
    intro = _(
        "The same residents under {policy} for {months} months, with contacts from strangers to "
        "people ever more like themselves, and with more and more of the score taken from contacts.",
        policy=translated(policy.title), months=months,
    )  # fmt: skip
    body = [
        mark(),
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(intro)}</p>",
        figure(_ranking(rows)),
        figure(_contagion(rows)),
        heading(_("Every number")),
        _table(rows),
        f'<p><a download="connections.csv" href="{csv_link(found)}">connections.csv</a></p>',
    ]
    return document(_("{title} · Counterfoil lab", title=title), "".join(body))


def _curve(rows: Sequence[dict[str, float]], metric: str, *, share: bool, said: str) -> str:
    places = list(dict.fromkeys(row[ALIKE] for row in rows))
    weights = list(dict.fromkeys(row["weight"] for row in rows))
    series = [
        (
            _("{weight:g}% contacts", weight=weight),
            [row[metric] for row in rows if row["weight"] == weight],
            INKS[min(k * (len(INKS) - 1) // max(len(weights) - 1, 1), len(INKS) - 1)],
        )
        for k, weight in enumerate(weights)
    ]
    bottom = _("how alike contacts are: correlation of their ranks by income")
    return curves(said, (bottom, places), series, share=share)


def _ranking(rows: Sequence[dict[str, float]]) -> Drawing:
    title = _("How well the score ranks who will repay")
    caption = _(
        "AUC: of all pairs of one resident who repays the next loan and one who does not, the share "
        "ranked rightly; one half is a coin toss, and the scale begins above it. Friends inform only as far as they are alike, which the "
        "lender assumes: among strangers every percent given to them is taken from what is known."
    )
    return Drawing(title, _curve(rows, "auc", share=True, said=title), caption)


def _contagion(rows: Sequence[dict[str, float]]) -> Drawing:
    title = _("Refused for whom they know")
    caption = _(
        "Residents whose own record passes the lender's minimum and whose score does not, because "
        "contacts fell: as a share of the city."
    )
    return Drawing(title, _curve(rows, "short_for_contacts", share=True, said=title), caption)


def _table(rows: Sequence[dict[str, float]]) -> str:
    head = [
        _("homophily assumed"), _("contacts alike"), _("weight of contacts"), _("AUC"),
        _("AUC of the own record"), _("short alone"), _("short for contacts"),
        _("pass for contacts"), _("fall for each who falls alone"),
    ]  # fmt: skip
    cells = [
        [
            f"{row['homophily']:.1f}", f"{round(row[ALIKE], 2) + 0.0:.2f}", f"{row['weight']:g}%",
            f"{row['auc']:.4f}", f"{row['auc_alone']:.4f}", f"{row['short_alone']:.2%}",
            f"{row['short_for_contacts']:.2%}", f"{row['pass_for_contacts']:.2%}",
            f"{row['contagion']:.2f}",
        ]
        for row in rows
    ]  # fmt: skip
    return table(head, cells, set(range(len(head))))
