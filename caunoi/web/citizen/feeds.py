"""News of the register for feed readers and other websites, of a field, a commune or an agency."""

from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.http import http_date
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caunoi.answers.label import label
from caunoi.answers.queries import by_machine
from caunoi.publication import queries
from caunoi.tickets.queries import disputed
from caunoi.web.citizen.cacheable import cacheable
from caunoi.web.citizen.register import heading, narrowing, register_filter
from caunoi.web.labels import STATE, localised_name, option_text, word
from caunoi.web.masks import in_words

SIZE = 50
TYPES = {kind: f"application/{kind}+xml; charset=utf-8" for kind in ("atom", "rss")}
KINDS = {"atom": Atom1Feed, "rss": Rss201rev2Feed}


@cacheable
def show(request: HttpRequest, kind: str) -> HttpResponse:
    """The newest published tickets of a narrowing, as Atom or RSS. What is withdrawn is gone from it at once."""
    if kind not in KINDS:
        raise Http404
    filters = register_filter(request)
    rows = queries.listed(filters, size=SIZE).rows
    query = narrowing(filters)
    title = " – ".join(part for part in (filters.text, heading(filters), option_text("hotline_name")) if part)
    feed = KINDS[kind](
        title=title,
        link=f"{settings.PUBLIC_URL}{reverse('citizen:register')}" + (f"?{query}" if query else ""),
        description=_("What people reported, and what was done about it."),
        language=get_language() or "vi",
        feed_url=f"{settings.PUBLIC_URL}{request.get_full_path()}",
        author_name=option_text("hotline_name"),
    )
    latest: datetime | None = None
    drafted = by_machine([row.ticket_id for row in rows])
    for publication in rows:
        ticket = publication.ticket
        changed = max(filter(None, (publication.published, ticket.touched)), default=now())
        latest = max(filter(None, (latest, changed)))
        address = f"{settings.PUBLIC_URL}{reverse('citizen:ticket', args=[ticket.code])}"
        answer = in_words(publication.answer)
        if answer and disputed(publication.ticket):
            answer = _("Opened again; the earlier answer was: %(answer)s") % {"answer": answer}
        note = label(drafted.get(publication.ticket_id)) if answer else ""
        parts = [in_words(publication.text), answer, note]
        feed.add_item(
            title=f"{in_words(publication.title)} – {word(STATE, ticket.state)}",
            link=address,
            unique_id=address,
            description="\n\n".join(part for part in parts if part),
            pubdate=publication.published,
            updateddate=changed,
            categories=[
                name for name in (localised_name(ticket.category), ticket.area.name if ticket.area else "") if name
            ],
        )
    response = HttpResponse(feed.writeString("utf-8"), content_type=TYPES[kind])
    response["Cache-Control"] = "public, no-cache"
    if latest:
        response["Last-Modified"] = http_date(latest.timestamp())
    return response
