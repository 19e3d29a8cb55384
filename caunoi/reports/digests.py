"""The digest of what is slow, for leaders and for the lead of each agency: read, drawn as a paper, sent to each of them
once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import override

from caunoi.accounts.models import User
from caunoi.accounts.queries import people
from caunoi.conversations.actions import post
from caunoi.conversations.queries import mailer
from caunoi.directives import queries as directives
from caunoi.directory import queries as directory
from caunoi.directory.queries import option
from caunoi.events.actor import Actor, Role
from caunoi.reports import pdf, queries, saying, slots
from caunoi.reports.figures import names
from caunoi.reports.models import Digest
from caunoi.reports.paper import Block, Cell, PaperLayout, lines
from caunoi.sla import queries as sla
from caunoi.statistics.periods import VIETNAM
from caunoi.tickets.models import Ticket

MAIL_CASES = 10  # cases in a mail; the paper has more
PAPER_CASES = 100
HOURS = {Role.LEADER: "digest_hours", Role.LEAD: "agency_digest_hours"}  # the recipients, and the option of when


def reading(by: Actor, since: datetime, at: datetime, *, agency: str = "") -> dict[str, Any]:
    """What is slow for this reader: {own (the code of the one agency it is about), overdue, fresh (since then),
    agencies [{code, name, count, days}], orders, late orders, asked {…}, cases [{code, category, agency, days}]}."""
    agency_names = names()["agency"]
    agencies = [
        {"code": code, "name": agency_names.get(code, ""), "count": count, "days": (at - first).days}
        for code, count, first in sla.overdue_by_agency(by)
        if agency in ("", code)
    ]
    orders = directives.counts(by)
    return {
        "at": at.isoformat(),
        "own": agency,
        "overdue": sum(row["count"] for row in agencies),
        "fresh": sla.fell(by, since, at, agency=agency),
        "agencies": agencies,
        "orders": orders["overdue"],
        "asked": directives.counts(by, "explain"),
        "cases": [
            _case(ticket, at, agency_names) for ticket in sla.overdue(by, agency=agency, size=PAPER_CASES)[:PAPER_CASES]
        ],
    }


def _case(ticket: Ticket, at: datetime, agency_names: Mapping[str, str]) -> dict[str, Any]:
    falls: datetime = getattr(ticket, "falls")  # noqa: B009  annotated
    holder: str = getattr(ticket, "holder")  # noqa: B009  annotated
    return {
        "code": "" if ticket.restricted else ticket.code,
        "category": ticket.category.name if ticket.category else "",
        "agency": agency_names.get(holder, ""),
        "area": ticket.area.name if ticket.area else "",
        "late": (at - falls).total_seconds(),
        "received": ticket.received.isoformat(),
    }


def nothing(read: Mapping[str, Any]) -> bool:
    """Whether there is nothing to report."""
    return not (read["overdue"] or read["orders"] or read["asked"]["overdue"])


def sentences(read: Mapping[str, Any]) -> list[str]:
    """A reading in sentences, the most important first."""
    result = []
    if read["overdue"]:
        params = {"count": saying.number(read["overdue"]), "fresh": saying.number(read["fresh"])}
        result.append(
            _("%(count)s reports are open past their deadline, %(fresh)s of them since the last digest.") % params
            if read["fresh"]
            else _("%(count)s reports are open past their deadline, none newly.") % params
        )
    if read["overdue"] and not read.get("own"):
        worst = [
            _("%(name)s (%(count)s)") % {"name": row["name"] or _("the centre"), "count": saying.number(row["count"])}
            for row in read["agencies"][:3]
        ]
        result.append(_("Most lie with: %(list)s.") % {"list": "; ".join(worst)})
    if read["orders"]:
        words = (
            _("%(count)s orders to your agency are overdue.")
            if read.get("own")
            else _("%(count)s of your orders are overdue.")
        )
        result.append(words % {"count": saying.number(read["orders"])})
    if read["asked"]["overdue"]:
        result.append(_("%(count)s explanations are overdue.") % {"count": saying.number(read["asked"]["overdue"])})
    return result or [_("Nothing is overdue.")]


def letter(read: Mapping[str, Any]) -> str:
    """The mail: sentences, the longest overdue, the way to the board."""
    cases = "\n".join(
        f"{case['code'] or _('restricted')} · {case['category'] or '–'} · {case['agency'] or _('the centre')} · "
        f"{saying.length(case['late'])}"
        for case in read["cases"][:MAIL_CASES]
    )
    address = f"{settings.STAFF_URL}{'/agency/' if read.get('own') else '/board/overdue'}"
    return "\n\n".join(filter(None, [" ".join(sentences(read)), cases, address]))


def paper(read: Mapping[str, Any]) -> PaperLayout:
    """The report of slow cases: what is open past its deadline, by agency and one by one."""
    base = f"{settings.STAFF_URL}/{'agency' if read.get('own') else 'board/tickets'}"
    head, at = queries.form("month"), datetime.fromisoformat(read["at"])
    agencies = tuple(
        (
            Cell(text=row["name"] or _("the centre")),
            Cell(text=saying.number(row["count"]), value=row["count"]),
            Cell(text=saying.number(row["days"]), value=row["days"]),
        )
        for row in read["agencies"]
    )
    cases = tuple(
        (
            Cell(text=case["code"] or _("restricted"), url=f"{base}/{case['code']}" if case["code"] else ""),
            Cell(text=case["category"] or "–"),
            Cell(text=case["agency"] or _("the centre")),
            Cell(text=case["area"] or "–"),
            Cell(text=saying.length(case["late"])),
        )
        for case in read["cases"]
    )
    blocks = [Block(kind="text", text=" ".join(sentences(read)))]
    if agencies:
        columns = ((_("Agency"), 0.6, "left"), (_("Overdue"), 0.2, "right"), (_("Longest, days"), 0.2, "right"))
        blocks.append(Block(kind="table", text=_("By agency"), columns=columns, rows=agencies))
        wide = (
            (_("Ticket"), 0.17, "left"),
            (_("Category"), 0.22, "left"),
            (_("Agency"), 0.26, "left"),
            (_("Commune"), 0.2, "left"),
            (_("Overdue for"), 0.15, "right"),
        )
        title = _("Open past their deadline, longest overdue first")
        blocks.append(Block(kind="table", text=title, columns=wide, rows=cases))
    return PaperLayout(
        superior=lines(head.superior),
        issuer=lines(head.issuer),
        number="",
        dated=saying.dated(at.astimezone(VIETNAM).date(), head.place),
        name=_("DIGEST"),
        about=_("Of what is slow, at %(at)s") % {"at": saying.clock(at)},
        blocks=tuple(blocks),
        words={
            "state": _("SOCIALIST REPUBLIC OF VIETNAM"),
            "motto": _("Independence - Freedom - Happiness"),
            "to": "",
        },
    )


def due(at: datetime, role: Role = Role.LEADER) -> datetime | None:
    """The slot of a role's digest that is due now; None on days on which the office does not work."""
    try:
        times = slots.hours(option(HOURS[role]))
    except ValueError:
        return None
    slot = slots.slot(at, times) if times else None
    return slot if slot and directory.calendar("office").windows(localdate(slot)) else None


