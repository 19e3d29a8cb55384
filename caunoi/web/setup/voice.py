"""What callers hear and press: menus, announcements, what is said of an incident before they wait; and what may come of
a call. A machine's voice is called one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, pgettext_lazy
from django.views.decorators.http import require_POST

from caunoi.calls import actions, menus, prompts, queries, voices
from caunoi.calls.actions import BadPromptError
from caunoi.calls.models import (
    CallResult,
    PromptVersion,
    VoiceChoice,
    VoiceMenu,
    WaitNotice,
)
from caunoi.calls.voices import NoVoiceError
from caunoi.conversations.models import Inbox
from caunoi.directory import queries as directory
from caunoi.events.actor import Role
from caunoi.lib.languages import MOTHER_TONGUE, SPOKEN
from caunoi.telephony.plan import hours_of
from caunoi.telephony.sound import BadSoundError
from caunoi.telephony.speaking import MANY, WAITS, Act, is_code
from caunoi.web.errors import or_404
from caunoi.web.labels import choices, localised_name, word
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.who import actor

LARGEST_UPLOAD = 20 * 1024 * 1024  # bytes
LONGEST_NOTICE = 400  # characters
VERSIONS = 20
HOURS = (1, 2, 4, 8, 24)
ACTS = {
    "queue": gettext_noop("Waits for an operator, in a queue"),
    "menu": gettext_noop("Asks another menu"),
    "say": gettext_noop("Says an announcement"),
    "ticket": gettext_noop("Says where a ticket stands, by its code"),
    "message": gettext_noop("Records a message"),
    "language": gettext_noop("Goes on in another language"),
}
REMOVED = gettext_noop("Removed. Callers hear it until the next `caunoi pbx write`.")
TROUBLE = {
    "missing": gettext_noop("espeak-ng is not installed on this machine: record it, or install it."),
    "failed": gettext_noop("The machine could not say it."),
    "unreadable": gettext_noop("This is not a WAV file."),
    "empty": gettext_noop("No recording was chosen, or no text was written."),
    "long": gettext_noop("Too long: a text has at most 2,000 characters, a file at most 20 MB."),
    "silent": gettext_noop("Nothing can be heard in it."),
    "variable": gettext_noop("There is no variable {%(name)s}. Use only: %(names)s"),
    "language": gettext_noop("No machine speaks this language: a person has to record it."),
    "name": gettext_noop("Not a name: letters without accents, digits, - and _."),
    "choice": gettext_noop("There is no such target. Choose from the list."),
}
LABELS = {
    "consent": gettext_noop("Word of the recording"),
    "unrecorded": gettext_noop("Nothing is recorded then"),
    "closed": gettext_noop("Outside the opening hours"),
    "message": gettext_noop("Invitation to leave a message"),
    "keep": gettext_noop("How a place is kept"),
    "callback": gettext_noop("A place is kept"),
    "survey": gettext_noop("Question how satisfied they are"),
    "lost": gettext_noop("The connection broke"),
    "procedures": gettext_noop("The commonest procedures"),
    "ticket-code": gettext_noop("Question for a ticket's code"),
    "ticket-new": gettext_noop("Ticket: received"),
    "ticket-waiting": gettext_noop("Ticket: waits for information"),
    "ticket-working": gettext_noop("Ticket: being worked on"),
    "ticket-answered": gettext_noop("Ticket: answered"),
    "ticket-closed": gettext_noop("Ticket: closed"),
    "ticket-refused": gettext_noop("Ticket: refused"),
    "ticket-unknown": gettext_noop("Ticket: not found"),
    "ticket-often": gettext_noop("Ticket: looked up too often"),
}
"""What a prompt is called on pages, by its name."""
VARIABLES = {
    "hotline": gettext_noop("number of the hotline"),
    "hours": gettext_noop("opening hours"),
    "choices": gettext_noop("keys of the menu"),
    "procedures": gettext_noop("procedures that are looked for most"),
}


def prompt_label(name: str) -> str:
    """What a prompt is called on pages."""
    kind, _dash, rest = name.partition("-")
    if name in LABELS:
        return word(LABELS, name)
    if name == f"wait-{WAITS[-1]}":
        return _("Wait of %(minutes)s minutes or more") % {"minutes": rest}
    if name == f"place-{MANY}":
        return _("Waiting before them: %(count)s or more") % {"count": rest}
    if kind == "place":
        return _("Waiting before them: %(count)s") % {"count": rest}
    if kind == "wait":
        return _("Wait of %(minutes)s minutes") % {"minutes": rest}
    if kind == "menu":
        return _("Menu “%(code)s”") % {"code": rest}
    return menus.label_of_announcement(name) or name


def _trouble(error: BadPromptError | NoVoiceError | BadSoundError, text: str = "") -> str:
    """What is wrong with a text or a sound, in words."""
    names = {"names": " ".join(f"{{{one}}}" for one in prompts.VARIABLES)}
    unknown = prompts.unknown_variables(text)
    return word(TROUBLE, error.code) % {"name": unknown[0], **names} if unknown else word(TROUBLE, error.code)


@dataclass(frozen=True, kw_only=True)
class KeyMenuLine:
    """A menu with what its keys do, `(choice, words, target)`."""

    row: VoiceMenu
    first: bool
    keys: Sequence[tuple[VoiceChoice, str, str]]
    more: bool


@dataclass(frozen=True, kw_only=True)
class PromptLine:
    """An announcement in a language, by its code; `language_name` of one that is not the first. `version` is what is
    heard now, None for one that nobody has said yet."""

    name: str
    label: str
    code: str
    language_name: str
    text: str
    version: PromptVersion | None


@dataclass(frozen=True, kw_only=True)
class WaitNoticeLine:
    row: WaitNotice
    fields: str
    now: bool


@dataclass(frozen=True, kw_only=True)
class VoicePage(Page):
    """`sets` may change what stands here; others may only say something of an incident. `speaks`: there is a machine's
    voice."""

    template = "setup/voice.html"

    boxes: Sequence[tuple[Inbox, Sequence[KeyMenuLine]]]
    prompts: Sequence[PromptLine]
    notices: Sequence[WaitNoticeLine]
    results: Sequence[CallResult]
    sets: bool
    speaks: bool


@dataclass(frozen=True, kw_only=True)
class PromptPage(Page):
    """An announcement: its text, its sounds, newest first."""

    template = "setup/prompt.html"

    name: str
    label: str
    language: str
    language_name: str
    text: str
    spoken: str
    variables: Sequence[tuple[str, str]]
    versions: Sequence[PromptVersion]
    speaks: bool


def _names() -> list[str]:
    """Every announcement that an exchange of ours plays."""
    names = dict.fromkeys(prompts.ALWAYS)
    for box, _ami in queries.asterisks():
        names |= dict.fromkeys(menus.names(menus.speaking(box, None)))
    return list(names)


def show(request: HttpRequest) -> HttpResponse:
    sounds = menus.latest_of_all()
    keys = [(name, MOTHER_TONGUE) for name in _names()]
    keys += [key for key in sorted(sounds) if key not in keys and not key[0].startswith(actions.NOTICE)]
    categories = {row.code: localised_name(row) for row in directory.categories()}
    page = VoicePage(
        boxes=[(box, _menu_lines(box)) for box, _ami in queries.asterisks()],
        prompts=[
            PromptLine(
                name=name,
                label=prompt_label(name),
                code=code,
                language_name="" if code == MOTHER_TONGUE else SPOKEN[code],
                text=menus.text_of(name, code),
                version=sounds.get((name, code)),
            )
            for name, code in keys
        ],
        notices=[
            WaitNoticeLine(
                row=row,
                fields=", ".join(categories.get(code, code) for code in row.fields),
                now=row.since <= now() < row.until,
            )
            for row in menus.notices()
        ],
        results=queries.results(),
        sets=actor(request).has(Role.ADMIN),
        speaks=voices.has_voice(),
    )
    return render_page(request, page)


def _menu_lines(box: Inbox) -> list[KeyMenuLine]:
    return [
        KeyMenuLine(
            row=menu,
            first=number == 0,
            keys=[
                (choice, word(ACTS, choice.act), _target(choice))
                for choice in sorted(menu.choices.all(), key=lambda one: one.key)
            ],
            more=bool(menus.free_keys(menu)),
        )
        for number, menu in enumerate(menus.menus(box))
    ]


def _target(choice: VoiceChoice) -> str:
    """Where a key leads, in words."""
    match choice.act:
        case Act.SAY:
            return prompt_label(choice.target)
        case Act.LANGUAGE:
            return SPOKEN.get(choice.target, choice.target)
    return choice.target


# --- what is said of an incident ---


class NoticeForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What callers hear before they wait"),
        max_length=LONGEST_NOTICE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Said by a machine's voice, at once, to everybody who calls."),
    )
    hours = forms.ChoiceField(label=gettext_lazy("For how long"))
    concerns = forms.MultipleChoiceField(
        label=gettext_lazy("Only callers who chose one of these fields in the menu"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lengths = [(str(hours), _("%(count)s h") % {"count": hours}) for hours in HOURS]
        codes = menus.fields_chosen()
        names = {row.code: localised_name(row) for row in directory.categories()}
        choose(self, hours=lengths, concerns=[(code, names.get(code, code)) for code in codes])


def begin_notice(request: HttpRequest) -> HttpResponse:
    form = NoticeForm(request.POST or None)
    if saving(request, form):
        d = form.cleaned_data
        until = now() + timedelta(hours=int(d["hours"]))
        try:
            actions.begin_notice(d["text"], until, d["concerns"], by=actor(request))
        except (NoVoiceError, BadSoundError, BadPromptError) as error:
            form.add_error("text", _trouble(error, d["text"] if error.code == "variable" else ""))
        else:
            return done(request, "setup:voice", message=_("Callers hear it from now on."))
    return form_page(request, form, title=_("Tell callers of an incident"), back="setup:voice")


@require_POST
def end_notice(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor(request)
    event = actions.end_notice(or_404(menus.notice(pk)), by=by)
    undone = event if by.has(Role.ADMIN) else None  # only they may undo
    return done(request, "setup:voice", event=undone, message=_("Callers do not hear it any more."))


# --- menus ---


class MenuForm(forms.Form):
    code = forms.SlugField(label=pgettext_lazy("a thing", "Name"), max_length=40)


class ChoiceForm(forms.Form):
    key = forms.ChoiceField(label=gettext_lazy("Key"))
    label = forms.CharField(
        label=gettext_lazy("For what"),
        max_length=120,
        help_text=gettext_lazy("Said before “press …”, such as: power and water."),
    )
    act = forms.ChoiceField(label=gettext_lazy("What it does"))
    target = forms.ChoiceField(
        label=gettext_lazy("Which queue, menu, announcement or language"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("There is no such target. Choose from the list.")},
    )
    field = forms.ChoiceField(label=gettext_lazy("Field that is chosen by it"), required=False)

    def __init__(self, menu: VoiceMenu, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = [(row.code, localised_name(row)) for row in directory.categories() if is_code(row.code)]
        free = [(key, key) for key in menus.free_keys(menu)]
        self.targets = _targets(menu)
        groups = [(word(TARGETS, act), list(rows.items())) for act, rows in self.targets.items() if rows]
        choose(self, key=free, act=choices(ACTS), field=[("", "–"), *fields], target=[("", "–"), *groups])

    def clean(self) -> None:
        d = self.cleaned_data
        rows = self.targets.get(d.get("act", ""))
        if rows is None:
            d["target"] = ""
        elif "target" in d and d["target"] not in rows:
            self.add_error("target", word(TROUBLE, "choice"))


TARGETS = {
    "queue": gettext_noop("Queues of calls"),
    "menu": gettext_noop("Menus"),
    "say": gettext_noop("Announcements"),
    "language": gettext_noop("Languages"),
}


def _targets(menu: VoiceMenu) -> dict[str, dict[str, str]]:
    """Where a key of a menu can lead, by what it does: values with their words."""
    names = ["procedures", *(name for name in menus.announcements() if name != "procedures")]
    number = next(number for number in count(1) if f"{menus.ANNOUNCEMENT}{number}" not in names)
    queues = next((ami.queues for box, ami in queries.asterisks() if box.pk == menu.inbox_id), ())
    return {
        "queue": {queue: queue for queue in queues},
        "menu": {one.code: one.code for one in menus.menus(menu.inbox)},
        "say": {name: prompt_label(name) for name in names}
        | {f"{menus.ANNOUNCEMENT}{number}": _("A new announcement: its text is written afterwards")},
        "language": dict(SPOKEN),
    }


def add_menu(request: HttpRequest, pk: int) -> HttpResponse:
    """A new menu of an inbox's exchange."""
    box = next((box for box, _ami in queries.asterisks() if box.pk == pk), None)
    form = MenuForm(request.POST or None)
    box = or_404(box)
    if saving(request, form):
        menu = actions.put_menu(box, form.cleaned_data["code"], by=actor(request))
        return done(request, "setup:voice-choice", menu.pk, message=_("Added. Now say what its keys do."))
    return form_page(request, form, title=_("Add a menu"), back="setup:voice")


