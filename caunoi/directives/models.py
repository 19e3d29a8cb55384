from django.db import models
from django.db.models import Q

from caunoi.directory.models import Agency
from caunoi.tickets.models import Ticket


class Directive(models.Model):
    """A leader's order (chỉ đạo): about a ticket, to whoever holds it, or to an agency. No agency = the centre. Or a
    request to explain (giải trình) why a ticket is late, which the centre may make too."""

    row_door = "order"

    class Kind(models.TextChoices):
        ORDER = "order"
        EXPLAIN = "explain"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.ORDER, db_default="order")
    ticket = models.ForeignKey(Ticket, models.CASCADE, null=True, blank=True, related_name="directives")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="directives", db_index=False)
    text = models.TextField()
    due = models.DateTimeField()
    by = models.CharField(max_length=150)
    by_user = models.BigIntegerField(null=True, blank=True)  # the person, whatever name they acted under
    at = models.DateTimeField()
    acknowledged = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=150, blank=True)
    done = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=150, blank=True)
    answer = models.TextField(blank=True)
    withdrawn = models.DateTimeField(null=True, blank=True)
    late_told = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ticket__isnull=False) | Q(agency__isnull=False), name="directive_on_a_ticket_or_an_agency"
            )
        ]
        indexes = [
            models.Index(fields=["due"], condition=Q(done=None, withdrawn=None), name="directive_open"),
            models.Index(fields=["agency", "-id"], name="directive_agency"),
        ]

    def __str__(self) -> str:
        return f"{self.by}: {self.text[:40]}"
