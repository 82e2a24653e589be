"""How a log asks a witness for its cosignature: a `Cosigner` for `Log.publish`."""

from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException
from typing import Final, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from counterfoil.kernel.i18n import _
from counterfoil.receipts.checkpoint import SignedCheckpoint
from counterfoil.receipts.errors import (
    CheckpointRefused,
    ReceiptError,
    TextMalformed,
    WitnessUnavailable,
)
from counterfoil.receipts.note import parse_signatures
from counterfoil.receipts.notekey import Signature, VerifierKey
from counterfoil.receipts.proof import ConsistencyProof
from counterfoil.receipts.text import Form, decode_decimal, decode_text

_Read = TypeVar("_Read")

_PATIENCE_S: Final = 5
_REPLY_BYTES_MAX: Final = 1 << 16


class WitnessClient:
    """One witness, at a URL, with the key that its cosignatures are verified by."""

    def __init__(self, url: str, key: VerifierKey, *, patience_s: int = _PATIENCE_S) -> None:
        assert urlsplit(url).scheme in {"http", "https"}
        self._url, self._key, self._patience_s = url.rstrip("/"), key, patience_s
        self._last_size = 0

    def cosign(
        self, signed: SignedCheckpoint, prove: Callable[[int], tuple[bytes, ...]]
    ) -> tuple[Signature, ...]:
        """Ask for a cosignature, with the proof from what the witness saw last.

        Raises:
            CheckpointRefused: the witness does not cosign.
            WitnessUnavailable: it does not answer, or not as a witness does.
            SignatureRefused: its answer is not signed by its key.

        """
        size = signed.checkpoint.size
        old = min(self._last_size, size)
        status, reply = self._ask(ConsistencyProof(old, prove(old), signed))
        if status == HTTPStatus.CONFLICT:
            old = self._understood(lambda: decode_decimal(reply.removesuffix("\n"), Form.SIZE))
            if old > size:
                raise self._refused(status, _("it has cosigned {old} leaves already", old=old))
            status, reply = self._ask(ConsistencyProof(old, prove(old), signed))
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise self._unavailable(f"HTTP {status}")
        if status != HTTPStatus.OK:
            raise self._refused(status, reply.strip())
        lines = self._understood(lambda: parse_signatures(reply))
        mine = tuple(line for line in lines if self._key.made(line))
        if not mine:
            raise self._unavailable(_("its reply bears no signature of its own"))
        for line in mine:
            self._key.verify(signed.note.text, line)
        self._last_size = size
        return mine

    def _ask(self, proof: ConsistencyProof) -> tuple[int, str]:
        request = Request(  # noqa: S310  # http and https alone, see __init__
            f"{self._url}/add-checkpoint", str(proof).encode(), method="POST"
        )
        try:
            try:
                with urlopen(request, timeout=self._patience_s) as reply:  # noqa: S310
                    status, body = reply.status, reply.read(_REPLY_BYTES_MAX)
            except HTTPError as error:
                with error:
                    status, body = error.code, error.read(_REPLY_BYTES_MAX)
        except (URLError, OSError, HTTPException) as error:
            raise self._unavailable(str(error)) from error
        return status, self._understood(lambda: decode_text(body, Form.REPLY))

    def _understood(self, read: Callable[[], _Read]) -> _Read:
        try:
            return read()
        except TextMalformed as error:
            raise self._unavailable(error.message) from error

    def _refused(self, status: int, reason: str) -> CheckpointRefused:
        return CheckpointRefused(
            _("The witness {name} does not cosign (status {status}): {reason}",
              name=self._key.name, status=status, reason=reason[:300]),
            status=status,
            witness=self._key.name,
        )  # fmt: skip

    def _unavailable(self, reason: str) -> ReceiptError:
        return WitnessUnavailable(
            _("The witness {name} at {url} cannot be asked: {reason}",
              name=self._key.name, url=self._url, reason=reason),
            witness=self._key.name,
        )  # fmt: skip
