"""Answers that the operations centre has drawn and scored: last month's sample is done, this week's has begun."""

from datetime import datetime, timedelta
from random import Random
from statistics import fmean

from caunoi.accounts.models import User
from caunoi.events.actor import Actor
from caunoi.quality import actions, scoring
from caunoi.quality.models import Case, Remark, Sample, Score
from caunoi.tickets.lifecycle import MissingDataError

COMMENTS = (
    "Trả lời gọn, có nói rõ nộp ở đâu và mất bao lâu.",
    "Nên nêu lệ phí trước khi chào.",
    "",
    "Đúng thủ tục, nhưng người dân phải hỏi lại mới biết cần bản gốc.",
    "",
    "Lịch sự, kiên nhẫn với người lớn tuổi.",
)


def score(until: datetime) -> None:
    """All of it, as far as there are answers to draw."""
    month = until - timedelta(days=30)
    _score(month - timedelta(days=30), month, 36, 25, "demo-1", month + timedelta(days=4), part=1.0)
    _score(month, until - timedelta(days=2), 30, 20, "demo-2", until - timedelta(days=1), part=0.4)
    case = Case.objects.filter(operator="lan", settled__isnull=False).order_by("-settled", "id").first()
    if case is not None:
        text = "Tôi có nhắc mang bản gốc ở cuối cuộc gọi, mong nghe lại giúp."
        Remark.objects.create(
            kind=Remark.Kind.REPLY,
            case=case,
            operator="lan",
            operator_user=case.operator_user,
            by="lan",
            text=text,
            at=until - timedelta(hours=5),
        )
    Remark.objects.create(
        kind=Remark.Kind.COACHING,
        operator="lan",
        operator_user=User.objects.get(username="lan").pk,
        by="tam",
        at=until - timedelta(days=3),
        text="Câu trả lời của em rõ và lịch sự. Tuần này thử nêu lệ phí và thời hạn ngay câu đầu nhé.",
    )


def _score(since: datetime, until: datetime, size: int, double: int, seed: str, at: datetime, *, part: float) -> None:
    thu, tam = (User.objects.get(username=name).as_actor() for name in ("thu", "tam"))
    try:
        sample = actions.draw(since, until, size=size, by=thu, double=double, seed=seed)
    except MissingDataError:
        return
    Sample.objects.filter(pk=sample.pk).update(at=at)
    lots = Random(seed)  # the same demo every time
    scores, settled = list[Score](), list[Case]()
    cases = list(sample.cases.order_by("order"))
    for case in cases[: round(len(cases) * part)]:
        mine = [_scored(case, who, at, lots, sample) for who in ([thu, tam] if case.pair else [thu])]
        case.result, case.settled = fmean(row.total or 0 for row in mine), mine[-1].at
        scores += mine
        settled.append(case)
    Score.objects.bulk_create(scores)
    Case.objects.bulk_update(settled, ["result", "settled"])


def _scored(case: Case, who: Actor, at: datetime, lots: Random, sample: Sample) -> Score:
    criteria = sample.card.criteria
    skill = Random(f"{sample.seed}:{case.order}")  # two who score the same answer mostly see the same
    points: dict[str, int | None] = {one.key: 2 if skill.random() < 0.72 else 1 for one in criteria}
    if lots.random() < 0.5:
        points[lots.choice(criteria).key] = lots.choice((1, 2))
    when = at + timedelta(minutes=6 * case.order)
    total, text = scoring.total(criteria, points), lots.choice(COMMENTS)
    return Score(
        case=case, by=who.name, by_user=who.user_id, points=points, comment=text, total=total, saved=when, at=when
    )
