"""An arrival of the demo becomes a ticket's whole history: who did what when, as the lifecycle allows it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from caunoi.channels.base import Reach
from caunoi.channels.registry import channels
from caunoi.demo import voice
from caunoi.demo.arrivals import Arrival
from caunoi.demo.cast import Cast
from caunoi.demo.hours import VIETNAM
from caunoi.directory.models import Agency
from caunoi.events.actor import SYSTEM, Actor, citizen
from caunoi.tickets.lifecycle import Kind
from caunoi.tickets.report import Act, History, Report, Reporter

type Pictures = dict[str, list[int]]  # scene → attachment ids
WRITTEN = {key for key, one in channels().items() if one.reach is Reach.CALL}  # where an operator writes it down
WITH_PHOTOS = {"web": 0.6, "app": 0.8, "zalo": 0.55, "facebook": 0.4, "email": 0.2}
CLOSE_AFTER = timedelta(days=15)


@dataclass(frozen=True, kw_only=True)
class Grade:
    """A citizen's rating, not yet a row."""

    grade: str
    reasons: Sequence[str]
    comment: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Story:
    """`history` is what happened up to now; `merges_into` the number of the arrival it repeats."""

    number: int
    history: History
    merges_into: int | None = None
    rating: Grade | None = None


@dataclass(kw_only=True)
class Script:
    """Moves in the making: each at least a minute after the one before."""

    at: datetime
    acts: list[Act] = field(default_factory=list)

    def then(self, name: str, at: datetime, by: Actor, **data: Any) -> datetime:
        self.at = max(at, self.at + timedelta(minutes=1))
        self.acts.append(Act(name=name, at=self.at, by=by, move_input={k: v for k, v in data.items() if v}))
        return self.at


def cut(acts: Sequence[Act], until: datetime, stop: str) -> list[Act]:
    """The moves made until now, and none after the one named `stop`."""
    done: list[Act] = []
    for made in acts if stop != "new" else ():
        if made.at > until:
            break
        done.append(made)
        if made.name == stop:
            break
    return done


PART = (
    "Phường đã cử cán bộ cùng đơn vị chủ trì kiểm tra, địa bàn không vướng mặt bằng.",
    "Xã đã họp tổ dân phố, bà con đồng ý; đề nghị đơn vị chủ trì làm trong tuần.",
    "Đơn vị đã rà hồ sơ liên quan, không trùng với công trình nào đang thi công.",
)


def helped(acts: Sequence[Act], helper: Agency, officer: Actor, sent: datetime, part: str) -> list[Act]:
    """The acts with another agency that helps from the hand-over at `sent` on, and has its part before the result."""
    result: list[Act] = []
    has_helper = answered = False
    for each in acts:
        if each.name == "route" and each.at == sent:
            each, has_helper = replace(each, move_input={**each.move_input, "coordinating": [helper]}), True
        elif each.name == "result" and has_helper and not answered:
            result.append(Act(name="leg_answer", at=each.at, by=officer, move_input={"text": part}))
            answered = True
        result.append(each)
        if each.name == "route" and has_helper and each.at == sent:
            result.append(Act(name="leg_accept", at=sent, by=officer))
    return result


def with_photos(acts: Sequence[Act], photos: Sequence[tuple[int, str]]) -> list[Act]:
    """The acts with pictures of the work, (attachment, before or after), at the first result."""
    roles = {role: [pk for pk, its in photos if its == role] for role in ("before", "after")}
    result = list(acts)
    number = next((n for n, each in enumerate(result) if each.name == "result"), None)
    if number is not None:
        move_input = {**result[number].move_input, **{role: ids for role, ids in roles.items() if ids}}
        result[number] = replace(result[number], move_input=move_input)
    return result


def reporter(a: Arrival, r: Random) -> Reporter:
    """Who reports it: by telephone always with a number, on the web one in seven without anything."""
    if a.channel in ("web", "app", "facebook", "zalo") and r.random() < 0.14 and not (a.matter and a.matter.direct):
        return Reporter()
    person = voice.name(r) if r.random() < 0.9 else ""
    email = f"nguoidan{r.randint(1, 400)}@demo.example" if a.channel == "email" else ""
    phone = voice.phone(r) if a.channel not in ("email", "facebook") or r.random() < 0.6 else ""
    return Reporter(name=person, phone=phone, email=email, address=a.place.address if a.channel == "paper" else "")


