"""The way of one request: read, find who asks, verify, act, frame, sign. Nothing escapes it.

Whatever comes, the answer has a node named after the method and a signature over its exact bytes;
`error_response` only where no method can be named. Who is asked for is looked up before the signature
is checked, as the merchant API does; nothing else is told to somebody who has not signed.
"""

import html
import json
import logging
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from counterfoil.alipay import frame
from counterfoil.alipay.content import decrypt, encrypt
from counterfoil.alipay.mapping import UNKNOWN, in_api_words
from counterfoil.alipay.method import Answer, Call, Later, Method, Page
from counterfoil.alipay.methods import METHODS
from counterfoil.alipay.methods.bill import download
from counterfoil.alipay.parameters import Parameters, read_parameters
from counterfoil.alipay.reading import Json, read_fields, read_json
from counterfoil.alipay.refusal import Code, Refused, bad_signature, invalid, missing
from counterfoil.alipay.rooms import Rooms
from counterfoil.alipay.signing import SIGN_TYPE, Sign, sign_with, texts_signed
from counterfoil.alipay.values import check_timestamp
from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.pay import Application, ApplicationId, ApplicationNotFound, Standing

VERSION: Final = "1.0"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent back: always with HTTP 200, but for a browser that is sent on."""

    body: bytes = field(repr=False)
    content_type: str
    location: str = ""
    """Where a browser goes on; empty when it does not."""
    filename: str = ""
    """What a file is called that is sent; empty when none is."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A request whose change is on its way to the disk; once it is there, ask for the reply."""

    change: Future[Any]
    reply: Callable[[], Reply]


@dataclass(slots=True)
class _Asked:
    """What is known of a request so far, for whoever has to answer it."""

    node: str = frame.ERROR_NODE
    method_name: str = ""
    method: Method | None = None  # type: ignore[type-arg]
    charset: str = "utf-8"
    application: Application | None = None
    content_key: str = ""
    certificate: str = ""
    """The serial number of the certificate of ours that answers; empty outside certificate mode."""


