"""Certificate mode: the same keys, each in a certificate of the operator's own authority.

Nothing is stored: a certificate follows from the key that it holds and the day its application was
opened, and RSASSA-PKCS1-v1_5 signs the same bytes the same way, so that it can be made again whenever
it is asked for. The issuer is named C, O, OU, CN in this order, because the SDKs agree on a serial
number for no other form: MD5 of the issuer's name backwards and the decimal serial.
"""

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)
from cryptography.x509.oid import NameOID

from counterfoil.pay import Application

_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_ROOT_LIFE: Final = timedelta(days=365 * 30)
_LIFE: Final = timedelta(days=365 * 5)
_SERIAL_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate, and the serial number that SDKs know it by."""

    pem: str
    sn: str
    until: datetime

    @property
    def base64(self) -> str:
        """The PEM as one line, as a download gives it."""
        return base64.b64encode(self.pem.encode()).decode("ascii")


@dataclass(frozen=True, slots=True)
class Certificates:
    """The operator's own authority."""

    key: RSAPrivateKey = field(repr=False)

    def root(self) -> Certificate:
        """Give the root, which certifies itself."""
        return self._issued(self.key.public_key(), "Counterfoil Root", _START, _ROOT_LIFE, ca=True)

    def ours(self, application: Application) -> Certificate:
        """Give the certificate of our key for an application."""
        key = _public(application.our_public_key)
        return self._issued(key, f"gateway {application.id}", application.opened_at, _LIFE)

    def theirs(self, application: Application) -> Certificate:
        """Give the certificate of an application's own key."""
        key = _public(application.public_key)
        return self._issued(key, f"application {application.id}", application.opened_at, _LIFE)

    def _issued(
        self,
        public_key: RSAPublicKey,
        name: str,
        since: datetime,
        life: timedelta,
        *,
        ca: bool = False,
    ) -> Certificate:
        der = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        digest = hashlib.sha256(f"{name}\0{since.isoformat()}\0".encode() + der).digest()
        serial = int.from_bytes(digest[:_SERIAL_BYTES]) >> 1 | 1
        start = since.replace(microsecond=0)
        made = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name("Counterfoil Root"))
            .public_key(public_key)
            .serial_number(serial)
            .not_valid_before(start)
            .not_valid_after(start + life)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        pem = made.public_bytes(Encoding.PEM).decode("ascii")
        return Certificate(pem, _sn("Counterfoil Root", serial), start + life)


def _name(common_name: str) -> x509.Name:
    parts = (
        (NameOID.COUNTRY_NAME, "XX"), (NameOID.ORGANIZATION_NAME, "Counterfoil"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "Gateway"), (NameOID.COMMON_NAME, common_name),
    )  # fmt: skip
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _sn(issuer: str, serial: int) -> str:
    text = f"CN={issuer},OU=Gateway,O=Counterfoil,C=XX{serial}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _public(der: bytes) -> RSAPublicKey:
    key = load_der_public_key(der)
    assert isinstance(key, RSAPublicKey)
    return key