def report(a: Arrival, text: str, summary: str, cast: Cast, r: Random, photos: Sequence[int] = ()) -> Report:
    """The arrival as it is taken down; a question needs no pin on the map."""
    category = cast.categories[a.matter.category] if a.matter else None
    placed = a.matter is not None and not a.matter.direct
    pinned = placed and r.random() < (0.9 if a.channel in ("web", "app") else 0.6)
    has_category = a.channel in WRITTEN or (a.channel in ("web", "app") and r.random() < 0.85)
    return Report(
        text=text,
        channel=a.channel,
        once=f"demo-{a.number}",
        kind=Kind((a.matter.kind if a.matter else "") or (category.kind if category else Kind.REPORT)),
        category_id=category.pk if category and has_category else None,
        area_id=a.place.area.pk if placed or r.random() < 0.6 else None,
        address=a.place.address if placed else "",
        latitude=a.place.latitude if pinned else None,
        longitude=a.place.longitude if pinned else None,
        summary=summary if a.channel in WRITTEN else "",
        reporter=reporter(a, r),
        photos=list(photos),
        consent=cast.consent if a.channel in ("web", "app", "zalo") else None,
    )


def by(a: Arrival, operator: Actor) -> Actor:
    return operator if a.channel in WRITTEN else citizen()


def first_look(a: Arrival, r: Random) -> datetime:
    """When the centre turns to it: a call is taken down at once, a message within the quarter of an hour, mostly."""
    if a.channel in WRITTEN:
        return a.at + timedelta(seconds=r.randint(60, 200))
    return a.at + timedelta(minutes=r.choice((2, 3, 4, 5, 6, 8, 9, 11, 13, 24, 55 if r.random() < 0.3 else 12)))


def closing(h: Script, answered: datetime, grade: Grade | None, r: Random) -> None:
    """The citizen closes it on rating, most of the time; else it is closed when the time to reopen is over."""
    if grade and r.random() < 0.6:
        h.then("close", grade.at + timedelta(minutes=1), citizen())
        return
    night = datetime.combine((answered + CLOSE_AFTER).astimezone(VIETNAM).date(), time(2, 10), VIETNAM)
    h.then("close", night, SYSTEM)


COMMENTS = {
    "satisfied": (
        "Nhanh hơn tôi nghĩ, cảm ơn anh em.",
        "Bà con mừng lắm!",
        "Xử lý gọn, nói rõ ràng.",
        "tot",
        "Cảm ơn 1022.",
        "Bạn tổng đài viên nhẹ nhàng, hướng dẫn kỹ.",
        "Hài lòng, mong giữ được như vậy.",
    ),
    "acceptable": ("Có làm nhưng hơi lâu.", "Được, lần sau báo trước ngày xuống thì tốt hơn.", "Tạm ổn."),
    "dissatisfied": (
        "Trả lời chung chung quá.",
        "Nói xử lý rồi mà thực tế vẫn y như cũ.",
        "Đợi quá lâu.",
        "Chưa ai xuống hỏi tôi câu nào.",
    ),
}
REASONS = {
    "satisfied": ("fast", "polite", "solved", "clear"),
    "acceptable": ("slow", "unclear", "partly"),
    "dissatisfied": ("unsolved", "slow", "wrong"),
}


def grade(answered: datetime, late: bool, r: Random) -> Grade | None:
    """One in three rates, more often when it went well."""
    if r.random() > 0.36:
        return None
    kind = r.choices(list(COMMENTS), (30, 32, 38) if late else (74, 17, 9))[0]
    comment = r.choice(COMMENTS[kind]) if r.random() < 0.55 else ""
    reasons = r.sample(REASONS[kind], r.choice((0, 1, 1, 2)))
    return Grade(
        grade=kind, reasons=reasons, comment=comment, at=answered + timedelta(hours=r.expovariate(1 / 20) + 0.2)
    )
