"""Programs of merchants that ask over the network: their keys, and ours for each of them.

A merchant signs what it asks with a key of its own, of which only the public half is here. What it is
answered is signed with a key that is made for this application alone; its private half is sealed
with a key of its own, which the operator's key service wraps, and is opened when it is first used.
"""

import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import rsa

from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.i18n import _
from counterfoil.ledger import Ledger, ReadingConnection
from counterfoil.pay import rsakey
from counterfoil.pay.errors import ApplicationNotFound, RequestInvalid
from counterfoil.pay.merchant import Application, ApplicationId, MerchantId, Standing
from counterfoil.pay.merchants import Merchants
from counterfoil.pay.rsakey import KeyPair
from counterfoil.pay.said import checked_text
from counterfoil.pay.settings import setting, setting_row
from counterfoil.people import KeyService
from counterfoil.people.keys import PersonKey
from counterfoil.people.records import canonical

_FIELDS: Final = "id, merchant, name, public_key, our_public_key, standing, opened_at"
_NAME_MAX: Final = 64
_URL_MAX: Final = 512
_CHANCE: Final = 10**14
_FIELD: Final = "signing-key"
_OPENED_MAX: Final = 10_000


class Applications:
    """The applications of all merchants. Its methods may be called from several threads."""

    def __init__(
        self,
        ledger: Ledger,
        reading: ReadingConnection,
        merchants: Merchants,
        keys: KeyService,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._reading = reading
        self._merchants = merchants
        self._keys = keys
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[ApplicationId, Application] = OrderedDict()
        self._ours: OrderedDict[ApplicationId, rsa.RSAPrivateKey] = OrderedDict()
        self._theirs: OrderedDict[bytes, rsa.RSAPublicKey] = OrderedDict()

    def open(
        self, merchant: MerchantId, name: str, *, public_key: str | None = None
    ) -> Application:
        """Open an application of a merchant's, and make our key pair for it.

        `public_key` is the merchant's, as it was pasted; it can be set later.

        Raises:
            MerchantNotFound: there is no such merchant.
            RequestInvalid: the name is missing or too long.
            KeyRefused: what was given is no public key that can be used.

        """
        self._merchants.merchant(merchant)
        checked_text("name", name, _NAME_MAX, is_required=True)
        theirs = rsakey.read_public_key(public_key) if public_key else b""
        id = ApplicationId(f"20{secrets.randbelow(_CHANCE):014}")  # noqa: A001
        ours, sealing = rsakey.new_private_key(), PersonKey.new()
        der = rsakey.private_der(ours).hex()
        self._ledger.write(
            AttachedRow(
                "INSERT INTO applications (id, merchant, name, public_key, our_public_key, "
                "our_sealed_key, wrapped, standing, opened_at) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                (
                    id, merchant.bytes, name, theirs, rsakey.public_der(ours),
                    sealing.seal(der, _FIELD), sealing.wrapped(self._keys, _holder(id)),
                    Standing.ACTIVE.value, self._clock.now_us(),
                ),
            )
        )  # fmt: skip
        return self.application(id)

    def set_key(self, application: ApplicationId, pasted: str) -> Application:
        """Put a public key of the merchant's in the place of what was given before.

        Raises:
            ApplicationNotFound: there is no such application.
            KeyRefused: what was given is no public key that can be used.

        """
        der = rsakey.read_public_key(pasted)
        self.application(application)
        self._ledger.write(
            AttachedRow("UPDATE applications SET public_key = $1 WHERE id = $2", (der, application))
        )
        return self._again(application)

    def application(self, application: ApplicationId) -> Application:
        """Describe an application.

        Raises:
            ApplicationNotFound: there is none with this id.

        """
        with self._lock:
            if known := self._known.get(application):
                return known
        found = self._read("id = $1", (application,))
        if not found:
            raise ApplicationNotFound(_("There is no application with this id. Check it."))
        with self._lock:
            self._known[application] = found[0]
            _trim(self._known)
        return found[0]

    def of_merchant(self, merchant: MerchantId) -> Sequence[Application]:
        """List a merchant's applications."""
        return self._read("merchant = $1 ORDER BY opened_at, id", (merchant.bytes,))

    def set_return_addresses(self, application: ApplicationId, urls: Sequence[str]) -> None:
        """Keep where browsers may be sent back to with a code of a person's; none: nowhere.

        Raises:
            ApplicationNotFound: there is none with this id.
            RequestInvalid: one of them is no address.

        """
        self.application(application)
        for url in urls:
            checked_text("return address", url, _URL_MAX, is_required=True)
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment:
                raise RequestInvalid(
                    _("A return address begins with https:// and has no fragment. Mend it."),
                    field="return address",
                )
        self._ledger.write(setting_row(f"return:{application}", canonical(list(urls))))

    def return_addresses(self, application: ApplicationId) -> tuple[str, ...]:
        """Tell where browsers may be sent back to with a code of a person's."""
        with self._reading.lend() as database:
            kept = setting(database, f"return:{application}")
        return tuple(json.loads(kept)) if kept else ()

    def suspend(self, application: ApplicationId) -> Application:
        """Stop an application from asking.

        Raises:
            ApplicationNotFound: there is none with this id.

        """
        return self._stand(application, Standing.SUSPENDED)

    def reinstate(self, application: ApplicationId) -> Application:
        """Let a suspended application ask again.

        Raises:
            ApplicationNotFound: there is none with this id.

        """
        return self._stand(application, Standing.ACTIVE)

    def sign(self, application: ApplicationId, message: bytes) -> bytes:
        """Sign exact bytes for an application, with our key for it.

        Raises:
            ApplicationNotFound: there is none with this id.
            KeysUnusable: the key does not open.

        """
        return rsakey.signed(self._our_key(application), message)

    def verify(self, application: ApplicationId, message: bytes, signature: bytes) -> bool:
        """Tell whether exact bytes were signed with the merchant's key; False where it gave none.

        Raises:
            ApplicationNotFound: there is none with this id.

        """
        der = self.application(application).public_key
        if not der:
            return False
        with self._lock:
            key = self._theirs.get(der)
        if key is None:
            key = rsakey.loaded_public(der)
            with self._lock:
                self._theirs[der] = key
                _trim(self._theirs)
        return rsakey.is_signed(key, message, signature)

    def our_public_pem(self, application: ApplicationId) -> str:
        """Write our public key for an application, as its merchant is given it.

        Raises:
            ApplicationNotFound: there is none with this id.

        """
        return rsakey.public_pem(self.application(application).our_public_key)

    @staticmethod
    def new_key_pair() -> KeyPair:
        """Make a pair for a merchant that has none; it is handed out once and never kept."""
        return rsakey.new_key_pair()

    def _our_key(self, application: ApplicationId) -> rsa.RSAPrivateKey:
        with self._lock:
            if key := self._ours.get(application):
                return key
        with self._reading.lend() as database:
            rows = database.query(
                "SELECT our_sealed_key, wrapped FROM applications WHERE id = $1", (application,)
            ).to_pylist()
        if not rows:
            raise ApplicationNotFound(_("There is no application with this id. Check it."))
        sealing = PersonKey.unwrapped(self._keys, rows[0]["wrapped"], _holder(application))
        key = rsakey.loaded_private(bytes.fromhex(sealing.open(rows[0]["our_sealed_key"], _FIELD)))
        with self._lock:
            self._ours[application] = key
            _trim(self._ours)
        return key

    def _stand(self, application: ApplicationId, standing: Standing) -> Application:
        self.application(application)
        self._ledger.write(
            AttachedRow(
                "UPDATE applications SET standing = $1 WHERE id = $2",
                (standing.value, application),
            )
        )
        return self._again(application)

    def _again(self, application: ApplicationId) -> Application:
        with self._lock:
            self._known.pop(application, None)
        return self.application(application)

    def _read(self, condition: str, parameters: tuple[str | bytes, ...]) -> list[Application]:
        with self._reading.lend() as database:
            found = database.query(
                f"SELECT {_FIELDS} FROM applications WHERE {condition}",  # noqa: S608
                parameters,
            )
        return [_application(row) for row in found.to_pylist()]


def _holder(application: ApplicationId) -> bytes:
    return f"counterfoil/application/{application}".encode()


def _trim(known: OrderedDict[Any, Any]) -> None:
    while len(known) > _OPENED_MAX:
        known.popitem(last=False)


def _application(row: dict[str, Any]) -> Application:
    return Application(
        id=ApplicationId(row["id"]),
        merchant=MerchantId(UUID(bytes=row["merchant"])),
        name=row["name"],
        public_key=row["public_key"],
        our_public_key=row["our_public_key"],
        standing=Standing(row["standing"]),
        opened_at=from_us(row["opened_at"]),
    )
