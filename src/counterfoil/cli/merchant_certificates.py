"""`counterfoil merchant certificates`: what a client in certificate mode is given."""

from pathlib import Path
from typing import Annotated

import typer

from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.pay_site import WHERE, opened_pay
from counterfoil.cli.printing import console, print_json
from counterfoil.cli.wiring import KeysOption
from counterfoil.kernel.i18n import _

THEIRS, OURS, ROOT = "appCertPublicKey.crt", "alipayCertPublicKey_RSA2.crt", "alipayRootCert.crt"


def register(app: typer.Typer) -> None:
    """Put the command into the group `merchant`."""
    app.command(
        help=_("Write an application's three certificates, for clients in certificate mode."),
        epilog=example(f"counterfoil merchant certificates 2012345678901234 certificates {WHERE}"),
    )(certificates)


def certificates(
    application: Annotated[
        str, typer.Argument(help=_("The application's id."), show_default=False)
    ],
    folder: Annotated[
        Path, typer.Argument(file_okay=False, help=_("A folder to write to."), show_default=False)
    ],
    *,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Write the application's, ours for it, and the root of both."""
    from counterfoil.alipay.certificates import Certificates
    from counterfoil.alipay.keyfile import read_or_make
    from counterfoil.pay import ApplicationId

    issuing = Certificates(read_or_make(keys))
    with opened_pay(database, keys) as pay:
        found = pay.applications.application(ApplicationId(application))
    made = {THEIRS: issuing.theirs(found), OURS: issuing.ours(found), ROOT: issuing.root()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, certificate in made.items():
        (folder / name).write_text(certificate.pem, "ascii")
    if as_json:
        print_json({name: certificate.sn for name, certificate in made.items()})
        return
    for name, certificate in made.items():
        console().print(
            _("{file}, serial number {number}, until {until}", file=folder / name,
              number=certificate.sn, until=f"{certificate.until:%Y-%m-%d}")
        )  # fmt: skip
