"""Cases are drawn, scored, discussed and decided; each verb locks its case, changes it and records an event."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from statistics import fmean

from django.db import transaction
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.calls.models import Call
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor, NotAllowedError, Role
from caunoi.lib.vietnamese.writing import nfc
from caunoi.quality import queries, sampling, scoring, speech
from caunoi.quality.models import Case, Remark, Sample, Score, Scorecard, Transcript, Verdict
from caunoi.quality.scoring import Criterion, Points
from caunoi.telephony.events import Outcome
from caunoi.tickets.lifecycle import MissingDataError, NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import handlers


def _scorers_only(by: Actor) -> None:
    if not queries.scores(by):
        raise NotAllowedError("quality")


def _locked(case: Case) -> Case:
    Case.objects.select_for_update().get(pk=case.pk)
    row = queries.case(case.pk)
    assert row is not None
    return row


@transaction.atomic
def write_card(criteria: Iterable[Criterion], *, by: Actor) -> Scorecard:
    """A new version of the scorecard; earlier scores keep theirs. MissingDataError without criteria, or when one has no
    words, no weight or the key of another. The same again is no new version."""
    if not by.has(Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN, Role.SYSTEM):
        raise NotAllowedError("scorecard")
    rows = [one.row() | {"text": nfc(one.text).strip(), "text_en": nfc(one.text_en).strip()} for one in criteria]
    own_texts = {one.key for one in scoring.DEFAULT}
    keys = [row["key"] for row in rows]
    wrong = {row["key"] for row in rows if not (row["text"] or row["key"] in own_texts) or not 1 <= row["weight"] <= 10}
    if wrong or not rows or len(set(keys)) < len(keys):
        raise MissingDataError(wrong or {"criteria"})
    last = Scorecard.objects.select_for_update().order_by("-version").first()
    if last is not None and last.rows == rows:
        return last
    made = Scorecard.objects.create(version=last.version + 1 if last else 1, rows=rows, by=by.name, at=now())
    record("scorecard.write", made, by=by, version=made.version)
    return made


@transaction.atomic
def draw(
    since: datetime,
    until: datetime,
    *,
    size: int,
    by: Actor,
    least: int = 1,
    double: int = 20,
    seed: str = "",
    calls: bool = True,
) -> Sample:
    """Draw a sample of the answers given in [since, until), those in recorded calls that became no ticket too.
    MissingDataError when there are none. The seed is stored: the same one draws the same answers."""
    _scorers_only(by)
    candidates = queries.candidates(since, until, calls=calls)
    if not candidates:
        raise MissingDataError({"since"})
    seed = seed.strip()[:40] or secrets.token_hex(8)
    drawn = sampling.draw(candidates, size=size, seed=seed, least=least)
    pairs = sampling.doubles((one.key for one in drawn), double, seed)
    card = queries.newest_card() or write_card(scoring.DEFAULT, by=by)
    row = Sample.objects.create(
        card=card,
        since=since,
        until=until,
        size=size,
        least=least,
        double=double,
        seed=seed,
        population=len(candidates),
        by=by.name,
        at=now(),
        calls=calls,
    )
    tickets = [one.key for one in drawn if isinstance(one.key, int)]
    call_ids = {one.key: int(one.key.removeprefix("call-")) for one in drawn if isinstance(one.key, str)}
    answered: dict[int | str, datetime | None] = dict(
        Ticket.objects.filter(pk__in=tickets).values_list("pk", "answered")
    )
    handled = handlers(tickets)
    operators: dict[int | str, int | None] = {pk: handled.get(pk) for pk in tickets}
    rows = Call.objects.in_bulk(call_ids.values())
    for key, pk in call_ids.items():
        answered[key], operators[key] = rows[pk].ended, rows[pk].operator_id
    Case.objects.bulk_create(
        Case(
            sample=row,
            ticket_id=one.key if isinstance(one.key, int) else None,
            call_id=call_ids.get(one.key) if isinstance(one.key, str) else None,
            order=number,
            operator=one.operator,
            operator_user=operators.get(one.key),
            channel=one.channel,
            field=one.field,
            answered=answered[one.key] or until,
            pair=one.key in pairs,
        )
        for number, one in enumerate(drawn, 1)
    )
    record("quality.draw", row, by=by, size=len(drawn), of=len(candidates), seed=seed)
    return row


@transaction.atomic
def remove(sample: Sample, *, by: Actor) -> None:
    """Undo a drawing that nobody has scored yet. NotPossibleError when somebody has, or an answer of this person's was
    drawn."""
    _scorers_only(by)
    locked = Sample.objects.select_for_update().get(pk=sample.pk)
    if not queries.may_remove(locked, by):
        raise NotPossibleError("sample")
    record("quality.remove", locked, by=by, seed=locked.seed)
    locked.delete()


@transaction.atomic
def score(case: Case, points: Points, comment: str = "", *, by: Actor, final: bool) -> Score:
    """Save one's score of a case; `final` finishes it. MissingDataError names the criteria that are not judged, or
    `comment` where something fatal was not met and no comment says why. NotPossibleError when it is no longer this
    person's to score."""
    _scorers_only(by)
    locked = _locked(case)
    if not queries.open_to(locked, by):
        raise NotPossibleError("case")
    criteria = locked.sample.card.criteria
    judged = {one.key: points[one.key] for one in criteria if one.key in points}
    text = nfc(comment).strip()
    if final:
        lacking = scoring.lacking(criteria, judged)
        if scoring.failed(criteria, judged) and not text:
            lacking.add("comment")
        if lacking:
            raise MissingDataError(lacking)
    at = now()
    total = scoring.total(criteria, judged)
    values = {
        "by": by.name,
        "points": judged,
        "comment": text,
        "total": total,
        "saved": at,
        "at": at if final else None,
    }
    row, _ = Score.objects.update_or_create(case=locked, by_user=by.user_id, defaults=values)
    if final:
        record("quality.score", locked, by=by, total=total)
        _settle(locked.pk, at)
    return row


