"""What callers hear and press, from rows: the menus of an inbox, the texts of its prompts. Reads rows; pure else."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from django.utils.timezone import now

from caunoi.calls.models import PromptVersion, VoiceChoice, VoiceMenu, VoicePrompt, WaitNotice
from caunoi.calls.prompts import ALWAYS, choices_text, fill, own_text
from caunoi.conversations.models import Inbox
from caunoi.lib.languages import MOTHER_TONGUE
from caunoi.procedures.queries import sought
from caunoi.procedures.record import Record
from caunoi.telephony.plan import Hours, Spans
from caunoi.telephony.speaking import KEYS, Act, KeyChoice, KeyMenu, LiveDoor, Speaking, prompts

COMMONEST, LATELY = 3, timedelta(days=90)
LONGEST_PART = 80  # characters of a procedure's name or time
ANNOUNCEMENT = "announcement-"  # and a number: the name of a new one
DAYS = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật")


def speaking(box: Inbox, live: LiveDoor | None) -> Speaking:
    """An inbox's menus."""
    return Speaking(menus=tuple(_key_menu(menu) for menu in menus(box)), live=live)


def menus(box: Inbox) -> list[VoiceMenu]:
    """An inbox's menus with their choices, the one that is asked first first."""
    return list(VoiceMenu.objects.filter(inbox=box).order_by("position", "id").prefetch_related("choices"))


def _key_menu(menu: VoiceMenu) -> KeyMenu:
    choices = {
        choice.key: KeyChoice(act=Act(choice.act), target=choice.target, field=choice.field)
        for choice in menu.choices.all()
    }
    return KeyMenu(code=menu.code, choices=choices)


def names(speaking: Speaking) -> list[str]:
    """The prompts that an exchange needs for these menus."""
    return [*ALWAYS, *prompts(speaking)]


def text_of(name: str, language: str = MOTHER_TONGUE) -> str:
    """A prompt's text as it is written, with its variables."""
    row = VoicePrompt.objects.filter(name=name, language=language).first()
    if row and row.text:
        return row.text
    return own_text(name, is_first=_is_first(name)) if language == MOTHER_TONGUE else ""


def _is_first(name: str) -> bool:
    """Whether it is the prompt of a menu that an inbox asks first."""
    first = VoiceMenu.objects.order_by("inbox_id", "position", "id").distinct("inbox_id")
    return name.startswith("menu-") and any(name == f"menu-{menu.code}" for menu in first)


def spoken(name: str, language: str, values: Mapping[str, str], menus: Iterable[VoiceMenu] = ()) -> str:
    """A prompt's text as it is said, its variables filled in."""
    own = next((menu for menu in menus if name == f"menu-{menu.code}"), None)
    labels = sorted((choice.key, choice.label) for choice in own.choices.all()) if own else []
    return fill(text_of(name, language), {**values, "choices": choices_text(labels)})


def values(number: str, hours: Hours | None) -> dict[str, str]:
    """The variables that are the same in every prompt. A number is read digit by digit."""
    return {"hotline": " ".join(number), "hours": hours_text(hours), "procedures": procedures_text(_commonest())}


def _commonest() -> Iterator[Record]:
    for procedure, _times in sought(now() - LATELY)[:COMMONEST]:
        if procedure.current:
            yield procedure.current.record


def procedures_text(records: Iterable[Record]) -> str:
    """The procedures as they are read aloud, which no key can stop: name and time, both short."""
    parts = []
    for number, record in enumerate(records, 1):
        times = next((way.time_said for way in record.ways if way.time_said), "")
        parts.append(f"Thủ tục {number}: {_short(record.name)}.")
        if times:
            parts.append(f"Thời hạn {_short(times)}.")
    return " ".join(parts)


def _short(text: str) -> str:
    line = " ".join(text.split()).rstrip(".; ")
    return line if len(line) <= LONGEST_PART else line[:LONGEST_PART].rsplit(" ", 1)[0]


