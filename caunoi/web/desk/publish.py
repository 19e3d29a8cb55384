"""What the public will see of a ticket, looked at by a person: proposals of the masking beside the raw words."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caunoi.lib.redact import find
from caunoi.publication import actions, queries
from caunoi.publication.models import Publication
from caunoi.tickets import queries as tickets
from caunoi.tickets.lifecycle import Missing, NotAllowed
from caunoi.web.lines import lines
from caunoi.web.masks import in_codes, in_words
from caunoi.web.story import picture
from caunoi.web.who import actor


class Edit(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=160)
    text = forms.CharField(label=gettext_lazy("Text for the public"), widget=forms.Textarea(attrs={"rows": 8}))
    answer = forms.CharField(
        label=gettext_lazy("Answer for the public"), required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    place = forms.CharField(label=gettext_lazy("Place, at street level"), required=False, max_length=200)


def marked(text: str) -> list[dict[str, Any]]:
    """A text cut into plain pieces and pieces of personal data, in order."""
    pieces, at = [], 0
    for span in find(text):
        pieces += [{"text": text[at : span.start]}, {"text": span.text, "kind": span.kind}]
        at = span.end
    return [*pieces, {"text": text[at:]}]


def waiting(request: HttpRequest) -> HttpResponse:
    """Everything that waits to be looked at, oldest first."""
    rows = [p.ticket for p in queries.waiting()[:100]]
    return render(request, "desk/publish.html", {"rows": lines(rows)})


def _publication(request: HttpRequest, code: str) -> Publication:
    ticket = tickets.one(actor(request), code)
    found = queries.of(ticket) if ticket else None
    if found is None:
        raise Http404
    return found


def one(request: HttpRequest, code: str) -> HttpResponse:
    publication, by = _publication(request, code), actor(request)
    initial = {name: in_words(getattr(publication, name)) for name in ("title", "text", "answer", "place")}
    form = Edit(request.POST or None, initial=initial)
    photos = list(tickets.photos(publication.ticket))
    if request.method == "POST":
        try:
            if request.POST.get("do") == "withdraw":
                actions.withdraw(publication, request.POST.get("note", ""), by=by)
                messages.success(request, _("Withdrawn. The public sees only your note."))
                return redirect("desk:publish")
            if form.is_valid():
                chosen = {p.attachment_id for p in photos} & {
                    int(v) for v in request.POST.getlist("photo") if v.isdigit()
                }
                changed = {k: in_codes(v) for k, v in form.cleaned_data.items() if v != initial[k]}
                actions.publish(publication, by=by, photos=chosen, **changed)
                messages.success(request, _("Published: %(code)s") % {"code": publication.ticket.code})
                return redirect("desk:publish")
        except Missing:
            form.add_error(None, _("Say why; the public reads this note."))
        except NotAllowed:
            form.add_error(None, _("This ticket is never published."))
    shown = set(publication.photos.values_list("pk", flat=True))
    context = {
        "publication": publication,
        "ticket": publication.ticket,
        "form": form,
        "raw": marked(publication.ticket.text),
        "photos": [
            {**picture(p.attachment), "id": p.attachment_id, "checked": p.attachment_id in shown} for p in photos
        ],
    }
    return render(request, "desk/publish_one.html", context, status=422 if form.errors else 200)