def _settle(pk: int, at: datetime) -> None:
    """Settle the result once enough people have finished; a calibration is settled by the agreed score."""
    case = queries.case(pk)
    assert case is not None
    done = queries.finished(case)
    if case.calibrated is None and case.settled is None and len(done) >= case.needs:
        totals = [row.total for row in done if row.total is not None]
        Case.objects.filter(pk=pk).update(result=fmean(totals) if totals else None, settled=at)


@transaction.atomic
def take_back(case: Case, *, by: Actor) -> None:
    """Reopen one's score that was finished too early; only while the case is not settled."""
    locked = _locked(case)
    mine = queries.own(locked, by)
    if mine is None or mine.at is None or locked.settled is not None:
        raise NotPossibleError("case")
    Score.objects.filter(pk=mine.pk).update(at=None)
    record("quality.take_back", locked, by=by)


@transaction.atomic
def calibrate(case: Case, *, by: Actor) -> None:
    """From now on everybody who scores scores this case, and their agreement settles it. NotPossibleError when it is
    settled, or this person's own answer."""
    _scorers_only(by)
    locked = _locked(case)
    if not queries.may_calibrate(locked, by):
        raise NotPossibleError("case")
    Case.objects.filter(pk=locked.pk).update(calibrated=now())
    record("quality.calibrate", locked, by=by)


@transaction.atomic
def agree(case: Case, points: Points, reason: str = "", *, by: Actor) -> Verdict:
    """Record the score the scorers agreed on. NotPossibleError before two have finished, or by somebody who has not."""
    _scorers_only(by)
    locked = _locked(case)
    done = queries.finished(locked)
    mine = [row for row in done if by.is_person(row.by_user)]
    if locked.calibrated is None or locked.settled is not None or len(done) < locked.needs or not mine:
        raise NotPossibleError("case")
    return _decide(locked, Verdict.Why.CALIBRATION, points, reason, by)


def _decide(case: Case, why: Verdict.Why, points: Points, reason: str, by: Actor) -> Verdict:
    criteria = case.sample.card.criteria
    judged = {one.key: points[one.key] for one in criteria if one.key in points}
    if lacking := scoring.lacking(criteria, judged):
        raise MissingDataError(lacking)
    at, total = now(), scoring.total(criteria, judged)
    row, _ = Verdict.objects.update_or_create(
        case=case,
        defaults={"why": why, "points": judged, "total": total, "reason": nfc(reason).strip(), "by": by.name, "at": at},
    )
    Case.objects.filter(pk=case.pk).update(result=total, settled=case.settled or at)
    record("quality.agree", case, by=by, total=total, why=str(why))
    return row


