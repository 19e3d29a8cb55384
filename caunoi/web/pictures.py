from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase

from caunoi.conversations.queries import enclosed
from caunoi.events.actor import Actor
from caunoi.files import queries as files
from caunoi.files.models import Attachment
from caunoi.publication.queries import published
from caunoi.publication.readings import painted_ticket
from caunoi.routing.queries import LinkClosedError, link
from caunoi.tickets.queries import visible_to
from caunoi.web.citizen.own import own_ticket
from caunoi.web.errors import or_404
from caunoi.web.who import actor


def _linked(word: str, attachment: Attachment) -> bool:
    """Whether an agency's one-time link shows the case of this picture."""
    if not word:
        return False
    try:
        return link(word).leg.ticket.photos.filter(attachment=attachment).exists()
    except LinkClosedError:
        return False


def _staffs(by: Actor, attachment: Attachment) -> bool:
    """Whether it is of a ticket that this member of staff sees; a painted-over one, for those who paint."""
    if visible_to(by).filter(photos__attachment=attachment).exists():
        return True
    painted = painted_ticket(attachment, by)
    return painted is not None and visible_to(by).filter(pk=painted).exists()


def show(request: HttpRequest, name: str, size: str) -> HttpResponseBase:
    """A picture, for whoever may see its ticket: the public when published, its citizen by `?f=`, an agency by
    its link (`?l=`), its staff, its sender."""
    attachment = or_404(files.attachment(name))
    public = published().filter(photos=attachment).exists()
    if not public:
        own = own_ticket(request.GET.get("f", ""), request.COOKIES)
        mine = own is not None and own.ticket.photos.filter(attachment=attachment).exists()
        by = actor(request)
        linked = _linked(request.GET.get("l", ""), attachment)
        sent = attachment in files.claimed([request.GET.get("c", "")])
        in_thread = enclosed(attachment.pk, by)
        seen = mine or sent or linked or in_thread
        if not (seen or _staffs(by, attachment)):
            raise Http404
    try:
        content = files.content(attachment, small=size == "small")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, content_type="image/webp")
    response["Cache-Control"] = "public, max-age=300" if public else "private, max-age=300"
    response["X-Content-Type-Options"] = "nosniff"
    return response
