"""Certificate mode, with the SDKs that have it: each side named by its certificate, answers verified by ours."""

import base64
import hashlib
from collections.abc import Iterator

import pytest
from cryptography import x509

from tests.conformance.conftest import Ear, Phone, driven
from tests.conformance.sdks import SDKS, Driven, Sdk
from tests.conformance.test_journey import PAY, PRECREATE, QUERY, done, sale

pytestmark = pytest.mark.slow
MODE = {"mode": "certificates"}
CERTIFIED = [one for one in SDKS if one.name != "alipay-sdk-python"]
"""The official Python one knows public keys alone."""
DOWNLOAD = "alipay.open.app.alipaycert.download"


@pytest.fixture(scope="module", params=CERTIFIED, ids=lambda sdk: sdk.name)
def chosen(request: pytest.FixtureRequest) -> Sdk:
    found: Sdk = request.param
    return found


@pytest.fixture(scope="module")
def certified(chosen: Sdk, config: dict[str, str]) -> Iterator[Driven]:
    """Run an SDK with the three certificates that the operator gave it."""
    with driven(chosen, config | MODE) as running:
        yield running


def serial_number(pem: str) -> str:
    """Name a certificate as the API does: its issuer backwards, its serial in decimals, MD5."""
    found = x509.load_pem_x509_certificate(pem.encode())
    issuer = ",".join(part.rfc4514_string() for part in reversed(found.issuer.rdns))
    text = f"{issuer}{found.serial_number}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def test_a_trade_is_sold_paid_and_told_in_certificate_mode(
    certified: Driven, phone: Phone, ear: Ear
) -> None:
    """Precreate, pay, query, and a notice that the SDK verifies by the key in our certificate."""
    asked = sale("6.00")
    made = done(certified.call(PRECREATE, asked, notify_url=ear.url))
    phone.does("pay", qr_code=made["qr_code"])
    found = done(certified.call(QUERY, {"out_trade_no": asked["out_trade_no"]}))
    assert found["trade_status"] == "TRADE_SUCCESS"
    told = ear.wait_for(out_trade_no=asked["out_trade_no"], trade_status="TRADE_SUCCESS")
    assert certified.believes(told)
    by_code = sale("1.50", scene="bar_code", auth_code=phone.does("code"))
    assert done(certified.call(PAY, by_code))["receipt_amount"] == "1.50"


def test_our_certificate_is_downloaded_by_its_serial_number(
    certified: Driven, config: dict[str, str]
) -> None:
    """The very certificate that the operator gave; another number names none."""
    ours = config["gateway_certificate"]
    found = done(certified.call(DOWNLOAD, {"alipay_cert_sn": serial_number(ours)}))
    assert base64.b64decode(found["alipay_cert_content"]).decode() == ours
    for wrong in ("ab" * 16, serial_number(config["root_certificate"])):
        refused = certified.call(DOWNLOAD, {"alipay_cert_sn": wrong})
        assert (refused["code"], refused["sub_code"]) == ("40002", "isv.invalid-parameter")


@pytest.mark.parametrize(
    "changed", [("app_certificate", "root_certificate"), ("root_certificate", "app_certificate")]
)
def test_who_names_other_certificates_is_refused(
    chosen: Sdk, config: dict[str, str], changed: tuple[str, str]
) -> None:
    """The right key does not help whoever names another's certificate, or another root."""
    wrong, instead = changed
    with driven(chosen, config | MODE | {wrong: config[instead]}) as running:
        refused = running.call(QUERY, {"out_trade_no": "1"})
        assert (refused["code"], refused["sub_code"]) == ("40002", "isv.invalid-parameter")
