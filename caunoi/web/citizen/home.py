from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now

from caunoi.answers.queries import answered_at
from caunoi.directory import outages
from caunoi.directory import queries as directory
from caunoi.directory.models import Area
from caunoi.publication import queries
from caunoi.publication.models import Publication
from caunoi.sla.queries import handles
from caunoi.statistics.measures import four_numbers
from caunoi.statistics.scope import FOUR
from caunoi.web.citizen.cacheable import cacheable
from caunoi.web.citizen.channels import OutageNotice, outage_notice
from caunoi.web.citizen.register import item
from caunoi.web.labels import area_choices, emergency
from caunoi.web.lines import Line
from caunoi.web.masks import in_words
from caunoi.web.page import Page, render_page
from caunoi.web.story import PictureLinks, picture

SOLVED, YEAR = 6, 365 * 86_400


@dataclass(frozen=True, kw_only=True)
class SolvedLine(Line):
    """A published ticket with its answer."""

    answer: str
    answered: datetime | None
    photo: PictureLinks | None


@dataclass(frozen=True, kw_only=True)
class PortalPage(Page):
    """`figures` are the four numbers and their total."""

    template = "citizen/home.html"

    solved: list[SolvedLine]
    area: Area | None
    areas: list[tuple[str, str]]
    figures: dict[str, int]
    emergency: list[tuple[str, str]]
    outages: list[OutageNotice]


def month() -> dict[str, int]:
    """The four numbers of the last thirty days."""
    until = now()
    return {k: v for k, v in four_numbers(until - timedelta(days=30), until)[0].items() if k in (*FOUR, "total")}


figures: directory.Fresh[dict[str, int]] = directory.Fresh(month, 60.0)


def _photo(publication: Publication) -> PictureLinks | None:
    """The photo that says most: after the work, else of the report."""
    by_role = dict(reversed(queries.photos(publication)))
    best = by_role.get("after") or by_role.get("report")
    return picture(best) if best else None


@cacheable
def show(request: HttpRequest) -> HttpResponse:
    """The three doors, what was just solved in the commune one has chosen, and how we did this month."""
    area = directory.area(request.GET.get("area", request.COOKIES.get("area", "")))
    solved = queries.solved(SOLVED, area=area.code if area else "")
    tickets = [p.ticket for p in solved]
    deadlines, answered = handles(tickets), answered_at(tickets)
    page = PortalPage(
        solved=[
            SolvedLine(
                **vars(item(p, deadlines)),
                answer=in_words(p.answer),
                answered=answered.get(p.ticket_id, p.ticket.answered),
                photo=_photo(p),
            )
            for p in solved
        ],
        area=area,
        areas=area_choices(),
        figures=figures(),
        emergency=emergency(),
        outages=[outage_notice(row) for row in outages.going_on()],
    )
    response = render_page(request, page)
    if "area" in request.GET:
        response.set_cookie("area", area.code if area else "", max_age=YEAR, samesite="Lax", httponly=True)
    return response
