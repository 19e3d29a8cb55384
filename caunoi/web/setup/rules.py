"""Who is competent: the rules in the order in which they win, and a box to try them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise as StrPromise
from django.utils.http import urlencode
from django.utils.timezone import localdate, localtime, make_aware, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from caunoi.directory import queries as directory
from caunoi.events.actor import NOBODY, Actor, Role
from caunoi.events.queries import history
from caunoi.routing import queries, rulebook
from caunoi.routing.models import Rule
from caunoi.routing.rules import SAMPLE, DryRun, Outcome, dry_run, outcomes, phrases
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import Filters, listed
from caunoi.web.errors import or_404
from caunoi.web.labels import agency_choices, area_choices, because, category_choices, localised_name, word
from caunoi.web.lines import title
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.setup.words import OF_AREA
from caunoi.web.who import actor

MONTH, MOST = timedelta(days=30), 20
SAVED = gettext_noop("Saved. Below is the agency the desk is now offered.")
HOURS: list[tuple[str, str | StrPromise]] = [("", gettext_lazy("Any hour")), *((str(h), f"{h}:00") for h in range(24))]


@dataclass(frozen=True, kw_only=True)
class ProposalLine:
    """An agency that the desk would be offered, and why."""

    agency: str
    rule: Rule
    because: str


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    rule: Rule
    category: str
    area: str
    hours: str
    to: str
    words: tuple[str, ...]
    outcome: Outcome | None


@dataclass(frozen=True, kw_only=True)
class RulesPage(Page):
    """The rules in the order in which they win, and a box to try them: its `fields` (name, label, value, what can be
    chosen) and `words`; `trying` says that something is in it."""

    template = "setup/rules.html"

    rows: list[RuleLine]
    retired: list[RuleLine]
    fields: list[tuple[str, str, str, Sequence[tuple[str, str | StrPromise]]]]
    words: str
    trying: bool
    proposals: list[ProposalLine]


@dataclass(frozen=True, kw_only=True)
class ProposalCount:
    """How many tickets go first to an agency now, and how many would."""

    agency: str
    before: int
    after: int


@dataclass(frozen=True, kw_only=True)
class TicketChange:
    """A ticket that would go to another agency."""

    code: str
    title: str
    before: str
    after: str
    why: str


@dataclass(frozen=True, kw_only=True)
class RuleTrial:
    """Where last month's tickets would have gone: agencies whose number changes, and the first tickets that go
    elsewhere, with how many `more` do."""

    run: DryRun
    counts: list[ProposalCount]
    changed: list[TicketChange]
    more: int


@dataclass(frozen=True, kw_only=True)
class RuleTrialPage(Page):
    """What a rule would do, while it can be read, and what it has done."""

    template = "setup/_dry_run.html"

    trial: RuleTrial | None
    outcome: Outcome | None = None


def _proposals(category: str, area: str, hour: str, words: str = "") -> list[ProposalLine]:
    """The agencies the desk would be offered, best first."""
    at = localtime()
    if hour.isdecimal() and int(hour) < 24:
        at = make_aware(datetime.combine(at.date(), time(int(hour))))
    draft = Ticket(category=directory.category(category), area=directory.area(area) if area else None, text=words)
    return [
        ProposalLine(agency=localised_name(p.agency), rule=p.rule, because=because(p)["why"])
        for p in queries.propose(draft, at)
    ]


def _line(rule: Rule, done: Mapping[int, Outcome]) -> RuleLine:
    hours = "" if rule.since_hour is None else f"{rule.since_hour}:00–{rule.until_hour}:00"
    return RuleLine(
        rule=rule,
        category=localised_name(rule.category),
        area=rule.area.name if rule.area else "",
        hours=hours,
        to=localised_name(rule.agency) or word(OF_AREA, rule.of_area),
        words=phrases(rule.words),
        outcome=done.get(rule.pk),
    )


def listing(request: HttpRequest) -> HttpResponse:
    typed = {name: request.GET.get(name, "") for name in ("category", "area", "hour", "words")}
    done = outcomes()
    page = RulesPage(
        rows=[_line(r, done) for r in queries.rules()],
        retired=[_line(r, done) for r in queries.rules(retired=True)],
        fields=[
            ("category", _("Category"), typed["category"], category_choices(_("Not yet chosen"))),
            ("area", _("Commune"), typed["area"], area_choices(_("Not known"))),
            ("hour", _("Hour"), typed["hour"], [("", _("Now")), *HOURS[1:]]),
        ],
        words=typed["words"],
        trying=any(typed.values()),
        proposals=_proposals(**typed) if any(typed.values()) else [],
    )
    return render_page(request, page)


class RuleForm(forms.Form):
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    area = forms.ChoiceField(label=gettext_lazy("Commune"), required=False)
    since_hour = forms.ChoiceField(label=gettext_lazy("From hour"), required=False, choices=HOURS)
    until_hour = forms.ChoiceField(
        label=gettext_lazy("Until hour"),
        required=False,
        choices=HOURS,
        help_text=gettext_lazy("May pass midnight: from 22:00 until 6:00."),
    )
    words = forms.CharField(
        label=gettext_lazy("Words"),
        required=False,
        max_length=500,
        help_text=gettext_lazy(
            "Any of these must appear in the text, with or without marks; separate them with commas."
        ),
    )
    to = forms.ChoiceField(label=gettext_lazy("Who must act"))
    order = forms.IntegerField(
        label=gettext_lazy("Order"),
        help_text=gettext_lazy("Between equally specific rules, the lower number wins."),
        min_value=0,
        max_value=100_000,
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Such as the decision it rests on."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(f"of:{code}", word(OF_AREA, code)) for code in OF_AREA]
        choose(
            self,
            category=category_choices(_("Any")),
            area=area_choices(_("Any")),
            to=[("", _("Choose an agency")), *kinds, *agency_choices()],
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since_hour"), cleaned.get("until_hour")
        if bool(since) != bool(until):
            self.add_error("until_hour" if since else "since_hour", _("Give both hours, or neither."))
        elif since and since == until:
            self.add_error("until_hour", _("The hours are the same: choose another, or neither."))
        return cleaned

    def values(self) -> dict[str, Any]:
        d = self.cleaned_data
        of_area = d["to"].removeprefix("of:") if d["to"].startswith("of:") else ""
        hours = {name: int(d[name]) if d[name] else None for name in ("since_hour", "until_hour")}
        return (
            hours
            | {"words": ", ".join(phrases(d["words"]))}
            | {
                "category": directory.category(d["category"]),
                "area": directory.area(d["area"]) if d["area"] else None,
                "agency": None if of_area else directory.agency(d["to"]),
                "of_area": of_area,
                "order": d["order"],
                "note": d["note"],
            }
        )


def _effect(form: RuleForm) -> str:
    """Back to the list with the rule's own case tried out."""
    d = form.cleaned_data
    first = (*phrases(d["words"]), "")[0]
    params = {"category": d["category"], "area": d["area"], "hour": d["since_hour"], "words": first}
    return f"{reverse('setup:rules')}?{urlencode({k: v for k, v in params.items() if v})}"


