from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Reverse
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.calls.operator_states import SEEN_BREAKS, Statement, Word
from caunoi.conversations.models import Callback, Inbox
from caunoi.events.actor import SYSTEM
from caunoi.lib.languages import MOTHER_TONGUE
from caunoi.telephony.calls import State
from caunoi.telephony.commands import Kind
from caunoi.telephony.events import Direction, Outcome
from caunoi.telephony.speaking import Act
from caunoi.vault.fields import BlindEndOf, BlindOf, PlainJSONOf, PlainOf, SealedJSON, SealedRow, SealedText
from caunoi.vault.queries import Purpose

NUMBERED = r"([0-9][^0-9]*){7}"  # holds a telephone number
NUMBER = r"^(member:)?\+?[0-9]{7,15}$"  # … is one: an exchange's own ids have as many digits, with a point


def choices(enum: type[State] | type[Direction] | type[Outcome]) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in enum]


def _sealed(name: str) -> SealedText:
    return SealedText(Purpose.IDENTITIES, before=f"{name}_plain", db_column=f"{name}_sealed")


class Call(SealedRow):
    """One call. `facts` is all that was reported of it (telephony.facts); every other column is derived from that, so
    the same facts give the same row, whoever brought them and in whatever order. Only `sound`, `sound_trouble`, `shut`,
    `gap` and `callback` are ours. Who called whom lies sealed, and is found by vault/blind.py."""

    row_door = "called"

    inbox = models.ForeignKey(Inbox, models.PROTECT, db_index=False)
    call_id = models.CharField(max_length=250)  # Asterisk's Linkedid, or the provider's
    facts = SealedJSON(Purpose.IDENTITIES, before="facts_plain", db_column="facts_sealed")

    internal = models.BooleanField(default=False, db_default=False)  # no citizen has a part in it
    direction = models.CharField(max_length=3, choices=choices(Direction))
    state = models.CharField(max_length=8, choices=choices(State))
    outcome = models.CharField(max_length=12, choices=choices(Outcome))
    caller = _sealed("caller")  # as the PBX sends them
    dialled = _sealed("dialled")
    phone = _sealed("phone")  # the citizen's, E.164; empty where hidden
    queue = models.CharField(max_length=80, blank=True)
    transferred_to = _sealed("transferred_to")
    one_way = models.CharField(max_length=8, blank=True, db_default="")  # whose sound never came
    began = models.DateTimeField()
    connected = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)
    waited = models.FloatField(default=0)  # seconds
    talked = models.FloatField(default=0)
    operator = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="calls", db_index=False)
    recording = _sealed("recording")  # file or address, as the PBX told it: some exchanges name it by the number
    facts_plain = PlainJSONOf("facts", db_column="facts")
    caller_plain = PlainOf("caller", max_length=80, db_column="caller")
    dialled_plain = PlainOf("dialled", max_length=80, db_column="dialled")
    phone_plain = PlainOf("phone", max_length=16, db_column="phone")
    transferred_to_plain = PlainOf("transferred_to", max_length=80, db_column="transferred_to")
    recording_plain = PlainOf("recording", db_column="recording")
    phone_index = BlindOf("phone")
    phone_end = BlindEndOf("phone")

    sound = models.CharField(max_length=120, blank=True)  # where the recording lies in our storage
    sound_trouble = models.CharField(max_length=8, blank=True, db_default="")  # telephony.hearing: how it sounds
    shut = models.BooleanField(default=False, db_default=False)  # told in confidence: for custodians alone
    callback = models.ForeignKey(  # by which somebody calls back
        Callback, models.SET_NULL, null=True, blank=True, related_name="calls"
    )
    gap = models.ForeignKey(  # in which nobody listened: it was read in the exchange's logs
        "Gap", models.DO_NOTHING, null=True, blank=True, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inbox", "call_id"], name="each_call_once")]
        indexes = [
            models.Index(F("began").desc(), F("id").desc(), name="call_newest"),
            models.Index(fields=["inbox"], condition=~Q(state="ended"), name="call_open"),
            models.Index(F("began").desc(), condition=~Q(one_way="", sound_trouble=""), name="call_heard_badly"),
            models.Index(
                F("phone_index"), F("began").desc(), condition=Q(phone_index__isnull=False), name="call_phone_index"
            ),
            models.Index(fields=["phone_end"], condition=Q(phone_end__isnull=False), name="call_phone_end"),
            # older rows, and what vault.seal_older has still to seal
            models.Index(F("phone_plain"), F("began").desc(), condition=~Q(phone_plain=""), name="call_phone"),
            models.Index(OpClass(Reverse("phone_plain"), "text_pattern_ops"), name="call_phone_ending"),
            models.Index(
                fields=["id"],
                condition=Q(facts_plain__isnull=False)
                | Q(caller_plain__isnull=False)
                | Q(dialled_plain__isnull=False)
                | Q(phone_plain__isnull=False)
                | Q(transferred_to_plain__isnull=False)
                | Q(recording_plain__isnull=False),
                name="call_plain",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.phone or self.caller or '?'} {self.began:%Y-%m-%d %H:%M}"


class CallLeg(models.Model):
    """One phone that was rung for a call. `operator` is the PBX's name for it, `user` whose phone it was then. Where
    the PBX knows it by a telephone number, `leg_id` is one of ours, `operator` empty, and what the PBX says
    lies sealed in `outside` (id, operator): read `key` and `name`."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="legs", db_index=False)
    leg_id = models.CharField(max_length=250)
    operator = models.CharField(max_length=150, blank=True)
    outside = SealedJSON(Purpose.IDENTITIES)
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="call_legs", db_index=False)
    rang_at = models.DateTimeField(null=True, blank=True)
    talk_from = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    rang = models.FloatField(default=0)  # seconds
    talked = models.FloatField(default=0)
    outcome = models.CharField(max_length=12, choices=choices(Outcome))
    beaten = models.BooleanField(default=False)  # another phone was quicker
    ringing = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "leg_id"], name="each_leg_once")]
        indexes = [
            models.Index(fields=["user", "-call"], name="leg_user"),
            models.Index(fields=["user"], condition=Q(ringing=True), name="leg_ringing"),
            models.Index(fields=["user"], condition=Q(talk_from__isnull=False, ended_at=None), name="leg_talking"),
            # older rows that have a number still
            models.Index(
                fields=["id"], condition=Q(operator__regex=NUMBERED) | Q(leg_id__regex=NUMBER), name="leg_numbered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.call_id}"

    @property
    def key(self) -> str:
        """By which the PBX tells it from the others of its call."""
        return str(self.outside.get("id", self.leg_id))

    @property
    def name(self) -> str:
        """What the PBX calls it."""
        return str(self.outside.get("operator", self.operator))


class Presence(models.Model):
    """What was said of an operator's being there, on [since, until); the row without an end is now. Being on a call is
    not said but seen, on the legs: operator_states.py reads both as one state.

    `seen`: when a page of theirs was last open; empty where nobody ever was before one, and then no Asterisk is told to
    ring them. `unreachable`: since when the exchange has not reached their desk phone. `ends`: when an after-call time
    is over. `why`: what another person who set it wrote, `unread` until its owner has seen it.
    """

    class State(models.TextChoices):
        AVAILABLE = "available"
        BREAK = "break"
        OFF = "off"

    user = models.ForeignKey(User, models.CASCADE, related_name="presences", db_index=False)
    state = models.CharField(max_length=9, choices=State.choices)
    reason = models.CharField(max_length=60, blank=True)  # of a break
    since = models.DateTimeField(default=now)
    until = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=150)
    seen = models.DateTimeField(null=True, blank=True)
    unreachable = models.DateTimeField(null=True, blank=True)
    ends = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=200, blank=True, default="", db_default="")
    unread = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], condition=Q(until=None), name="one_presence_now")]
        indexes = [models.Index(fields=["user", "-since"], name="presence_history")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.state}"

    @property
    def statement(self) -> Statement:
        """What it says, for the readings of operator_states.py."""
        is_seen_break = self.state == self.State.BREAK and self.reason in SEEN_BREAKS
        return Statement(
            word=Word(self.reason if is_seen_break else self.state),
            since=self.since,
            reason=self.reason,
            ends=self.ends,
            attended=self.seen is not None or self.by == SYSTEM.name,
            unreachable=self.unreachable,
        )


class Dial(SealedRow):
    """A click-to-call: asked for at the desk, done by the bridge within seconds or never. `call_id` is our own id of
    the call that comes of it."""

    class State(models.TextChoices):
        ASKED = "asked"
        TAKEN = "taken"  # by a bridge, which has asked the PBX
        SENT = "sent"  # the PBX rings the operator's phone
        FAILED = "failed"

    inbox = models.ForeignKey(Inbox, models.PROTECT)
    user = models.ForeignKey(User, models.CASCADE, related_name="dials")
    extension = models.CharField(max_length=40)
    number = _sealed("number")  # E.164
    number_plain = PlainOf("number", max_length=16, db_column="number")
    number_index = BlindOf("number")
    subject = models.CharField(max_length=20, blank=True)  # what it is about: "ticket", "callback", and its id
    subject_id = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.ASKED)
    trouble = models.CharField(max_length=200, blank=True)
    asked = models.DateTimeField(default=now)

    class Meta:
        indexes = [
            models.Index(fields=["inbox"], condition=Q(state="asked"), name="dial_asked"),
            models.Index(fields=["id"], condition=Q(number_plain__isnull=False), name="dial_plain"),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.state}"

    @property
    def call_id(self) -> str:
        about = self.subject_id if self.subject == "ticket" else 0
        return f"c2c-{about}-{self.pk}"


class CallCommand(models.Model):
    """What somebody did with a call that goes on (telephony.commands): asked for at the desk, done by the bridge within
    seconds or never. `leg_id`: the operator's leg that it is about. `label`: whom it calls, where that is no secret:
    113, `@username`, `#agency`; `number`, as it is dialled, only until it is done."""

    class State(models.TextChoices):
        ASKED = "asked"
        TAKEN = "taken"
        DONE = "done"
        FAILED = "failed"

    call = models.ForeignKey(Call, models.CASCADE, related_name="commands")
    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    operator = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    leg_id = models.CharField(max_length=250)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind])
    label = models.CharField(max_length=151, blank=True)
    number = SealedText(Purpose.IDENTITIES)
    state = models.CharField(max_length=6, choices=State.choices, default=State.ASKED)
    trouble = models.CharField(max_length=200, blank=True)
    asked = models.DateTimeField(default=now)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=["asked", "taken"]), name="command_pending"),
            models.Index(fields=["operator", "asked"], name="command_operator"),
            models.Index(fields=["user", "asked"], name="command_user"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.label} {self.state}"


class BrowserPhone(models.Model):
    """A telephone in the browser: which page of whose has it. `page` is empty once nobody may sign in at the exchange
    by this extension. The password is known to the page alone; its `digest` is kept until the exchange has it. `seen`:
    the page's latest sign of life."""

    class State(models.TextChoices):
        ASKED = "asked"
        VALID = "valid"  # the exchange has it
        FAILED = "failed"

    inbox = models.ForeignKey(Inbox, models.CASCADE, db_index=False)
    extension = models.CharField(max_length=40)
    user = models.ForeignKey(User, models.CASCADE, related_name="browser_phones")
    page = models.CharField(max_length=40, blank=True)
    digest = models.CharField(max_length=32, blank=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.ASKED)
    trouble = models.CharField(max_length=200, blank=True)
    seen = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inbox", "extension"], name="one_browser_phone_each")]

    def __str__(self) -> str:
        return f"{self.extension} {self.state}"


class CallQuality(models.Model):
    """How a call was heard, measured by the browser that was its operator's phone (`mark` is the browser's own name of
    the talk). `lost`: of the packets that were sent to it, the share that did not come; `jitter` and `round_trip` in
    seconds; `incoming` and `outgoing`: how loud the citizen and the operator were, in decibels below full (0 is the
    loudest, -100 is nothing); empty for what the browser did not tell."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="qualities")
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    mark = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField(default=now)
    seconds = models.FloatField()
    received = models.PositiveBigIntegerField()
    lost = models.FloatField()
    jitter = models.FloatField(null=True)
    round_trip = models.FloatField(null=True)
    incoming = models.FloatField(null=True)
    outgoing = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"{self.call_id} {self.seconds:.0f} s"


class Skill(models.Model):
    """What an operator is rung for: a language or a field by its code, first or when nobody else is free; without a
    code all callers (telephony.skills)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="skills", db_index=False)
    code = models.CharField(max_length=40, blank=True)
    first = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code"], name="one_skill_each")]

    def __str__(self) -> str:
        return f"{self.user} {self.code}"


class Link(models.Model):
    """The bridge's link to one PBX: up since, or down since and why; `seen` is the bridge's own sign of life. `queues`
    (by spaces): those whose members it keeps, so that one taken out of the settings is emptied. `places`: the latest
    notes of how far the exchange's logs had come, as [moment, {log: place}]. Counted since the row was made: how often
    it was linked, and the `events` that the exchange told; `lag`: how long after its moment the latest of them reached
    us, in seconds. `reached`: by user name, whether this exchange reaches their phone. `drill_until`: until then it is
    left alone."""

    inbox = models.OneToOneField(Inbox, models.CASCADE, primary_key=True)
    up_since = models.DateTimeField(null=True, blank=True)
    down_since = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    seen = models.DateTimeField(default=now)
    queues = models.TextField(blank=True, default="", db_default="")
    places = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    connects = models.BigIntegerField(default=0, db_default=0)
    events = models.BigIntegerField(default=0, db_default=0)
    lag = models.FloatField(default=0, db_default=0)
    reached = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    drill_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.inbox_id} {'up' if self.up_since else 'down'}"


