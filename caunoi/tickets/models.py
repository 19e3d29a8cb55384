from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.calls.models import Call
from caunoi.conversations.models import Contact, Conversation, Message
from caunoi.directory.attached import Attached
from caunoi.directory.models import Agency, Area, Category, Point
from caunoi.files.models import Attachment
from caunoi.tickets.lifecycle import FIRST, OPEN, Kind, State, Urgency
from caunoi.vault.fields import DigestOf, SealedText
from caunoi.vault.queries import Purpose


def choices(enum: type[State] | type[Kind] | type[Urgency]) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in enum]


class Ticket(models.Model):
    """A citizen's report, petition or question, from the first word to the answer."""

    row_door = "own"

    code = models.CharField(max_length=16, unique=True)
    # the secret of the link to follow it
    follow = SealedText(Purpose.LINKS, bound="code", before="follow_plain", db_column="follow_sealed")
    follow_index = DigestOf("follow")
    follow_plain = models.CharField(  # noqa: DJ001 -- in older rows; null: it is sealed
        max_length=24, unique=True, null=True, editable=False, db_column="follow"
    )
    state = models.CharField(max_length=10, default=FIRST, choices=choices(State))
    asked_from = models.CharField(max_length=10, blank=True)  # where `resume` leads back to
    kind = models.CharField(max_length=10, default=Kind.REPORT, choices=choices(Kind))
    urgency = models.CharField(max_length=10, default=Urgency.NORMAL, choices=choices(Urgency))
    channel = models.CharField(max_length=20)  # a key of channels/registry.py
    restricted = models.BooleanField(default=False)  # a denunciation: ordinary operators cannot read it back

    text = models.TextField()  # the citizen's own words
    summary = models.CharField(max_length=300, blank=True)  # the operator's
    address = models.CharField(max_length=300, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    occurred = models.DateTimeField(null=True, blank=True)
    received = models.DateTimeField(default=now)

    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, db_index=False)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, db_index=False)
    area_then = models.ForeignKey(
        Area, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )  # where it was, if an act of reorganisation has moved it
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, db_index=False)  # that leads
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="tickets")
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="tickets")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    operator = models.CharField(max_length=150, blank=True)  # who logged or accepted it

    answered = models.DateTimeField(null=True, blank=True)  # the first answer
    closed = models.DateTimeField(null=True, blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    touched = models.DateTimeField(default=now)

    objects = Attached["Ticket"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "-id"], name="ticket_state"),
            models.Index(fields=["-received"], name="ticket_received"),
            models.Index(fields=["-answered"], condition=Q(answered__isnull=False), name="ticket_answered"),
            models.Index(fields=["agency", "-id"], name="ticket_agency"),
            models.Index(fields=["category", "-id"], name="ticket_category"),
            models.Index(fields=["area", "-id"], name="ticket_area"),
            models.Index(fields=["-id"], condition=Q(state__in=sorted(OPEN)), name="ticket_open"),
            GistIndex(Point(), condition=Q(latitude__isnull=False), name="ticket_point"),
            # what vault.seal_older has still to seal
            models.Index(fields=["id"], condition=Q(follow_plain__isnull=False), name="ticket_plain_link"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["follow_index"], condition=Q(follow_index__isnull=False), name="one_ticket_a_link"
            )
        ]

    def __str__(self) -> str:
        return self.code


class Sight(models.Model):
    """What decides who sees a ticket, of every ticket: a view (rowdoors.py) to which row-level security does not apply,
    so that the doors know of tickets that the reader does not see."""

    restricted = models.BooleanField()
    area = models.ForeignKey(Area, models.DO_NOTHING, null=True, related_name="+")
    contact = models.ForeignKey(Contact, models.DO_NOTHING, related_name="+")
    conversation = models.ForeignKey(Conversation, models.DO_NOTHING, related_name="+")

    class Meta:
        managed = False
        db_table = "tickets_sight"

    def __str__(self) -> str:
        return str(self.pk)


class Talk(models.Model):
    """Which message, and so which thread and person, every ticket has to do with: a view, likewise."""

    message = models.OneToOneField(Message, models.DO_NOTHING, primary_key=True, related_name="+")
    ticket = models.ForeignKey(Sight, models.DO_NOTHING, related_name="+")
    conversation = models.ForeignKey(Conversation, models.DO_NOTHING, related_name="+")
    contact = models.ForeignKey(Contact, models.DO_NOTHING, related_name="+")

    class Meta:
        managed = False
        db_table = "tickets_talk"

    def __str__(self) -> str:
        return f"{self.message_id} of {self.ticket_id}"


