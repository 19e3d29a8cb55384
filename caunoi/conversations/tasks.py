import httpx

from caunoi.conversations import actions
from caunoi.jobs import queue


@queue.every("17 20 * * *")  # 03:17 in Vietnam
def forget_drafts(timestamp: int) -> None:
    """Every night, delete the reports that nobody finished."""
    actions.forget_drafts()


@queue.every("50 19 * * *")  # 02:50 in Vietnam
def mask_older(timestamp: int) -> None:
    """Every night, some of the messages of before 0.2 lose the citizens' links in them."""
    actions.mask_older()


@queue.every("*/10 * * * *")
def renew_tokens(timestamp: int) -> None:
    """Renew the tokens of providers an hour before they run out."""
    with httpx.Client(timeout=10) as http:
        actions.renew_tokens(http)


@queue.every("*/10 * * * *")
def seal_files(timestamp: int) -> None:
    """Seal the mails of before 0.2."""
    actions.seal_files()


@queue.every("* * * * *")
def recover(timestamp: int) -> None:
    """Release, or list, what a dead worker was handing over."""
    actions.recover()
