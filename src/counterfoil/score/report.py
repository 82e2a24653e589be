"""The model card and validation report: one page that needs nothing from anywhere else."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

import numpy as np

from counterfoil.charts import svg
from counterfoil.charts.curves import curves, intervals
from counterfoil.charts.drawing import Drawing
from counterfoil.charts.style import document, figure, heading, table, tiles
from counterfoil.kernel.i18n import _
from counterfoil.score.comparison import Compared
from counterfoil.score.metric import Interval, auc_difference
from counterfoil.score.model import Model
from counterfoil.score.scorecard import Item
from counterfoil.score.table import FloatArray
from counterfoil.score.validation import PSI_ALERT, Validation
from counterfoil.score.wording import meaning_of, range_words


def report_page(
    found: Validation, compared: Compared | None = None, champion: Validation | None = None
) -> str:
    """Write the page of a model that was validated.

    Beside it stand other learners on the same folds, and the model that scores now on the same rows.
    """
    model = found.model
    name = _("{name}, version {version}", name=model.name, version=model.version)
    parts = [
        '<p class="mark">Counterfoil</p>',
        f"<h1>{escape(name)}</h1>",
        _lead(found),
        _headline(found),
        heading(_("How well it ranks")),
        *map(figure, (_roc(found), _distances(found))),
        heading(_("Whether what it says comes true")),
        *map(figure, (_calibration(found), _distribution(found))),
        _bands(found),
        _champion(found, champion),
        _challengers(compared),
        heading(_("Whether it stays itself")),
        _stability(found),
        _groups(found),
        heading(_("Every column and its bins")),
        "".join(_item(model, item, usual)
                for item, usual in zip(model.card.items, model.reference, strict=True)),
        _card(model),
    ]  # fmt: skip
    return document(_("{name} · model card and validation", name=name), "".join(parts))


def _lead(found: Validation) -> str:
    said = _(
        "A sum of whole points, learned from {learned:,} contracts of which {bad:,} were not kept, and "
        "held here against {rows:,} with {came:,}. On these rows a difference of up to {noise} in AUC may "
        "be chance.",
        learned=found.model.training.get("rows", 0), bad=found.model.training.get("bad", 0),
        rows=found.rows, came=found.bad, noise=f"{(found.auc.high - found.auc.low) / 2:.3f}",
    )  # fmt: skip
    return f'<p class="lead">{escape(said)}</p>'


def _headline(found: Validation) -> str:
    auc = found.auc
    return tiles([
        (f"{auc.value:.3f}", _("AUC, from {low} to {high}", low=f"{auc.low:.3f}", high=f"{auc.high:.3f}")),
        (f"{found.ks.value:.3f}", _("KS, the largest distance between good and bad, from {low} to {high}",
                                    low=f"{found.ks.low:.3f}", high=f"{found.ks.high:.3f}")),
        (f"{found.brier:.4f}", _("Brier score of its odds")),
        (f"{found.psi.value:.3f}", _("PSI of the scores, from {low} to {high}; above {limit} they are "
                                     "another crowd's", low=f"{found.psi.low:.3f}",
                                     high=f"{found.psi.high:.3f}", limit=PSI_ALERT)),
    ])  # fmt: skip


def _shares(found: Validation) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Tell, for each score that occurs, the shares of bad and of good that are at or below it."""
    order = np.unique(found.scores)
    bad = np.sort(found.scores[found.is_bad])
    good = np.sort(found.scores[~found.is_bad])
    return (
        order.astype(np.float64),
        np.searchsorted(bad, order, side="right") / max(len(bad), 1),
        np.searchsorted(good, order, side="right") / max(len(good), 1),
    )


def _roc(found: Validation) -> Drawing:
    _scores, bad, good = _shares(found)
    title = _("Of the bad, how many score below what share of the good")
    points = [(0.0, 0.0), *zip(good.tolist(), bad.tolist(), strict=True)]
    drawn = curves(
        title, {_("model"): (points, svg.RED), _("chance"): ([(0.0, 0.0), (1.0, 1.0)], svg.FAINT)},
        x_name=_("share of the good"), share_x=True, share_y=True,
    )  # fmt: skip
    return Drawing(
        title, drawn, _("The receiver operating characteristic; the area below it is the AUC.")
    )


