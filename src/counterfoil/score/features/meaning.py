"""What each feature means, in words that fit before a number: the same for every window."""

from typing import Final

from counterfoil.kernel.i18n import Message, lazy

MEANINGS: Final[dict[str, Message]] = {
    "inflow": lazy("what came in, a month"),
    "outflow": lazy("what was spent, a month"),
    "savings": lazy("the share of what came in that was not spent"),
    "balance_mean": lazy("the mean balance over time"),
    "balance_lowest": lazy("the lowest balance"),
    "buffer": lazy("for how many months of spending the mean balance would last"),
    "floor": lazy("for how many months of spending the lowest balance would last"),
    "overdrawn": lazy("days on which the account was overdrawn"),
    "near_zero": lazy("days on which almost nothing was left"),
    "penalties": lazy("how often an overdraft or an unpaid debit was charged"),
    "obligations": lazy("the share of what came in that went to rent, insurance and repayments"),
    "cash_share": lazy("the share of spending that was taken out in cash"),
    "activity": lazy("payments a month"),
    "payees": lazy("how many different accounts were paid"),
    "inflow_volatility": lazy("how much what comes in differs from month to month"),
    "outflow_volatility": lazy("how much spending differs from month to month"),
    "wage_volatility": lazy("how much the month's largest payment received differs"),
    "inflow_steadiness": lazy("the poorest month's inflow, against the mean month's"),
    "income_irregularity": lazy("how irregularly income arrives"),
    "bill_months": lazy("the share of months in which rent, insurance or a repayment was paid"),
    "bills_on_time": lazy("the share of bills paid within 35 days of the one before"),
    "bill_gap": lazy("the longest time between two payments of the same bill"),
    "deficit_months": lazy("the share of months in which more went out than came in"),
    "rent_share": lazy("the share of what came in that went to rent and household bills"),
    "insurance_share": lazy("the share of what came in that went to insurance"),
    "repayment_share": lazy("the share of what came in that went to repayments"),
    "inflow_trend": lazy("what came in lately, against the year"),
    "outflow_trend": lazy("spending lately, against the year"),
    "balance_trend": lazy("the balance lately, against the year"),
    "tenure": lazy("since when payments are known"),
    "repayments": lazy("repayments made in the last year"),
    "inflow_recency": lazy("time since the last payment received"),
    "income_recency": lazy("time since the last income"),
    "penalty_recency": lazy("time since an overdraft or an unpaid debit was last charged"),
}
