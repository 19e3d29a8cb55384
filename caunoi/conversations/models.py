from hashlib import sha256

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.files.models import Attachment
from caunoi.vault.fields import (
    BlindEndOf,
    BlindOf,
    BlindStartOf,
    BlindWordsOf,
    PlainJSONOf,
    PlainOf,
    SealedBytes,
    SealedJSON,
    SealedRow,
    SealedText,
    followers,
)
from caunoi.vault.queries import Purpose

ID_LENGTH = 200


class Inbox(models.Model):
    """One account on one channel: the web form, a Zalo OA, a mailbox, the counter."""

    name = models.SlugField(max_length=40, unique=True)
    channel = models.CharField(max_length=20)
    label = models.CharField(max_length=100, blank=True)
    config = models.JSONField(default=dict)
    # what `needs` calls secret: written, never shown
    secrets = SealedJSON(Purpose.SECRETS, bound="name", before="secrets_plain", db_column="secrets_sealed")
    secrets_plain = models.JSONField(null=True, editable=False, db_column="secrets")  # in older rows
    active = models.BooleanField(default=True, db_default=True)
    cursor = models.JSONField(default=dict, db_default={})  # where a poll goes on from
    until = models.DateTimeField(null=True, blank=True)  # when its token runs out
    trouble = models.CharField(max_length=300, blank=True, db_default="")  # what is wrong with it now
    trouble_since = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


def short_id(external_id: str) -> str:
    """A provider's id as the column holds it: an overlong or odd one by its digest."""
    if len(external_id) <= ID_LENGTH and external_id.isprintable():
        return external_id
    return f"sha256:{sha256(external_id.encode('utf-8', 'replace')).hexdigest()}"


class Receipt(SealedRow):
    """Whatever came in, raw and once: stored before it is acknowledged, read afterwards, never lost. What it holds lies
    sealed, by the one who reads it where the one who stored it could not."""

    class State(models.TextChoices):
        WAITING = "waiting"
        READ = "read"
        UNREADABLE = "unreadable"

    inbox = models.ForeignKey(Inbox, models.PROTECT, db_index=False)
    external_id = models.CharField(max_length=ID_LENGTH)
    at = models.DateTimeField(default=now)
    raw = SealedJSON(Purpose.IDENTITIES, bound="external_id", before="raw_plain", db_column="raw_sealed")
    raw_plain = PlainJSONOf("raw", db_column="raw")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    trouble = models.CharField(max_length=300, blank=True)
    blob = models.CharField(max_length=200, blank=True, db_default="")  # a file in storage, for what is no JSON
    blob_key = SealedBytes(Purpose.IDENTITIES, bound="external_id")  # that seals the file; none: it is not sealed
    claimed = models.DateTimeField(null=True, blank=True)  # a worker reads it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inbox", "external_id"], name="each_receipt_once")]
        indexes = [
            models.Index(fields=["id"], condition=~Q(state="read"), name="receipt_unread"),
            models.Index(fields=["inbox", "-id"], name="receipt_inbox"),
            # what has still to be sealed: vault.seal_older, and conversations.seal_files
            models.Index(fields=["id"], condition=Q(raw_plain__isnull=False), name="receipt_plain"),
            models.Index(fields=["id"], condition=~Q(blob="") & Q(blob_key__isnull=True), name="receipt_plain_file"),
        ]

    def __str__(self) -> str:
        return f"{self.inbox_id}/{self.external_id}"


def _identity(name: str) -> SealedText:
    return SealedText(Purpose.IDENTITIES, before=f"{name}_plain", db_column=f"{name}_sealed")


