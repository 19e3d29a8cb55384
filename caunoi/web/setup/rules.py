"""Who is competent: the rules in the order in which they win, and a box to try them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import localdate, localtime, make_aware, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caunoi.directory import queries as directory
from caunoi.events.actor import NOBODY, Actor, Role
from caunoi.events.queries import history
from caunoi.routing import queries, rulebook
from caunoi.routing.models import Rule
from caunoi.routing.rules import SAMPLE, Outcome, dry_run, outcomes, phrases
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import Filters, listed
from caunoi.web.labels import because, named, word
from caunoi.web.lines import title
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.setup.words import OF_AREA
from caunoi.web.who import actor

MONTH, SHOWN = timedelta(days=30), 20
HOURS = [("", gettext_lazy("Any hour")), *((str(h), f"{h}:00") for h in range(24))]


def _choose(form: forms.Form, name: str, rows: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(rows)


def _categories(empty: str) -> list[tuple[str, str]]:
    return [("", empty), *((c.code, named(c)) for c in directory.categories())]


def _areas(empty: str) -> list[tuple[str, str]]:
    return [("", empty), *((a.code, a.name) for a in directory.areas())]


def _proposals(category: str, area: str, hour: str, words: str = "") -> list[dict[str, Any]]:
    """Whom the desk would be offered, best first."""
    at = localtime()
    if hour.isdigit() and int(hour) < 24:
        at = make_aware(datetime.combine(at.date(), time(int(hour))))
    draft = Ticket(category=directory.category(category), area=directory.area(area) if area else None, text=words)
    return [
        {"agency": named(p.agency), "rule": p.rule, "because": because(p)["why"]} for p in queries.propose(draft, at)
    ]


def _line(rule: Rule, done: Mapping[int, Outcome]) -> dict[str, Any]:
    hours = "" if rule.since_hour is None else f"{rule.since_hour}:00–{rule.until_hour}:00"
    return {
        "rule": rule, "category": named(rule.category), "area": rule.area.name if rule.area else "", "hours": hours,
        "to": named(rule.agency) or word(OF_AREA, rule.of_area), "words": phrases(rule.words),
        "outcome": done.get(rule.pk),
    }  # fmt: skip


def listing(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "") for name in ("category", "area", "hour", "words")}
    done = outcomes()
    context = {
        "rows": [_line(r, done) for r in queries.rules()],
        "retired": [_line(r, done) for r in queries.rules(retired=True)],
        "tried": [
            ("category", _("Field"), asked["category"], _categories(_("Not yet chosen"))),
            ("area", _("Commune"), asked["area"], _areas(_("Not known"))),
            ("hour", _("Hour"), asked["hour"], [("", _("Now")), *HOURS[1:]]),
        ],
        "words": asked["words"],
        "asked": any(asked.values()),
        "proposals": _proposals(**asked) if any(asked.values()) else [],
    }
    return render(request, "setup/rules.html", context)


class Edit(forms.Form):
    category = forms.ChoiceField(label=gettext_lazy("Field"), required=False)
    area = forms.ChoiceField(label=gettext_lazy("Commune"), required=False)
    since_hour = forms.ChoiceField(label=gettext_lazy("From hour"), required=False, choices=HOURS)
    until_hour = forms.ChoiceField(
        label=gettext_lazy("Until hour"),
        required=False,
        choices=HOURS,
        help_text=gettext_lazy("May pass midnight: from 22:00 until 6:00."),
    )
    words = forms.CharField(
        label=gettext_lazy("Words"), required=False, max_length=500,
        help_text=gettext_lazy("Any of them must stand in the text, with or without marks; put commas between them."),
    )  # fmt: skip
    to = forms.ChoiceField(label=gettext_lazy("Who must act"))
    order = forms.IntegerField(
        label=gettext_lazy("Order"), help_text=gettext_lazy("Between rules that say equally much, the lower number wins."),
        min_value=0, max_value=100_000,
    )  # fmt: skip
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Such as the decision it rests on."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "category", _categories(_("Any")))
        _choose(self, "area", _areas(_("Any")))
        kinds = [(f"of:{code}", word(OF_AREA, code)) for code in OF_AREA]
        _choose(self, "to", [("", _("Choose an agency")), *kinds, *((a.code, named(a)) for a in directory.agencies())])

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        since, until = found.get("since_hour"), found.get("until_hour")
        if bool(since) != bool(until):
            self.add_error("until_hour" if since else "since_hour", _("Give both hours, or neither."))
        elif since and since == until:
            self.add_error("until_hour", _("The hours are the same: choose another, or neither."))
        return found

    def given(self) -> dict[str, Any]:
        d = self.cleaned_data
        of_area = d["to"].removeprefix("of:") if d["to"].startswith("of:") else ""
        hours = {name: int(d[name]) if d[name] else None for name in ("since_hour", "until_hour")}
        return hours | {"words": ", ".join(phrases(d["words"]))} | {
            "category": directory.category(d["category"]), "area": directory.area(d["area"]) if d["area"] else None,
            "agency": None if of_area else directory.agency(d["to"]), "of_area": of_area, "order": d["order"], "note": d["note"],
        }  # fmt: skip


def _effect(form: Edit) -> str:
    """Back to the list with the rule's own case tried out."""
    d = form.cleaned_data
    first = (*phrases(d["words"]), "")[0]
    asked = {"category": d["category"], "area": d["area"], "hour": d["since_hour"], "words": first}
    return f"{reverse('setup:rules')}?{urlencode({k: v for k, v in asked.items() if v})}"