class Words(models.Model):
    """A ticket's words for searching, apart so that changes of state do not touch the index."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, primary_key=True, related_name="words")
    vector = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["vector"], name="ticket_words")]

    def __str__(self) -> str:
        return f"words of {self.ticket_id}"


class Assignment(models.Model):
    """Who of the centre sees to a ticket; kept while it lies elsewhere, as it may come back."""

    row_door = "ticket"

    ticket = models.OneToOneField(Ticket, models.CASCADE, primary_key=True, related_name="assignment")
    assignee = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)  # since when
    snoozed = models.DateTimeField(null=True, blank=True)  # it rests until then

    def __str__(self) -> str:
        return f"{self.ticket_id} of {self.assignee_id}"


class Note(models.Model):
    """Text that goes with an event: a question, a reason, an answer, a remark. Erasable, so never in the event
    itself."""

    row_door = "ticket"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="notes")
    event = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=12)  # the given name: question, reason, text, note
    text = models.TextField()
    internal = models.BooleanField(default=False)  # for staff only

    def __str__(self) -> str:
        return f"{self.kind} of {self.ticket_id}"


class Exchange(models.Model):
    """A message that belongs to a ticket; `sort` says what it is to it (belonging.py)."""

    message = models.OneToOneField(Message, models.CASCADE, primary_key=True, related_name="exchange")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="exchanges")
    sort = models.CharField(max_length=10)

    def __str__(self) -> str:
        return f"{self.sort} of {self.ticket_id}"


class Suggestion(models.Model):
    """A ticket that another may have to do with: its code was quoted, or it was answered to the same person just
    before. A person decides."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="suggestions", db_index=False)
    other = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    why = models.CharField(max_length=10)  # quoted | earlier

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "other"], name="each_suggestion_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id}: see {self.other_id} ({self.why})"


class Photo(models.Model):
    """A picture of a ticket: from the report, or from before and after the work."""

    row_door = "ticket"

    class Role(models.TextChoices):
        REPORT = "report"
        BEFORE = "before"
        AFTER = "after"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="photos", db_index=False)
    attachment = models.ForeignKey(Attachment, models.PROTECT)
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.REPORT)
    public = models.BooleanField(default=False)  # a person has looked at it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "attachment"], name="each_photo_once")]

    def __str__(self) -> str:
        return f"{self.role} photo of {self.ticket_id}"


class Participant(models.Model):
    """An agency that has to do with a ticket, and so may see it, on [since, until)."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="participants")
    agency = models.ForeignKey(Agency, models.PROTECT)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "agency"], condition=Q(until=None), name="one_current_participation"
            )
        ]
        indexes = [models.Index(fields=["agency", "ticket"], condition=Q(until=None), name="participant_current")]

    def __str__(self) -> str:
        return f"{self.agency_id} on {self.ticket_id}"


class TicketCall(models.Model):
    """A call that a ticket came of, or that was about it. Several calls on a ticket, several tickets of a call."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="calls", db_index=False)
    call = models.ForeignKey(Call, models.CASCADE, related_name="tickets")
    at = models.DateTimeField(default=now)
    by = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "call"], name="each_call_once_a_ticket")]

    def __str__(self) -> str:
        return f"call {self.call_id} on {self.ticket_id}"


class Tally(models.Model):
    """How many tickets are in a state, by what decides who may see them. Counted by the database with each change of a
    ticket, by adding rows, so that nobody waits for anybody: the sum of all rows is the number; see `tally.fold`."""

    state = models.CharField(max_length=12)
    restricted = models.BooleanField()
    area = models.BigIntegerField(null=True)
    count = models.BigIntegerField()
    folded = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(folded=False), name="tally_fresh")]

    def __str__(self) -> str:
        return f"{self.state}: {self.count}"


class OneTimeCode(models.Model):
    """A code by which somebody without the link proves to be the citizen of a ticket (proofs.py). The code itself is
    stored nowhere: it is derived from `nonce` and the installation's key."""

    class Way(models.TextChoices):
        MESSAGE = "message"  # the way by which the person is written to
        CALL = "call"  # an operator rings the number on file and reads it out
        ACCOUNT = "account"  # no code: an account elsewhere says who it is (account_proofs.py)

    ticket = models.ForeignKey(
        Ticket, models.CASCADE, null=True, blank=True, related_name="one_time_codes"
    )  # none: what was typed did not belong together, and nothing is sent
    browser = models.CharField(max_length=64, db_index=True)  # digest of the secret of the browser that asked
    nonce = models.CharField(max_length=32)
    way = models.CharField(max_length=8, choices=Way.choices)
    at = models.DateTimeField(default=now)
    until = models.DateTimeField(null=True, blank=True)  # none while nobody has read it out
    tries = models.PositiveSmallIntegerField(default=0)
    used = models.DateTimeField(null=True, blank=True)  # from then on the browser may open the ticket for a while
    claim = models.CharField(
        max_length=64, default="", db_default="", blank=True
    )  # keyed digest of what ACCOUNT proved

    def __str__(self) -> str:
        return f"code for {self.ticket_id} by {self.way}"


class Device(models.Model):
    """A browser in which the link of a ticket was opened, so that its citizen learns of a new one."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="devices")
    digest = models.CharField(max_length=64, blank=True)  # of the secret in its cookie
    returned = models.BooleanField(default=False)  # … which has come back: this browser keeps cookies
    network = models.CharField(
        max_length=64, blank=True
    )  # keyed digest of address and browser; forgotten after a while
    at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"browser of {self.ticket_id}"


class Trace(models.Model):
    """That something was done once from an address, or tried with a number: a keyed digest, which names neither, kept
    for ⚙trace_days (traces.py)."""

    digest = models.CharField(max_length=64)
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [
            models.Index(fields=["digest", "at"], name="trace_digest"),
            models.Index(fields=["at"], name="trace_at"),
        ]

    def __str__(self) -> str:
        return self.digest[:8]
