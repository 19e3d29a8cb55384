"""A published ticket: its whole story, for everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now

from caunoi.answers.label import label
from caunoi.answers.models import Citation
from caunoi.answers.queries import citations, final
from caunoi.conversations.queries.channels import channel_name
from caunoi.followers import queries as followers
from caunoi.publication import queries
from caunoi.publication.models import Publication
from caunoi.sla.models import Deadline
from caunoi.sla.queries import handle
from caunoi.tickets.lifecycle import HANDLED, OPEN, State
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import disputed
from caunoi.web.case import Hold, current_holder
from caunoi.web.citizen.cacheable import cacheable
from caunoi.web.citizen.register import item
from caunoi.web.labels import localised_name
from caunoi.web.lines import Line, mark
from caunoi.web.masks import in_words
from caunoi.web.page import Page, render_page
from caunoi.web.story import PictureLinks, Step, for_public, picture, refused_publicly, reopening


@dataclass(frozen=True, kw_only=True)
class PublicWords:
    """What is published of a ticket, in the reader's language."""

    title: str
    text: str
    answer: str
    place: str


@dataclass(frozen=True, kw_only=True)
class PublicTicketPage(Page):
    """`late_again`: done before the deadline that it got when it was opened again; `goes_on`: the ticket with which it
    is handled, where that is published; `exact`: its place is shown as it was reported; `machine`: that one helped."""

    template = "citizen/ticket.html"

    publication: Publication
    words: PublicWords
    ticket: Ticket
    line: Line
    mark: str
    late_again: bool
    disputed: bool
    reopening: Step | None
    category: str
    agency: str
    deadline: Deadline | None
    printed: datetime
    story: list[Step]
    pictures: Mapping[str, list[PictureLinks]]
    joined: int
    open: bool
    refusal: str
    goes_on: Ticket | None
    hold: Hold
    exact: bool
    share: str
    mails: bool
    chats: list[str]
    machine: str
    citations: list[Citation]
    answered: datetime | None


@dataclass(frozen=True, kw_only=True)
class WithdrawnPage(Page):
    template = "citizen/withdrawn.html"

    code: str
    note: str


def _words(publication: Publication) -> PublicWords:
    return PublicWords(
        title=in_words(publication.title),
        text=in_words(publication.text),
        answer=in_words(publication.answer),
        place=in_words(publication.place),
    )


def _late_again(ticket: Ticket, deadline: Deadline | None) -> bool:
    """Whether it was done before its deadline, and counts as late because it had to be opened again."""
    if ticket.state not in HANDLED or deadline is None or not deadline.late:
        return False
    return deadline.met is not None and deadline.due is not None and deadline.met <= deadline.due


def shared(photos: Mapping[str, Sequence[PictureLinks]]) -> str:
    """The photo that a shared link shows: after the work, else of the report; all of them were looked at."""
    links = [*photos["after"], *photos["report"]]
    return f"{settings.PUBLIC_URL}{links[0].url}" if links else ""


@cacheable
def show(request: HttpRequest, code: str) -> HttpResponse:
    publication = queries.find(code)
    if publication is None:
        withdrawn = queries.withdrawn(code)
        if withdrawn:
            page = WithdrawnPage(code=withdrawn.ticket.code, note=withdrawn.note)
            return render_page(request, page, status=410)
        raise Http404
    row = publication.ticket
    if row.code != code:
        return redirect("citizen:ticket", row.code)
    deadline = handle(row)
    by_role: dict[str, list[PictureLinks]] = {role: [] for role in ("report", "before", "after")}
    for role, attachment in queries.photos(publication):
        by_role[role].append(picture(attachment))
    story, answer = for_public(row), final(row) if row.answered else None
    return render_page(
        request,
        PublicTicketPage(
            publication=publication,
            words=_words(publication),
            ticket=row,
            line=item(publication, {row.pk: deadline} if deadline else {}),
            mark=mark(row, deadline, promised=True),
            late_again=_late_again(row, deadline),
            disputed=disputed(row),
            reopening=reopening(story),
            category=localised_name(row.category),
            agency=localised_name(row.agency),
            deadline=deadline,
            printed=now(),
            story=story,
            pictures=by_role,
            joined=followers.joined(publication),
            open=row.state in OPEN,
            refusal=refused_publicly(row) if row.state == State.REFUSED else "",
            goes_on=row.merged_into if row.merged_into and queries.find(row.merged_into.code) else None,
            hold=current_holder(row),
            exact=(publication.latitude, publication.longitude) == (row.latitude, row.longitude),
            share=shared(by_role),
            mails=followers.mailbox() is not None,
            chats=[channel_name(name) for name in followers.chats()],
            machine=label(answer),
            citations=citations(answer),
            answered=(answer.approved if answer else None) or row.answered,
        ),
    )
