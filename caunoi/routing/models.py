from django.db import models
from django.db.models import Q

from caunoi.directory.attached import Attached
from caunoi.directory.models import Agency, Area, Category, Valid
from caunoi.tickets.models import Ticket


class Rule(Valid):
    """Who is competent: category × area × time of day × words; empty = any. `of_area`: the agency of this kind in the
    ticket's own commune. The most specific rule wins; among equals, the lower order."""

    category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True)
    area = models.ForeignKey(Area, models.CASCADE, null=True, blank=True)
    since_hour = models.PositiveSmallIntegerField(
        null=True, blank=True
    )  # local hours [since, until), may pass midnight
    until_hour = models.PositiveSmallIntegerField(null=True, blank=True)
    words = models.CharField(
        max_length=500, blank=True, db_default=""
    )  # "dây điện, cột điện": any, with or without marks
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, blank=True)
    of_area = models.CharField(max_length=20, blank=True)  # a kind of agency: commune, police
    order = models.PositiveIntegerField(default=100)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(agency__isnull=False, of_area="") | (Q(agency__isnull=True) & ~Q(of_area="")),
                name="rule_names_an_agency_or_a_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.category or '*'} × {self.area or '*'} → {self.agency or self.of_area}"


class Handover(models.Model):
    """One leg of a ticket's custody: from whom, to whom, as what, and what became of it."""

    row_door = "ticket"

    class Role(models.TextChoices):
        LEAD = "lead"
        COORDINATE = "coordinate"

    class State(models.TextChoices):
        SENT = "sent"
        ACCEPTED = "accepted"
        RETURNED = "returned"
        PASSED_ON = "passed_on"
        RECALLED = "recalled"  # by the centre, before the agency accepted it
        DONE = "done"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="handovers")
    source = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")  # none = the centre
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="handovers", db_index=False)
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.LEAD)
    state = models.CharField(max_length=12, choices=State.choices, default=State.SENT)
    hop = models.PositiveSmallIntegerField(default=1)
    by = models.CharField(max_length=150)
    note = models.TextField(blank=True)
    reason = models.TextField(blank=True)  # of the return
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, blank=True)
    sent = models.DateTimeField()
    received = models.DateTimeField(null=True, blank=True)  # first looked at by the agency
    accepted = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)
    asked_days = models.PositiveSmallIntegerField(default=0)  # an extension asked for, not yet granted
    asked_reason = models.TextField(blank=True)
    asked = models.DateTimeField(null=True, blank=True)
    granted_days = models.PositiveSmallIntegerField(default=0)
    decided = models.DateTimeField(null=True, blank=True)  # on what was asked for last
    decided_by = models.CharField(max_length=150, blank=True, db_default="")
    refusal = models.TextField(blank=True, db_default="")  # why not; empty when granted
    answer = models.TextField(blank=True, db_default="")  # of an agency that helps, for the one that leads
    # A leg that goes on from another by an act of reorganisation: which, since when and by whose hours its clocks run.
    act = models.BigIntegerField(null=True, blank=True)
    began = models.DateTimeField(null=True, blank=True)
    hours_of = models.BigIntegerField(null=True, blank=True)

    objects = Attached["Handover"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(role="lead", state__in=["sent", "accepted"]), name="one_lead_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["ticket", "agency"], condition=Q(state__in=["sent", "accepted"]), name="one_open_leg_an_agency"
            ),
        ]
        indexes = [models.Index(fields=["agency", "state", "-id"], name="handover_agency")]

    def __str__(self) -> str:
        return f"{self.ticket_id} → {self.agency_id} ({self.state})"


OPEN_LEGS = (Handover.State.SENT, Handover.State.ACCEPTED)


class Link(models.Model):
    """A signed address for an agency without accounts: shows one leg's case, and takes one answer."""

    leg = models.ForeignKey(Handover, models.CASCADE, related_name="links")
    nonce = models.CharField(max_length=32, unique=True)  # what the signature is over, with the id; opens nothing alone
    by = models.CharField(max_length=150)
    made = models.DateTimeField()
    expires = models.DateTimeField()
    opened = models.DateTimeField(null=True, blank=True)  # for the first time
    used = models.DateTimeField(null=True, blank=True)
    revoked = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=150, blank=True)

    def __str__(self) -> str:
        return f"link to leg {self.leg_id}"


class Opening(models.Model):
    """Somebody opened the reporter's identity: this person, on this ticket, for a while, and why."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="openings", db_index=False)
    user_id = models.BigIntegerField()
    by = models.CharField(max_length=150)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True)
    reason = models.TextField()
    at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["ticket", "user_id", "-until"], name="opening_of_person")]

    def __str__(self) -> str:
        return f"{self.by} on {self.ticket_id}"
