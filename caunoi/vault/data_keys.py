"""The model of the data keys; apart from others, whose columns they seal."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now


class DataKey(models.Model):
    """A key that seals values of one purpose, itself sealed by the master key. One of each purpose is in use; a retired
    one still opens what it sealed, until the job has sealed that anew."""

    class Purpose(models.TextChoices):
        SECRETS = "secrets"  # of inboxes, browsers that are pushed to, second factors
        LINKS = "links"  # of citizens: follow links, pages of followers
        IDENTITIES = "identities"  # who wrote, and how they are reached
        CONFIDENTIAL = "confidential"  # the confidential lane alone
        INDEX = "index"  # of what people are looked up by: opens nothing

    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    wrapped = models.BinaryField()
    master = models.CharField(max_length=12)  # fingerprint of the master key that wraps it
    created = models.DateTimeField(default=now)
    retired = models.DateTimeField(null=True, blank=True)  # seals nothing more since
    settled = models.DateTimeField(null=True, blank=True)  # nothing of the purpose is written unsealed too since

    class Meta:
        constraints = [models.UniqueConstraint(fields=["purpose"], condition=Q(retired=None), name="one_key_a_purpose")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"
