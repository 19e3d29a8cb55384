"""What callers hear and press: menus, announcements, what is said of an incident before they wait; and what may come of
a call. A machine's voice is called one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_POST

from caunoi.calls import actions, menus, prompts, queries, voices
from caunoi.calls.actions import BadPromptError
from caunoi.calls.models import (
    MOTHER_TONGUE,
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
from caunoi.telephony.plan import hours_of
from caunoi.telephony.sound import BadSoundError
from caunoi.telephony.speaking import LANGUAGES, Act, is_code
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
TROUBLE = {
    "missing": gettext_noop("espeak-ng is not installed on this machine: record it, or install it."),
    "failed": gettext_noop("The machine could not say it."),
    "unreadable": gettext_noop("This is not a WAV file."),
    "empty": gettext_noop("There is nothing in it."),
    "long": gettext_noop("It is too long."),
    "silent": gettext_noop("Nothing can be heard in it."),
    "variable": gettext_noop("A variable in it means nothing here."),
    "language": gettext_noop("No machine speaks this language: a person has to record it."),
    "name": gettext_noop("Not a name: letters without accents, digits, - and _."),
    "choice": gettext_noop("This leads nowhere, or a key leads to it still."),
}


@dataclass(frozen=True, kw_only=True)
class KeyMenuLine:
    """A menu with what its keys do, `(choice, words)`."""

    row: VoiceMenu
    first: bool
    keys: Sequence[tuple[VoiceChoice, str]]
    more: bool


@dataclass(frozen=True, kw_only=True)
class PromptLine:
    """An announcement in a language, by its code; `language_name` of one that is not the first. `version` is what is
    heard now, None for one that nobody has said yet."""

    name: str
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
    language: str
    language_name: str
    text: str
    spoken: str
    variables: Sequence[str]
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
                code=code,
                language_name="" if code == MOTHER_TONGUE else LANGUAGES[code],
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
            keys=[(choice, word(ACTS, choice.act)) for choice in sorted(menu.choices.all(), key=lambda one: one.key)],
            more=bool(menus.free_keys(menu)),
        )
        for number, menu in enumerate(menus.menus(box))
    ]


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
        label=gettext_lazy("Only to who chose one of these fields in the menu"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lengths = [(str(count), _("%(count)s h") % {"count": count}) for count in HOURS]
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
            form.add_error("text", word(TROUBLE, error.code))
        else:
            return done(request, "setup:voice", message=_("Callers hear it from now on."))
    return form_page(request, form, title=_("Tell callers of an incident"), back="setup:voice")


@require_POST
def end_notice(request: HttpRequest, pk: int) -> HttpResponse:
    actions.end_notice(or_404(menus.notice(pk)), by=actor(request))
    return done(request, "setup:voice", message=_("Callers do not hear it any more."))


# --- menus ---


class MenuForm(forms.Form):
    code = forms.SlugField(label=gettext_lazy("Name"), max_length=40)


class ChoiceForm(forms.Form):
    key = forms.ChoiceField(label=gettext_lazy("Key"))
    label = forms.CharField(
        label=gettext_lazy("For what"),
        max_length=120,
        help_text=gettext_lazy("Said before “press …”, such as: power and water."),
    )
    act = forms.ChoiceField(label=gettext_lazy("What it does"))
    target = forms.CharField(
        label=gettext_lazy("Which queue, menu, announcement or language"),
        max_length=80,
        required=False,
    )
    field = forms.ChoiceField(label=gettext_lazy("Field that is chosen by it"), required=False)

    def __init__(self, menu: VoiceMenu, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = [(row.code, localised_name(row)) for row in directory.categories() if is_code(row.code)]
        free = [(key, key) for key in menus.free_keys(menu)]
        choose(self, key=free, act=choices(ACTS), field=[("", "–"), *fields])


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
        actions.drop_menu(_menu(pk), by=actor(request))
    except BadPromptError as error:
        messages.error(request, word(TROUBLE, error.code))
        return redirect("setup:voice")
    return done(request, "setup:voice", message=_("Removed."))


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
    actions.drop_choice(or_404(menus.choice(pk)), by=actor(request))
    return done(request, "setup:voice", message=_("Removed."))


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
    if language not in LANGUAGES or not is_code(name) or name.startswith(actions.NOTICE):
        raise Http404
    text = request.POST.get("text", menus.text_of(name, language))[: voices.LONGEST_TEXT]
    status = 200
    if request.method == "POST":
        try:
            return _act(request, name, language, text)
        except (BadPromptError, NoVoiceError, BadSoundError) as error:
            messages.error(request, word(TROUBLE, error.code))
            status = 422
    page = PromptPage(
        name=name,
        language=language,
        language_name=LANGUAGES[language],
        text=text,
        spoken=menus.spoken(name, language, _values(), _rows()),
        variables=[f"{{{one}}}" for one in prompts.VARIABLES],
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
    actions.put_result(row.code, row.label, row.label_en, retired=True, by=actor(request))
    return done(request, "setup:voice", message=_("It is not offered any more."))
