"""What else happens around the tickets: late ones climb the ladder, leaders give orders, somebody is away."""

from datetime import datetime, time, timedelta

from caunoi.accounts import deputies
from caunoi.accounts.models import Deputy, User
from caunoi.demo.cast import Cast
from caunoi.demo.hours import VIETNAM
from caunoi.directives import actions as directives
from caunoi.directives.models import Directive
from caunoi.directory.models import Agency
from caunoi.events.actor import Actor
from caunoi.routing.models import Handover, Opening
from caunoi.sla import watch
from caunoi.tickets.models import Ticket


def around(cast: Cast, until: datetime) -> None:
    """All of it, as far as it fits the tickets that are there."""
    while watch.escalate(at=until, as_it_fell=True):
        pass
    _orders(cast, until)
    _away(until)
    _opened()


def _evening(until: datetime, days: int) -> datetime:
    day = (until + timedelta(days=days)).astimezone(VIETNAM).date()
    return datetime.combine(day, time(17), VIETNAM)


def _orders(cast: Cast, until: datetime) -> None:
    leader = User.objects.get(username="phong").as_actor()
    works, police = cast.agencies["xncongtrinh"], cast.agencies["catp"]
    _order(
        leader,
        until,
        2,
        6,
        "Rà soát đèn chiếu sáng quanh chợ và trường học trước dịp lễ, báo cáo số bóng đã thay.",
        works,
    )
    _order(leader, until, 6, -1, "Báo cáo các điểm karaoke loa kéo bị phản ánh từ ba lần trở lên trong tháng.", police)
    done = _order(leader, until, 9, -3, "Trả lời dứt điểm các phiếu về giấy tờ tồn quá 5 ngày.", cast.agencies["qlhc"])
    done.acknowledged = done.at + timedelta(hours=3)
    done.done = done.at + timedelta(days=4)
    done.acknowledged_by = done.done_by = cast.leads[cast.agencies["qlhc"].pk].name
    done.answer = "Đã trả lời 14/14 phiếu; hai trường hợp khó đã cử cán bộ xuống tận nhà."
    done.save()
    late = Ticket.objects.filter(state="working", deadlines__clock="handle", deadlines__state="breached", agency=works)
    ticket = late.order_by("-received").first() or Ticket.objects.filter(state="working").order_by("-received").first()
    if ticket is not None:
        directives.give(
            "Xử lý ngay trong hai ngày, gửi ảnh trước và sau.", _evening(until, 2), by=leader, ticket=ticket, at=until
        )


def _order(by: Actor, until: datetime, ago: int, due: int, text: str, agency: Agency) -> Directive:
    return directives.give(text, _evening(until, due), by=by, agency=agency, at=until - timedelta(days=ago))


def _away(until: datetime) -> None:
    """The works' lead is away for some days; their officer stands in."""
    hoa, minh = User.objects.get(username="hoa"), User.objects.get(username="minh")
    if not deputies.deputies(hoa).exists():
        Deputy.objects.create(
            person=hoa, deputy=minh, since=until - timedelta(hours=2), until=_evening(until, 4), by="hoa"
        )


def _opened() -> None:
    minh = User.objects.get(username="minh")
    leg = Handover.objects.filter(agency=minh.agency, state="done", role="lead").order_by("-ended").first()
    if leg is not None and leg.accepted is not None:
        Opening.objects.create(
            ticket_id=leg.ticket_id,
            user_id=minh.pk,
            by=minh.username,
            agency_id=minh.agency_id,
            at=leg.accepted,
            reason="Cần gọi hỏi lối vào hẻm, xe thang không tìm thấy cột đèn.",
            until=leg.accepted + timedelta(hours=1),
        )