def _dry(form: Edit, row: Rule | None, by: Actor) -> dict[str, Any]:
    """Where last month's tickets would have gone with the rule as it is typed; nothing is written."""
    if form.is_bound and not form.is_valid():
        return {}
    if form.is_bound:
        draft = Rule(pk=row.pk if row else None, valid_from=localdate(), **form.given())
        draft.pk = row.pk if row else None
    elif row is not None:
        draft = row
    else:
        return {}
    since = now() - MONTH
    tickets = Filters(since=since)
    found = dry_run(listed(replace(by, roles=frozenset({Role.SYSTEM})), tickets, size=SAMPLE)[:SAMPLE],
                    without=row, instead=draft, since=since)  # fmt: skip
    counts = [
        {"agency": named(agency), "before": b, "after": a} for agency, (b, a) in found.counts.items() if b != a
    ]  # fmt: skip
    changed = [
        {"code": c.ticket.code, "title": title(c.ticket, NOBODY), "before": named(c.before.agency) if c.before else "",
         "after": named(c.after.agency) if c.after else "", "why": because(c.after)["why"] if c.after else ""}
        for c in found.changed[:SHOWN]
    ]  # fmt: skip
    more = len(found.changed) - len(changed)
    return {
        "run": found,
        "counts": sorted(counts, key=lambda c: -abs(c["after"] - c["before"])),
        "changed": changed,
        "more": more,
    }


def add(request: HttpRequest) -> HttpResponse:
    form = Edit(request.POST or None, initial={"order": 100})
    if saving(request, form):
        row = rulebook.add_rule(by=actor(request), **form.given())
        return done(
            request, _effect(form), event=history(row).last(), said=_("Saved. Below is whom the desk is offered now.")
        )
    return form_page(
        request, form, title=_("New rule"), back="setup:rules", back_name=_("Who is competent"),
        lead=_("The rule that says most wins. What is left at “Any” fits every ticket."),
        effect="setup/_dry_run.html", dry=_dry(form, None, actor(request)),
    )  # fmt: skip


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = queries.rule(pk)
    if row is None:
        raise Http404
    by, do = actor(request), request.POST.get("do")
    if do == "retire":
        return done(
            request, "setup:rules", event=rulebook.retire_rule(row, by=by), said=_("The rule proposes nobody any more.")
        )
    if do == "restore":
        return done(request, "setup:rules", event=rulebook.restore_rule(row, by=by))
    initial = {
        "category": row.category.code if row.category else "", "area": row.area.code if row.area else "",
        "since_hour": "" if row.since_hour is None else str(row.since_hour),
        "until_hour": "" if row.until_hour is None else str(row.until_hour),
        "to": row.agency.code if row.agency else f"of:{row.of_area}", "order": row.order, "note": row.note,
        "words": row.words,
    }  # fmt: skip
    form = Edit(request.POST or None, initial=initial)
    if saving(request, form):
        event = rulebook.edit_rule(row, by=by, **form.given())
        return done(request, _effect(form), event=event, said=_("Saved. Below is whom the desk is offered now."))
    other = (
        ("restore", _("Put in force again"), "")
        if row.valid_to
        else ("retire", _("Retire"), _("From now on it proposes nobody."))
    )
    return form_page(
        request, form, title=_("Change a rule"), back="setup:rules", back_name=_("Who is competent"),
        lead=_("It counts for the next proposal; who holds a ticket already keeps it."), other=[other],
        effect="setup/_dry_run.html", dry=_dry(form, row, by), outcome=outcomes().get(row.pk),
    )  # fmt: skip