class Contact(SealedRow):
    """Somebody who wrote or called. Two contacts are one person only on proof. Who they are lies sealed: they are found
    by vault/blind.py."""

    row_door = "person"

    name = _identity("name")
    phone = _identity("phone")  # E.164
    verified = models.DateTimeField(null=True, blank=True)  # when a provider vouched for `phone`; null: only said so
    email = _identity("email")
    address = _identity("address")
    name_plain = PlainOf("name", max_length=120, db_column="name")
    phone_plain = PlainOf("phone", max_length=16, db_column="phone")
    email_plain = PlainOf("email", max_length=254, db_column="email")
    address_plain = PlainOf("address", max_length=300, db_column="address")
    phone_index = BlindOf("phone")
    email_index = BlindOf("email", caseless=True)
    words = BlindWordsOf("name", "email")
    language = models.CharField(max_length=8, blank=True, default="", db_default="")  # lib/languages.py; "": not said
    consent = models.PositiveIntegerField(null=True, blank=True)  # version of the text agreed to
    served_earlier = models.BooleanField(default=False, db_default=False)  # their calls, before those of others
    principal = models.ForeignKey(  # the same person, as Joining says
        "self", models.SET_NULL, null=True, blank=True, related_name="others", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["phone_index"], condition=Q(phone_index__isnull=False), name="contact_phone_index"),
            models.Index(fields=["email_index"], condition=Q(email_index__isnull=False), name="contact_email_index"),
            models.Index(fields=["principal"], condition=Q(principal__isnull=False), name="contact_principal"),
            # older rows, and what vault.seal_older has still to seal
            models.Index(fields=["phone_plain"], condition=~Q(phone_plain=""), name="contact_phone"),
            models.Index(fields=["email_plain"], condition=~Q(email_plain=""), name="contact_plain_email"),
            models.Index(
                fields=["id"],
                condition=Q(name_plain__isnull=False)
                | Q(phone_plain__isnull=False)
                | Q(email_plain__isnull=False)
                | Q(address_plain__isnull=False),
                name="contact_plain",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.phone or "–"

    @staticmethod
    def nobody() -> dict[str, str | None]:
        """What an update makes of somebody who is to be nobody any more."""
        own = [field.attname for field in Contact._meta.concrete_fields if isinstance(field, SealedText)]
        return dict.fromkeys(["verified", "consent", *own, *followers(Contact, own)]) | {"language": ""}


class ContactNote(models.Model):
    """What the centre's staff should know before they speak with somebody; for nobody else."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="notes")
    text = SealedText(Purpose.IDENTITIES)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.at}"


class Conversation(SealedRow):
    """The thread with one address on one inbox; where a channel has several with one (comments under different posts),
    `address` is "address/thread". It lies sealed on every channel, as on some it is a number or a mail address."""

    row_door = "thread"

    inbox = models.ForeignKey(Inbox, models.PROTECT, db_index=False)
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="conversations")
    address = _identity("address")  # the contact's address on this channel; the web form's own id; "": erased
    address_plain = PlainOf("address", max_length=320, db_column="address")
    address_index = BlindOf("address", exact=True)
    sender_index = BlindStartOf("address", end="thread", exact=True)  # of `to`
    thread = models.CharField(max_length=200, blank=True, db_default="")
    public = models.BooleanField(default=False, db_default=False)  # everybody reads along: nothing private is said here
    latest = models.DateTimeField(null=True, blank=True)  # when they said something last
    unread = models.BooleanField(default=False, db_default=False)  # … and nobody of the staff has looked since
    loose = models.BooleanField(default=False, db_default=False)  # … and it belongs to no ticket

    class Meta:
        constraints = [
            models.UniqueConstraint(  # while a key of indexes is changed, there is one reader (actions/reading.py)
                fields=["inbox", "address_index"],
                condition=Q(address_index__isnull=False),
                name="one_conversation_of_address",
            ),
            models.UniqueConstraint(  # among older rows
                fields=["inbox", "address_plain"], name="one_conversation_per_address"
            ),
        ]
        indexes = [
            models.Index(fields=["-unread", "-latest", "-id"], condition=Q(loose=True), name="conversation_loose"),
            models.Index(
                fields=["sender_index"], condition=Q(sender_index__isnull=False), name="conversation_sender_index"
            ),
            # what vault.seal_older has still to seal
            models.Index(fields=["id"], condition=Q(address_plain__isnull=False), name="conversation_plain"),
        ]

    def __str__(self) -> str:
        return f"{self.inbox_id}:{self.address}"

    @property
    def to(self) -> str:
        """The contact's address on this channel."""
        address: str = self.address
        return address.removesuffix(f"/{self.thread}") if self.thread else address


class Message(models.Model):
    """One message of a conversation, from either side."""

    row_door = "exchanged"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    receipt = models.ForeignKey(Receipt, models.PROTECT, null=True, blank=True)
    inbound = models.BooleanField()
    text = models.TextField()
    at = models.DateTimeField(default=now)
    by = models.CharField(max_length=150, blank=True)
    by_user = models.BigIntegerField(null=True, blank=True)  # which of the staff; none in older rows
    external_id = models.CharField(max_length=200, blank=True, db_default="")  # the provider's, of what came in
    refers = models.JSONField(default=list, db_default=[])  # the provider's ids of what it answers
    subject_line = models.CharField(max_length=300, blank=True, db_default="")
    quoted = models.TextField(blank=True, db_default="")  # earlier words and signatures, folded away
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    edited = models.DateTimeField(null=True, blank=True)
    removed = models.DateTimeField(null=True, blank=True)  # the sender took it back

    class Meta:
        indexes = [models.Index(fields=["external_id"], condition=~Q(external_id=""), name="message_external")]

    def __str__(self) -> str:
        return self.text[:40]


class Wording(models.Model):
    """A message's text before its sender changed it."""

    row_door = "message"

    message = models.ForeignKey(Message, models.CASCADE, related_name="wordings")
    text = models.TextField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.text[:40]


class Enclosure(models.Model):
    """Something sent with a message: a picture becomes an attachment; of anything else only name and type are kept."""

    row_door = "message"

    class State(models.TextChoices):
        WAITING = "waiting"
        KEPT = "kept"
        LOST = "lost"

    message = models.ForeignKey(Message, models.CASCADE, related_name="enclosures")
    kind = models.CharField(max_length=10)  # channels.base.Media
    name = models.CharField(max_length=200, blank=True)
    content_type = models.CharField(max_length=100, blank=True, db_default="")
    number = models.PositiveSmallIntegerField(default=0, db_default=0)  # its place in what was sent
    url = models.TextField(blank=True)  # empty: its bytes are in the receipt
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    trouble = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    due = models.DateTimeField(default=now, db_default=Now())  # the next try; ahead while one is made

    class Meta:
        indexes = [models.Index(fields=["due"], condition=Q(state="waiting"), name="enclosure_waiting")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Outgoing(SealedRow):
    """One message to one person, stored before it is sent, and sent once (`once` is unique: a notice's event and
    recipient, a reply's form). Queued until the provider accepts it; what could not be sent waits for a person."""

    row_door = "outgoing"

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        DELIVERED = "delivered"
        READ = "read"
        FAILED = "failed"
        EXPIRED = "expired"

    once = models.CharField(max_length=200, unique=True)
    inbox = models.ForeignKey(Inbox, models.PROTECT, related_name="outgoing", db_index=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True, blank=True, related_name="outgoing")
    message = models.ForeignKey(Message, models.CASCADE, null=True, blank=True, related_name="outgoing")
    address = SealedText(Purpose.IDENTITIES, bound="once", before="address_plain", db_column="address_sealed")
    address_plain = PlainOf("address", max_length=320, db_column="address")
    address_index = BlindOf("address", caseless=True)
    # both may hold the citizen's own link; a message keeps the text without
    text = SealedText(Purpose.LINKS, bound="once", before="text_plain", db_column="text_sealed")
    text_plain = models.TextField(null=True, editable=False, db_column="text")  # noqa: DJ001 -- in older rows
    title = models.CharField(max_length=300, blank=True)  # a mail's subject
    template = models.CharField(max_length=80, blank=True)
    secret = models.CharField(max_length=40, blank=True, db_default="")  # what it holds of accounts/letters.py, unkept
    values = SealedJSON(Purpose.LINKS, bound="once", before="values_plain", db_column="values_sealed")
    values_plain = models.JSONField(null=True, editable=False, db_column="values")
    files = models.JSONField(default=list, db_default=[])  # [{name, type, path in the storage}], sent with it
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    window = models.CharField(max_length=10, blank=True)  # how it went: free, paid, template
    attempts = models.PositiveSmallIntegerField(default=0)
    due = models.DateTimeField(default=now)  # the next try
    claimed = models.DateTimeField(null=True, blank=True)  # a worker has taken it
    handed = models.DateTimeField(null=True, blank=True)  # … and is handing it over: never a second time unseen
    external_id = models.CharField(max_length=200, blank=True)
    trouble = models.CharField(max_length=300, blank=True)
    dropped = models.DateTimeField(null=True, blank=True)  # a person decided that it need not arrive
    instead = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")  # sent so after all
    at = models.DateTimeField(default=now)
    sent = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due"], condition=Q(state="queued"), name="outgoing_queued"),
            models.Index(fields=["-id"], condition=Q(state__in=["failed", "expired"]), name="outgoing_dead"),
            models.Index(fields=["inbox", "-id"], name="outgoing_inbox"),
            models.Index(fields=["external_id"], condition=~Q(external_id=""), name="outgoing_external"),
            models.Index(
                fields=["address_index", "-id"],
                condition=Q(conversation=None, address_index__isnull=False),
                name="outgoing_straight_to",
            ),
            # older rows, and what vault.seal_older has still to seal
            models.Index(fields=["address_plain", "-id"], condition=Q(conversation=None), name="outgoing_straight"),
            models.Index(fields=["id"], condition=Q(address_plain__isnull=False), name="outgoing_plain_address"),
            models.Index(fields=["id"], condition=Q(text_plain__isnull=False), name="outgoing_plain_text"),
            models.Index(fields=["id"], condition=Q(values_plain__isnull=False), name="outgoing_plain_values"),
        ]

    def __str__(self) -> str:
        return f"{self.inbox_id} → {self.address}: {self.state}"

    @property
    def contact(self) -> Contact | None:
        """The recipient, if they have a conversation with us."""
        thread = self.conversation or (self.message.conversation if self.message else None)
        return thread.contact if thread else None


class Forgery(models.Model):
    """How many calls per hour to an inbox's webhook did not come from the provider. None of them is stored."""

    inbox = models.ForeignKey(Inbox, models.CASCADE, related_name="forgeries", db_index=False)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inbox", "hour"], name="forgeries_an_hour")]

    def __str__(self) -> str:
        return f"{self.inbox_id} {self.hour:%Y-%m-%d %H}: {self.count}"


class Callback(SealedRow):
    """Somebody to be called: a missed call, an answer that no channel takes, advice that has become wrong."""

    row_door = "callback"

    class State(models.TextChoices):
        OPEN = "open"
        CLAIMED = "claimed"
        DONE = "done"
        GIVEN_UP = "given_up"

    reason = models.CharField(max_length=20)  # missed_call | not_delivered | advice_changed | asked
    phone = _identity("phone")  # E.164
    phone_plain = PlainOf("phone", max_length=16, db_column="phone")
    phone_index = BlindOf("phone")
    phone_end = BlindEndOf("phone")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="callbacks")
    subject = models.CharField(max_length=20, blank=True)  # what it is about: "ticket", "call", "answer"
    subject_id = models.BigIntegerField(null=True, blank=True)
    text = models.TextField(blank=True)
    times = models.PositiveSmallIntegerField(default=1)  # how often it was asked for while open
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    asked = models.DateTimeField(default=now)  # first
    latest = models.DateTimeField(default=now)
    due = models.DateTimeField(null=True, blank=True)
    operator = models.CharField(max_length=150, blank=True)  # who took it
    operator_user = models.BigIntegerField(null=True, blank=True)  # … the person
    attempts = models.PositiveSmallIntegerField(default=0)
    outcome = models.TextField(blank=True)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(  # while a key of indexes is changed, `ask_callback` sees to it
                fields=["phone_index", "reason"],
                condition=Q(state__in=["open", "claimed"]),
                name="one_open_callback_of",
            ),
            models.UniqueConstraint(  # among older rows
                fields=["phone_plain", "reason"], condition=Q(state__in=["open", "claimed"]), name="one_open_callback"
            ),
        ]
        indexes = [
            models.Index(fields=["asked"], condition=Q(state__in=["open", "claimed"]), name="callback_open"),
            models.Index(fields=["phone_index"], condition=Q(phone_index__isnull=False), name="callback_number"),
            models.Index(fields=["phone_end"], condition=Q(phone_end__isnull=False), name="callback_number_end"),
            # what vault.seal_older has still to seal
            models.Index(fields=["id"], condition=Q(phone_plain__isnull=False), name="callback_plain"),
        ]

    def __str__(self) -> str:
        return f"{self.phone}: {self.reason} ({self.state})"


class Joining(models.Model):
    """Two contacts found to be one person, on which proof, by whom; undone without loss."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="joinings")
    into = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    proof = models.CharField(max_length=20)  # phone (verified by the provider) | link | operator
    by = models.CharField(max_length=150)
    at = models.DateTimeField(default=now)
    undone = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=150, blank=True)

    def __str__(self) -> str:
        return f"{self.contact_id} is {self.into_id} ({self.proof})"


class Draft(models.Model):
    """A report being written: survives reloads, the back button and the loss of cookies; kept for a week. It belongs to
    the browser that began it."""

    token = models.CharField(max_length=32, unique=True)
    browser = models.CharField(max_length=64, blank=True, default="", db_default="")  # digest of its secret
    returned = models.BooleanField(default=False, db_default=False)  # … which has come back: this browser keeps cookies
    data = models.JSONField(default=dict)
    touched = models.DateTimeField(default=now)
    sent = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["touched"], name="draft_touched")]

    def __str__(self) -> str:
        return self.token[:6]
