"""Keys of merchants' programs: made here, or pasted in any common form; private ones never kept."""

import base64
import textwrap

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from counterfoil.kernel.database import connect
from counterfoil.pay import (
    ApplicationId,
    ApplicationNotFound,
    KeyIsPrivate,
    KeyRefused,
    KeyTooWeak,
    KeyUnreadable,
)
from counterfoil.pay.rsakey import new_key_pair, new_private_key, read_public_key, signed
from tests.pay.world import Street

OURS = new_private_key()
PUBLIC = OURS.public_key()
DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
PKCS1 = serialization.PublicFormat.PKCS1
PLAIN = serialization.NoEncryption()
EXPECTED = PUBLIC.public_bytes(DER, SPKI)


def b64(der: bytes) -> str:
    return base64.b64encode(der).decode()


@pytest.mark.parametrize(
    "text",
    [
        PUBLIC.public_bytes(PEM, SPKI).decode(),
        PUBLIC.public_bytes(PEM, PKCS1).decode(),
        b64(PUBLIC.public_bytes(DER, SPKI)),
        b64(PUBLIC.public_bytes(DER, PKCS1)),
        "\n".join(textwrap.wrap(b64(EXPECTED), 64)),
        "\r\n  ".join(textwrap.wrap(b64(EXPECTED), 76)) + "\r\n",
        f"-----BEGIN PUBLIC KEY-----{b64(EXPECTED)}-----END PUBLIC KEY-----",
    ],
)
def test_a_public_key_is_read_in_any_common_form(text: str) -> None:
    """PEM with or without its headers, PKCS#1 or SPKI, in one line or many: one key."""
    assert read_public_key(text) == EXPECTED


def private(encoding: serialization.Encoding, form: serialization.PrivateFormat) -> bytes:
    return OURS.private_bytes(encoding, form, PLAIN)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (private(PEM, serialization.PrivateFormat.PKCS8).decode(), KeyIsPrivate),
        (private(PEM, serialization.PrivateFormat.TraditionalOpenSSL).decode(), KeyIsPrivate),
        (b64(private(DER, serialization.PrivateFormat.PKCS8)), KeyIsPrivate),
        (b64(private(DER, serialization.PrivateFormat.TraditionalOpenSSL)), KeyIsPrivate),
        (rsa.generate_private_key(65537, 1024).public_key().public_bytes(PEM, SPKI).decode(),
         KeyTooWeak),
        (ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(PEM, SPKI).decode(),
         KeyTooWeak),
        ("", KeyUnreadable),
        ("ssh-rsa AAAAB3", KeyUnreadable),
        (b64(EXPECTED)[:-8], KeyUnreadable),
        ("A" * 100_000, KeyUnreadable),
    ],
)  # fmt: skip
def test_what_is_no_public_key_is_refused_by_name(text: str, refusal: type[KeyRefused]) -> None:
    """Each says what is wrong with it, and not one letter of it."""
    with pytest.raises(refusal) as refused:
        read_public_key(text)
    assert not text or text not in refused.value.message


def test_an_application_signs_with_its_own_key(market: Street) -> None:
    """Ours is made and sealed; theirs is what they gave; a suspended one says so."""
    applications = market.pay.applications
    opened = applications.open(market.bakery.id, "Web shop")
    assert len(opened.id) == 16
    assert opened.id.startswith("20")
    assert not applications.verify(opened.id, b"pay", b"x")
    theirs = applications.set_key(opened.id, b64(EXPECTED))
    assert theirs.public_key == EXPECTED
    assert applications.verify(opened.id, b"pay", signed(OURS, b"pay"))
    assert not applications.verify(opened.id, b"pay more", signed(OURS, b"pay"))
    signature = applications.sign(opened.id, b"answer")
    public = serialization.load_pem_public_key(applications.our_public_pem(opened.id).encode())
    from counterfoil.pay.rsakey import is_signed

    assert isinstance(public, rsa.RSAPublicKey)
    assert is_signed(public, b"answer", signature)
    assert list(applications.of_merchant(market.bakery.id)) == [theirs]
    assert applications.suspend(opened.id).standing.name == "SUSPENDED"
    with pytest.raises(ApplicationNotFound):
        applications.application(ApplicationId("2000000000000000"))


def test_no_private_key_is_in_the_database(market: Street) -> None:
    """Neither ours in the clear, nor one that somebody pasted."""
    opened = market.pay.applications.open(market.bakery.id, "Web shop")
    pair = new_key_pair()
    with pytest.raises(KeyIsPrivate):
        market.pay.applications.set_key(opened.id, pair.private_pem)
    with connect(market.bank.town.ledger._url, writes=False) as database:
        (row,) = database.query("SELECT our_sealed_key, public_key FROM applications").to_pylist()
    assert row["public_key"] == b""
    assert b"PRIVATE" not in row["our_sealed_key"]
    with pytest.raises(ValueError, match=r".*"):
        serialization.load_der_private_key(row["our_sealed_key"], None)
