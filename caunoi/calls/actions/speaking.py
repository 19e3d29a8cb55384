"""What callers hear and press is set: menus, prompts as a text or a recording, what is said of incidents."""

from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.timezone import now

from caunoi.calls import menus, prompts, queries
from caunoi.calls.models import PromptVersion, VoiceChoice, VoiceMenu, VoicePrompt, WaitNotice
from caunoi.calls.voices import NoVoiceError, has_voice, speak
from caunoi.conversations.models import Inbox
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor, NotAllowedError, RefusedError, Role, administrators_only
from caunoi.events.models import Event
from caunoi.lib.languages import MOTHER_TONGUE, SPOKEN
from caunoi.lib.vietnamese.writing import nfc
from caunoi.telephony.plan import Plan
from caunoi.telephony.sound import telephone_wav
from caunoi.telephony.speaking import KEYS, Act, is_code

NOTICE = "notice-"


class BadPromptError(RefusedError):
    """`code`: name | language | variable | empty | choice."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def sounds(plan: Plan, box: Inbox) -> tuple[dict[str, bytes], list[str]]:
    """The sounds that an exchange of this plan plays, by where they lie in its folder of sounds, and the names of
    prompts that have none. Texts that nobody recorded are spoken, where there is a voice."""
    rows = menus.menus(box)
    values = menus.values(plan.numbers[0], plan.hours)
    missing = []
    for name in menus.names(plan.speaking):
        if not _speak_anew(name, values, rows):
            missing.append(name)
    result = {}
    for (name, language), version in sorted(menus.latest_of_all().items()):
        folder = "caunoi" if language == MOTHER_TONGUE else f"{language}/caunoi"
        if not name.startswith(NOTICE):
            result[f"{folder}/{name}.wav"] = sound_of(version)
    return result, missing


def _speak_anew(name: str, values: Mapping[str, str], rows: Collection[VoiceMenu]) -> bool:
    """Speak a prompt of the mother tongue unless a person has recorded it, or it says that already; whether it has a
    sound then."""
    text = menus.spoken(name, MOTHER_TONGUE, values, rows)
    version = menus.latest(name)
    if version and (not version.machine or version.spoken == text):
        return True
    if not text or not has_voice():
        return version is not None
    try:
        data, seconds = telephone_wav(speak(text))
    except (NoVoiceError, ValueError):
        return version is not None
    prompt, _new = VoicePrompt.objects.get_or_create(name=name, language=MOTHER_TONGUE)
    _keep(prompt, data, seconds, spoken=text, machine=True, by=SYSTEM)
    return True


def refresh_prompts() -> int:
    """Speak again the prompts whose variables say something else by now (hours, the commonest procedures); how many
    versions were made."""
    before = PromptVersion.objects.count()
    for box, ami in queries.asterisks():
        plan = queries.exchange_plan(box, product=ami.host)
        if plan:
            values, rows = menus.values(plan.numbers[0], plan.hours), menus.menus(box)
            for (name, language), version in menus.latest_of_all().items():
                if language == MOTHER_TONGUE and version.machine and not name.startswith(NOTICE):
                    _speak_anew(name, values, rows)
    return PromptVersion.objects.count() - before


def sound_of(version: PromptVersion) -> bytes:
    with default_storage.open(version.sound) as file:
        data: bytes = file.read()
    return data


def _keep(prompt: VoicePrompt, data: bytes, seconds: float, *, spoken: str, machine: bool, by: Actor) -> PromptVersion:
    digest = sha256(data).hexdigest()
    path = default_storage.save(f"prompts/{digest}.wav", ContentFile(data))
    with transaction.atomic():
        row = PromptVersion.objects.create(
            prompt=prompt, spoken=spoken, digest=digest, sound=path, seconds=seconds, machine=machine, by=by.name
        )
        record("prompt.version", prompt, by=by, name=prompt.name, language=prompt.language, machine=machine)
    return row


def preview(text: str, values: Mapping[str, str]) -> tuple[bytes, float]:
    """A text as the machine would say it; nothing is kept. NoVoiceError, BadSoundError, BadPromptError."""
    if prompts.unknown_variables(text):
        raise BadPromptError("variable")
    return telephone_wav(speak(prompts.fill(nfc(text), values)))


@transaction.atomic
def write_prompt(name: str, language: str, text: str, *, by: Actor) -> VoicePrompt:
    """Set a prompt's text. BadPromptError."""
    administrators_only(by)
    if not is_code(name) or name.startswith(NOTICE):
        raise BadPromptError("name")
    if language not in SPOKEN:
        raise BadPromptError("language")
    if prompts.unknown_variables(text):
        raise BadPromptError("variable")
    row, _new = VoicePrompt.objects.select_for_update().get_or_create(name=name, language=language)
    before, row.text = row.text, nfc(text).strip()
    if row.text != before:
        row.save(update_fields=["text"])
        record("prompt.text", row, by=by, name=name, language=language)
    return row