def _distances(found: Validation) -> Drawing:
    scores, bad, good = _shares(found)
    title = _("Share at or below each score")
    series = {
        _("bad"): (list(zip(scores.tolist(), bad.tolist(), strict=True)), svg.RED),
        _("good"): (list(zip(scores.tolist(), good.tolist(), strict=True)), svg.BLUE),
    }
    return Drawing(title, curves(title, series, x_name=_("score"), share_y=True),
                   _("The largest distance between the two is KS."))  # fmt: skip


def _calibration(found: Validation) -> Drawing:
    title = _("What came, by band of scores")
    rows = [(_("{low} to {high}", low=band.low, high=band.high), band.came.value, band.came.low,
             band.came.high, svg.BLUE if band.is_calibrated else svg.RED) for band in found.bands]  # fmt: skip
    return Drawing(title, intervals(title, rows, mark=found.bad / max(found.rows, 1), share=True), _(
        "The share that was bad, with its interval. Red where what the score said lies outside it. "
        "The line is everybody's share."))  # fmt: skip


def _distribution(found: Validation) -> Drawing:
    title = _("How scores are spread")
    edges = np.arange(found.model.card.scale.low, found.model.card.scale.high + 50, 50)
    series = {}
    for name, which, ink in (
        (_("good"), ~found.is_bad, svg.BLUE),
        (_("bad"), found.is_bad, svg.RED),
    ):
        counts, _edges = np.histogram(found.scores[which], edges)
        shares = counts / max(counts.sum(), 1)
        series[name] = (list(zip((edges[:-1] + 25.0).tolist(), shares.tolist(), strict=True)), ink)
    return Drawing(title, curves(title, series, x_name=_("score"), share_y=True),
                   _("Share of each class, in steps of 50 points."))  # fmt: skip


def _bands(found: Validation) -> str:
    rows = [
        [_("{low} to {high}", low=one.low, high=one.high), f"{one.rows:,}", f"{one.said:.1%}",
         _interval(one.came, share=True)]
        for one in found.bands
    ]  # fmt: skip
    head = [_("scores"), _("people"), _("bad, as said"), _("bad, as it came")]
    return table(head, rows, numeric={1, 2, 3})


def _champion(found: Validation, champion: Validation | None) -> str:
    """Hold the model beside the one that scores now, on the very same rows."""
    if champion is None:
        return ""
    both = (found, champion)
    rows = [
        [_("{name}, version {version}", name=one.model.name, version=one.model.version),
         _interval(one.auc), _interval(one.ks), f"{one.brier:.4f}",
         f"{sum(band.is_calibrated for band in one.bands)} / {len(one.bands)}"]
        for one in both
    ]  # fmt: skip
    first, second = (one.scores.astype(np.float64) for one in both)
    more = auc_difference(first, second, found.is_bad)
    moved = int(np.median(np.abs(first - second)))
    if more.low > 0:
        said = _("It ranks better than the champion, by {more} in AUC.", more=_interval(more))
    elif more.high < 0:
        said = _("It ranks worse than the champion, by {more} in AUC.", more=_interval(more))
    else:
        said = _("These rows cannot tell the two apart: {more} in AUC.", more=_interval(more))
    changed = _(
        "Half of the people would score more than {points} points differently.", points=moved
    )
    head = [_("model"), _("AUC"), _("KS"), _("Brier"), _("bands as said")]
    return (
        heading(_("Beside the champion"))
        + table(head, rows, numeric={1, 2, 3, 4})
        + f'<p class="small">{escape(said)} {escape(changed)}</p>'
    )


def _challengers(compared: Compared | None) -> str:
    if compared is None:
        return ""
    differences: Sequence[Interval | None] = (None, *compared.differences)
    rows = [
        [one.name, _interval(one.interval), f"{one.sd:.3f}", _interval(less) if less else ""]
        for one, less in zip(compared.validated, differences, strict=True)
    ]
    head = [_("learner"), _("AUC"), _("spread of the folds"), _("scorecard's less it")]
    said = _(
        "All learned from the same folds and were measured on what was held out. What an interval "
        "around 0 holds, this data cannot tell apart; the last column is what being a sum of points "
        "costs."
    )
    return (
        heading(_("What transparency costs"))
        + table(head, rows, numeric={1, 2, 3})
        + f'<p class="small">{escape(said)}</p>'
    )


