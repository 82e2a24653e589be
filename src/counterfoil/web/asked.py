"""What a handler is given: the form that was posted, the language, and the proof against forgery.

A form bears a token that only our own page could know: it is derived from a cookie that no script and
no other site can read (double submit, bound by HMAC). The cookie is the session's own; who has not
signed in has a visitor's.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from counterfoil.people import SignedIn
from counterfoil.web.language import Language

VISITOR: Final = "visitor"
FORM_FIELD: Final = "form"
FIELD_LENGTH_MAX: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, as a page's handler sees it."""

    request: Request
    language: Language
    form: Mapping[str, str]
    files: Mapping[str, bytes]
    secret: str
    """The cookie that the forms' tokens are derived from."""
    signed_in: SignedIn | None = None
    """Whose session this browser bears, if it bears one that is good for this page."""

    @property
    def me(self) -> SignedIn:
        """Who has signed in; for handlers of pages that are shown to nobody else."""
        assert self.signed_in is not None
        return self.signed_in

    def part(self, name: str) -> str:
        """Give a part of the path."""
        return str(self.request.path_params[name])

    @property
    def next(self) -> str:
        """Where the reader wants to go next, on this server; the wallet if they have not said."""
        return self._ours(self.field("next") or self.request.query_params.get("next") or "/wallet")

    def field(self, name: str) -> str:
        """Give what was typed into a field, without the spaces around it; empty if there is none."""
        return self.form.get(name, "").strip()

    @property
    def form_token(self) -> str:
        """What every form on this reader's pages bears."""
        return hmac.digest(self.secret.encode(), b"counterfoil form", hashlib.sha256).hex()

    @property
    def is_ours(self) -> bool:
        """Whether the form that was posted came from a page of ours, shown to this reader."""
        return hmac.compare_digest(self.form.get(FORM_FIELD, ""), self.form_token)

    @property
    def back(self) -> str:
        """The page of ours where the reader was; only its path and query are believed."""
        return self._ours(self.field("back") or "/")

    @staticmethod
    def _ours(target: str) -> str:
        try:
            parts = urlsplit(target)
        except ValueError:
            return "/"
        path = "/" + parts.path.lstrip("/\\") if parts.path.startswith("/") else "/"
        return f"{path}?{parts.query}" if parts.query else path


def new_secret() -> str:
    """Make a secret for a visitor's cookie."""
    return secrets.token_urlsafe(24)