def speak_prompt(
    row: VoicePrompt, values: Mapping[str, str], rows: Collection[VoiceMenu], *, by: Actor
) -> PromptVersion:
    """Have the machine say a prompt's text. NoVoiceError, BadSoundError; BadPromptError("language") for one that the
    machine does not speak."""
    administrators_only(by)
    if row.language != MOTHER_TONGUE:
        raise BadPromptError("language")
    text = menus.spoken(row.name, row.language, values, rows)
    if not text:
        raise BadPromptError("empty")
    data, seconds = telephone_wav(speak(text))
    return _keep(row, data, seconds, spoken=text, machine=True, by=by)


def record_prompt(row: VoicePrompt, upload: bytes, *, by: Actor) -> PromptVersion:
    """A person's recording of a prompt, as a WAV of any usual kind. BadSoundError."""
    administrators_only(by)
    data, seconds = telephone_wav(upload)
    return _keep(row, data, seconds, spoken=row.text, machine=False, by=by)


@transaction.atomic
def play_again(version: PromptVersion, *, by: Actor) -> PromptVersion:
    """An older version is heard again, as the latest."""
    administrators_only(by)
    prompt = VoicePrompt.objects.select_for_update().get(pk=version.prompt_id)
    latest = prompt.versions.order_by("-pk").first()
    if latest and latest.digest == version.digest:
        return latest
    row = PromptVersion.objects.create(
        prompt=prompt,
        spoken=version.spoken,
        digest=version.digest,
        sound=version.sound,
        seconds=version.seconds,
        machine=version.machine,
        by=by.name,
    )
    record("prompt.version", prompt, by=by, name=prompt.name, language=prompt.language, machine=version.machine)
    return row


@transaction.atomic
def put_menu(box: Inbox, code: str, *, by: Actor) -> VoiceMenu:
    """A menu of an inbox's exchange, made where there is none; the first one is asked first. BadPromptError."""
    administrators_only(by)
    if not is_code(code) or len(code) > 40:
        raise BadPromptError("name")
    row, new = VoiceMenu.objects.get_or_create(
        inbox=box, code=code, defaults={"position": VoiceMenu.objects.filter(inbox=box).count()}
    )
    if new:
        record("menu.make", row, by=by, code=code, inbox=box.name)
    return row


@transaction.atomic
def drop_menu(row: VoiceMenu, *, by: Actor) -> Event:
    """A menu to which no key leads any more is taken away."""
    administrators_only(by)
    if VoiceChoice.objects.filter(menu__inbox=row.inbox, act=Act.MENU, target=row.code).exclude(menu=row).exists():
        raise BadPromptError("choice")
    choices = {choice.key: _written(choice) for choice in row.choices.all()}
    event = record("menu.drop", row, by=by, code=row.code, box=row.inbox_id, position=row.position, choices=choices)
    row.delete()
    return event


@transaction.atomic
def restore_menu(box: Inbox, event: Event, *, by: Actor) -> bool:
    """A menu that was taken away stands again in its place, with its keys; False where another has its name."""
    administrators_only(by)
    code, position = event.data["code"], event.data["position"]
    row, new = VoiceMenu.objects.get_or_create(inbox=box, code=code, defaults={"position": position})
    if new:
        VoiceChoice.objects.bulk_create(
            VoiceChoice(menu=row, key=key, **values) for key, values in event.data["choices"].items()
        )
        record("menu.make", row, by=by, code=code, inbox=box.name)
    return new


