"""`counterfoil score contract` and `certify`: what a merchant may ask about scores, agreed beforehand."""

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.cli.log_site import SiteOption
from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, print_json, printable, table
from counterfoil.kernel.clock import SystemClock, from_us
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import new_id

if TYPE_CHECKING:
    from counterfoil.bootstrap import Site
    from counterfoil.consent import Certificate, Purpose
    from counterfoil.pay import Merchant

MerchantArgument = Annotated[
    str, typer.Argument(metavar="NUMBER", help=_("The merchant's number."), show_default=False)
]
DaysOption = Annotated[int, typer.Option(min=1, help=_("For how many days it may ask."))]
_NUMBER = "2088120035550123"
_WHERE = "--database sqlite:///shop.db --site site"


def register(app: typer.Typer) -> None:
    """Put the commands into the group `score`."""
    app.command(
        help=_("Agree with a merchant on the one threshold about which it is answered yes or no."),
        epilog=example(
            f"counterfoil score contract {_NUMBER} w1010100000000002733 650 --by Edda {_WHERE}"
        ),
    )(contract)
    app.command(
        help=_("List the thresholds about which merchants are answered, and until when they stay."),
        epilog=example(f"counterfoil score contracts {_WHERE}"),
    )(contracts)
    app.command(
        help=_("Certify a merchant to be told the score of whoever allows it."),
        epilog=example(
            f"counterfoil score certify {_NUMBER} --days 90 {_WHERE}",
            f"counterfoil score certify {_NUMBER} --reasons {_WHERE}",
        ),
    )(certify)


def contract(
    merchant: MerchantArgument,
    product: Annotated[
        str, typer.Argument(help=_("The product_code that it asks with."), show_default=False)
    ],
    threshold: Annotated[
        int, typer.Argument(help=_("The lowest score that is a yes."), show_default=False)
    ],
    *,
    by: Annotated[str, typer.Option(help=_("Who agrees to it."), show_default=False)],
    days: DaysOption = 365,
    database: DatabaseOption,
    site: SiteOption,
    as_json: JSONOption = False,
) -> None:
    """Enter the threshold, and certify the merchant where it is not."""
    from counterfoil.bootstrap import Site
    from counterfoil.consent import CollectorId, Purpose

    with Site.open(database, site) as opened:
        asking = opened.pay.merchants.by_number(merchant)
        opened.answers.contract(CollectorId(asking.id), product, threshold, by=by)
        certificate = _certified(opened, asking, Purpose.SHARE_ANSWER, days)
    if as_json:
        print_json({"merchant": asking.number, "product": product, "threshold": threshold,
                    "certificate": str(certificate.id)})  # fmt: skip
        return
    console().print(
        _("{name} is answered whether a score reaches {threshold}, for {product}, until {until}.",
          name=asking.name, threshold=threshold, product=product,
          until=f"{certificate.expires_at:%Y-%m-%d}")
    )  # fmt: skip


def contracts(*, database: DatabaseOption, site: SiteOption, as_json: JSONOption = False) -> None:
    """Print them, each with its merchant's number and name."""
    from counterfoil.bootstrap import Site
    from counterfoil.pay import MerchantId

    with Site.open(database, site) as opened:
        found = [
            (opened.pay.merchants.merchant(MerchantId(one.merchant)), one)
            for one in opened.answers.contracts()
        ]
    if as_json:
        listed = [
            {
                "merchant": merchant.number,
                "product": one.product,
                "threshold": one.threshold,
                "since": one.since.isoformat(),
                "changes_from": one.changes_from.isoformat(),
            }
            for merchant, one in found
        ]
        print_json({"contracts": listed})
        return
    listing = table()
    for heading in (_("Merchant"), _("Product"), _("Threshold"), _("Since"), _("Stays until")):
        listing.add_column(heading, overflow="fold")
    for merchant, one in found:
        listing.add_row(
            f"{printable(merchant.name)} {merchant.number}", printable(one.product),
            str(one.threshold), f"{one.since:%Y-%m-%d}", f"{one.changes_from:%Y-%m-%d}",
        )  # fmt: skip
    console().print(listing if found else _("Nothing is contracted with any merchant."))


def certify(
    merchant: MerchantArgument,
    *,
    reasons: Annotated[
        bool,
        typer.Option("--reasons", help=_("Also to be told the reasons, of whoever allows that.")),
    ] = False,
    days: DaysOption = 365,
    database: DatabaseOption,
    site: SiteOption,
    as_json: JSONOption = False,
) -> None:
    """Certify it, where it is not."""
    from counterfoil.bootstrap import Site
    from counterfoil.consent import Purpose

    with Site.open(database, site) as opened:
        asking = opened.pay.merchants.by_number(merchant)
        purpose = Purpose.SHARE_REASONS if reasons else Purpose.SHARE_SCORE
        certificate = _certified(opened, asking, purpose, days)
    if as_json:
        print_json({"merchant": asking.number, "collector": str(asking.id),
                    "certificate": str(certificate.id)})  # fmt: skip
        return
    told = {"name": asking.name, "until": f"{certificate.expires_at:%Y-%m-%d}"}
    console().print(
        _("{name} is told the score and its reasons, of whoever allows it, until {until}.", **told)
        if reasons
        else _("{name} is told the score of whoever allows it, until {until}.", **told)
    )


def _certified(
    opened: "Site", merchant: "Merchant", purpose: "Purpose", days: int
) -> "Certificate":
    """Give the merchant's certificate that can be used now; make it where there is none."""
    from counterfoil.consent import Category, CertificateId, CollectorId, CollectorKind

    collectors, collector = opened.consent.collectors, CollectorId(merchant.id)
    with suppress(StoreConflict):  # it is registered
        collectors.register(collector, CollectorKind.MERCHANT, merchant.name)
    found = collectors.certificate_for(collector, purpose)
    if found is not None:
        return found
    until = from_us(SystemClock().now_us()) + timedelta(days=days)
    return collectors.certify(
        CertificateId(new_id()), collector, purpose, Category.SCORE, until=until
    )
