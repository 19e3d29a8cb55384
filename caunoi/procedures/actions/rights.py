from caunoi.events.actor import Actor, NotAllowedError, RefusedError, Role

EDITORS = frozenset({Role.REVIEWER, Role.ADMIN, Role.SYSTEM})


class WrongStateError(RefusedError):
    """Not possible in this state."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def editors_only(by: Actor) -> None:
    """NotAllowedError unless a reviewer, an administrator or the product itself does it."""
    if not by.has(*EDITORS):
        raise NotAllowedError("reviewers_only")
