"""A report from a device had arrived, but the device did not learn so and its writer changed it meanwhile: the changes
go to the ticket, once."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from caunoi.conversations.actions import correct
from caunoi.events.actor import citizen
from caunoi.files.models import Attachment
from caunoi.tickets import actions
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import notes
from caunoi.tickets.report import Reporter
from caunoi.web.citizen.forms import What, Where
from caunoi.web.templatetags.caunoi_ui import vndate

WHO = ("name", "phone", "email")  # written where not everybody may read it


def digest(request: HttpRequest) -> str:
    """Of all that was sent, words and photos: the same sending has the same."""
    words = sorted((name, values) for name, values in request.POST.lists() if name != "id")
    whole = sha256(repr(words).encode("utf-8", "replace"))
    for upload in request.FILES.getlist("photos"):
        whole.update(sha256(upload.read()).digest())
        upload.seek(0)
    return whole.hexdigest()


def _display(field: forms.Field, value: Any) -> str:
    """A value as its writer chose or typed it."""
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        groups = [label if isinstance(label, list | tuple) else [(code, label)] for code, label in choices]
        return str(dict(pair for group in groups for pair in group).get(value, value))
    if isinstance(field, forms.DateTimeField) and value:
        return vndate(parse_datetime(value))
    return str(value or _("taken out"))


def _words(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What differs: the new words first, then the other fields by their names."""
    differs = {name for name in after if after[name] != before.get(name)}
    lines = [after["text"]] if "text" in differs else []
    if {"lat", "long"} & differs:
        place = _("taken out") if after["lat"] is None else f"{after['lat']}, {after['long']}"
        lines.append(_("Place on the map: %(place)s") % {"place": place})
    for name, field in (What().fields | Where().fields).items():
        if name in differs - {"text", "lat", "long"}:
            lines.append(f"{field.label}: {_display(field, after[name])}")
    if differs.intersection(WHO):
        lines.append(_("Name, phone number or e-mail are changed."))
    return "\n".join(lines)


@transaction.atomic
def add(
    ticket: Ticket, before: Mapping[str, Any], after: Mapping[str, Any], who: Reporter, photos: Sequence[Attachment]
) -> bool:
    """Put to the ticket what is new in it; False when nothing is. What was added before is not added again."""
    by = citizen(ticket.pk)
    has = set(ticket.photos.values_list("attachment__digest", flat=True))
    new = [photo.pk for photo in photos if photo.digest not in has]
    words = _words(before, after)
    actions.add_photos(ticket, new, "report", by=by)
    if words and words not in {note.text for rows in notes(ticket, internal=False).values() for note in rows}:
        correct(ticket.contact, by=by, name=who.name, phone=who.phone, email=who.email)
        actions.add(ticket, words, by=by)
    return bool(new or words)
