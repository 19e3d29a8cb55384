from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from caunoi.conversations.models import Conversation
from caunoi.publication.models import Publication
from caunoi.vault.fields import DigestOf, SealedText
from caunoi.vault.queries import Purpose


class Follower(models.Model):
    """Somebody who follows a published ticket, and perhaps has the same trouble (`affected`: joined instead of
    reporting it again). News goes by e-mail once the address is confirmed, to the chat where they asked for it, or only
    onto the page of their secret link. It gives no right to the ticket: they read what everybody may read."""

    # of their page
    token = SealedText(Purpose.LINKS, before="token_plain", db_column="token_sealed")
    token_index = DigestOf("token")
    token_plain = models.CharField(  # noqa: DJ001 -- in older rows; null: it is sealed
        max_length=24, unique=True, null=True, editable=False, db_column="token"
    )
    publication = models.ForeignKey(Publication, models.CASCADE, related_name="followers", db_index=False)
    affected = models.BooleanField(default=False)
    email = models.CharField(max_length=254, blank=True)
    # the secret that only the mail to confirm by holds
    proof = SealedText(Purpose.LINKS, before="proof_plain", db_column="proof_sealed")
    proof_plain = models.CharField(  # noqa: DJ001 -- in older rows
        max_length=24, null=True, editable=False, db_column="proof"
    )
    confirmed = models.DateTimeField(null=True, blank=True)
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=now)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "conversation"],
                condition=Q(conversation__isnull=False),
                name="one_follow_a_chat",
            ),
            models.UniqueConstraint(
                fields=["publication", "email"], condition=~Q(email=""), name="one_follow_an_address"
            ),
            models.UniqueConstraint(
                fields=["token_index"], condition=Q(token_index__isnull=False), name="one_follower_a_token"
            ),
        ]
        indexes = [
            models.Index(fields=["publication"], condition=Q(ended=None), name="follower_now"),
            models.Index(fields=["email", "at"], condition=~Q(email=""), name="follower_email"),
        ]

    def __str__(self) -> str:
        return f"follows {self.publication_id}"

    @property
    def mailed(self) -> bool:
        """Whether mails go to them."""
        return bool(self.email and self.confirmed)
