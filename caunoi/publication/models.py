from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.timezone import now

from caunoi.files.models import Attachment
from caunoi.tickets.models import Ticket


class Publication(models.Model):
    """What the public sees of a ticket: an edited text, never the raw one."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"
        KEPT = "kept"  # looked at, and kept from the public for good

    class Doubt(models.TextChoices):
        """Why it had better never be published; a person decides."""

        CHILDREN = "children"
        DENUNCIATION = "denunciation"

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="publication")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    title = models.CharField(max_length=160)
    text = models.TextField()
    answer = models.TextField(blank=True)
    place = models.CharField(max_length=200, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    photos = models.ManyToManyField(Attachment, blank=True, related_name="publications")
    edited = models.BooleanField(default=False)  # a person has put a hand to it: no longer rewritten by itself
    published = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=300, blank=True)  # why it was withdrawn or corrected
    corrected = models.DateTimeField(null=True, blank=True)  # last by a person, as `note` says
    doubt = models.CharField(max_length=12, choices=Doubt.choices, blank=True, db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["-published"], condition=models.Q(state="published"), name="publication_newest")
        ]

    def __str__(self) -> str:
        return self.title


class Marking(models.Model):
    """What a reviewer made of the raw words: {title, text, answer, place: {words, spans, source}} (lib/marking.py; `source`
    is what the ticket said then). For the staff: it holds what is hidden."""

    publication = models.OneToOneField(Publication, models.CASCADE, primary_key=True, related_name="marking")
    fields = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"marking of {self.publication_id}"


class Review(models.Model):
    """Something of a publication that a person must look at, and then: who looked, and what came of it."""

    class Why(models.TextChoices):
        TEXT = "text"  # new, or changed
        ANSWER = "answer"
        PHOTOS = "photos"
        REMOVAL = "removal"  # somebody asked for it, in `words`

    class Outcome(models.TextChoices):
        PUBLISH = "publish"
        CORRECT = "correct"
        WITHDRAW = "withdraw"
        KEEP = "keep"
        DECLINE = "decline"

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="reviews")
    why = models.CharField(max_length=8, choices=Why.choices)
    words = models.TextField(blank=True)
    asked = models.CharField(max_length=150, blank=True)  # by whom, of a removal
    since = models.DateTimeField(default=now)
    done = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=150, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "why"], condition=models.Q(done=None), name="one_open_review_a_reason"
            )
        ]
        indexes = [
            models.Index(fields=["since"], condition=models.Q(done=None), name="review_open"),
            models.Index(fields=["-done"], condition=models.Q(done__isnull=False), name="review_done"),
        ]

    def __str__(self) -> str:
        return f"{self.why} of {self.publication_id}"


class Blur(models.Model):
    """A photo with parts of it painted over for the public: `result` is a new picture in which nothing is left of them.
    `shapes` are those of files/pictures.py, in the order of the reviewer's steps."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="blurs")
    original = models.ForeignKey(Attachment, models.CASCADE, related_name="blurs")
    result = models.OneToOneField(Attachment, models.PROTECT, related_name="blur_of")
    shapes = models.JSONField(default=list)
    by = models.CharField(max_length=150)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["publication", "original"], name="one_blur_a_photo")]

    def __str__(self) -> str:
        return f"blur of {self.original_id}"


class PublicWords(models.Model):
    """A publication's words for searching: the public ones only, so that nobody finds what was masked."""

    publication = models.OneToOneField(Publication, models.CASCADE, primary_key=True, related_name="words")
    vector = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["vector"], name="publication_words")]

    def __str__(self) -> str:
        return f"words of {self.publication_id}"


class Statement(models.Model):
    """What the register said of a ticket from a moment on: one leaf of the public log, in the order of `number`.

    `leaf` is what is hashed and never changes; it holds no words, only their digest: SHA-256 over `salt` and the canonical
    JSON of `said`. Erasing `said` and `salt` leaves the log whole and the words unguessable.
    """

    class Kind(models.TextChoices):
        PUBLISH = "publish"
        CORRECT = "correct"
        WITHDRAW = "withdraw"

    publication = models.ForeignKey(
        Publication, models.SET_NULL, null=True, blank=True, db_constraint=False, related_name="statements"
    )
    code = models.CharField(max_length=16, db_index=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField()
    leaf = models.TextField()
    said = models.JSONField(null=True, blank=True)
    salt = models.CharField(max_length=64, blank=True)  # hex
    number = models.BigIntegerField(
        null=True, blank=True, unique=True
    )  # from 0, without gaps; none = not yet in the log

    class Meta:
        indexes = [models.Index(fields=["id"], condition=models.Q(number=None), name="statement_waiting")]

    def __str__(self) -> str:
        return f"{self.number}: {self.kind} {self.code}"


class Recall(models.Model):
    """How often something that the public could read was taken back: one row. Whoever keeps copies of the register (the
    open data) compares the number, and stops serving what is older."""

    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)


class Node(models.Model):
    """The root of a complete subtree of the log: it never changes (lib/merkle.py)."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="one_node_a_place")]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Head(models.Model):
    """A signed head of the log: so many statements, this root, at this time. What was signed cannot be taken back."""

    size = models.BigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)  # hex
    at = models.DateTimeField()
    signature = models.CharField(max_length=128)  # hex, Ed25519 over `actions.log.words`
    key = models.CharField(max_length=64)  # SHA-256 of the public key, hex

    def __str__(self) -> str:
        return f"{self.size}: {self.root[:12]}"