def _stability(found: Validation) -> str:
    rows = [[meaning_of(name), f"{moved:.3f}", "⚠" if moved > PSI_ALERT else ""]
            for name, moved in found.column_psi]  # fmt: skip
    columns = table([_("column"), _("PSI"), ""], rows, numeric={1})
    if not found.months:
        return columns
    months = [[one.name, f"{one.rows:,}", _interval(one.bad, share=True),
               _interval(one.auc) if one.auc else "—", f"{one.psi:.3f}"] for one in found.months]  # fmt: skip
    title = _("AUC by month")
    drawn = intervals(title, [(one.name, one.auc.value, one.auc.low, one.auc.high, svg.BLUE)
                              for one in found.months if one.auc], mark=found.auc.value)  # fmt: skip
    head = [_("month"), _("people"), _("bad, as it came"), _("AUC"), _("PSI")]
    return columns + figure(Drawing(title, drawn, "")) + table(head, months, numeric={1, 2, 3, 4})


def _groups(found: Validation) -> str:
    if not found.groups:
        return ""
    rows = [[one.name, f"{one.rows:,}", f"{one.score_mean:.0f}", _interval(one.reaching, share=True),
             _interval(one.bad, share=True), _interval(one.auc) if one.auc else "—"]
            for one in found.groups]  # fmt: skip
    head = [_("group"), _("people"), _("mean score"), _("reaching the reference"),
            _("bad, as it came"), _("AUC")]  # fmt: skip
    said = _(
        "The group is no input of the model. Where fewer of a group reach the reference although no "
        "more of them were bad, the model treats it worse than it deserves."
    )
    return (
        heading(_("Groups"))
        + table(head, rows, numeric={1, 2, 3, 4, 5})
        + f'<p class="small">{escape(said)}</p>'
    )


def _item(model: Model, item: Item, usual: int) -> str:
    bins = item.binning
    cuts = [float("-inf"), *bins.cuts, float("inf")]
    names = [", ".join(group) for group in bins.groups] or [
        range_words(bins.name, low, high, model.currency) for low, high in pairwise(cuts)
    ]
    rows = [
        [name, f"{one.good:,}", f"{one.bad:,}", f"{woe:+.2f}", f"{points:+d}"]
        for name, one, woe, points in zip(
            [*names, _("nothing known"), _("something never seen")], bins.counts, bins.woe,
            item.points, strict=True,
        )
        if one.good + one.bad or name in names
    ]  # fmt: skip
    title = meaning_of(bins.name)
    said = _("{column}: information value {value}; the reference gets {usual} points.",
             column=bins.name, value=f"{bins.information_value:.2f}", usual=usual)  # fmt: skip
    drawn = svg.bars(title, [(row[0], float(row[4]), svg.BLUE) for row in rows])
    return figure(Drawing(title, drawn, said)) + table(
        [_("bin"), _("good"), _("bad"), _("WOE"), _("points")], rows, numeric={1, 2, 3, 4}
    )


def _card(model: Model) -> str:
    least = model.least
    facts = [
        [_("made"), model.made_at],
        ["SHA-256", model.hash.hex()],
        [_("features"), model.catalogue or "—"],
        [_("currency"), model.currency or "—"],
        [_("scale"), _("{low} to {high}; {pdo} points double the odds", low=model.card.scale.low,
                       high=model.card.scale.high, pdo=model.card.scale.pdo)],
        [_("no score below"), _("{days} days, {payments} payments", days=least.days,
                                payments=least.payments)],
        [_("left out"), ", ".join(model.card.refused) or "—"],
        *([key, str(value)] for key, value in model.training.items()),
    ]  # fmt: skip
    limits = _(
        "For what it is: an order of people by how likely they keep a contract such as those it was "
        "learned from. Not for anything else; not alone, because a human decides where somebody asks "
        "for one; and never without the person's consent."
    )
    return (
        heading(_("Model card"))
        + table(["", ""], facts, numeric=set())
        + f"<p>{escape(limits)}</p>"
    )


def _interval(one: Interval, *, share: bool = False) -> str:
    if share:
        return f"{one.value:.1%} ({one.low:.1%} … {one.high:.1%})"
    return f"{one.value:.3f} ({one.low:.3f} … {one.high:.3f})"
