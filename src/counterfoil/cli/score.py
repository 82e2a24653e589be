"""`counterfoil score`: learn scores from labelled tables, and say how good they are."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.cli import ledger_import, score_features
from counterfoil.cli.lab_options import bar
from counterfoil.cli.options import JSONOption, example
from counterfoil.cli.printing import console, print_json, table
from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterfoil.score.binning import Trend
    from counterfoil.score.comparison import Compared
    from counterfoil.score.fold import Fold
    from counterfoil.score.learner import Learner, ScorecardLearner
    from counterfoil.score.table import Table

_FOLD_COUNT = 5
_SMOOTHING = 5.0
"""Chosen on the loans of 1993 to 1996, which no fold here holds: it made next to no difference."""

app = typer.Typer(
    help=_("Learn a score that can be added up by hand, and measure how good it is."),
    no_args_is_help=True,
)
score_features.register(app)


@app.command(
    "table",
    help=_("Cross-validate a scorecard on any labelled table, beside LightGBM where it is there."),
    epilog=example("counterfoil score table loans.csv --target defaulted --bad yes"),
)
def table_command(
    file: Annotated[
        Path,
        typer.Argument(help=_("A CSV file with a header line; .csv.gz too."), show_default=False),
    ],
    target: Annotated[str, typer.Option(help=_("The column with the label."), show_default=False)],
    *,
    bad: Annotated[
        str | None,
        typer.Option(
            help=_("The label of those who did not keep the contract."), show_default=False
        ),
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option(help=_("A column not to learn from; can be repeated."), show_default=False),
    ] = None,
    fold_count: Annotated[
        int, typer.Option("--folds", min=2, max=50, help=_("Parts of the table."))
    ] = 5,
    repeats: Annotated[int, typer.Option(min=1, max=100, help=_("How often it is cut anew."))] = 5,
    seed: Annotated[int, typer.Option(help=_("What the cuts are drawn from."))] = 1,
    time: Annotated[
        str | None,
        typer.Option(
            help=_(
                "A column of numbers that says when: learn from what came before, never an input."
            ),
            show_default=False,
        ),
    ] = None,
    as_json: JSONOption = False,
) -> None:
    """Read, cut, fit, measure, print."""
    from counterfoil.score.csvfile import read_table
    from counterfoil.score.fold import folds
    from counterfoil.score.learner import ScorecardLearner

    found = read_table(file, target, bad=bad, leave_out=frozenset(leave_out or ()))
    if time is None:
        cut = folds(found.is_bad, fold_count=fold_count, repeat_count=repeats, seed=seed)
    else:
        found, cut = _forward(found, time, fold_count)
    compared = _compared(found, ScorecardLearner(), cut, _challengers({}, ebm=False))
    if as_json:
        print_json(_as_json(found, compared))
    else:
        _show(found, compared)


@app.command(
    "berka",
    help=_("Import a real bank through the ledger, and score its loans from payments before them."),
    epilog=example("counterfoil score berka berka --json"),
)
def berka_command(
    folder: Annotated[
        Path,
        typer.Argument(help=_("The folder with the bank's files."), show_default=False),
    ],
    *,
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            "-d",
            metavar="URL",
            help=_("A ledger to import into and to keep; a temporary one if left out."),
            show_default=False,
        ),
    ] = None,
    finished_only: Annotated[
        bool,
        typer.Option("--finished-only", help=_("Leave out contracts that are still running.")),
    ] = False,
    repeats: Annotated[int, typer.Option(min=1, max=100, help=_("How often it is cut anew."))] = 5,
    seed: Annotated[int, typer.Option(help=_("What the cuts are drawn from."))] = 1,
    ebm: Annotated[
        bool, typer.Option("--ebm", help=_("Measure an explainable boosting machine as well."))
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help=_("Where the model card and the report go.")),
    ] = None,
    as_json: JSONOption = False,
) -> None:
    """Write the catalogue's hash down, import, compute, cut, fit, measure, print."""
    from counterfoil.ledger import Ledger
    from counterfoil.score.berka import read_loans, table_of
    from counterfoil.score.features import FEATURES, catalogue_hash
    from counterfoil.score.fold import folds
    from counterfoil.score.learner import STRENGTHS, ScorecardLearner
    from counterfoil.score.scorecard import Settings

    loans = [loan for loan in read_loans(folder) if loan.is_finished or not finished_only]
    with TemporaryDirectory(prefix="counterfoil-") as temporary:
        url = database or f"sqlite:///{temporary}/berka.db"
        ledger_import.run(folder, url)
        with Ledger.open(url) as ledger:
            found = table_of(ledger, loans)
    trends = {one.name: one.trend for one in FEATURES}
    settings = Settings(share_min=0.05, bin_count_max=4, smoothing=_SMOOTHING, trends=trends)
    learner = ScorecardLearner(settings, STRENGTHS)
    cut = folds(found.is_bad, fold_count=_FOLD_COUNT, repeat_count=repeats, seed=seed)
    compared = _compared(found, learner, cut, _challengers(trends, ebm=ebm))
    if report:
        report.write_text(_report(found, learner, compared, seed), "utf-8")
    if as_json:
        catalogue = {"features": len(FEATURES), "catalogue": catalogue_hash()}
        print_json(_as_json(found, compared) | catalogue)
        return
    _show(found, compared)
    _show_noise(found)