def _menu(pk: int) -> VoiceMenu:
    return or_404(menus.menu(pk))


@require_POST
def drop_menu(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        event = actions.drop_menu(_menu(pk), by=actor(request))
    except BadPromptError:
        messages.error(request, _("A key still leads to this menu. Remove that key first."))
        return redirect("setup:voice")
    return done(request, "setup:voice", event=event, message=_(REMOVED))


def add_choice(request: HttpRequest, pk: int) -> HttpResponse:
    """What another key of a menu does."""
    menu = _menu(pk)
    form = ChoiceForm(menu, request.POST or None)
    if saving(request, form):
        d = form.cleaned_data
        try:
            actions.put_choice(
                menu, d["key"], Act(d["act"]), d["target"], d["label"], field=d["field"], by=actor(request)
            )
            return done(request, "setup:voice")
        except BadPromptError as error:
            form.add_error("target", word(TROUBLE, error.code))
    return form_page(
        request,
        form,
        title=_("A key of the menu “%(menu)s”") % {"menu": menu.code},
        back="setup:voice",
        lead=_("0, no key and every other key lead to a person. It takes effect with the next `caunoi pbx write`."),
    )


@require_POST
def drop_choice(request: HttpRequest, pk: int) -> HttpResponse:
    event = actions.drop_choice(or_404(menus.choice(pk)), by=actor(request))
    return done(request, "setup:voice", event=event, message=_(REMOVED))


# --- announcements ---


def _values() -> dict[str, str]:
    """The variables, as the first exchange has them."""
    for box, ami in queries.asterisks():
        try:
            hours = hours_of(directory.calendar(str(box.config.get("opening") or "always")), localdate())
        except KeyError:
            hours = None
        return menus.values(ami.caller or "1022", hours)
    return menus.values("1022", None)


def _rows() -> list[VoiceMenu]:
    return [menu for box, _ami in queries.asterisks() for menu in menus.menus(box)]


def prompt(request: HttpRequest, name: str, language: str) -> HttpResponse:
    """An announcement; a post says, records or only tries its text, by `do`."""
    if language not in SPOKEN or not is_code(name) or name.startswith(actions.NOTICE):
        raise Http404
    text = request.POST.get("text", menus.text_of(name, language))[: voices.LONGEST_TEXT]
    status = 200
    if request.method == "POST":
        try:
            return _act(request, name, language, text)
        except (BadPromptError, NoVoiceError, BadSoundError) as error:
            messages.error(request, _trouble(error, text if error.code == "variable" else ""))
            status = 422
    page = PromptPage(
        name=name,
        label=prompt_label(name),
        language=language,
        language_name=SPOKEN[language],
        text=text,
        spoken=menus.spoken(name, language, _values(), _rows()),
        variables=[(f"{{{one}}}", word(VARIABLES, one)) for one in prompts.VARIABLES],
        versions=menus.versions(name, language)[:VERSIONS],
        speaks=voices.has_voice() and language == MOTHER_TONGUE,
    )
    return render_page(request, page, status=status)


def _act(request: HttpRequest, name: str, language: str, text: str) -> HttpResponse:
    by = actor(request)
    match request.POST.get("do"):
        case "preview":
            data, _seconds = actions.preview(text, _values())
            answer = HttpResponse(data, "audio/wav")
            answer["Cache-Control"] = "no-store"
            return answer
        case "speak":
            row = actions.write_prompt(name, language, text, by=by)
            actions.speak_prompt(row, _values(), _rows(), by=by)
        case "upload":
            upload = request.FILES.get("sound")
            if upload is None:
                raise BadSoundError("empty")
            if (upload.size or 0) > LARGEST_UPLOAD:
                raise BadSoundError("long")
            actions.record_prompt(actions.write_prompt(name, language, text, by=by), upload.read(), by=by)
        case "again":
            chosen = [one for one in menus.versions(name, language) if str(one.pk) == request.POST.get("version")]
            actions.play_again(or_404(chosen[0] if chosen else None), by=by)
        case _:
            actions.write_prompt(name, language, text, by=by)
    messages.success(request, _("Saved."))
    return redirect("setup:voice-prompt", name, language)


# --- what may come of a call ---


class ResultForm(forms.Form):
    code = forms.SlugField(label=gettext_lazy("Code"), max_length=20)
    label = forms.CharField(label=gettext_lazy("In Vietnamese"), max_length=80)
    label_en = forms.CharField(label=gettext_lazy("In English"), max_length=80)


def result(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add a result of calls, or change the words of one."""
    row = or_404(queries.result(code)) if code else None
    start = {"code": row.code, "label": row.label, "label_en": row.label_en} if row else None
    form = ResultForm(request.POST or None, initial=start)
    if row:
        form.fields["code"].disabled = True
    if saving(request, form):
        actions.put_result(**form.cleaned_data, by=actor(request))
        return done(request, "setup:voice")
    return form_page(request, form, title=_("What came of a call"), back="setup:voice")


@require_POST
def retire_result(request: HttpRequest, code: str) -> HttpResponse:
    row = or_404(queries.result(code))
    event = actions.put_result(row.code, row.label, row.label_en, retired=True, by=actor(request))
    return done(request, "setup:voice", event=event, message=_("It is not offered any more."))