def _say(
    kind: Remark.Kind, text: str, by: Actor, *, case: Case | None, operator: str, operator_user: int | None
) -> Remark:
    if not (words := nfc(text).strip()):
        raise MissingDataError({"text"})
    row = Remark.objects.create(
        kind=kind, case=case, operator=operator, operator_user=operator_user, text=words, by=by.name, at=now()
    )
    record(f"quality.{kind}", row, by=by, operator=operator)
    return row


@transaction.atomic
def discuss(case: Case, text: str, *, by: Actor) -> Remark:
    """Say something to the others who score; only after one's own score is finished, or it would not be blind."""
    _scorers_only(by)
    locked = _locked(case)
    mine = queries.own(locked, by)
    if mine is None or mine.at is None:
        raise NotPossibleError("case")
    return _say(
        Remark.Kind.DISCUSSION, text, by, case=locked, operator=locked.operator, operator_user=locked.operator_user
    )


@transaction.atomic
def reply(case: Case, text: str, *, by: Actor) -> Remark:
    """The operator does not agree with a score; once, in time."""
    locked = _locked(case)
    if not by.is_person(locked.operator_user):
        raise NotAllowedError("quality")
    if not queries.may_reply(locked, by):
        raise NotPossibleError("case")
    return _say(Remark.Kind.REPLY, text, by, case=locked, operator=locked.operator, operator_user=locked.operator_user)


@transaction.atomic
def answer_reply(row: Remark, decision: str, points: Points | None = None, *, by: Actor) -> Remark:
    """A supervisor who did not score the case decides on a reply: with other `points` the result changes.
    MissingDataError without words."""
    if not by.has(Role.SUPERVISOR):
        raise NotAllowedError("quality")
    locked = Remark.objects.select_for_update().get(pk=row.pk, kind=Remark.Kind.REPLY)
    assert locked.case is not None
    case = _locked(locked.case)
    if locked.decided is not None or not queries.decides(case, by):
        raise NotPossibleError("reply")
    if not decision.strip():
        raise MissingDataError({"decision"})
    if points is not None:
        _decide(case, Verdict.Why.REPLY, points, decision, by)
    locked.decided, locked.decided_by, locked.decision = now(), by.name, nfc(decision).strip()
    locked.save(update_fields=["decided", "decided_by", "decision"])
    record("quality.decide", locked, by=by, changed=points is not None)
    return locked


@transaction.atomic
def coach(operator: User, text: str, *, by: Actor) -> Remark:
    """A supervisor's note to one operator, read by the two of them and the other supervisors. NotAllowedError to
    oneself, or to the person one acts for."""
    if not by.has(Role.SUPERVISOR) or by.concerns(operator.pk):
        raise NotAllowedError("quality")
    return _say(Remark.Kind.COACHING, text, by, case=None, operator=operator.username, operator_user=operator.pk)


def transcribe(call: Call, sound: bytes, *, by: Actor) -> Transcript:
    """The transcript of a recorded call, by the endpoint of the settings; made once. TranscriptionError."""
    _scorers_only(by)
    return _written_down(call, sound, by)


def write_down(call: Call, sound: bytes) -> Transcript:
    """The words of a message that a caller left, for whoever calls back. TranscriptionError."""
    assert call.outcome == Outcome.VOICEMAIL, "talks are written down for who scores them, and by them"
    return _written_down(call, sound, SYSTEM)


def _written_down(call: Call, sound: bytes, by: Actor) -> Transcript:
    existing = Transcript.objects.filter(call=call).first()
    if existing is not None:
        return existing
    where = speech.configured()
    text = speech.hear(sound, call.sound.rpartition("/")[2] or "call.wav", where)
    row, fresh = Transcript.objects.get_or_create(
        call=call, defaults={"text": text, "model": where.model, "by": by.name, "at": now()}
    )
    if fresh:
        record("quality.transcribe", row, by=by)
    return row
