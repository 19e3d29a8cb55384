"""What a page of the board asks for: a period, what narrows it, and no more than the reader may see."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode
from django.utils.timezone import now
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from caunoi.conversations.queries.channels import channel_name
from caunoi.directory import queries as directory
from caunoi.directory.boundaries import boundaries, days, organised, organised_now
from caunoi.events.actor import Actor
from caunoi.statistics import periods
from caunoi.statistics.periods import INSTANT, Period
from caunoi.statistics.scope import FOUR, NARROW, NONE, Scope, sees_own_agency_only
from caunoi.web.labels import formerly_called
from caunoi.web.who import actor

PERIODS = {
    "month": gettext_noop("This month"),
    "last_month": gettext_noop("Last month"),
    "7": gettext_noop("7 days"),
    "30": gettext_noop("30 days"),
    "90": gettext_noop("90 days"),
    "year": gettext_noop("This year"),
    "report": gettext_noop("Reporting month"),
    "last_report": gettext_noop("Last reporting month"),
}
DEFAULT = "30"
BOUNDARIES = {"now": gettext_noop("As organised today"), "then": gettext_noop("As organised when it came in")}
PART = {
    "on_time": gettext_noop("done on time"),
    "late": gettext_noop("done late"),
    "open_within": gettext_noop("open, within time"),
    "open_overdue": gettext_noop("open, overdue"),
}


def name_of(by: str, code: str) -> str:
    """The name of a group's code in the reader's language; of no code, what that means."""
    if code in ("", NONE):
        return {
            "agency": _("With the centre"),
            "category": _("No category yet"),
            "area": _("Commune not known"),
        }.get(by, "–")
    if by == "channel":
        return channel_name(code)
    name, name_en = directory.every_name()[by].get(code, (code, ""))
    return (name_en if get_language() == "en" else "") or name


def dated_name(by: str, code: str) -> str:
    """The name of a group's code; of an agency, with what it or what went into it was called until lately."""
    name, was = name_of(by, code), formerly_called(code) if by == "agency" else ""
    return f"{name} ({was})" if was else name


@dataclass(frozen=True, kw_only=True)
class BoardQuery:
    """A question to the board. `codes` narrow by agency, category, area, channel; `part` is one of the four numbers;
    `on` a day or month of the trend; `since` and `until` what was typed; `error` what was wrong with that. `as_of` is a
    past day at whose end the figures stand, and `at` then its last moment; `boundaries` by which communes."""

    by: Actor
    at: datetime
    period: Period
    codes: dict[str, str] = field(default_factory=dict)
    part: str = ""
    on: str = ""
    since: str = ""
    until: str = ""
    as_of: str = ""
    boundaries: str = ""
    error: str = ""

    @property
    def own(self) -> bool:
        """An agency's lead sees the agency's own figures and no others."""
        return sees_own_agency_only(self.by)

    def scope(self) -> Scope:
        since, until = self.period.since, self.period.until
        if self.on:
            begins, ends = periods.part(self.on)
            since, until = max(since, begins), min(until, ends)
        return (
            Scope(
                since=since,
                until=until,
                at=self.at,
                part=self.part,
                as_of=self.at + INSTANT if self.as_of else None,
                boundaries=boundaries(self.boundaries) if self.boundaries else None,
                heirs=organised(self.boundaries) if self.boundaries else organised_now(),
            )
            .readable_by(self.by)
            .narrowed(self.codes)
        )

    def earlier(self) -> Scope:
        """The same, of what the period is compared with."""
        return self.scope().within(*periods.earlier(self.period, self.at))

    def query(self, **changes: str) -> str:
        """The question as the query of an address, with some of it changed."""
        params = {"period": "" if self.since or self.until else self.period.code, "from": self.since, "to": self.until}
        params |= {name: self.codes.get(name, "") for name in NARROW} | {"part": self.part, "on": self.on}
        params |= {"as_of": self.as_of, "boundaries": self.boundaries}
        filled = {name: value for name, value in (params | changes).items() if value}
        if filled.get("period") == DEFAULT:
            del filled["period"]
        return "?" + urlencode(filled)

    def whole(self) -> "BoardQuery":
        """The same question without a part or a day."""
        return replace(self, part="", on="")


def _period(params: QueryDict, at: datetime) -> tuple[Period, str]:
    """The period asked for; the default, with an error, for what cannot be read."""
    day, hour = directory.option("report_day"), directory.option("report_hour")
    default = periods.period_of(DEFAULT, at)
    since, until = params.get("from", "").strip(), params.get("to", "").strip()
    if since or until:
        try:
            first, last = (date.fromisoformat(text) if text else at.date() for text in (since or until, until))
            return periods.between(first, last), ""
        except (ValueError, OverflowError):
            return default, _("Please give the first day and the last day, the first one first.")
    code = params.get("period", DEFAULT)
    return (periods.period_of(code, at, day=day, hour=hour) if code in PERIODS else default), ""


def _at(params: QueryDict) -> tuple[datetime, str]:
    """The moment asked about: the end of a past day, else now."""
    day = params.get("as_of", "").strip()
    try:
        moment = periods.part(day)[1] if len(day) == 10 else None
    except (ValueError, OverflowError):
        moment = None
    return (moment - INSTANT, day) if moment and moment <= now() else (now(), "")


def _boundaries(words: str) -> str:
    """The boundaries asked for, if there are such."""
    return words if words in (*BOUNDARIES, *(_eve(day) for day in days())) else ""


def _eve(day: date) -> str:
    return (day - timedelta(days=1)).isoformat()


def boundary_choices() -> list[tuple[str, str]]:
    """By which communes and agencies figures may be grouped: of today, of when each ticket came, of the eve of each day
    they changed."""
    eves = [(_eve(day), _("As organised before %(day)s") % {"day": f"{day:%d/%m/%Y}"}) for day in days()]
    return [*((code, _(label)) for code, label in BOUNDARIES.items()), *eves]


def board_query(request: HttpRequest) -> BoardQuery:
    params, by = request.GET, actor(request)
    at, as_of = _at(params)
    period, error = _period(params, at)
    codes = {name: params.get(name, "").strip()[:40] for name in NARROW if params.get(name, "").strip()}
    part, on = params.get("part", ""), params.get("on", "")
    try:
        periods.part(on or "2000-01-01")
    except ValueError:
        on = ""
    if sees_own_agency_only(by):
        codes.pop("agency", None)
    return BoardQuery(
        by=by,
        at=at,
        period=period,
        codes=codes,
        part=part if part in FOUR else "",
        on=on,
        error=error,
        as_of=as_of,
        boundaries=_boundaries(params.get("boundaries", "")),
        since=params.get("from", "").strip(),
        until=params.get("to", "").strip(),
    )
