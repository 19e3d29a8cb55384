"""The two shapes of every page in setup: a list, and a form with what it would do beside it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from caunoi.events.models import Event
from caunoi.web.templatetags.caunoi_ui import vnnumber


def _ask(form: forms.Form) -> None:
    """Say which field is wrong and how, so that the summary of errors can be read alone."""
    for field in form.fields.values():
        label, said = {"label": field.label}, field.error_messages
        said["required"] = _("%(label)s: please fill this in.") % label
        if isinstance(field, forms.SlugField):
            said["invalid"] = _filled(_("%(label)s: only letters without accents, digits, - and _; no spaces.") % label)
        if isinstance(field, forms.IntegerField):  # decimal ones are too
            said["invalid"] = _("%(label)s: please write a number.") % label
            if isinstance(least := field.min_value, int | float):
                said["min_value"] = _filled(_("%(label)s: not below %(least)s.") % (label | {"least": vnnumber(least)}))
            if isinstance(most := field.max_value, int | float):
                said["max_value"] = _filled(_("%(label)s: not above %(most)s.") % (label | {"most": vnnumber(most)}))


def _filled(text: str) -> str:
    """A sentence that a validator is not to fill in any more."""
    return text.replace("%", "%%")


def form_page(
    request: HttpRequest, form: forms.Form, *, title: str, back: str, effect: str = "", **more: Any
) -> HttpResponse:
    """A form page; `back` is the list's view, `effect` the template of what the typed values would do. A post with
    `do=preview` shows only that, and saves nothing."""
    _ask(form)
    preview = request.POST.get("do") == "preview"
    context = {
        "title": title,
        "form": form,
        "back": reverse(back),
        "back_name": more.pop("back_name", ""),
        "effect": effect,
    }
    if preview and request.headers.get("HX-Request"):
        return render(request, effect, context | more)
    return render(request, "setup/form.html", context | more, status=422 if form.errors and not preview else 200)


def saving(request: HttpRequest, form: forms.Form) -> bool:
    """Whether this request asks to save, and may."""
    _ask(form)
    return request.method == "POST" and request.POST.get("do", "save") == "save" and form.is_valid()


def done(request: HttpRequest, to: str, *args: Any, event: Event | None = None, said: str = "") -> HttpResponse:
    """Back to a view or an address, with a word; what is written down as an event can be undone for a while."""
    undo = f"undo:{reverse('setup:undo', args=[event.pk])}" if event else ""
    messages.success(request, said or _("Saved."), extra_tags=undo)
    return redirect(to, *args)


def secret(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """A page that shows a secret this once; no browser keeps it."""
    response = render(request, "setup/secret.html", context | {"back": reverse(context["back"])})
    response["Cache-Control"] = "no-store"
    return response
