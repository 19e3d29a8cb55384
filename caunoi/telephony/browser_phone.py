"""A phone in the browser: how the exchange learns its password of the moment, and how sound finds a way. Pure.

The exchange keeps no password in a file. It reads the digest of one in its own database (AstDB, by sorcery.conf) each
time a phone shows that it knows it; the dialplan writes it there, and the product has it written by Originate.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from caunoi.telephony.names import CHECK

REALM = "caunoi"
STORE = "hotline-password"
"""The dialplan's context that writes a digest into the exchange's database; only browser phones stand in it."""
ECHO = "*43"
"""The extension that sends back what it hears."""
TURN_LASTS = timedelta(hours=12)


def digest(extension: str, password: str) -> str:
    """What proves the password (HA1 of RFC 8760's MD5, the one algorithm that every exchange and browser phone has)."""
    return hashlib.md5(f"{extension}:{REALM}:{password}".encode(), usedforsecurity=False).hexdigest()


def order(extension: str, digest: str, mark: str) -> Mapping[str, str]:
    """The Originate that has a digest written down. It is answered once that is done; the call is nobody's."""
    return {
        "Channel": f"Local/{extension}@{STORE}",
        "Application": "Wait",
        "Data": "0",
        "Timeout": "4000",
        "Variable": f"DIGEST={digest}",
        "ChannelId": f"{CHECK}{mark}",
        "OtherChannelId": f"{CHECK}{mark}-2",
    }


def turn(secret: str, user: str, now: datetime) -> tuple[str, str]:
    """User name and password at a TURN server that shares the secret, until they expire (coturn's
    `use-auth-secret`)."""
    name = f"{int((now + TURN_LASTS).timestamp())}:{user}"
    seal = hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()
    return name, base64.b64encode(seal).decode()
