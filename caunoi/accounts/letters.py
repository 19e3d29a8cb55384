"""The secret part of a letter to one of the staff: filled in when the letter is handed to the provider, never stored
with it."""

from collections.abc import Mapping

from caunoi.accounts import invitations, recovery

INVITATION, RECOVERY, NOTICE = "invitation", "recovery", "notice"


def secret(kind: str, pk: int) -> str:
    """The placeholder that a letter stores for the secret of one person (INVITATION) or one code (RECOVERY); of a
    NOTICE, that it is for one of the staff."""
    return f"{kind}:{pk}"


def reveal(name: str) -> Mapping[str, str] | None:
    """The values of {link} and {code} in a letter with this `secret`; None when they no longer work."""
    kind, _, pk = name.partition(":")
    if kind == NOTICE:
        return {}
    if kind == RECOVERY:
        return recovery.code_and_link(int(pk))
    link = invitations.link(int(pk))
    return {"link": link} if link else None
