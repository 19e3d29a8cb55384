"""When people work: the hours of each calendar, and the days that differ from the week."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from caunoi.directory import actions, queries
from caunoi.directory.models import Calendar, Day
from caunoi.events.queries import history
from caunoi.lib.worktime.daysoff import OutOfRangeError, SpecialDay, vietnam
from caunoi.lib.worktime.sessions import DAY, Sessions, day_sessions
from caunoi.sla.models import Recount
from caunoi.sla.queries import recounts, running_from
from caunoi.web.errors import or_404
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.setup.words import WEEK
from caunoi.web.who import actor

AHEAD = timedelta(days=400)


@dataclass(frozen=True, kw_only=True)
class WeekPart:
    """A day of the week, or neighbouring ones of the same hours."""

    first: str
    last: str = ""
    hours: str


@dataclass(frozen=True, kw_only=True)
class CalendarLine:
    row: Calendar
    always: bool
    week: list[WeekPart]


@dataclass(frozen=True, kw_only=True)
class DayLine:
    """A date that differs from the week; `day` is its row where it is the province's own."""

    date: date
    works: bool
    name: str
    day: Day | None


@dataclass(frozen=True, kw_only=True)
class CalendarsPage(Page):
    template = "setup/calendars.html"

    calendars: list[CalendarLine]
    days: list[DayLine]
    recount: Recount | None


@dataclass(frozen=True, kw_only=True)
class SpecialDayPage(Page):
    """How many running deadlines end on a day or later, and which public holiday it is; no `day` while none is
    typed."""

    template = "setup/_day.html"

    day: date | None = None
    moves: int = 0
    holiday: SpecialDay | None = None
    past: bool = False


def _clock(since_midnight: timedelta) -> str:
    minutes = since_midnight // timedelta(minutes=1)
    minutes = minutes if minutes == 1440 else minutes % 1440
    return f"{minutes // 60}:{minutes % 60:02}"


def hours(sessions: Sessions) -> str:
    """`7:30-11:30 13:00-17:00`, as `day_sessions` reads it back."""
    return " ".join(f"{_clock(s.start)}-{_clock(s.end)}" for s in sessions)


def _week(calendar: Calendar) -> list[WeekPart]:
    """Neighbouring days of the same hours together."""
    parts: list[WeekPart] = []
    for name, sessions in zip(WEEK, queries.calendar(calendar.code).week):
        if parts and parts[-1].hours == hours(sessions):
            parts[-1] = replace(parts[-1], last=_(name))
        else:
            parts.append(WeekPart(first=_(name), hours=hours(sessions)))
    return parts


def _coming(since: date) -> list[DayLine]:
    """Public holidays, swap days and the province's own days, in order; own rows win."""
    until = since + AHEAD
    common: dict[date, SpecialDay] = {}
    for year in range(since.year, until.year + 1):
        try:
            common |= {d: special for d, special in vietnam(year).items() if since <= d < until}
        except OutOfRangeError:
            break
    own = list(queries.days(since))
    everywhere = {d.date for d in own if d.calendar_id is None}
    rows = [DayLine(date=d, works=s.works, name=s.name, day=None) for d, s in common.items() if d not in everywhere]
    rows += [DayLine(date=d.date, works=d.works, name=d.note, day=d) for d in own]
    return sorted(rows, key=lambda row: row.date)


def listing(request: HttpRequest) -> HttpResponse:
    calendars = [
        CalendarLine(row=c, always=queries.calendar(c.code).round_the_clock, week=_week(c)) for c in queries.calendars()
    ]
    return render_page(
        request, CalendarsPage(calendars=calendars, days=_coming(localdate()), recount=recounts().first())
    )


