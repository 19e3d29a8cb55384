"""The secret part of a letter: filled in when the letter is handed to the provider, never stored with it. To one of the
staff, or to a citizen (settings.LETTER_SECRETS)."""

from collections.abc import Mapping

from django.conf import settings
from django.utils.module_loading import import_string

from caunoi.accounts import invitations, recovery

INVITATION, RECOVERY, NOTICE = "invitation", "recovery", "notice"


def secret(kind: str, pk: int) -> str:
    """The placeholder that a letter stores for the secret of one person (INVITATION) or one code (RECOVERY); of a
    NOTICE, that it is for one of the staff."""
    return f"{kind}:{pk}"


def reveal(name: str) -> Mapping[str, str] | None:
    """The values of {link} and {code} in a letter with this `secret`; None when they no longer work."""
    kind, _, pk = name.partition(":")
    if kind in settings.LETTER_SECRETS:
        values: Mapping[str, str] | None = import_string(settings.LETTER_SECRETS[kind])(int(pk))
        return values
    if kind == NOTICE:
        return {}
    if kind == RECOVERY:
        return recovery.code_and_link(int(pk))
    link = invitations.link(int(pk))
    return {"link": link} if link else None
