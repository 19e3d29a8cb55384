"""The two shapes of every page in setup: a list, and a form with what it would do beside it.

A form carries marks of the values it was drawn with, so that of two who change one thing at once each changes only what
they touched."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from caunoi.events.models import Event
from caunoi.web.page import Inset, Page, render_page
from caunoi.web.setup.words import CARDS
from caunoi.web.templatetags.caunoi_ui import vnnumber


def _ask(form: forms.Form) -> None:
    """Say which field is wrong and how, so that the summary of errors can be read alone."""
    for field in form.fields.values():
        label, texts = {"label": field.label}, field.error_messages
        texts["required"] = _("%(label)s: please fill this in.") % label
        if isinstance(field, forms.SlugField):
            text = _("%(label)s: only letters without accents, digits, - and _; no spaces.") % label
            texts["invalid"] = _filled(text)
        if isinstance(field, forms.IntegerField):  # decimal ones are too
            texts["invalid"] = _("%(label)s: please write a number.") % label
            if isinstance(least := field.min_value, int | float):
                values = label | {"least": vnnumber(least)}
                texts["min_value"] = _filled(_("%(label)s: not below %(least)s.") % values)
            if isinstance(most := field.max_value, int | float):
                values = label | {"most": vnnumber(most)}
                texts["max_value"] = _filled(_("%(label)s: not above %(most)s.") % values)


def _filled(text: str) -> str:
    """A sentence that a validator is not to fill in any more."""
    return text.replace("%", "%%")


DRAWN, OVERTAKEN = "drawn", "overtaken"


def _written(field: forms.BoundField, value: Any) -> list[str]:
    """A value as the form sends it."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if value else []
    text = widget.format_value(value)
    return [str(one).replace("\r\n", "\n") for one in (text if isinstance(text, list) else [text or ""])]


def _now(field: forms.BoundField) -> list[str]:
    return _written(field, field.initial)


def _mark(written: list[str]) -> str:
    return sha256(json.dumps(written).encode()).hexdigest()[:12]  # compared with our own, and no secret


def _comparable(form: forms.Form) -> list[forms.BoundField]:
    unlike = (forms.PasswordInput, forms.MultiWidget, forms.FileInput)
    return [field for field in form if not isinstance(field.field.widget, unlike)]


def drawn(form: forms.Form) -> str:
    """Marks of the values there are now, for the form to bring back."""
    return json.dumps({field.name: _mark(_now(field)) for field in _comparable(form)})


def _join(request: HttpRequest, form: forms.Form) -> list[forms.BoundField]:
    """Take over what others changed since the form was drawn where it was left alone; the fields that both changed."""
    try:
        marks = json.loads(request.POST.get(DRAWN, "{}"))
    except ValueError:
        return []
    data, both = request.POST.copy(), []
    for field in _comparable(form):
        now, was = _now(field), marks.get(field.name)
        sent = _written(field, field.data)
        if was is None or was == _mark(now) or sent == now:
            continue
        if was == _mark(sent):
            data.setlist(field.html_name, now)
        else:
            both.append(field)
    form.data = data
    return both


def _current_text(field: forms.BoundField) -> str:
    labels = {str(code): str(label) for code, label in getattr(field.field, "choices", ())}
    return ", ".join(labels.get(one, one) for one in _now(field)) or "–"


@dataclass(frozen=True, kw_only=True)
class FormPage(Page):
    """`back` is the list's address; `effect` what the typed values would do; `other` are further buttons, each with its
    value, words and hint; `groups` the choices of the field whose list is named `datalist`."""

    template = "setup/form.html"

    title: str
    form: forms.Form
    back: str
    back_name: str
    drawn: str
    lead: str
    save: str
    effect: Inset | None
    other: Sequence[tuple[str, str, str]]
    wide: bool
    datalist: str
    groups: Sequence[str]


def back_to(view: str) -> dict[str, str]:
    """Where a page leads back to: the address of a list, and its name as on the first page of setup."""
    return {"back": reverse(view), "back_name": next(_(label) for name, _icon, label, _text in CARDS if name == view)}


def form_page(
    request: HttpRequest,
    form: forms.Form,
    *,
    title: str,
    back: str,
    lead: str = "",
    save: str = "",
    effect: Page | None = None,
    other: Sequence[tuple[str, str, str]] = (),
    wide: bool = False,
    datalist: str = "",
    groups: Sequence[str] = (),
) -> HttpResponse:
    """A form page; `back` is the list's view. A post with `do=preview` shows only the effect, and saves nothing."""
    _ask(form)
    preview = request.POST.get("do") == "preview"
    if effect and preview and request.headers.get("HX-Request"):
        return render_page(request, effect)
    page = FormPage(
        title=title,
        form=form,
        **back_to(back),
        drawn=drawn(form),
        lead=lead,
        save=save,
        effect=Inset(effect) if effect else None,
        other=other,
        wide=wide,
        datalist=datalist,
        groups=groups,
    )
    overtaken = any(form.has_error(name, OVERTAKEN) for name in form.fields)
    return render_page(request, page, status=409 if overtaken else 422 if form.errors and not preview else 200)


def saving(request: HttpRequest, form: forms.Form) -> bool:
    """Whether this request asks to save, and may."""
    _ask(form)
    if request.method != "POST" or request.POST.get("do", "save") != "save":
        return False
    both = _join(request, form)
    form.full_clean()
    for field in both:
        words = {"label": field.label, "value": _current_text(field)}
        text = _(
            "%(label)s: somebody else has changed this to “%(value)s” meanwhile. Saved again, yours takes its place."
        )
        form.add_error(field.name, forms.ValidationError(text % words, OVERTAKEN))
    return form.is_valid()


def done(request: HttpRequest, to: str, *args: Any, event: Event | None = None, message: str = "") -> HttpResponse:
    """Back to a view or an address, with a word; what is written down as an event can be undone for a while."""
    undo = f"undo:{reverse('setup:undo', args=[event.pk])}" if event else ""
    messages.success(request, message or _("Saved."), extra_tags=undo)
    return redirect(to, *args)


SHOWN_ONCE = "shown-once"


@dataclass(frozen=True, kw_only=True)
class SecretPage(Page):
    """A secret to be noted; `back` is the address of the list."""

    template = "setup/secret.html"

    title: str
    secret: str
    lead: str
    back: str
    back_name: str
    username: str = ""


def secret(request: HttpRequest, page: SecretPage) -> HttpResponse:
    """To the page that shows a secret this once: loaded again it makes no other."""
    request.session[SHOWN_ONCE] = page.context()
    return redirect("setup:secret")


def show_secret(request: HttpRequest) -> HttpResponse:
    """The secret that was just made; no browser keeps it, and neither do we."""
    fields = request.session.pop(SHOWN_ONCE, None)
    if fields is None:
        messages.info(request, _("It was shown once and is not kept. If nobody noted it, make a new one."))
        return redirect("setup:home")
    response = render_page(request, SecretPage(**fields))
    response["Cache-Control"] = "no-store"
    return response