class AddDay(forms.Form):
    date = forms.DateField(
        label=gettext_lazy("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    works = forms.ChoiceField(
        label=gettext_lazy("On this day people"),
        widget=forms.RadioSelect,
        choices=[("off", gettext_lazy("are off")), ("works", gettext_lazy("work, in the hours of an ordinary day"))],
    )
    note = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=200,
        help_text=gettext_lazy("Such as the decision or the name of the holiday; people see it."),
    )
    calendar = forms.ChoiceField(label=gettext_lazy("Calendar"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keeping = [c for c in queries.calendars() if not queries.calendar(c.code).round_the_clock]
        choose(self, calendar=[("", _("All that keep holidays")), *((c.code, c.name) for c in keeping)])


def _effect(form: AddDay) -> SpecialDayPage:
    raw = form["date"].value()
    try:
        day = raw if isinstance(raw, date) else date.fromisoformat(raw or "")
        holiday = vietnam(day.year).get(day)
    except ValueError:  # OutOfRangeError too
        return SpecialDayPage()
    return SpecialDayPage(day=day, moves=running_from(day), holiday=holiday, past=day < localdate())


def add_day(request: HttpRequest) -> HttpResponse:
    form = AddDay(request.POST or None, initial={"works": "off"})
    if saving(request, form):
        d = form.cleaned_data
        calendar = queries.calendars().filter(code=d["calendar"]).first() if d["calendar"] else None
        row = actions.set_day(d["date"], d["works"] == "works", note=d["note"], calendar=calendar, by=actor(request))
        message = _("Saved. Running deadlines are being recalculated.")
        return done(request, "setup:calendars", event=history(row).last(), message=message)
    return form_page(
        request,
        form,
        title=_("New special day"),
        back="setup:calendars",
        effect=_effect(form),
        lead=_(
            "For swap days, working Saturdays and days of the province's own. The public holidays are known already."
        ),
    )


def remove_day(request: HttpRequest, pk: int) -> HttpResponse:
    row = queries.day(pk)
    if request.method != "POST":
        return redirect("setup:calendars")
    if row is None:
        raise Http404
    event = actions.remove_day(row, by=actor(request))
    return done(
        request, "setup:calendars", event=event, message=_("Removed. Running deadlines are being recalculated.")
    )


class CalendarForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("What it is called"), max_length=100)
    always = forms.BooleanField(label=gettext_lazy("Day and night, without holidays"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, name in enumerate(WEEK):
            self.fields[f"day{number}"] = forms.CharField(label=_(name), max_length=100, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for number in range(7):
            try:
                day_sessions(cleaned.get(f"day{number}", ""))
            except ValueError:
                self.add_error(f"day{number}", _("Write the hours as 7:30-11:30 13:00-17:00."))
        if not cleaned.get("always") and not any(cleaned.get(f"day{n}") for n in range(7)) and not self.errors:
            self.add_error("day0", _("Give the hours of at least one day."))
        return cleaned

    def sessions(self) -> dict[str, list[list[str]]]:
        """As a calendar's row keeps them."""
        if self.cleaned_data["always"]:
            return {str(n): [["00:00", "24:00"]] for n in range(7)}
        days = {str(n): day_sessions(self.cleaned_data[f"day{n}"]) for n in range(7)}
        return {n: [[_clock(s.start), _clock(s.end)] for s in sessions] for n, sessions in days.items() if sessions}


class NewCalendarForm(CalendarForm):
    field_order = ["code"]
    code = forms.SlugField(
        label=gettext_lazy("Code"),
        max_length=50,
        help_text=gettext_lazy("A short word in Latin letters; it never changes."),
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if queries.calendars().filter(code=code).exists():
            raise forms.ValidationError(_("There is a calendar of this code already."))
        return code


HINT = gettext_noop(
    "Hours of each day, like 7:30-11:30 13:00-17:00. Empty is a day off. An end before its start is on the next day."
)


def add(request: HttpRequest) -> HttpResponse:
    form = NewCalendarForm(request.POST or None)
    if saving(request, form):
        actions.save_calendar(form.cleaned_data["code"], form.cleaned_data["name"], form.sessions(), by=actor(request))
        return done(request, "setup:calendars")
    return form_page(request, form, title=_("New calendar"), back="setup:calendars", lead=_(HINT))


def edit(request: HttpRequest, code: str) -> HttpResponse:
    row = or_404(queries.calendars().filter(code=code).first())
    calendar = queries.calendar(code)
    always = all(sum((s.length for s in day), timedelta()) == DAY for day in calendar.week)
    initial = {"name": row.name, "always": always}
    initial |= {f"day{n}": "" if always else hours(sessions) for n, sessions in enumerate(calendar.week)}
    form = CalendarForm(request.POST or None, initial=initial)
    if saving(request, form):
        actions.save_calendar(code, form.cleaned_data["name"], form.sessions(), by=actor(request))
        event = history(row).last()
        return done(
            request, "setup:calendars", event=event, message=_("Saved. Running deadlines are being recalculated.")
        )
    return form_page(request, form, title=row.name, back="setup:calendars", lead=_(HINT))
