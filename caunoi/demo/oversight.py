"""What the leaders of the demo province read, asked and subscribed to: explanations, an issued report, alerts."""

from datetime import datetime, time, timedelta

from caunoi.accounts.models import User
from caunoi.demo.hours import VIETNAM
from caunoi.directives import actions as directives
from caunoi.events.actor import SYSTEM
from caunoi.reports import actions as reports
from caunoi.reports import alerts, spans
from caunoi.reports.figures import turn
from caunoi.reports.models import Alert, Report
from caunoi.sla.queries import overdue
from caunoi.starter import kit
from caunoi.starter.actions import WATCHERS

WHY = "Đề nghị giải trình nguyên nhân chậm xử lý, việc đã làm và thời điểm hoàn thành."
BECAUSE = "Vật tư thay thế phải đặt hàng, thứ Năm có hàng. Đơn vị đã che chắn tạm, sẽ xong trước cuối tuần."


def oversight(until: datetime) -> None:
    """Create every kind of oversight record once."""
    if Report.objects.exists() or Alert.objects.exists():
        return
    _explanations(until)
    for row in kit.alerts():
        alerts.add_alert(by=SYSTEM, **row, **WATCHERS)
    _report(until)


def _explanations(until: datetime) -> None:
    """The three longest overdue: one explained, one asked, one whose explanation is overdue."""
    reviewer = User.objects.get(username="thu").as_actor()
    late = [ticket for ticket in overdue(SYSTEM, size=9) if not ticket.restricted]
    for number, ticket in enumerate(late[:3]):
        at = until - timedelta(days=4 - number)
        day = (at + timedelta(days=2 if number < 2 else 5)).astimezone(VIETNAM).date()
        row = directives.ask_to_explain(ticket, WHY, datetime.combine(day, time(17), VIETNAM), by=reviewer, at=at)
        lead = User.objects.filter(agency=ticket.agency, role="lead").first()
        if row is not None and number == 0 and lead is not None:
            row.acknowledged = row.done = at + timedelta(hours=20)
            row.acknowledged_by = row.done_by = lead.username
            row.answer = BECAUSE
            row.save()


def _report(until: datetime) -> None:
    """Last month's report, issued; this week's, a draft."""
    reviewer, leader = (User.objects.get(username=name).as_actor() for name in ("thu", "phong"))
    last = spans.latest(spans.Kind.MONTH, until, turn())[0]
    row = reports.draft("month", last.code, by=reviewer)
    reports.prepare(row, at=until)
    reports.issue(row, by=leader)
    reports.seal(row)
    draft = reports.draft("week", spans.latest(spans.Kind.WEEK, until, turn())[0].code, by=reviewer)
    reports.prepare(draft, at=until)
