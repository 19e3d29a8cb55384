"""Who reads in the demo province what is reported in confidence, and three cases: a new one, one in hand and one that
was passed on."""

from datetime import datetime, timedelta

from caunoi.accounts.models import User
from caunoi.confidential import actions, custodians
from caunoi.confidential.lanes import Lane, Way
from caunoi.confidential.models import Case, Custodian
from caunoi.tickets.report import Report, Reporter

CASES = (
    (Lane.DENUNCIATION, "Cán bộ địa chính đòi 5 triệu đồng mới nhận hồ sơ tách thửa của tôi.", timedelta(hours=20)),
    (Lane.VIOLENCE, "Nhà bên cạnh tối nào cũng có tiếng đánh đập, chị vợ bị thương.", timedelta(minutes=25)),
    (Lane.CHILD, "Một bé chừng tám tuổi phải đi bán vé số đến khuya, hay bị đánh.", timedelta(days=3)),
)


def confidence(until: datetime) -> None:
    """Once: two custodians, each proposed by one and confirmed by another, and their cases."""
    if Custodian.objects.exists():
        return
    people = {user.username: user for user in User.objects.filter(username__in=["tam", "thu", "quan"])}
    quan, tam = people["quan"].as_actor(), people["tam"].as_actor()
    custodians.confirm(custodians.name(people["thu"], "Phân công số 01 (demo)", by=quan), by=tam)
    thu = User.objects.get(username="thu").as_actor()
    for number, (lane, text, ago) in enumerate(CASES):
        report = Report(
            text=text,
            channel="web",
            once=f"demo:{number}",
            reporter=Reporter(name="Người dân (demo)" if number else ""),
        )
        row = actions.receive(report, lane, Way.CITIZEN, at=until - ago)
        if number:
            actions.step(row, "take", by=thu)
        if number == len(CASES) - 1:
            actions.step(row, "forward", "Tổng đài 111 và Công an xã, phiếu chuyển số 02 (demo)", by=thu)
    Case.objects.filter(once="demo:2").update(taken=until - timedelta(days=3), forwarded=until - timedelta(days=2.97))
