"""Agreements: the rules in words, signed on a page, listed, and ended at once."""

from dataclasses import dataclass
from typing import Final

from babel.dates import format_date
from starlette.responses import Response
from starlette.routing import BaseRoute

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import Message, _, current_locale, lazy, ngettext
from counterfoil.money import format_money
from counterfoil.pay import Agreement, AgreementKind, AgreementState, Cycle, EndedBy
from counterfoil.qr import read_word
from counterfoil.web.asked import Asked
from counterfoil.web.confirming import agreement_challenge, options_for, require_confirmed
from counterfoil.web.desk import Desk, Who

ENDED = {
    EndedBy.PAYER: lazy("You ended it."),
    EndedBy.MERCHANT: lazy("The shop ended it."),
    EndedBy.OPERATOR: lazy("The operator ended it."),
    EndedBy.TIME: lazy("Its time is over."),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of an agreement, in words."""

    what: str
    limit: str
    is_limit: bool = True
    """Whether it limits anything."""


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""
    pages = Agreeing(desk)
    return [
        desk.route("/wallet/agreements", pages.all, who=Who.PERSON),
        desk.route("/a/{word}", pages.show, who=Who.PERSON),
        desk.posted("/a/{word}", pages.sign, who=Who.PERSON),
        desk.posted("/a/{word}/end", pages.end, who=Who.PERSON),
        desk.route("/a/{word}/back", pages.back, who=Who.PERSON),
    ]


class Agreeing:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._pay = desk, desk.site.pay

    def all(self, asked: Asked) -> Response:
        """List one's agreements: those that run first."""
        found = sorted(self._pay.own.agreements(asked.me), key=lambda one: one.id, reverse=True)
        agreements = [(one, self._pay.merchants.merchant(one.merchant).name) for one in found]
        running = [one for one in agreements if one[0].state is AgreementState.SIGNED]
        return self._desk.page(
            asked, "agreements.html", running=running,
            ended=[one for one in agreements if one not in running],
        )  # fmt: skip

    def _agreement(self, asked: Asked) -> Agreement:
        return self._pay.agreements.by_word(read_word(asked.part("word")))

    def show(self, asked: Asked) -> Response:
        """Show an agreement: to sign, or as it stands, to whoever signed it alone."""
        return self._show(asked, self._agreement(asked))

    def _show(
        self, asked: Asked, agreement: Agreement, said: str = "", status: int = 200
    ) -> Response:
        me, shop = asked.me, self._pay.merchants.merchant(agreement.merchant)
        is_offered = agreement.state is AgreementState.OFFERED
        is_mine = agreement.payer == me.person
        is_open = is_offered and agreement.expires_at > self._desk.now
        is_open = is_open and agreement.payer in {None, me.person}
        options = ""
        if is_open:
            options = options_for(self._desk, me, agreement_challenge(me, agreement, shop.name))
        return self._desk.page(
            asked, "agreement.html", status, agreement=agreement, shop=shop, said=said,
            rules=rules_in_words(agreement) if is_open or is_mine else [], is_open=is_open,
            is_mine=is_mine and not is_offered, options=options,
            is_running=agreement.state is AgreementState.SIGNED,
            is_new="new" in asked.request.query_params,
            ended=str(ENDED[agreement.ended_by]) if agreement.ended_by else "",
        )  # fmt: skip

    def sign(self, asked: Asked) -> Response:
        """Sign what was shown; signing twice signs once."""
        agreement = self._agreement(asked)
        shop = self._pay.merchants.merchant(agreement.merchant)
        try:
            challenge = agreement_challenge(asked.me, agreement, shop.name)
            require_confirmed(self._desk, asked, challenge)
            self._pay.agreements.sign(agreement.id, asked.me.person)
        except CounterfoilError as refused:
            return self._show(asked, self._agreement(asked), refused.message, 422)
        return self._desk.go(f"/a/{agreement.word}?new")

    def end(self, asked: Asked) -> Response:
        """End it at once; nothing is debited from then on."""
        agreement = self._agreement(asked)
        self._pay.agreements.end(agreement.id, by=EndedBy.PAYER, person=asked.me.person)
        return self._desk.go(f"/a/{agreement.word}")

    def back(self, asked: Asked) -> Response:
        """Go back to the shop, with its proof of what was signed, for the signer alone."""
        agreement = self._agreement(asked)
        is_signed = agreement.signed_at is not None and agreement.payer == asked.me.person
        if not agreement.return_url or not is_signed:
            return self._desk.go(f"/a/{agreement.word}")
        return self._desk.go_out(self._desk.returning.of_agreement(agreement, self._desk.now))


KINDS: Final[dict[AgreementKind, Message]] = {
    AgreementKind.RENT: lazy("rent"),
    AgreementKind.UTILITIES: lazy("power, water, heating or telephone"),
    AgreementKind.INSURANCE: lazy("insurance"),
    AgreementKind.REPAYMENT: lazy("paying back a loan"),
}


def rules_in_words(agreement: Agreement) -> list[Rule]:
    """Say what a shop may debit; where there is no limit, that there is none."""
    rules, none = agreement.rules, _("no limit")
    often = {
        Cycle.ANY: _("whenever the shop asks"),
        Cycle.DAY: ngettext("once a day", "once in {count} days", rules.length),
        Cycle.MONTH: ngettext("once a month", "once in {count} months", rules.length),
    }[rules.cycle]
    locale = current_locale()
    said = [Rule(_("What for"), str(KINDS[agreement.kind]))] if agreement.kind in KINDS else []
    said.append(Rule(_("How often"), often, is_limit=rules.cycle is not Cycle.ANY))
    for what, limit in ((_("Each time, at most"), rules.single_max),
                        (_("In all, at most"), rules.total_max)):  # fmt: skip
        said.append(Rule(what, format_money(limit, locale) if limit else none, limit is not None))
    if rules.count_max is not None:
        said.append(Rule(_("Times, at most"), str(rules.count_max)))
    if rules.first_on is not None:
        said.append(Rule(_("From"), format_date(rules.first_on, "medium", locale=locale)))
    until = agreement.valid_until
    said.append(
        Rule(_("Ends by itself"),
             format_date(until, "medium", locale=locale) if until else _("never"))
    )  # fmt: skip
    return said
