"""Changing the rules: each change is an event that can be read and undone."""

from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from caunoi.events.actions import amend, record
from caunoi.events.actor import Actor, administrators_only
from caunoi.events.models import Event
from caunoi.routing.models import Rule


@transaction.atomic
def add_rule(*, by: Actor, **values: Any) -> Rule:
    """A new rule, in force today. IntegrityError when it names no agency, or an agency and a kind."""
    administrators_only(by)
    row = Rule.objects.create(valid_from=localdate(), **values)
    record("rule.add", row, by=by, category=row.category_id, area=row.area_id, agency=row.agency_id)
    return row


@transaction.atomic
def edit_rule(rule: Rule, *, by: Actor, **values: Any) -> Event | None:
    """Change a rule for the proposals to come; who holds a ticket stays."""
    administrators_only(by)
    return amend("rule.edit", rule, values, by=by, category=rule.category_id)


@transaction.atomic
def retire_rule(rule: Rule, *, by: Actor) -> Event | None:
    """End a rule from today on."""
    administrators_only(by)
    return amend("rule.retire", rule, {"valid_to": localdate()}, by=by, category=rule.category_id)


@transaction.atomic
def restore_rule(rule: Rule, *, by: Actor) -> Event | None:
    administrators_only(by)
    return amend("rule.restore", rule, {"valid_to": None}, by=by, category=rule.category_id)