def _written(choice: VoiceChoice) -> dict[str, str]:
    return {"act": choice.act, "target": choice.target, "label": choice.label, "field": choice.field}


@transaction.atomic
def put_choice(
    menu: VoiceMenu, key: str, act: Act, target: str, label: str, *, by: Actor, field: str = ""
) -> VoiceChoice:
    """What a key of a menu does from now on. BadPromptError("choice") for what no exchange could do."""
    administrators_only(by)
    codes = set(VoiceMenu.objects.filter(inbox=menu.inbox).values_list("code", flat=True))
    needs = {Act.QUEUE: is_code(target), Act.MENU: target in codes, Act.SAY: is_code(target)}
    needs[Act.LANGUAGE] = target in SPOKEN
    if len(key) != 1 or key not in KEYS or not needs.get(act, True) or (field and not is_code(field)):
        raise BadPromptError("choice")
    label = nfc(label).strip()
    if not label:
        raise BadPromptError("empty")
    values: dict[str, Any] = {"act": act, "target": target, "label": label, "field": field}
    old = VoiceChoice.objects.filter(menu=menu, key=key).first()
    former = _written(old) if old else None
    if old and former == values:
        return old
    row, _new = VoiceChoice.objects.update_or_create(menu=menu, key=key, defaults=values)
    record("menu.choice", menu, by=by, code=menu.code, key=key, act=act, former=former)
    return row


@transaction.atomic
def drop_choice(row: VoiceChoice, *, by: Actor) -> Event:
    administrators_only(by)
    event = record("menu.choice", row.menu, by=by, code=row.menu.code, key=row.key, act="", former=_written(row))
    row.delete()
    return event


def begin_notice(text: str, until: datetime, fields: Collection[str], *, by: Actor) -> WaitNotice:
    """Say something to callers before they wait, until a moment; only to those who chose one of `fields`, where any is
    named. By a supervisor or administrator. NoVoiceError where there is no voice to say it, BadPromptError."""
    if not by.has(Role.SUPERVISOR, Role.ADMIN, Role.SYSTEM):
        raise NotAllowedError("supervisor_says")
    text = nfc(text).strip()
    if not text or until <= now():
        raise BadPromptError("empty")
    data, seconds = telephone_wav(speak(text))
    with transaction.atomic():
        prompt = VoicePrompt.objects.create(name=f"{NOTICE}{now():%Y%m%d%H%M%S%f}", text=text)
        _keep(prompt, data, seconds, spoken=text, machine=True, by=by)
        row = WaitNotice.objects.create(prompt=prompt, until=until, fields=sorted(fields), by=by.name)
        record("notice.begin", row, by=by, text=text, fields=row.fields)
    return row


@transaction.atomic
def end_notice(row: WaitNotice, *, by: Actor) -> Event | None:
    """It is said no more; None where its time was over."""
    if not by.has(Role.SUPERVISOR, Role.ADMIN, Role.SYSTEM):
        raise NotAllowedError("supervisor_says")
    row = WaitNotice.objects.select_for_update().get(pk=row.pk)
    until, row.until = row.until, now()
    if until <= row.until:
        return None
    row.save(update_fields=["until"])
    return record("notice.end", row, by=by, until=until.isoformat())


@transaction.atomic
def resume_notice(row: WaitNotice, until: datetime, *, by: Actor) -> bool:
    """It is said again, until the moment at which it was to end; False once that is over."""
    if not by.has(Role.SUPERVISOR, Role.ADMIN, Role.SYSTEM):
        raise NotAllowedError("supervisor_says")
    row = WaitNotice.objects.select_for_update().get(pk=row.pk)
    if not row.until <= now() < until:
        return False
    row.until = until
    row.save(update_fields=["until"])
    record("notice.begin", row, by=by, text=row.prompt.text, fields=row.fields)
    return True
