"""What a letter to one of the staff holds that nobody else may read: it is put in when the letter is handed over, and
never kept with it."""

from collections.abc import Mapping

from caunoi.accounts import invitations, recovery

INVITATION, RECOVERY, NOTICE = "invitation", "recovery", "notice"


def secret(kind: str, pk: int) -> str:
    """What a letter keeps in place of the secret of one person (INVITATION) or one code (RECOVERY); of a NOTICE to a
    person, that it is for one of the staff."""
    return f"{kind}:{pk}"


def reveal(name: str) -> Mapping[str, str] | None:
    """What stands in place of {link} and {code} in a letter with this `secret`; None when it opens nothing any more."""
    kind, _, pk = name.partition(":")
    if kind == NOTICE:
        return {}
    if kind == RECOVERY:
        return recovery.code_and_link(int(pk))
    link = invitations.link(int(pk))
    return {"link": link} if link else None
