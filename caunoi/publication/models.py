from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from caunoi.files.models import Attachment
from caunoi.tickets.models import Ticket


class Publication(models.Model):
    """What the public sees of a ticket: an edited text, never the raw one."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

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

    class Meta:
        indexes = [
            models.Index(fields=["-published"], condition=models.Q(state="published"), name="publication_newest")
        ]

    def __str__(self) -> str:
        return self.title


class PublicWords(models.Model):
    """A publication's words for searching: the public ones only, so that nobody finds what was masked."""

    publication = models.OneToOneField(Publication, models.CASCADE, primary_key=True, related_name="words")
    vector = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["vector"], name="publication_words")]

    def __str__(self) -> str:
        return f"words of {self.publication_id}"
