from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from caunoi.accounts.models import User
from caunoi.reports.spans import Kind

KINDS = [(kind.value, kind.value) for kind in Kind]


class Form(models.Model):
    """The layout and text of a kind of report, in versions: the newest is in force, older ones stay with the reports
    made from them. Several lines of a field are several lines on paper."""

    kind = models.CharField(max_length=12, choices=KINDS)
    version = models.PositiveIntegerField()
    superior = models.TextField(blank=True)
    issuer = models.TextField()
    series = models.CharField(max_length=40)  # what follows the number: "BC-IOC"
    place = models.CharField(max_length=80)
    name = models.CharField(max_length=80)
    about = models.TextField()
    body = models.TextField()  # markup.py
    recipients = models.TextField(blank=True)
    signs = models.TextField(blank=True)  # in which capacity, and the office
    signer = models.CharField(max_length=120, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="each_form_version_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class Register(models.Model):
    """The last number given in a series and year: locked while one is given, so that none is left out or given
    twice."""

    series = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="one_register_a_series_and_year")]

    def __str__(self) -> str:
        return f"{self.last}/{self.series} {self.year}"


class Report(models.Model):
    """One official report: being made, a draft, being issued, or issued with its number and from then on unchanged (a
    trigger keeps that). `figures` are a reading (figures.py) as of `at`."""

    class State(models.TextChoices):
        MAKING = "making"
        DRAFT = "draft"
        ISSUING = "issuing"
        ISSUED = "issued"
        DROPPED = "dropped"

    kind = models.CharField(max_length=12, choices=KINDS)
    code = models.CharField(max_length=12)  # of its span
    since = models.DateTimeField()
    until = models.DateTimeField()
    form = models.ForeignKey(Form, models.PROTECT)
    state = models.CharField(max_length=8, choices=State.choices)
    at = models.DateTimeField(null=True, blank=True)
    figures = models.JSONField(default=dict)
    summary = models.JSONField(default=list)  # paragraphs, drafted from the figures
    body = models.TextField()  # the form's, until somebody edits it
    signer = models.CharField(max_length=120, blank=True)
    cases = models.CharField(max_length=80, blank=True)  # a file: every case that is counted
    progress = models.PositiveSmallIntegerField(default=0)  # per cent
    trouble = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=150)
    made = models.DateTimeField()
    series = models.CharField(max_length=40, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    number = models.PositiveIntegerField(null=True, blank=True)
    issued = models.DateTimeField(null=True, blank=True)
    issued_by = models.CharField(max_length=150, blank=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replacements")
    why = models.CharField(max_length=300, blank=True, db_default="")  # it replaces that one

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "year", "number"], name="each_number_once"),
            models.UniqueConstraint(
                fields=["replaces"], condition=Q(replaces__isnull=False) & ~Q(state="dropped"), name="replaced_once"
            ),
            models.CheckConstraint(
                condition=Q(state="issued", number__isnull=False, issued__isnull=False)
                | (~Q(state="issued") & Q(number=None)),
                name="numbered_when_issued",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}: {self.state}"


class Recall(models.Model):
    """An issued report that is no longer valid. It stays as it was issued; `papers` are marked copies of its files, to
    be handed out: {form: {name, size, sha256}}."""

    report = models.OneToOneField(Report, models.PROTECT, related_name="recall")
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    papers = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"recall of {self.report_id}"


class Digest(models.Model):
    """The digest of one leader at one of the set hours; `quiet` when there was nothing to report."""

    user = models.ForeignKey(User, models.CASCADE, related_name="digests", db_index=False)
    slot = models.DateTimeField()
    at = models.DateTimeField()
    quiet = models.BooleanField()
    figures = models.JSONField(default=dict)
    mailed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "slot"], name="one_digest_a_leader_and_slot")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.slot:%Y-%m-%d %H:%M}"


class Alert(models.Model):
    """A measure that is watched: its condition and window, who is notified and how. `each`: each group by itself;
    `only`: narrowed to these codes."""

    class How(models.TextChoices):
        VALUE = "value"  # the measure itself
        CHANGE = "change"  # by how many per cent it moved
        LIMITS = "limits"  # a day above what such days bring (statistics/limits.py)

    name = models.CharField(max_length=120)
    measure = models.CharField(max_length=20)  # readings.py
    each = models.CharField(max_length=12, blank=True)
    only = models.JSONField(default=dict, db_default={}, blank=True)  # {agency, area, category, channel: code}
    how = models.CharField(max_length=8, choices=How.choices, default=How.VALUE, db_default=How.VALUE)
    above = models.BooleanField(default=True)
    threshold = models.FloatField()  # per cent of a change, none of limits
    window_minutes = models.PositiveIntegerField(default=1440)
    roles = ArrayField(models.CharField(max_length=12))
    mail = models.BooleanField(default=False)
    again_minutes = models.PositiveIntegerField(default=240)  # 0: no reminders
    quiet_since = models.PositiveSmallIntegerField(null=True, blank=True)  # hours of the day
    quiet_until = models.PositiveSmallIntegerField(null=True, blank=True)
    active = models.BooleanField(default=True)
    looked = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Firing(models.Model):
    """An alert from when it broke until it was back to normal (alarm.py); `groups` as seen last: {code: value}."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="firings")
    since = models.DateTimeField()
    told = models.DateTimeField(null=True, blank=True)
    calm = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)
    over = models.BooleanField(default=False)
    groups = models.JSONField(default=dict)
    times = models.PositiveIntegerField(default=0)  # how often it notified

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert"], condition=Q(over=False), name="one_firing_an_alert")]

    def __str__(self) -> str:
        return f"{self.alert_id} since {self.since:%Y-%m-%d %H:%M}"


class Paper(models.Model):
    """One file of a report; of an issued one, the very bytes, known by their hash."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="papers", db_index=False)
    form = models.CharField(max_length=4)  # pdf docx xlsx
    name = models.CharField(max_length=80)  # in the storage
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "form"], name="one_paper_a_form")]

    def __str__(self) -> str:
        return f"{self.form} of {self.report_id}"
