"""What the board counts, derived from the event log and rebuildable from it.

Codes, not foreign keys: figures of a unit that no longer exists stay those of its code. `ticket` is an id without a
constraint, as these rows follow the log and not the other way round.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Span(models.Model):
    """What was true of a ticket on [since, until) (story.Facts); the row without an end is now."""

    ticket = models.BigIntegerField()
    received = models.DateTimeField()
    place = models.CharField(max_length=40, db_default="")  # gathering.Case.place; "": from before there was one
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    phase = models.SmallIntegerField()  # 0 open, 1 handled, 2 outside the four numbers
    late = models.BooleanField()
    restricted = models.BooleanField()
    channel = models.CharField(max_length=20)
    kind = models.CharField(max_length=10)
    category = models.CharField(max_length=40)
    area = models.CharField(max_length=8)
    agency = models.CharField(max_length=40)
    due = models.DateTimeField(null=True)
    answered = models.DateTimeField(null=True)
    handled = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20)  # of a refusal
    reopened = models.SmallIntegerField()
    returns = models.SmallIntegerField()
    extensions = models.SmallIntegerField()
    contacts = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["ticket"], name="span_ticket"),
            models.Index(fields=["received"], name="span_received"),
            models.Index(fields=["received"], condition=Q(until=None), name="span_now"),
            models.Index(fields=["due"], condition=Q(until=None, phase=0), name="span_open"),
            models.Index(fields=["agency", "received"], condition=Q(until=None), name="span_agency"),
            models.Index(fields=["category", "received"], condition=Q(until=None), name="span_category"),
            models.Index(fields=["area", "received"], condition=Q(until=None), name="span_area"),
            models.Index(fields=["ticket"], condition=Q(place=""), name="span_unplaced"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} from {self.since:%Y-%m-%d %H:%M}"


class Hold(models.Model):
    """Who held a ticket on [since, until) (story.Hold): `known` and `over` are when that became known."""

    ticket = models.BigIntegerField()
    hop = models.SmallIntegerField()
    agency = models.CharField(max_length=40)  # "" = the centre
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    known = models.DateTimeField()
    over = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["ticket"], name="hold_ticket"),
            models.Index(fields=["since"], name="hold_since"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} with {self.agency or 'the centre'}"


class Tally(models.Model):
    """How many tickets received on a day (in Vietnam) are handled on time, handled late, open, and outside the four
    numbers, of a group: `by` names the grouping ("" = the whole), `key` its code ("" = none). Sums of the current
    spans, kept with them."""

    pk = models.CompositePrimaryKey("by", "day", "key")
    by = models.CharField(max_length=10)
    day = models.DateField()
    key = models.CharField(max_length=40)
    on_time = models.IntegerField()
    late = models.IntegerField()
    open = models.IntegerField()
    outside = models.IntegerField(db_default=0)

    class Meta:
        indexes = [models.Index(fields=["by", "key", "day"], name="tally_key")]

    def __str__(self) -> str:
        return f"{self.by} {self.key} {self.day}"


class Pair(models.Model):
    """The same of a month (its first day) and of a group within another: `other_key` of the grouping `other` among
    those with `key` of `one` ("" = among all). Stored both ways round: for one chosen code all else takes one read.
    Within a channel and a category, which may have a tenth of all tickets together, `one` is BOTH and `key` the two
    codes."""

    pk = models.CompositePrimaryKey("one", "key", "month", "other", "other_key")
    one = models.CharField(max_length=10)
    key = models.CharField(max_length=61)
    month = models.DateField()
    other = models.CharField(max_length=10)
    other_key = models.CharField(max_length=40)
    on_time = models.IntegerField()
    late = models.IntegerField()
    open = models.IntegerField()
    outside = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.one} {self.key}, {self.other} {self.other_key} {self.month:%Y-%m}"


class Distribution(models.Model):
    """How many of the tickets received in a month (`since`, its first day) and of a group lie on each step of a number;
    `counts` has as its subscripts the steps from the least to the greatest, NULL for none.

    Of a part of the four numbers (and `overdue`, those of the open ones that are past their deadline) the steps are
    days since then, and the counts by how much it changed on each: their sum up to an evening is what was true on it.
    Of a length (answered, handled, custody) the steps are those of steps.py, of returns, extensions and contacts how
    often, else 1. Of the whole (`by` "") a row is of one day, not of a month."""

    pk = models.CompositePrimaryKey("what", "by", "since", "key")
    what = models.CharField(max_length=10)
    by = models.CharField(max_length=10)
    since = models.DateField()
    key = models.CharField(max_length=40)
    counts = ArrayField(models.IntegerField(null=True))

    def __str__(self) -> str:
        return f"{self.what}, {self.by} {self.key} {self.since}"


class Cursor(models.Model):
    """How far the log has been counted: the last event, the last move of a deadline, and those before them that were
    not yet committed then (id → the transactions under way). `after` is the last ticket of a rebuild under way, `shape`
    the version of the tallies (spans.SHAPE): others are summed again by whoever counts next."""

    event = models.BigIntegerField(default=0)
    due = models.BigIntegerField(default=0)
    gaps = models.JSONField(default=dict)
    after = models.BigIntegerField(null=True)
    shape = models.SmallIntegerField(db_default=1)
    seen = models.DateTimeField(null=True)  # a worker's last sign of life

    def __str__(self) -> str:
        return f"counted up to event {self.event}"
