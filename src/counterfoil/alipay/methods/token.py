"""What stands beside payments: tokens for what a person has agreed to, and certificates."""

from dataclasses import dataclass

from counterfoil.alipay.method import Answer, Call
from counterfoil.alipay.reading import one_of, optional, required, text
from counterfoil.alipay.refusal import invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What system.oauth.token declares, beside biz_content."""

    grant_type: str = required(one_of("authorization_code", "refresh_token"))
    code: str | None = optional(text(512))
    refresh_token: str | None = optional(text(512))


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What alipaycert.download declares."""

    alipay_cert_sn: str = required(text(64, r"[0-9a-fA-F]+", "a serial number"))


def token(call: Call, asked: Token) -> Answer:
    """Exchange a person's code for a token, or a token for a newer one."""
    tokens = call.rooms.tokens
    if asked.grant_type == "authorization_code":
        if not asked.code:
            raise invalid("code-invalid", "Give the code that the person's browser brought.")
        grant = tokens.redeem(asked.code, call.application.id, call.at)
    else:
        if not asked.refresh_token:
            raise invalid("code-invalid", "Give the refresh_token.")
        grant = tokens.renew(asked.refresh_token, call.application.id, call.at)
    if grant is None:
        raise invalid("code-invalid", "This code or token is used, over, or somebody else's.")
    return Answer(
        {
            "access_token": tokens.access_token(grant, call.at),
            "refresh_token": tokens.refresh_token(grant, call.at),
            "expires_in": tokens.ACCESS_S,
            "re_expires_in": tokens.REFRESH_S,
            "open_id": call.rooms.identities.open_id(call.application.id, grant.person),
        }
    )


def certificate(call: Call, asked: Certificate) -> Answer:
    """Give the certificate of our key for this application."""
    found = call.rooms.certificates.ours(call.application)
    if found.sn != asked.alipay_cert_sn.lower():
        raise invalid("invalid-parameter", "There is no certificate with this serial number.")
    return Answer({"alipay_cert_content": found.base64})


__all__ = ["Certificate", "Token", "certificate", "token"]
