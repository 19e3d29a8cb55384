"""Whether the province can do its work: each check reads the rows, says what is so, and what to do where it is not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from caunoi.accounts.models import User
from caunoi.conversations.models import Inbox
from caunoi.conversations.queries import senders, sends
from caunoi.directory.models import Agency, Area, Category
from caunoi.directory.queries import in_force, option, text
from caunoi.events.actor import AGENCY, Role
from caunoi.host.finding import Text
from caunoi.routing.models import Rule
from caunoi.sla.models import Target

type State = Literal["ok", "warn", "broken"]


@dataclass(frozen=True, kw_only=True)
class Result:
    """One check: `why` is what was found, `mend` what to do (empty where all is well), `page` the view where it is done,
    `part` what of the hotline's work it belongs to (a name in PARTS)."""

    check: str
    part: str
    state: State
    why: Text
    mend: Text = Text(vi="", en="")  # noqa: RUF009 — frozen
    page: str = ""


PARTS = {
    "province": ("Tỉnh, thành phố", "The province"),
    "receive": ("Tiếp nhận", "Taking reports"),
    "handle": ("Xử lý", "Handling them"),
    "tell": ("Báo cho người dân", "Telling the citizen"),
}
"""The parts of the work, in its order."""

type Pair = tuple[str, str]
NOTHING = ("", "")


def check() -> list[Result]:
    """All checks, in the order of the work."""
    return [result for one in CHECKS for result in one()]


def _result(check: str, part: str, why: Pair, mend: Pair = NOTHING, *, state: State = "ok", page: str = "") -> Result:
    return Result(check=check, part=part, state=state, why=Text(vi=why[0], en=why[1]), mend=Text(vi=mend[0], en=mend[1]),
                  page=page)  # fmt: skip


def administrator() -> Iterator[Result]:
    people = User.objects.filter(role=Role.ADMIN, is_active=True)
    able = sum(1 for user in people if user.has_usable_password())
    if able:
        yield _result("administrator", "province", (f"{able} quản trị đăng nhập được.", f"{able} can sign in."))
        return
    why = ("Chưa có quản trị nào đăng nhập được.", "No administrator can sign in yet.")
    mend = ("Chạy `caunoi admin TÊN` và mở đường dẫn được in ra.", "Run `caunoi admin USER` and open what it prints.")
    yield _result("administrator", "province", why, mend, state="broken", page="setup:people")


def communes() -> Iterator[Result]:
    rows = Area.objects.filter(in_force(), parent__isnull=False)
    count, drawn = rows.count(), rows.filter(outline__isnull=False).count()
    if not count:
        why = ("Chưa có xã, phường nào.", "No commune is known.")
        mend = (
            "Chạy `caunoi init`, hoặc `caunoi import areas TỆP`.",
            "Run `caunoi init`, or `caunoi import areas FILE`.",
        )
        yield _result("communes", "province", why, mend, state="broken")
    elif not drawn:
        why = (f"{count} xã, phường, chưa có ranh giới.", f"{count} communes, none with an outline.")
        mend = ("Điểm trên bản đồ được xếp về xã gần nhất. Nhập ranh giới: `caunoi import areas TỆP.geojson`.",
                "A pin goes to the nearest commune. Bring outlines in: `caunoi import areas FILE.geojson`.")  # fmt: skip
        yield _result("communes", "province", why, mend, state="warn")
    else:
        yield _result("communes", "province", (f"{count} xã, phường có ranh giới.", f"{count} communes with outlines."))


def fields() -> Iterator[Result]:
    if count := Category.objects.filter(in_force()).count():
        yield _result("fields", "receive", (f"{count} lĩnh vực.", f"{count} fields."), page="setup:categories")
        return
    why = ("Chưa có lĩnh vực nào.", "There is no field yet.")
    mend = ("Thêm lĩnh vực, mỗi lĩnh vực có mức công khai.", "Add fields, each with what is published of it.")
    yield _result("fields", "receive", why, mend, state="broken", page="setup:categories")


def consent() -> Iterator[Result]:
    if text("consent"):
        yield _result("consent", "receive", ("Có văn bản đồng ý.", "There is a consent text."), page="setup:texts")
        return
    why = ("Chưa có văn bản đồng ý xử lý dữ liệu cá nhân.", "There is no text that citizens consent to.")
    mend = ("Viết văn bản ở mục Văn bản (Luật 91/2025/QH15).", "Write it under Texts (Law 91/2025/QH15).")
    yield _result("consent", "receive", why, mend, state="warn", page="setup:texts")


def _inbox(channel: str) -> bool:
    return Inbox.objects.filter(channel=channel, active=True).exists()


def portal() -> Iterator[Result]:
    for channel, name in (("web", ("Web", "Web")), ("app", ("Ứng dụng", "App"))):
        if not _inbox(channel):
            why = (f"{name[0]}: hộp nhận đã tắt.", f"{name[1]}: its inbox is switched off.")
            mend = ("Bật lại ở mục Hộp nhận.", "Switch it on under Inboxes.")
            yield _result(channel, "receive", why, mend, state="warn", page="setup:inboxes")
        elif not option("portal_open"):
            why = (f"{name[0]}: cổng chưa mở cho người dân.", f"{name[1]}: the portal is not open to citizens yet.")
            mend = ("Mở cổng ở cuối trang này khi đã sẵn sàng.", "Open it at the foot of this page when all is ready.")
            yield _result(channel, "receive", why, mend, state="warn", page="setup:ready")
        else:
            yield _result(channel, "receive", (f"{name[0]}: nhận phản ánh.", f"{name[1]}: takes reports."))