def _show_noise(found: "Table") -> None:
    """Say how much one loan weighs, and which list of features it was."""
    from counterfoil.score.features import FEATURES, catalogue_hash

    console().print(
        _("{bad} bad loans: one more or less moves an AUC by about {step}.",
          bad=int(found.is_bad.sum()), step=f"{1 / found.is_bad.sum():.3f}")
    )  # fmt: skip
    console().print(
        _("The list of {count} features, fixed before the folds: {hash}",
          count=len(FEATURES), hash=catalogue_hash()),
        style="dim",
    )  # fmt: skip


def _challengers(trends: "Mapping[str, Trend]", *, ebm: bool) -> "list[Learner]":
    """List what the scorecard is measured beside, free and held to the same trends."""
    from counterfoil.score.learner import EBMLearner, LightGBMLearner, is_installed

    found: list[Learner] = []
    if is_installed("lightgbm"):
        found.append(LightGBMLearner())
        if trends:
            found.append(LightGBMLearner(trends=trends, name="lightgbm-monotone"))
    return [*found, *([EBMLearner()] if ebm else [])]


def _report(found: "Table", learner: "ScorecardLearner", compared: "Compared", seed: int) -> str:
    """Learn from four fifths, hold the model against the last fifth, and write the page."""
    from counterfoil.kernel.clock import SystemClock, from_us
    from counterfoil.score.features import catalogue_hash
    from counterfoil.score.fold import folds
    from counterfoil.score.model import model_of
    from counterfoil.score.report import report_page
    from counterfoil.score.validation import validate

    fold = folds(found.is_bad, fold_count=_FOLD_COUNT, repeat_count=1, seed=seed)[0]
    learned = found.take(fold.train)
    model = model_of(
        learner.card(learned), learned, name="berka", version=1,
        made_at=f"{from_us(SystemClock().now_us()):%Y-%m-%dT%H:%M:%SZ}", currency="CZK",
        catalogue=catalogue_hash(), training={"source": "Berka, PKDD'99, 354 loans"},
    )  # fmt: skip
    return report_page(validate(model, found.take(fold.test)), compared)


def _forward(found: "Table", time: str, fold_count: int) -> "tuple[Table, list[Fold]]":
    """Cut a table by one of its columns, which is then no input any more."""
    import numpy as np

    from counterfoil.score.fold import forward_folds
    from counterfoil.score.table import Numbers, checked

    column = {one.name: one for one in found.columns}.get(time)
    if not isinstance(column, Numbers) or np.isnan(column.values).any():
        raise typer.BadParameter(_("{column} is no column of numbers without gaps.", column=time))
    others = [one for one in found.columns if one.name != time]
    at = column.values.astype(np.int64)
    return checked(others, found.is_bad), forward_folds(at, found.is_bad, fold_count=fold_count)


def _compared(
    found: "Table", learner: "Learner", cut: "list[Fold]", challengers: "list[Learner]"
) -> "Compared":
    """Cross-validate the learner beside challengers."""
    from counterfoil.score.comparison import compare

    with bar(_("Folds")) as told:
        return compare(found, [learner, *challengers], cut, lambda done: told(done, len(cut)))


def _as_json(found: "Table", compared: "Compared") -> dict[str, object]:
    """Give the scorecard's figures at the top level, and the others' beside them."""
    first, *others = compared.validated
    answer: dict[str, object] = {
        "rows": len(found),
        "bad": int(found.is_bad.sum()),
        "columns": len(found.columns),
        "auc": first.interval.value,
        "auc_sd": first.sd,
        "auc_interval": [first.interval.low, first.interval.high],
        "folds": [float(value) for value in first.aucs],
    }
    for other, difference in zip(others, compared.differences, strict=True):
        answer[other.name] = {
            "auc": other.interval.value,
            "auc_sd": other.sd,
            "auc_interval": [other.interval.low, other.interval.high],
            "difference": difference.value,
            "difference_interval": [difference.low, difference.high],
        }
    return answer


def _show(found: "Table", compared: "Compared") -> None:
    rows = table(
        _("{count:,} rows, {bad:,} bad, {columns} columns; {folds} folds",
          count=len(found), bad=int(found.is_bad.sum()), columns=len(found.columns),
          folds=len(compared.validated[0].aucs))
    )  # fmt: skip
    rows.add_column(_("learner"))
    for name in (_("AUC"), _("spread of the folds"), _("95% interval"), _("scorecard's less it")):
        rows.add_column(name, justify="right")
    differences = ["", *(f"{one.value:+.3f} ({one.low:+.3f} … {one.high:+.3f})"
                         for one in compared.differences)]  # fmt: skip
    for learner, difference in zip(compared.validated, differences, strict=True):
        reach = learner.interval
        rows.add_row(learner.name, f"{reach.value:.3f}", f"{learner.sd:.3f}",
                     f"{reach.low:.3f} … {reach.high:.3f}", difference)  # fmt: skip
    console().print(rows)
    if any(one.low <= 0 <= one.high for one in compared.differences):
        console().print(
            _("Where an interval holds 0, this table cannot tell which of the two is better.")
        )