def hours_text(hours: Hours | None) -> str:
    """Opening hours as they are read aloud, runs of equal weekdays together."""
    if hours is None:
        return "Tổng đài phục vụ suốt ngày đêm."
    runs: list[tuple[int, int, Spans]] = []
    for day, spans in enumerate(hours.week):
        if runs and runs[-1][2] == spans:
            runs[-1] = (runs[-1][0], day, spans)
        else:
            runs.append((day, day, spans))
    parts = [f"{_days(first, last)} {_spans(spans)}" for first, last, spans in runs if spans]
    return f"Giờ làm việc: {'; '.join(parts)}." if parts else ""


def _days(first: int, last: int) -> str:
    return DAYS[first] if first == last else f"từ {DAYS[first]} đến {DAYS[last]}"


def _spans(spans: Spans) -> str:
    return " và ".join(f"từ {_clock(start)} đến {_clock(end)}" for start, end in spans)


def _clock(minute: int) -> str:
    return f"{minute // 60} giờ" + (f" {minute % 60}" if minute % 60 else "")


def latest(name: str, language: str = MOTHER_TONGUE) -> PromptVersion | None:
    """The sound of a prompt that is heard now; that of the mother tongue where a language has none."""
    rows = PromptVersion.objects.filter(prompt__name=name).select_related("prompt").order_by("-id")
    own = rows.filter(prompt__language=language).first()
    return own or (rows.filter(prompt__language=MOTHER_TONGUE).first() if language != MOTHER_TONGUE else None)


def latest_of_all() -> dict[tuple[str, str], PromptVersion]:
    """The latest sound of every prompt, by name and language."""
    rows = PromptVersion.objects.select_related("prompt").order_by("prompt_id", "-id").distinct("prompt_id")
    return {(row.prompt.name, row.prompt.language): row for row in rows}


def version_of(digest: str) -> PromptVersion | None:
    return PromptVersion.objects.filter(digest=digest).order_by("-id").first()


def notice_for(field: str) -> WaitNotice | None:
    """What is said now before waiting, to who chose a field or none; the newest."""
    at = now()
    rows = WaitNotice.objects.filter(since__lte=at, until__gt=at).select_related("prompt").order_by("-since", "-id")
    return next((row for row in rows if not row.fields or field in row.fields), None)


def notices() -> list[WaitNotice]:
    """What is and was said before waiting, the latest first."""
    return list(WaitNotice.objects.select_related("prompt").order_by("-until", "-id")[:50])


def free_keys(menu: VoiceMenu) -> list[str]:
    in_use = {choice.key for choice in menu.choices.all()}
    return [key for key in KEYS if key not in in_use]


def notice(pk: int) -> WaitNotice | None:
    return WaitNotice.objects.filter(pk=pk).first()


def menu(pk: int) -> VoiceMenu | None:
    return VoiceMenu.objects.filter(pk=pk).select_related("inbox").prefetch_related("choices").first()


def choice(pk: int) -> VoiceChoice | None:
    return VoiceChoice.objects.filter(pk=pk).select_related("menu").first()


def fields_chosen() -> list[str]:
    """The codes of the fields that callers can choose by a key."""
    return sorted(set(VoiceChoice.objects.exclude(field="").values_list("field", flat=True)))


def versions(name: str, language: str) -> list[PromptVersion]:
    """The sounds of a prompt in a language, the newest first."""
    rows = PromptVersion.objects.filter(prompt__name=name, prompt__language=language)
    return list(rows.select_related("prompt").order_by("-id"))


def announcements() -> list[str]:
    """The names of the announcements that a key says, or that somebody has written."""
    by_key = set(VoiceChoice.objects.filter(act=Act.SAY).values_list("target", flat=True))
    own = VoicePrompt.objects.filter(name__startswith=ANNOUNCEMENT).values_list("name", flat=True)
    return sorted({*by_key, *own})


def label_of_announcement(name: str) -> str:
    """For what callers choose an announcement by a key; "" where none leads to it."""
    choice = VoiceChoice.objects.filter(act=Act.SAY, target=name).order_by("id").first()
    return choice.label if choice else ""
