"""Passkeys: keys that a person's own devices hold, and unlock by whatever that person set up there.

A face or a fingerprint stays on the device; what comes here is a public key and, at each use, a
signature over a challenge (W3C WebAuthn level 3). Whoever calls keeps the challenge: one that is
random for signing in, and for a payment the hash of what is paid, so that the signature is over that
payment and no other.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from counterfoil.kernel.clock import from_us
from counterfoil.kernel.database import AttachedRow, Database, Writes
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.i18n import _
from counterfoil.people import session_store as store
from counterfoil.people.errors import PasskeyRefused
from counterfoil.people.model import PersonId
from counterfoil.people.records import Recorder, record_row
from counterfoil.people.session import Passkey, SignedIn
from counterfoil.people.sessions import Sessions

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

CHALLENGE_BYTES = 32


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who asks for passkeys: the host they are bound to, what it is called, and its origin."""

    host: str
    name: str
    origin: str


class Passkeys:
    """The passkeys of one operator's people."""

    def __init__(
        self, writes: Writes, database: Database, recorder: Recorder, sessions: Sessions
    ) -> None:
        self._writes, self._database, self._recorder = writes, database, recorder
        self._sessions = sessions

    def of(self, person: PersonId) -> list[Passkey]:
        """List a person's passkeys, the oldest first."""
        return store.passkeys_of(self._database, person)

    def registration_options(
        self, signed_in: SignedIn, name: str, challenge: bytes, party: RelyingParty
    ) -> str:
        """Write what the browser needs to make a passkey, as JSON; `name` is shown on the device."""
        from webauthn import generate_registration_options, options_to_json
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        return options_to_json(
            generate_registration_options(
                rp_id=party.host,
                rp_name=party.name,
                user_id=signed_in.person.bytes,
                user_name=name,
                user_display_name=name,
                challenge=challenge,
                exclude_credentials=self._descriptors(signed_in.person),
                authenticator_selection=AuthenticatorSelectionCriteria(
                    resident_key=ResidentKeyRequirement.REQUIRED,
                    user_verification=UserVerificationRequirement.REQUIRED,
                ),
            )
        )

    def add(
        self, signed_in: SignedIn, answer: str, challenge: bytes, party: RelyingParty
    ) -> Passkey:
        """Keep the passkey that a browser has made; that it was added is on record.

        Raises:
            NotSignedIn: who asks is not signed in.
            PasskeyRefused: it answers another challenge, another site, or is known already.

        """
        from webauthn import verify_registration_response
        from webauthn.helpers.exceptions import WebAuthnException

        self._sessions.require(signed_in)
        try:
            made = verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=party.host,
                expected_origin=party.origin,
                require_user_verification=True,
            )
            transports = tuple(json.loads(answer)["response"].get("transports") or ())
        except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _refused() from error
        passkey = Passkey(
            id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            transports=tuple(str(one)[:20] for one in transports[:8]),
            is_synced=made.credential_backed_up,
            added_at=from_us(self._recorder.now_us()),
            used_at=None,
        )

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            return (
                store.passkey_row(signed_in.person, passkey),
                record_row("passkey-added", signed_in.person, at_us, {}),
            )

        try:
            self._recorder.commit(attempt)
        except StoreConflict as conflict:
            raise _refused() from conflict
        return passkey

    def use_options(self, challenge: bytes, party: RelyingParty, person: PersonId | None) -> str:
        """Write what the browser needs to ask for a passkey, as JSON; of anybody's, or of one's."""
        from webauthn import generate_authentication_options, options_to_json
        from webauthn.helpers.structs import UserVerificationRequirement

        return options_to_json(
            generate_authentication_options(
                rp_id=party.host,
                challenge=challenge,
                allow_credentials=self._descriptors(person) if person else [],
                user_verification=UserVerificationRequirement.REQUIRED,
            )
        )

    def use(
        self, answer: str, challenge: bytes, party: RelyingParty, person: PersonId | None = None
    ) -> PersonId:
        """Tell who has signed a challenge; with `person`, insist that it is they.

        Raises:
            PasskeyRefused: the signature is not over this challenge, by a passkey that is known and
                that person's, unlocked on its device, for this site.

        """
        from webauthn import verify_authentication_response
        from webauthn.helpers.exceptions import WebAuthnException

        found = store.passkey_by_id(self._database, _credential_id(answer))
        if found is None or person not in {None, found[0]}:
            raise _refused()
        whose, passkey = found
        try:
            verified = verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=party.host,
                expected_origin=party.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _refused() from error
        used = store.passkey_used_row(passkey, verified.new_sign_count, self._recorder.now_us())
        try:
            self._writes.write(used)
        except StoreConflict as conflict:  # used twice at once, or gone
            raise _refused() from conflict
        return whose

    def remove(self, signed_in: SignedIn, passkey: bytes) -> None:
        """Forget one of one's own passkeys; that it was removed is on record.

        Raises:
            NotSignedIn: who asks is not signed in.
            PasskeyRefused: it is not theirs, or is gone already.

        """
        self._sessions.require(signed_in)

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            return (
                store.passkey_gone_row(signed_in.person, passkey),
                record_row("passkey-removed", signed_in.person, at_us, {}),
            )

        try:
            self._recorder.commit(attempt)
        except StoreConflict as conflict:
            raise _refused() from conflict

    def _descriptors(self, person: PersonId) -> "list[PublicKeyCredentialDescriptor]":
        from webauthn.helpers.structs import AuthenticatorTransport, PublicKeyCredentialDescriptor

        known = {one.value for one in AuthenticatorTransport}
        return [
            PublicKeyCredentialDescriptor(
                id=one.id,
                transports=[AuthenticatorTransport(way) for way in one.transports if way in known],
            )
            for one in self.of(person)
        ]


def _credential_id(answer: str) -> bytes:
    from webauthn.helpers import base64url_to_bytes

    try:
        said: Any = json.loads(answer)
        return base64url_to_bytes(said["id"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refused() from error


def _refused() -> PasskeyRefused:
    return PasskeyRefused(_("This passkey was not accepted. Try again, or sign in in another way."))
