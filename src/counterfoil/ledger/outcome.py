"""From the engine's answers to the caller's: posted, or refused with its reason and values."""

from counterfoil.kernel.clock import from_us
from counterfoil.ledger.engine import REPLAYED
from counterfoil.ledger.group import Answer
from counterfoil.ledger.model import (
    Posted,
    Request,
    Transfer,
)
from counterfoil.ledger.refusal import Refusal, TransferRefused
from counterfoil.ledger.writer import Answers
from counterfoil.money import Money, currency_by_numeric

_AMOUNT_FACTS = {Refusal.EXCEEDS_HOLD, Refusal.EXCEEDS_CREDITS, Refusal.EXCEEDS_DEBITS}
"""The refusals whose one number is an amount, in the transfer's currency."""

Outcome = Posted | TransferRefused
"""What became of a transfer."""


def all_posted(request: Request, answer: Answer) -> list[Posted]:
    """Tell a request's caller what was posted.

    Raises:
        TransferRefused: one of its transfers was refused, or a row attached to it.

    """
    answers, start, _, reason = answer
    outcomes = [
        outcome(transfer, answers, start + k, reason)
        for k, transfer in enumerate(request.transfers)
    ]
    refusals = [outcome for outcome in outcomes if isinstance(outcome, TransferRefused)]
    if refusals:
        causes = (one for one in refusals if one.refusal is not Refusal.LINKED_REFUSED)
        raise next(causes, refusals[0])
    if not request.transfers and reason is not None:
        raise TransferRefused(Refusal.ATTACHED_ROW_REFUSED, id="—", reason=reason)
    return [outcome for outcome in outcomes if isinstance(outcome, Posted)]


def outcome(transfer: Transfer, answers: Answers, k: int, reason: str | None) -> Outcome:
    """Tell a caller what became of the transfer at place `k` of a batch."""
    status = int(answers.status[k])
    if status > 0:
        return _refused(transfer, Refusal(status), int(answers.fact[k]), reason)
    return Posted(
        transfer.id,
        int(answers.seq[k]),
        Money(int(answers.amount[k]), currency_by_numeric(int(answers.currency[k]))),
        from_us(int(answers.at[k])),
        replayed=status == REPLAYED,
    )


def _refused(
    transfer: Transfer, refusal: Refusal, fact: int, reason: str | None
) -> TransferRefused:
    amount = transfer.amount
    return TransferRefused(
        refusal,
        id=transfer.id,
        hold=transfer.subject,
        debit_account=transfer.debit_account,
        credit_account=transfer.credit_account,
        amount="all" if amount is None else amount,
        currency=None if amount is None else amount.currency,
        flags=transfer.flags,
        expires_at=transfer.expires_at,
        at=transfer.at,
        fact=Money(fact, amount.currency)
        if amount is not None and refusal in _AMOUNT_FACTS
        else fact,
        reason=reason,
    )