def send(*, at: datetime | None = None) -> int:
    """Send this slot's digest to every leader, and every agency's lead, who has not had it; how many rows were written.
    However many workers ask, each gets it once."""
    moment, written = at or now(), 0
    for role in HOURS:
        if (slot := due(moment, role)) is not None:
            notified = Digest.objects.filter(slot=slot).values("user")
            waiting = people(role=role).exclude(pk__in=notified).select_related("agency")
            if role is Role.LEAD:
                waiting = waiting.exclude(agency=None)
            written += sum(_tell(user, role, slot, moment) for user in waiting)
    return written


@transaction.atomic
def _tell(user: User, role: Role, slot: datetime, at: datetime) -> int:
    row = Digest(user=user, slot=slot, at=at, quiet=True)
    Digest.objects.bulk_create([row], ignore_conflicts=True)
    mine = Digest.objects.select_for_update().filter(user=user, slot=slot, at=at, figures={}).first()
    if mine is None:
        return 0  # another worker was first
    with override("vi"):
        agency = user.agency.code if role is Role.LEAD and user.agency else ""
        read = reading(user.as_actor(), slots.earlier(slot, slots.hours(option(HOURS[role]))), at, agency=agency)
        mine.figures, mine.quiet = read, nothing(read)
        if not mine.quiet and user.email and (box := mailer()):
            name = default_storage.save(
                f"reports/digests/{slot:%Y/%m}/{mine.pk}.pdf", ContentFile(pdf.render(paper(read), at))
            )
            title = _("1022: %(count)s overdue") % {"count": saying.number(read["overdue"])}
            file = {"name": f"1022-{slot:%Y-%m-%d-%H%M}.pdf", "type": pdf.TYPE, "path": name}
            post(box, user.email, letter(read), once=f"digest:{mine.pk}", title=title, files=[file])
            mine.mailed = True
    mine.save()
    return 1


def latest(by: Actor) -> Digest | None:
    """The last digest of this person, or where they are no leader, of any leader of the whole province."""
    rows = Digest.objects.order_by("-slot", "-pk")
    if by.has(Role.LEADER):
        return rows.filter(user_id=by.user_id or 0).first()
    return rows.filter(user__area=None, user__role=Role.LEADER).first() if by.area_id is None else None