class Gap(models.Model):
    """A time in which nobody listened to an exchange, [since, until) by our clock; open while it has no end. What
    happened in it is read in the exchange's own logs, from `places` on ({log: place}): `filled` when that was done
    last, `calls` how many were learnt by it, `trouble` why it could not be done. `endless`: ids of calls of which no
    end was read then, and nobody has heard."""

    inbox = models.ForeignKey(Inbox, models.CASCADE)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    places = models.JSONField(default=dict)
    filled = models.DateTimeField(null=True, blank=True)
    calls = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=200, blank=True)
    endless = models.JSONField(default=list, db_default=Value([], models.JSONField()))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inbox"], condition=Q(until=None), name="one_gap_now")]
        indexes = [models.Index(fields=["-since"], name="gap_newest")]

    def __str__(self) -> str:
        return f"{self.inbox_id} {self.since:%Y-%m-%d %H:%M:%S}"


class VoicePrompt(models.Model):
    """What callers hear under a name in a language, as a text with variables ({hotline}, {hours}, {choices},
    {procedures}); without a row prompts.py has one."""

    name = models.CharField(max_length=40)
    language = models.CharField(max_length=3, default=MOTHER_TONGUE)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "language"], name="one_prompt_of")]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class PromptVersion(models.Model):
    """A sound of a prompt; the latest is heard. `spoken`: what it says, variables filled in, which of a person's
    recording nobody knows better than its text. `digest`: of the sound, by which an exchange asks for it."""

    prompt = models.ForeignKey(VoicePrompt, models.CASCADE, related_name="versions", db_index=False)
    spoken = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    sound = models.CharField(max_length=120)  # where it lies in our storage
    seconds = models.FloatField()
    machine = models.BooleanField()  # a machine's voice
    made = models.DateTimeField(default=now)
    by = models.CharField(max_length=150)

    class Meta:
        indexes = [
            models.Index(fields=["prompt", "-id"], name="prompt_version_latest"),
            models.Index(fields=["digest"], name="prompt_version_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.prompt_id} {self.digest[:8]}"


class VoiceMenu(models.Model):
    """A menu of an inbox's exchange; the first by position is asked first."""

    inbox = models.ForeignKey(Inbox, models.CASCADE, related_name="menus", db_index=False)
    code = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inbox", "code"], name="one_menu_of")]

    def __str__(self) -> str:
        return self.code


class VoiceChoice(models.Model):
    """What a key of a menu does (telephony/speaking.py); `label` is said before "press …"."""

    menu = models.ForeignKey(VoiceMenu, models.CASCADE, related_name="choices", db_index=False)
    key = models.CharField(max_length=1)
    act = models.CharField(max_length=8, choices=[(act.value, act.value) for act in Act])
    target = models.CharField(max_length=80, blank=True)
    field = models.CharField(max_length=40, blank=True)  # code of a category
    label = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["menu", "key"], name="one_choice_of")]

    def __str__(self) -> str:
        return f"{self.key}: {self.label}"


class WaitNotice(models.Model):
    """What callers hear of an incident before they wait, on [since, until): those who chose one of `fields` (codes of
    categories), or all where none is named."""

    prompt = models.ForeignKey(VoicePrompt, models.PROTECT, related_name="notices", db_index=False)
    fields = models.JSONField(default=list)
    since = models.DateTimeField(default=now)
    until = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        indexes = [models.Index(fields=["-until"], name="wait_notice_latest")]

    def __str__(self) -> str:
        return f"{self.prompt_id} until {self.until:%Y-%m-%d %H:%M}"


class CallResult(models.Model):
    """What may have come of a call, for whoever talked to choose."""

    code = models.CharField(max_length=20, unique=True)
    label = models.CharField(max_length=80)
    label_en = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    retired = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.label


class CallNote(models.Model):
    """What came of a call, and a line about it, by its operator."""

    call = models.OneToOneField(Call, models.CASCADE, related_name="note")
    result = models.ForeignKey(CallResult, models.PROTECT, related_name="+")
    line = SealedText(Purpose.IDENTITIES)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"{self.call_id} {self.result_id}"
