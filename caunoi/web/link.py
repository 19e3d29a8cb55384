"""A one-time link: an agency without accounts reads its case, without the reporter, and answers once."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt

from caunoi import moves
from caunoi.files import actions as files
from caunoi.routing import links, queries
from caunoi.routing.models import Link
from caunoi.routing.queries import LinkClosedError, by_link
from caunoi.sla.queries import deadlines, handle
from caunoi.tickets import datum
from caunoi.tickets.lifecycle import MissingDataError, RefusedError
from caunoi.tickets.models import Ticket
from caunoi.web.case import folded
from caunoi.web.citizen.follow import secret
from caunoi.web.labels import localised_name
from caunoi.web.lines import Line, line
from caunoi.web.masks import readable
from caunoi.web.moves import Photos
from caunoi.web.page import Page, render_page
from caunoi.web.story import PictureLinks, pictures


class Reply(forms.Form):
    """What was done, with photos; or why it is not theirs."""

    what = forms.ChoiceField(
        label=gettext_lazy("What do you answer?"),
        widget=forms.RadioSelect,
        initial="done",
        choices=[("done", gettext_lazy("This is what we did")), ("not_ours", gettext_lazy("This is not ours"))],
    )
    text = forms.CharField(
        label=gettext_lazy("Your answer, or why it is not yours and whose it is"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    before = Photos.of(datum.BEFORE)
    after = Photos.of(datum.AFTER)

    def send(self, word: str, link: Link) -> bool:
        """Use the link; False, with the reason as an error of the form, when it cannot be."""
        if not self.is_valid():
            return False
        d, by = self.cleaned_data, by_link(link.leg, link.pk)
        text = d["text"].strip()
        move_input: dict[str, Any] = {"reason": text} if d["what"] == "not_ours" else {"text": text}
        if d["what"] == "done":
            move_input |= {name: [files.store(data, by=by).pk for data in d[name]] for name in ("before", "after")}
        try:
            moves.reply(word, **move_input)
        except MissingDataError:
            self.add_error("text", _("Please fill this in."))
        except RefusedError:
            self.add_error(None, _("This case has just moved on. Please call the hotline."))
        return not self.errors


WORDS = {
    "forged": gettext_lazy("This address is incomplete. Please copy all of it, or call the hotline."),
    "revoked": gettext_lazy("This link was revoked, perhaps because a newer one was sent to you."),
    "expired": gettext_lazy("This link has expired. Please call the hotline for a new one."),
    "used": gettext_lazy("This link has been used: your answer has arrived. Thank you."),
    "over": gettext_lazy("This case is no longer with you. Nothing more needs to be done."),
}


@dataclass(frozen=True)
class LinkClosedPage(Page):
    """A link that takes no answer, or none any more; `code` says why: one of WORDS, or `thanks`."""

    template = "web/link_closed.html"

    code: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class LinkPage(Page):
    """The case, and the form of its one answer; `words` are the beginning of the citizen's and the rest."""

    template = "web/link.html"

    link: Link
    ticket: Ticket
    agency: str
    form: Reply
    line: Line
    note: str
    words: tuple[str, str]
    pictures: dict[str, list[PictureLinks]]
    helps: bool


@csrf_exempt  # the signed address is the whole authority; there is no session
def show(request: HttpRequest, token: str) -> HttpResponse:
    try:
        link = queries.link(token)
        form = Reply(request.POST, request.FILES) if request.method == "POST" else Reply()
        if request.method == "POST" and form.send(token, link):
            return secret(render_page(request, LinkClosedPage("thanks")))
    except LinkClosedError as closed:
        page = LinkClosedPage(closed.code, str(WORDS[closed.code]))
        return secret(render_page(request, page, status=404 if closed.code == "forged" else 410))
    if request.method == "GET":
        links.open_first(link)
    leg, by = link.leg, by_link(link.leg, link.pk)
    ticket = leg.ticket
    own = next((d for d in deadlines(ticket) if d.leg_id == leg.pk and d.clock == "handle"), None)
    case = LinkPage(
        link=link,
        ticket=ticket,
        agency=localised_name(leg.agency),
        form=form,
        line=line(ticket, own or handle(ticket), by),
        note=readable(leg.note, ticket, by),
        words=folded(readable(ticket.text, ticket, by)),
        pictures=pictures(ticket, query=f"l={token}"),
        helps=leg.role == "coordinate",
    )
    return secret(render_page(request, case, status=422 if form.errors else 200))