def operators() -> Iterator[Result]:
    people = list(User.objects.filter(role__in=(Role.OPERATOR, Role.SUPERVISOR), is_active=True))
    if not people:
        why = ("Điện thoại, quầy: chưa có điện thoại viên.", "Phone and counter: there is no operator.")
        mend = ("Thêm người hoặc nhập danh sách.", "Add people, or bring in a list.")
        yield _result("operators", "receive", why, mend, state="broken", page="setup:people")
        return
    why = (f"Điện thoại, quầy: {len(people)} người trực.", f"Phone and counter: {len(people)} people.")
    yield _result("operators", "receive", why, page="setup:people")
    if Inbox.objects.filter(channel="phone", active=True).exclude(config={}).exists() and not any(
        one.extension for one in people
    ):
        why = (
            "Tổng đài đã nối nhưng không ai có máy nhánh.",
            "The exchange is linked, and no operator has an extension.",
        )
        mend = ("Ghi máy nhánh của từng điện thoại viên.", "Give each operator the extension of their phone.")
        yield _result("extensions", "receive", why, mend, state="broken", page="setup:people")


def channels() -> Iterator[Result]:
    for channel, name in (("zalo", "Zalo"), ("facebook", "Facebook"), ("email", "E-mail")):
        boxes = list(Inbox.objects.filter(channel=channel, active=True))
        if not boxes:
            continue
        if troubled := next((box for box in boxes if box.trouble), None):
            mend = ("Xem hộp nhận.", "Look at the inbox.")
            why = (f"{name}: {troubled.trouble}",) * 2
            yield _result(channel, "receive", why, mend, state="warn", page="setup:inboxes")
        elif not any(sends(box) for box in boxes):
            why = (f"{name}: nhận được, chưa gửi được.", f"{name}: receives, cannot send.")
            mend = ("Bổ sung khóa của hộp nhận.", "Complete the inbox's keys.")
            yield _result(channel, "receive", why, mend, state="warn", page="setup:inboxes")
        else:
            yield _result(
                channel, "receive", (f"{name}: nhận và gửi.", f"{name}: receives and sends."), page="setup:inboxes"
            )


def agencies() -> Iterator[Result]:
    rows = Agency.objects.filter(in_force()).exclude(kind="centre")
    count = rows.count()
    if not count:
        why = ("Chưa có cơ quan xử lý nào.", "There is no agency to hand a ticket to.")
        mend = ("Thêm cơ quan hoặc nhập danh sách.", "Add agencies, or bring in a list.")
        yield _result("agencies", "handle", why, mend, state="broken", page="setup:agencies")
        return
    staffed = User.objects.filter(role__in=AGENCY, is_active=True).values("agency_id")
    nobody = rows.exclude(pk__in=staffed).count()
    if nobody:
        why = (
            f"{nobody} trong {count} cơ quan chưa có người dùng.",
            f"{nobody} of {count} agencies have nobody who signs in.",
        )
        mend = ("Mời cán bộ của họ; cơ quan không có tài khoản được gửi đường dẫn dùng một lần.",
                "Invite their officers; an agency without accounts can be sent a one-time link.")  # fmt: skip
        yield _result("agencies", "handle", why, mend, state="warn", page="setup:people")
    else:
        yield _result("agencies", "handle", (f"{count} cơ quan có người dùng.", f"{count} agencies, all with people."))


def rules() -> Iterator[Result]:
    if count := Rule.objects.filter(in_force()).count():
        yield _result(
            "rules",
            "handle",
            (f"{count} quy tắc phân công.", f"{count} rules say who is competent."),
            page="setup:rules",
        )
        return
    why = (
        "Chưa có quy tắc phân công: không đề xuất được cơ quan.",
        "No rule says who is competent, so nobody is proposed.",
    )
    yield _result("rules", "handle", why, ("Thêm quy tắc.", "Add rules."), state="warn", page="setup:rules")


def targets() -> Iterator[Result]:
    if count := Target.objects.filter(in_force(), clock="handle").count():
        yield _result(
            "targets", "handle", (f"{count} thời hạn xử lý.", f"{count} targets for handling."), page="setup:targets"
        )
        return
    why = ("Chưa có thời hạn xử lý: không phiếu nào bị coi là trễ.", "No target for handling: nothing is ever late.")
    yield _result("targets", "handle", why, ("Thêm thời hạn.", "Add targets."), state="broken", page="setup:targets")


def reporter_is_told() -> Iterator[Result]:
    able = senders()
    ways = (
        ("sms", able.sms, "Tin nhắn SMS", "SMS", "hộp nhận SMS", "an inbox for SMS"),
        ("mail", able.mail, "Thư điện tử", "Mail", "hộp thư điện tử", "a mailbox"),
    )
    for check, box, name, name_en, lacks, lacks_en in ways:
        if box:
            by = box.label or box.name
            yield _result(check, "tell", (f"{name}: gửi qua {by}.", f"{name_en}: goes out by {by}."))
            continue
        why = (f"{name}: chưa gửi được.", f"{name_en}: cannot be sent.")
        mend = (
            f"Thêm {lacks} có khóa gửi; nếu không, người báo chỉ xem được trên trang của mình.",
            f"Add {lacks_en} with its keys; else reporters only see their own page.",
        )
        yield _result(check, "tell", why, mend, state="warn", page="setup:inboxes")


CHECKS: tuple[Callable[[], Iterator[Result]], ...] = (
    administrator, communes, fields, consent, portal, operators, channels, agencies, rules, targets, reporter_is_told,
)  # fmt: skip
