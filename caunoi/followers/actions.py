"""Following and joining: started, confirmed, ended. A secret link or one's own chat leads back to it."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from caunoi.conversations.models import Conversation
from caunoi.followers import letters, queries
from caunoi.followers.models import Follower
from caunoi.lib.vietnamese.writing import nfc
from caunoi.publication.models import Publication

UNCONFIRMED = timedelta(days=7)
NO_ADDRESS: Mapping[str, Any] = {"email": "", "proof": "", "proof_plain": None}
MAILS = 5  # to confirm by, a day to one address


def _token() -> str:
    return secrets.token_urlsafe(18)


def follow(publication: Publication, *, affected: bool = False) -> Follower:
    """Somebody follows it by a page of their own."""
    return Follower.objects.create(token=_token(), publication=publication, affected=affected)


@transaction.atomic
def follow_in_chat(publication: Publication, conversation: Conversation, *, affected: bool) -> Follower:
    """Somebody follows it in the chat in which they asked for it; asking again changes nothing."""
    row, _ = Follower.objects.get_or_create(
        publication=publication, conversation=conversation, defaults={"token": _token(), "confirmed": now()}
    )
    row.affected, row.ended = row.affected or affected, None
    row.save(update_fields=["affected", "ended"])
    return row


@transaction.atomic
def add_email(follower: Follower, email: str) -> bool:
    """Tell them by mail too, once the address is confirmed by a mail to it. Whoever names an address that follows the
    ticket already changes nothing and learns nothing. False when we cannot send mails."""
    email = nfc(email).strip().lower()
    same = Follower.objects.filter(publication=follower.publication, email=email).exclude(pk=follower.pk)
    if same.exists():
        return True
    if (follower.email, follower.confirmed is not None) == (email, True):
        return True
    if queries.asked_lately(email) >= MAILS:
        return True  # nobody can have somebody else's mailbox filled
    follower.email, follower.proof, follower.confirmed = email, _token(), None
    follower.proof_plain = None
    follower.save(update_fields=["email", "proof", "proof_plain", "confirmed"])
    return letters.ask_to_confirm(follower)


def confirm(follower: Follower, proof: str) -> bool:
    """The address is theirs: they hold the secret that was sent to it."""
    if not follower.proof or not secrets.compare_digest(follower.proof, proof):
        return False
    Follower.objects.filter(pk=follower.pk).update(confirmed=now(), ended=None)
    return True


def leave(follower: Follower) -> None:
    """They hear nothing more and no longer count; their address is deleted."""
    Follower.objects.filter(pk=follower.pk).update(ended=now(), confirmed=None, **NO_ADDRESS)


def rejoin(follower: Follower) -> None:
    """Undo `leave`; an address must be given again."""
    Follower.objects.filter(pk=follower.pk).update(ended=None)


def leave_chat(publication: Publication, conversation: Conversation) -> bool:
    """Stop following from a chat; False when that chat followed nothing."""
    rows = Follower.objects.filter(publication=publication, conversation=conversation, ended=None)
    return bool(rows.update(ended=now()))


def affect(follower: Follower) -> Follower:
    """Whoever follows says that they have the same trouble."""
    follower.affected = True
    follower.save(update_fields=["affected"])
    return follower


def forget_unconfirmed() -> int:
    """Delete the addresses that nobody confirmed in time; how many."""
    old = Follower.objects.filter(confirmed=None, at__lt=now() - UNCONFIRMED).exclude(email="")
    return old.update(**NO_ADDRESS)
