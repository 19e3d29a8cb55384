from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from caunoi.directory.models import Agency, Area, Category, Point
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
        """Why it should perhaps never be published; a person decides."""

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
        indexes = [models.Index(fields=["-published"], condition=Q(state="published"), name="publication_newest")]

    def __str__(self) -> str:
        return self.title


class Marking(models.Model):
    """A reviewer's markings of the raw words: {title, text, answer, place: {words, spans, source}}
    (lib/privacy/marking.py; `source`: the ticket's words then). For the staff only: it holds what is hidden."""

    publication = models.OneToOneField(Publication, models.CASCADE, primary_key=True, related_name="marking")
    fields = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"marking of {self.publication_id}"


class Review(models.Model):
    """Something of a publication that a person must review; then who did, and the outcome."""

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
                fields=["publication", "why"], condition=Q(done=None), name="one_open_review_a_reason"
            )
        ]
        indexes = [
            models.Index(fields=["since"], condition=Q(done=None), name="review_open"),
            models.Index(fields=["-done"], condition=Q(done__isnull=False), name="review_done"),
        ]

    def __str__(self) -> str:
        return f"{self.why} of {self.publication_id}"


class Blur(models.Model):
    """A photo with parts of it painted over for the public: `result` is a new picture in which nothing is left of them.
    `shapes` are those of files/pictures.py, in the order of the reviewer's steps."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="blurs", db_index=False)
    original = models.ForeignKey(Attachment, models.CASCADE, related_name="blurs")
    result = models.OneToOneField(Attachment, models.PROTECT, related_name="blur_of")
    shapes = models.JSONField(default=list)
    by = models.CharField(max_length=150)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["publication", "original"], name="one_blur_a_photo")]

    def __str__(self) -> str:
        return f"blur of {self.original_id}"


class Entry(models.Model):
    """A publication in the register's index: the public words only, so that nobody finds what was masked, and the
    columns of the filters. Kept up to date by `actions.file` alone."""

    publication = models.OneToOneField(Publication, models.CASCADE, primary_key=True, related_name="entry")
    vector = SearchVectorField()
    shown = models.BooleanField(default=False, db_default=False)  # published
    done = models.BooleanField(default=False, db_default=False)  # answered
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)

    class Meta:
        indexes = [
            GinIndex(fields=["vector"], name="publication_words"),
            models.Index(fields=["-publication"], condition=Q(shown=True), name="entry_newest"),
            models.Index(fields=["-publication"], condition=Q(shown=True, done=False), name="entry_open"),
            *(
                models.Index(
                    fields=[name, "-publication"],
                    condition=Q(shown=True),
                    name=f"entry_{name}",
                    include=[other for other in ("category", "area", "agency", "done") if other != name],
                )
                for name in ("category", "area", "agency")
            ),
            GistIndex(Point(), condition=Q(shown=True, latitude__isnull=False), name="entry_point"),
            # what may be joined: few among very many
            models.Index(fields=["area", "-publication"], condition=Q(shown=True, done=False), name="entry_open_area"),
            GistIndex(Point(), condition=Q(shown=True, done=False, latitude__isnull=False), name="entry_open_point"),
        ]

    def __str__(self) -> str:
        return f"entry of {self.publication_id}"


class Square(models.Model):
    """How many entries lie in a square of the map (lib/places/squares.py; level 0 is the whole world, those without a
    place included), by the filters' columns. Counted by adding rows, so that nobody waits for anybody: the sum of all
    rows is the number, and rows of one square are folded into one now and then."""

    level = models.PositiveSmallIntegerField()
    block = models.BigIntegerField()  # 16 × 16 squares that lie together
    x = models.IntegerField()
    y = models.IntegerField()
    category = models.BigIntegerField(null=True)
    area = models.BigIntegerField(null=True)
    agency = models.BigIntegerField(null=True)
    done = models.BooleanField()
    count = models.IntegerField()
    east = models.FloatField(default=0)  # the sum of their longitudes
    north = models.FloatField(default=0)  # … and of their latitudes
    folded = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["level", "block"],
                name="square_block",
                include=["x", "y", "category", "area", "agency", "done", "count", "east", "north"],
            ),
            models.Index(fields=["id"], condition=Q(folded=False), name="square_fresh"),
        ]

    def __str__(self) -> str:
        return f"{self.level}/{self.x}/{self.y}: {self.count}"


class Change(models.Model):
    """Something that the public reads has changed: one row each, made in the transaction that changes it."""

    def __str__(self) -> str:
        return str(self.pk)


class Edition(models.Model):
    """How many changes were counted and swept away; with the rows of Change that makes the number of the edition."""

    swept = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.swept)


class Statement(models.Model):
    """What the register said of a ticket from a moment on: one leaf of the public log, in the order of `number`.

    `leaf` is what is hashed and never changes; it holds no words, only their digest: SHA-256 over `salt` and the
    canonical JSON of `said`. Erasing `said` and `salt` leaves the log whole and the words unguessable."""

    class Kind(models.TextChoices):
        PUBLISH = "publish"
        CORRECT = "correct"
        WITHDRAW = "withdraw"
        SEAL = "seal"  # of the event log: number, count and digest (events/seals.py); of no ticket
        KEY = "key"  # another key signs the log from here on (lib/crypto/succession.py); of no ticket

    publication = models.ForeignKey(
        Publication, models.SET_NULL, null=True, blank=True, db_constraint=False, related_name="statements"
    )
    code = models.CharField(max_length=16, db_index=True, blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField()
    leaf = models.TextField()
    said = models.JSONField(null=True, blank=True)
    salt = models.CharField(max_length=64, blank=True)  # hex
    number = models.BigIntegerField(
        null=True, blank=True, unique=True
    )  # from 0, without gaps; none = not yet in the log

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(number=None), name="statement_waiting"),
            models.Index(fields=["number"], condition=Q(kind="key"), name="statement_key"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.kind} {self.code}"


class Recall(models.Model):
    """How often something public was taken back: one row. Whoever keeps copies of the register (the open data) compares
    the number, and stops serving older ones."""

    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)


class Node(models.Model):
    """The root of a complete subtree of the log: it never changes (lib/crypto/merkle.py)."""

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


class Witness(models.Model):
    """Somebody outside who keeps the log's heads, so that we cannot show others another past: an installation of this
    product elsewhere (and we keep its heads), or a time-stamping authority (RFC 3161)."""

    class Kind(models.TextChoices):
        INSTALLATION = "installation"
        AUTHORITY = "authority"

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    address = models.URLField(max_length=300, blank=True)  # none: we only keep theirs
    key = models.TextField(blank=True)  # PEM: the installation's public key, the certificates an authority signs by
    active = models.BooleanField(default=True)
    since = models.DateTimeField(default=now)
    trouble = models.CharField(max_length=300, blank=True)
    tried = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Testimony(models.Model):
    """That a witness has seen a head of ours: its signature under it (JSON), or a time stamp (DER)."""

    witness = models.ForeignKey(Witness, models.PROTECT, related_name="testimonies", db_index=False)
    size = models.BigIntegerField()
    root = models.CharField(max_length=64)  # hex
    at = models.DateTimeField()  # when it says so
    proof = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["witness", "size"], name="one_testimony_a_head")]

    def __str__(self) -> str:
        return f"{self.witness_id} saw {self.size}"


class ForeignHead(models.Model):
    """A head of another installation's log, which we keep as its witness. `key`: SHA-256 of its public key, hex."""

    key = models.CharField(max_length=64)
    size = models.BigIntegerField()
    root = models.CharField(max_length=64)  # hex
    at = models.DateTimeField()
    signature = models.CharField(max_length=128)
    received = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "size"], name="one_foreign_head_a_size")]

    def __str__(self) -> str:
        return f"{self.key[:8]}: {self.size}"


class Successor(models.Model):
    """That a key of another installation's log was followed by another, as its log says (`leaf`, number `number` of
    it). `before`, `key`: SHA-256 of the public keys, hex. One key has one successor; what it announces after that is
    refused."""

    before = models.CharField(max_length=64, unique=True)
    key = models.CharField(max_length=64, unique=True)
    number = models.BigIntegerField()
    leaf = models.TextField()
    received = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"{self.before[:8]} → {self.key[:8]}"
