"""The units of a province: rows with valid-from and valid-to, keyed by code, never by name."""

from datetime import date

from django.db import models
from django.db.models import F, Func, Q
from django.utils.timezone import now


class Valid(models.Model):
    """A row in force on [valid_from, valid_to)."""

    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)


class Area(Valid):
    """A unit of administration: the province or one of its communes. `code` is the state's own 5-digit (2-digit)
    code."""

    code = models.CharField(max_length=8)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)  # Thành phố, Tỉnh, Phường, Xã, Đặc khu
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    sort = models.CharField(max_length=300, editable=False)
    folded = models.CharField(max_length=120, editable=False)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    area_km2 = models.FloatField(null=True, blank=True)
    outline = models.JSONField(null=True, blank=True)  # a GeoJSON geometry

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(valid_to=None), name="one_area_in_force_per_code")
        ]

    def __str__(self) -> str:
        return self.name


class Calendar(models.Model):
    """When somebody works. `sessions`: {"0": [["07:30", "11:30"], …], …} by weekday, Monday 0; null = day and night."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    sessions = models.JSONField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Day(models.Model):
    """A day that differs from the calendar: off, or worked. No calendar = all that keep holidays."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, null=True, blank=True, related_name="days", db_index=False)
    date = models.DateField()
    works = models.BooleanField()
    note = models.CharField(max_length=200, blank=True)
    announced = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "date"], nulls_distinct=False, name="one_row_per_day")
        ]

    def __str__(self) -> str:
        return f"{self.date}: {'works' if self.works else 'off'}"


class Agency(Valid):
    """Who must act: a department, a utility, a commune's committee."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    short = models.CharField(max_length=60, blank=True)
    kind = models.CharField(
        max_length=20,
        choices=[(k, k) for k in ("centre", "department", "utility", "commune", "police", "other")],
    )
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="agencies")
    calendar = models.ForeignKey(Calendar, models.PROTECT, null=True, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    address = models.CharField(max_length=300, blank=True)
    sort = models.CharField(max_length=600, editable=False)

    def __str__(self) -> str:
        return self.name


class Category(Valid):
    """A field of the hotline's work, with its defaults."""

    PUBLISH = [("at_once", "at_once"), ("review", "review"), ("never", "never")]
    PLACE = [("street", "street"), ("exact", "exact")]

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    description = models.CharField(max_length=300, blank=True)
    description_en = models.CharField(max_length=300, blank=True)
    group = models.CharField(max_length=40)
    group_en = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=10, default="report")
    urgency = models.CharField(max_length=10, default="normal")
    publish = models.CharField(max_length=10, choices=PUBLISH, default="review")
    place = models.CharField(
        max_length=6, choices=PLACE, db_default="street", default="street"
    )  # as the public sees it
    needs_contact = models.BooleanField(default=False)
    icon = models.CharField(max_length=40, default="message-circle")
    order = models.PositiveIntegerField(default=100)

    class Meta:
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name


class Succession(models.Model):
    """What followed a unit, on the day when the act of reorganisation came into force. Several rows for one `old`: it
    was divided; for one `new`: it was merged."""

    on = models.DateField()
    act = models.BigIntegerField(null=True, blank=True)  # none = from the state's own list

    class Meta:
        abstract = True


class AreaSuccession(Succession):
    old = models.ForeignKey(Area, models.CASCADE, related_name="followed_by", db_index=False)
    new = models.ForeignKey(Area, models.CASCADE, related_name="follows")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["old", "new"], name="each_area_succession_once")]

    def __str__(self) -> str:
        return f"{self.old_id} → {self.new_id}"


class AgencySuccession(Succession):
    old = models.ForeignKey(Agency, models.CASCADE, related_name="followed_by", db_index=False)
    new = models.ForeignKey(Agency, models.CASCADE, related_name="follows")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["old", "new"], name="each_agency_succession_once")]

    def __str__(self) -> str:
        return f"{self.old_id} → {self.new_id}"


class FormerName(models.Model):
    """A former name of an agency, up to (not including) a day: a rename ends the name, not the agency."""

    agency = models.ForeignKey(Agency, models.CASCADE, related_name="former_names", db_index=False)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    short = models.CharField(max_length=60, blank=True)
    until = models.DateField()
    act = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "act"], name="one_rename_per_agency_and_act")]

    def __str__(self) -> str:
        return f"{self.name} (–{self.until})"


class Outage(models.Model):
    """A planned time in which a channel ("" = the whole hotline) cannot be reached, as announced."""

    channel = models.CharField(max_length=20, blank=True)
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    reason = models.CharField(max_length=300)
    reason_en = models.CharField(max_length=300, blank=True)
    excuse = models.CharField(max_length=300, blank=True)  # why it could not be planned
    announced = models.DateTimeField()
    cancelled = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="outage_ends_after_it_begins")]

    def __str__(self) -> str:
        return f"{self.channel or 'all'} {self.starts} – {self.ends}"


class Text(models.Model):
    """A text of the province's own, in versions: the newest in force is shown; who agrees to one stores its number."""

    key = models.SlugField(max_length=40, db_index=False)
    version = models.PositiveIntegerField()
    body = models.TextField()
    body_en = models.TextField(blank=True)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="each_text_version_once")]

    def __str__(self) -> str:
        return f"{self.key} {self.version}"


class Assurance(models.Model):
    """What the organisation says of a requirement that only people can meet: since when it is met, who answers for it,
    and which document shows it. The product did not check it; of one requirement one counts at a time."""

    requirement = models.SlugField(max_length=40)  # the id of a row of checks/level3.py
    since = models.DateField()
    who = models.CharField(max_length=200)
    document = models.CharField(max_length=300)
    at = models.DateTimeField(default=now)
    by = models.CharField(max_length=150)
    withdrawn = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["requirement"], condition=Q(withdrawn=None), name="one_assurance_a_requirement"
            )
        ]

    def __str__(self) -> str:
        return f"{self.requirement} since {self.since}"


class Option(models.Model):
    """One of the province's own numbers or choices; the table of names and defaults is options.py."""

    name = models.SlugField(max_length=60, unique=True)
    value = models.JSONField()

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"


class Point(Func):
    """PostgreSQL's point(longitude, latitude), for GiST."""

    function = "point"
    output_field = models.FloatField()

    def __init__(self) -> None:
        super().__init__(F("longitude"), F("latitude"))