class Gateway:
    """Answers requests. It may be called from several threads."""

    def __init__(self, rooms: Rooms, clock: Clock) -> None:
        self.rooms = rooms
        self._sign_unknown = sign_with(rooms.key)
        self._clock = clock

    def answer(self, query: bytes, form: bytes) -> Reply:
        """Answer one request, whatever it is, after its commit."""
        begun = self.begin(query, form)
        if isinstance(begun, Reply):
            return begun
        wait([begun.change])
        return begun.reply()

    def begin(self, query: bytes, form: bytes) -> "Reply | Pending":
        """Work on one request, whatever it is, as far as its commit."""
        asked = _Asked()

        def act() -> Answer | Page | Later[Any]:
            return self._act(asked, query, form)

        begun = self._guarded(asked, act)
        if isinstance(begun, Reply):
            return begun
        later = begun

        def reply() -> Reply:
            replied = self._guarded(asked, lambda: later.answer(later.change.result()))
            assert isinstance(replied, Reply)
            return replied

        return Pending(later.change, reply)

    def _guarded(
        self, asked: _Asked, act: Callable[[], Answer | Page | Later[Any]]
    ) -> Reply | Later[Any]:
        """Do a part of the work; whatever goes wrong is an answer."""
        try:
            answered = act()
        except CounterfoilError as error:
            return self._refuse(asked, error)
        except Exception as error:  # noqa: BLE001  # it is told in the log, by its kind alone
            _log_unexpected(asked, error)
            return self._refuse(asked, Refused(*UNKNOWN))
        if isinstance(answered, Later):
            return answered
        if isinstance(answered, Page):
            return Reply(b"", "text/html;charset=utf-8", answered.location)
        return self._framed(asked, frame.succeeded(answered.fields, answered.code))

    def bill(self, token: str) -> Reply | None:
        """Give the bill at an address of ours; None when it is no longer there."""
        found = download(self.rooms, token, from_us(self._clock.now_us()))
        if found is None:
            return None
        return Reply(found[1], "application/zip", filename=found[0])

    def too_large(self, query: bytes) -> Reply:
        """Answer a request of whose body no more was read, by the names in its address."""
        asked = _Asked()
        with suppress(CounterfoilError):
            self._name(asked, read_parameters(query, b""))
        return self._refuse(asked, invalid("invalid-parameter", "The request is too large."))

    def _act(self, asked: _Asked, query: bytes, form: bytes) -> Answer | Page | Later[Any]:
        parameters = read_parameters(query, form)
        application = self._name(asked, parameters)
        now = from_us(self._clock.now_us())
        self._check(parameters, application, now)
        if parameters.values.get("app_cert_sn"):
            asked.certificate = self.rooms.certificates.ours(application).sn
        method = asked.method
        if method is None:
            raise invalid("invalid-method", "There is no such method here.")
        content = self._content(asked, parameters, method)
        fields = read_fields(method.fields, content, prefix=method.prefix)
        return method.run(Call(application, parameters.values, now, self.rooms), fields)

    def _name(self, asked: _Asked, parameters: Parameters) -> Application:
        """Note what a request is to be answered by: charset, node, method, whose key signs."""
        asked.charset = parameters.charset
        asked.method_name = parameters.values.get("method", "")
        asked.node = frame.node_name(asked.method_name)
        asked.method = METHODS.get(asked.method_name)
        asked.application = self._application(parameters.values.get("app_id", ""))
        return asked.application

    def _application(self, app_id: str) -> Application:
        if not app_id:
            raise missing("app_id")
        try:
            found = self.rooms.pay.applications.application(ApplicationId(app_id))
        except ApplicationNotFound:
            raise invalid("invalid-app-id", "There is no such application.") from None
        if found.standing is not Standing.ACTIVE:
            raise invalid("invalid-app-id", "This application is stopped. Ask the operator.")
        return found

    def _check(self, parameters: Parameters, application: Application, now: datetime) -> None:
        values = parameters.values
        for name in ("method", "sign_type", "sign", "timestamp", "version"):
            if not values.get(name):
                raise missing(name)
        if values["sign_type"] != SIGN_TYPE:
            raise invalid("invalid-signature-type", "The sign_type is not RSA2.")
        if not application.public_key:
            raise Refused(
                Code.CONDITIONS, "isv.missing-signature-config",
                "This application has no public key yet. Give it to the operator.",
            )  # fmt: skip
        verify = self.rooms.pay.applications.verify
        sign = values["sign"]
        if not any(verify(application.id, *pair) for pair in texts_signed(parameters, sign)):
            raise bad_signature()
        self._check_certificate(values, application, now)
        check_timestamp(values["timestamp"], now)
        if values["version"] != VERSION:
            raise invalid("invalid-parameter", "The version is not 1.0.")
        if values.get("format", "json").lower() not in {"json", ""}:
            raise invalid("invalid-format", "The format is not json.")

    def _check_certificate(
        self, values: dict[str, str], application: Application, now: datetime
    ) -> None:
        """Check what a client in certificate mode names; others name nothing."""
        named, root = values.get("app_cert_sn"), values.get("alipay_root_cert_sn")
        if not named and not root:
            return
        for name, value in (("app-cert-sn", named), ("alipay-root-cert-sn", root)):
            if not value:
                raise invalid(f"missing-{name}", "One certificate is named and the other is not.")
        certificates = self.rooms.certificates
        theirs = certificates.theirs(application)
        if named != theirs.sn or root != certificates.root().sn:
            raise invalid("invalid-parameter", "These are not the certificates of this gateway.")
        if theirs.until <= now:
            raise invalid("app-cert-expired", "The certificate is over. Ask for a new one.")

    def _content(
        self, asked: _Asked, parameters: Parameters, method: Method[object]
    ) -> dict[str, Json]:
        values = parameters.values
        if not method.has_content:
            return dict(values)
        text = values.get("biz_content", "")
        encrypt_type = values.get("encrypt_type", "")
        if encrypt_type:
            if encrypt_type.upper() != "AES" or asked.application is None:
                raise invalid("invalid-encrypt-type", "The encrypt_type is not AES.")
            key = self.rooms.content_key(asked.application.id)
            text = decrypt(text, key).decode(parameters.codec, "replace")
            asked.content_key = key
        return read_json(text or "{}")

    def _refuse(self, asked: _Asked, error: CounterfoilError) -> Reply:
        prefix = asked.method.prefix if asked.method else ""
        refused = in_api_words(error, asked.method_name, prefix)
        if refused.kind is Code.UNAVAILABLE:
            _log.warning("gateway: %s answered %s", asked.node, error.code)
        if asked.method is not None and asked.method.is_page:
            return Reply(_page(refused), "text/html;charset=utf-8")
        return self._framed(asked, frame.refused(refused))

    def _framed(self, asked: _Asked, node: frame.Node) -> Reply:
        signed = frame.node_bytes(node)
        if asked.content_key:
            signed = json.dumps(encrypt(signed, asked.content_key)).encode("ascii")
        body = frame.framed(asked.node, signed, self._sign(asked.application), asked.certificate)
        return Reply(body, f"application/json;charset={asked.charset}")

    def _sign(self, application: Application | None) -> Sign:
        if application is None:
            return self._sign_unknown
        applications = self.rooms.pay.applications
        return lambda message: applications.sign(application.id, message)


def _page(refused: Refused) -> bytes:
    """Tell a browser why it is not sent on."""
    said = html.escape(refused.message)
    code = html.escape(refused.sub_code)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>This cannot be paid</title>'
        f"<h1>This cannot be paid</h1><p>{said}</p><p><code>{code}</code></p></html>"
    ).encode()


def _log_unexpected(asked: _Asked, error: Exception) -> None:
    """Tell what nobody thought of: its kind and its place. Its words may quote somebody."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    _log.error("gateway: %s failed: %s at %s", asked.node, type(error).__name__, place)
