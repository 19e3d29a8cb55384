from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.calls.models import Call
from caunoi.confidential.lanes import Lane, State, Way
from caunoi.tickets.models import Ticket
from caunoi.vault.fields import DigestOf, SealedBytes, SealedJSON, SealedText
from caunoi.vault.queries import Purpose


class Custodian(models.Model):
    """Somebody who reads what was reported in confidence: named by one person, confirmed by another."""

    user = models.ForeignKey(User, models.PROTECT, related_name="custodianships")
    reason = models.CharField(max_length=300)
    asked = models.DateTimeField(default=now)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    confirmed = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(ended=None), name="one_custodianship_at_a_time")
        ]

    def __str__(self) -> str:
        return f"custodian {self.user_id}"


class Case(models.Model):
    """A matter reported in confidence. All words lie sealed under the lane's own key; its events are Entry rows, and
    nothing of it is in the product's other tables, counts and streams."""

    row_door = "confidential"

    code = models.CharField(max_length=12, unique=True)  # says nothing of how many there are
    once = models.CharField(max_length=64, unique=True)  # the id of the form, ticket or message that it came by
    lane = models.CharField(max_length=12, choices=[(lane.value, lane.value) for lane in Lane])
    way = models.CharField(max_length=8, choices=[(way.value, way.value) for way in Way])
    channel = models.CharField(max_length=20)
    state = models.CharField(max_length=9, default=State.NEW, choices=[(state.value, state.value) for state in State])
    holder = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    # {text, summary, address, area, occurred, name, phone, email, talk: [...]}
    words = SealedJSON(Purpose.CONFIDENTIAL, bound="code")
    follow = SealedText(Purpose.CONFIDENTIAL, bound="code")
    follow_index = DigestOf("follow")
    ticket = models.OneToOneField(Ticket, models.PROTECT, null=True, blank=True, related_name="+")  # it was taken from
    call = models.ForeignKey(Call, models.SET_NULL, null=True, blank=True, related_name="+")  # in which it was told
    received = models.DateTimeField(default=now)
    taken = models.DateTimeField(null=True, blank=True)
    forwarded = models.DateTimeField(null=True, blank=True)
    closed = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "-received"], name="case_state")]
        constraints = [models.UniqueConstraint(fields=["follow_index"], name="one_case_a_link")]

    def __str__(self) -> str:
        return self.code


class Entry(models.Model):
    """What happened to a case: a step, something said to or by whoever reported it, a note, a look."""

    row_door = "confidential"

    class Kind(models.TextChoices):
        RECEIVE = "receive"
        LOOK = "look"  # somebody opened it
        NOTE = "note"  # for custodians
        TELL = "tell"  # whoever reported it reads it
        REPLY = "reply"  # … and wrote it
        TAKE = "take"
        FORWARD = "forward"
        CLOSE = "close"
        REOPEN = "reopen"
        ORDINARY = "ordinary"
        ERASE = "erase"

    case = models.ForeignKey(Case, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField(default=now)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")  # none: whoever reported it
    text = SealedText(Purpose.CONFIDENTIAL)

    def __str__(self) -> str:
        return f"{self.kind} of {self.case_id}"


class File(models.Model):
    """A picture, document or recording of a case, sealed; never in the store of files."""

    row_door = "confidential"

    case = models.ForeignKey(Case, models.PROTECT, related_name="files")
    name = SealedText(Purpose.CONFIDENTIAL)
    content_type = models.CharField(max_length=100)
    data = SealedBytes(Purpose.CONFIDENTIAL)
    at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"file of {self.case_id}"
