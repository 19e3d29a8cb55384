"""Signing in to Microsoft 365, which no longer accepts passwords from programs: an application of the organisation's
own fetches a token for about an hour (OAuth 2, client credentials), and presents it to IMAP and SMTP (XOAUTH2)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from caunoi.channels.base import Account, DeliveryError
from caunoi.channels.http import call, error_text, expiry

MICROSOFT = "microsoft"
ADDRESS = "https://login.microsoftonline.com"
SCOPE = "https://outlook.office365.com/.default"
LIFE = 3599  # seconds, where the answer does not say


def uses_token(account: Account) -> bool:
    """Whether this inbox signs in with a token."""
    return account.config.get("sign_in") == MICROSOFT


def xoauth2(user: str, token: str) -> str:
    """The SASL XOAUTH2 string for a user and an access token."""
    return f"user={user}\1auth=Bearer {token}\1\1"


def renew(account: Account, now: datetime) -> Mapping[str, Any]:
    """A new access token, and when it expires. DeliveryError."""
    config, base = account.config, str(account.config.get("oauth_base") or ADDRESS).rstrip("/")
    form = {
        "grant_type": "client_credentials",
        "client_id": str(config.get("client_id", "")),
        "client_secret": str(account.secrets.get("client_secret", "")),
        "scope": SCOPE,
    }
    answer = call(account, "POST", f"{base}/{config.get('tenant', '')}/oauth2/v2.0/token", data=form)
    token = answer.data.get("access_token")
    if not isinstance(token, str) or not token:
        reason = error_text(
            account, str(answer.data.get("error_description") or answer.data.get("error") or answer.status)
        )
        raise DeliveryError(f"Microsoft gives no token: {reason}", retry=True, code="token")
    return {"access_token": token, "until": expiry(answer, now, otherwise=LIFE)}