def _trial(form: RuleForm, row: Rule | None, by: Actor) -> RuleTrial | None:
    """Where last month's tickets would have gone with the rule as it is typed; nothing is written."""
    if form.is_bound and not form.is_valid():
        return None
    if form.is_bound:
        draft = Rule(pk=row.pk if row else None, valid_from=localdate(), **form.values())
        draft.pk = row.pk if row else None
    elif row is not None:
        draft = row
    else:
        return None
    since = now() - MONTH
    tickets = Filters(since=since)
    run = dry_run(
        listed(replace(by, roles=frozenset({Role.SYSTEM})), tickets, size=SAMPLE)[:SAMPLE],
        without=row,
        instead=draft,
        since=since,
    )
    counts = [
        ProposalCount(agency=localised_name(agency), before=b, after=a)
        for agency, (b, a) in run.counts.items()
        if b != a
    ]
    changed = [
        TicketChange(
            code=c.ticket.code,
            title=title(c.ticket, NOBODY),
            before=localised_name(c.before.agency) if c.before else "",
            after=localised_name(c.after.agency) if c.after else "",
            why=because(c.after)["why"] if c.after else "",
        )
        for c in run.changed[:MOST]
    ]
    return RuleTrial(
        run=run,
        counts=sorted(counts, key=lambda c: -abs(c.after - c.before)),
        changed=changed,
        more=len(run.changed) - len(changed),
    )


def add(request: HttpRequest) -> HttpResponse:
    form = RuleForm(request.POST or None, initial={"order": 100})
    if saving(request, form):
        row = rulebook.add_rule(by=actor(request), **form.values())
        return done(request, _effect(form), event=history(row).last(), message=_(SAVED))
    return form_page(
        request,
        form,
        title=_("New rule"),
        back="setup:rules",
        lead=_("The most specific rule wins. “Any” matches every ticket."),
        effect=RuleTrialPage(trial=_trial(form, None, actor(request))),
    )


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = or_404(queries.rule(pk))
    by, do = actor(request), request.POST.get("do")
    if do == "retire":
        event = rulebook.retire_rule(row, by=by)
        return done(request, "setup:rules", event=event, message=_("The rule proposes nobody any more."))
    if do == "restore":
        return done(request, "setup:rules", event=rulebook.restore_rule(row, by=by))
    initial = {
        "category": row.category.code if row.category else "",
        "area": row.area.code if row.area else "",
        "since_hour": "" if row.since_hour is None else str(row.since_hour),
        "until_hour": "" if row.until_hour is None else str(row.until_hour),
        "to": row.agency.code if row.agency else f"of:{row.of_area}",
        "order": row.order,
        "note": row.note,
        "words": row.words,
    }
    form = RuleForm(request.POST or None, initial=initial)
    if saving(request, form):
        event = rulebook.edit_rule(row, by=by, **form.values())
        return done(request, _effect(form), event=event, message=_(SAVED))
    other = (
        ("restore", _("Put in force again"), "")
        if row.valid_to
        else ("retire", _("Retire"), _("From now on it proposes nobody."))
    )
    return form_page(
        request,
        form,
        title=_("Change a rule"),
        back="setup:rules",
        lead=_("It counts for the next proposal; who holds a ticket already keeps it."),
        other=[other],
        effect=RuleTrialPage(trial=_trial(form, row, by), outcome=outcomes().get(row.pk)),
    )
