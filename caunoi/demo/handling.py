"""How the demo's people deal with an arrival: refuse, merge, answer at once, or hand to the agency that acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from caunoi.demo import voice
from caunoi.demo.arrivals import Arrival
from caunoi.demo.cast import Cast
from caunoi.demo.hours import DAY, VIETNAM, after
from caunoi.demo.matters import Matter
from caunoi.demo.stories import (
    PART,
    WITH_PHOTOS,
    WRITTEN,
    Grade,
    Pictures,
    Script,
    Story,
    by,
    closing,
    cut,
    first_look,
    grade,
    helped,
    report,
    with_photos,
)
from caunoi.directory.models import Agency
from caunoi.events.actor import Actor, citizen
from caunoi.tickets.reasons import OTHER
from caunoi.tickets.report import History

LATE = 0.16  # how often an agency needs more than its time
LATE_AT = {"vpdkdd": 0.3, "snnmt": 0.28, "bqlduongbo": 0.22, "snoivu": 0.24, "xncongtrinh": 0.1, "dienluc": 0.08}
TARGET = {"urgent": DAY // 2, "normal": 5 * DAY, "complex": 15 * DAY}  # working minutes, as the kit's targets say
INFRASTRUCTURE = 2 * DAY
ASKS_BACK, NO_REPLY, WRONG, PASSED_ON, REVISED, EXTENDED, REOPENED, HELPED = (
    0.13,
    0.15,
    0.16,
    0.02,
    0.05,
    0.035,
    0.03,
    0.04,
)
SEEN_AT_ONCE = 60  # of the minutes until an agency returns what is not its own: below, the operator sees it first
AGAIN = (
    "Mới được vài bữa lại bị như cũ.",
    "Tôi ra xem thì chưa thấy ai làm gì.",
    "Làm chưa tới nơi, còn đoạn phía trong.",
    "Hôm qua lại tái diễn, mong kiểm tra lại.",
)
AGAIN_ANSWER = (
    "Ngày {ngay} đơn vị đã quay lại, làm tiếp phần còn sót và nhờ bà con theo dõi thêm. Xin lỗi anh/chị vì phải báo "
    "lại.",
    "Đã kiểm tra lại cùng người phản ánh lúc {gio_lam} ngày {ngay} và khắc phục dứt điểm. Anh/chị có thể gọi thẳng "
    "đội trực "
    "khi cần báo nhanh.",
)
REVISE = (
    ("Ghi rõ ngày thực hiện và kèm ảnh sau khi xử lý.", "Đơn vị gửi kèm ảnh hiện trạng sau khi xử lý."),
    ("Nêu rõ việc nào đã làm, việc nào còn hẹn.", "Các việc nêu trên đã làm xong, không còn nội dung hẹn lại."),
    ("Trả lời dễ hiểu hơn, cho dân số điện thoại để hỏi thêm.", "Cần hỏi thêm, anh/chị gọi 1022 và đọc mã phiếu này."),
)
EXTEND_WORKS = (
    "Chờ vật tư thay thế về kho.",
    "Cần phối hợp cắt điện mới thi công được.",
    "Mưa liên tục, chưa thi công được.",
)
NO_MORE_TIME = "Việc đã quá lâu, đề nghị bố trí người làm ngay, thiếu gì báo trung tâm."
EXTEND = (
    "Cần xác minh thêm với đơn vị liên quan.",
    "Chờ kết quả đo đạc, phân tích mẫu.",
    "Người liên quan vắng mặt, hẹn làm việc lại.",
)


def tell(a: Arrival, cast: Cast, pictures: Pictures, until: datetime) -> Story:
    """The history of an arrival up to a moment; nothing in it lies later."""
    r = a.random
    if a.refusal:
        return _refused(a, cast, r, until)
    if a.again:
        return _repeated(a, cast, r, until)
    if a.matter and a.matter.direct:
        return _answered(a, a.matter, cast, r, until)
    if a.matter:
        return _Handled(a, a.matter, cast, pictures, r).story(until)
    raise ValueError(a)


def _words(a: Arrival, matter: Matter, r: Random) -> tuple[str, str, str]:
    """The citizen's words, the operator's summary, and the answer that fits (its slots still open)."""
    tidy = a.channel in WRITTEN or a.channel == "email"  # what an operator takes down has its marks
    index = r.choice([n for n, words in enumerate(matter.texts) if voice.marked(words) or not tidy])
    text = voice.fill(matter.texts[index], a.place, a.at, r)
    if matter.direct and r.random() < 0.6:
        text = f"{voice.context(a.place, r)} {text}"
    if matter.details and r.random() < 0.65:
        detail = voice.fill(r.choice(matter.details), a.place, a.at, r)
        detail = detail[0].upper() + detail[1:] if voice.marked(text) else voice.unmarked(detail).lower()
        text = f"{text.rstrip('.')}. {detail}"
    summaries = matter.summary.split(" | ")
    summary = voice.fill(summaries[index % len(summaries)], a.place, a.at, r)
    return voice.spoken(text, a.channel, r), summary, matter.answers[index % len(matter.answers)]


def _refused(a: Arrival, cast: Cast, r: Random, until: datetime) -> Story:
    assert a.refusal
    operator, h = cast.operator(r), Script(at=a.at)
    text = voice.spoken(voice.fill(r.choice(a.refusal.texts), a.place, a.at, r), a.channel, r)
    extra = {"text" if a.refusal.reason == OTHER else "note": r.choice(a.refusal.notes)}
    h.then("refuse", first_look(a, r), operator, reason=a.refusal.reason, **extra)
    life = History(report=report(a, text, "", cast, r), at=a.at, by=by(a, operator), acts=cut(h.acts, until, a.stop))
    return Story(number=a.number, history=life)


def _repeated(a: Arrival, cast: Cast, r: Random, until: datetime) -> Story:
    assert a.again and a.matter
    operator, h = cast.operator(r), Script(at=a.at)
    text, summary, _ = _words(a, a.matter, r)
    h.then("merge", first_look(a, r), operator, into=a.again.number)
    history = History(
        report=report(a, text, summary, cast, r), at=a.at, by=by(a, operator), acts=cut(h.acts, until, a.stop)
    )
    return Story(number=a.number, history=history, merges_into=a.again.number)


def _answered(a: Arrival, matter: Matter, cast: Cast, r: Random, until: datetime) -> Story:
    operator, h = cast.operator(r), Script(at=a.at)
    text, summary, reply = _words(a, matter, r)
    look = first_look(a, r)
    at = look + timedelta(minutes=r.randint(1, 6) if a.channel in WRITTEN else r.randint(3, 25))
    category = cast.categories[matter.category]
    if a.channel not in WRITTEN:  # a report that an operator took down has a summary
        h.then("accept", look, operator, category=category, summary=summary)
    answer = voice.fill(reply, a.place, at, r)
    at = h.then("answer", at, operator, text=answer, category=category)
    rating = grade(at, False, r)
    closing(h, at, rating, r)
    history = History(
        report=report(a, text, summary, cast, r), at=a.at, by=by(a, operator), acts=cut(h.acts, until, a.stop)
    )
    return Story(number=a.number, history=history, rating=_rating_by(rating, history, until))


def _rating_by(rating: Grade | None, history: History, until: datetime) -> Grade | None:
    """The rating, if it and the answer it is for came by `until`."""
    answered = any(made.name in ("answer", "approve") for made in history.acts)
    return rating if rating and answered and rating.at <= until else None


@dataclass
class _Handled:
    """The long way: accepted, routed, worked on, answered."""

    a: Arrival
    matter: Matter
    cast: Cast
    pictures: Pictures
    r: Random

    def story(self, until: datetime) -> Story:
        a, cast, r = self.a, self.cast, self.r
        operator, h = cast.operator(r), Script(at=a.at)
        text, summary, reply = _words(a, self.matter, r)
        category = cast.categories[self.matter.category]
        extra = {} if a.channel in WRITTEN else {"summary": summary}
        h.then("accept", first_look(a, r), operator, category=category, urgency=self.matter.urgency, **extra)
        asks_back = bool(self.matter.ask) and ("ask" in a.must or r.random() < ASKS_BACK)
        lost = asks_back and self._ask(h, operator)
        rating = helper = None
        if not lost:
            agency = self._route(h, operator)
            routed = h.at
            pace = a.pace or self._pace(agency)
            answered = self._work(h, agency, routed, pace, reply)
            if "reopen" in a.must or r.random() < REOPENED:
                h.then("reopen", answered + timedelta(hours=r.randint(5, 90)), citizen(), reason=r.choice(AGAIN))
                h.then("route", h.at + timedelta(minutes=r.randint(4, 40)), operator, agency=agency)
                answered, pace = self._work(h, agency, h.at, 0.5, r.choice(AGAIN_ANSWER), fresh=True), 2.0
            rating = grade(answered, pace > 1, r)
            closing(h, answered, rating, r)
            if r.random() < HELPED and agency.kind != "commune":
                helper = cast.agency("commune", a.place)
        photos, work_photos = self._photos()
        acts = with_photos(cut(h.acts, until, a.stop), work_photos)
        if helper is not None:
            acts = helped(acts, helper, cast.officers[helper.pk], routed, PART[a.number % len(PART)])
        history = History(report=report(a, text, summary, cast, r, photos), at=a.at, by=by(a, operator), acts=acts)
        return Story(number=a.number, history=history, rating=_rating_by(rating, history, until))

    def _pace(self, agency: Agency) -> float:
        """The share of the allowed time that is used: mostly well under one, one time in eight over it."""
        r = self.r
        late = LATE_AT.get(agency.code, LATE)
        return r.uniform(1.15, 2.4) if r.random() < late else 0.06 + 0.84 * r.betavariate(1.6, 2.6)

    def _ask(self, h: Script, operator: Actor) -> bool:
        """The centre asks back; whether nobody ever replied."""
        question = voice.fill(self.matter.ask, self.a.place, self.a.at, self.r)
        at = h.then("ask", h.at + timedelta(minutes=self.r.randint(1, 9)), operator, question=question)
        if self.r.random() < NO_REPLY and not self.a.must:
            note = "Đã gọi ba lần và nhắn tin, người dân không trả lời."
            h.then("refuse", at + timedelta(days=7, hours=3), operator, reason="no_contact", note=note)
            return True
        answer = voice.fill(self.matter.reply, self.a.place, at, self.r)
        h.then("resume", at + timedelta(hours=self.r.uniform(0.2, 16)), citizen(), text=answer)
        return False

    def _route(self, h: Script, operator: Actor) -> Agency:
        """To the agency that acts, now and then by a detour."""
        a, cast, r = self.a, self.cast, self.r
        hour = a.at.astimezone(VIETNAM).hour
        agency = (
            cast.agency(self.matter.agency, a.place)
            if self.matter.agency
            else cast.competent(self.matter.category, a.place, hour)
        )
        soon = h.at + timedelta(minutes=r.choice((1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, r.choice((3, 7, 14)))))
        if self.matter.wrong and ("wrong" in a.must or (not a.stop and r.random() < WRONG)):
            code, reason = self.matter.wrong
            other = cast.agencies[code]
            h.then("route", soon, operator, agency=other)
            minutes = r.randint(20, 300)
            if minutes <= SEEN_AT_ONCE and "wrong" not in a.must:
                h.then("recall", h.at + timedelta(minutes=2), operator, reason="Chọn nhầm đơn vị.")
            else:
                h.then("leg_return", after(h.at, minutes), cast.officers[other.pk], reason=reason)
            soon = h.at + timedelta(minutes=r.choice((2, 3, 4, 16)))
        h.then("route", soon, operator, agency=agency)
        committee = cast.agency("commune", a.place)
        if agency.kind in ("department", "police") and r.random() < PASSED_ON:
            note = "Thuộc thẩm quyền của địa phương, kính chuyển UBND cấp xã xử lý."
            h.then(
                "leg_pass_on", after(h.at, r.randint(30, 400)), cast.officers[agency.pk], agency=committee, note=note
            )
            return committee
        return agency

    def _work(
        self, h: Script, agency: Agency, routed: datetime, pace: float, reply: str, fresh: bool = False
    ) -> datetime:
        """The agency's part, from taking it on to the approved answer; returns when that was."""
        a, cast, r = self.a, self.cast, self.r
        officer, lead = cast.officers[agency.pk], cast.leads[agency.pk]
        category = cast.categories[self.matter.category]
        urgency = self.matter.urgency or category.urgency
        infrastructure = urgency == "normal" and category.group_en == "Infrastructure"
        at_once = urgency == "urgent" or (self.matter.hours == "night" and agency.kind == "police")
        total = (INFRASTRUCTURE if infrastructure else TARGET["urgent" if at_once else urgency]) * pace

        def moment(share: float) -> datetime:
            """What cannot wait is done at any hour, the rest in office hours."""
            if at_once and pace <= 1:
                return routed + timedelta(minutes=max(25.0, total) * share)
            return after(routed, max(40.0, total) * share)

        if at_once:
            accepted = routed + timedelta(minutes=r.randint(4, 20))
        elif agency.calendar and agency.calendar.code == "always":
            accepted = routed + timedelta(minutes=r.randint(10, 240))
        else:
            accepted = after(routed, r.choice((r.randint(10, 300), r.randint(10, 120), r.randint(30, 460))))
        if r.random() < 0.7 or a.stop == "leg_accept":
            h.then("leg_accept", accepted, officer)
        h.then("start", max(accepted, moment(r.uniform(0.05, 0.25))) if r.random() < 0.6 else accepted, officer)
        if not fresh and not at_once and ("extension" in a.must or (pace > 1 and r.random() < EXTENDED * 7)):
            reasons = EXTEND_WORKS if category.group_en == "Infrastructure" else EXTEND
            h.then("leg_ask_extension", moment(0.45), officer, days=r.choice((2, 3, 5)), reason=r.choice(reasons))
            decided = after(h.at, r.randint(20, 200))
            if a.number % 6:
                h.then("leg_grant_extension", decided, cast.supervisor)
            else:
                h.then("leg_refuse_extension", decided, cast.supervisor, reason=NO_MORE_TIME)
        done = max(moment(max(0.5, 1 - r.randint(30, 300) / max(40.0, total))), self._later(h.at, at_once, 20, 110))
        answer = voice.fill(reply, a.place, done, r)
        h.then("result", done, officer, text=answer)
        if r.random() < REVISED and a.stop != "result":
            why, more = r.choice(REVISE if self.matter.photos else REVISE[1:])
            h.then("revise", after(h.at, r.randint(10, 60)), lead, reason=why)
            h.then("result", after(h.at, r.randint(10, 90)), officer, text=f"{answer} {more}")
        return h.then("approve", max(moment(1.0), self._later(h.at, at_once, 5, 50)), lead)

    def _later(self, at: datetime, at_once: bool, least: int, most: int) -> datetime:
        """Some minutes of work later, in office hours unless it cannot wait."""
        minutes = self.r.randint(least, most)
        return at + timedelta(minutes=minutes) if at_once else after(at, minutes)

    def _photos(self) -> tuple[Sequence[int], Sequence[tuple[int, str]]]:
        """The citizen's own picture, and the officer's after (and perhaps before) the work."""
        if not self.matter.photos:
            return (), ()
        before, done = (self.pictures[scene] for scene in self.matter.photos)
        variant = self.r.randrange(len(before))
        own = [before[variant]] if self.r.random() < WITH_PHOTOS.get(self.a.channel, 0) else []
        if self.r.random() > 0.55:
            return own, ()
        return own, [*([] if own else [(before[variant], "before")]), (done[variant], "after")]
