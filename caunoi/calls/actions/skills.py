"""Who is rung for whom is set: languages, fields, and who is rung when nobody else is free."""

from collections.abc import Mapping

from django.db import transaction

from caunoi.accounts.models import User
from caunoi.calls.actions.telling import wake_bridge
from caunoi.calls.models import Skill
from caunoi.events.actions import record
from caunoi.events.actor import Actor, NotAllowedError, Role
from caunoi.events.models import Event
from caunoi.telephony.skills import ANY
from caunoi.telephony.speaking import is_code


@transaction.atomic
def put_skills(user: User, skills: Mapping[str, bool], *, by: Actor) -> Event | None:
    """All skills of somebody, by code: whether they are rung first for it, or when nobody else is free. Without one for
    all callers they are rung first. NotAllowedError; ValueError for what is no code."""
    if not by.has(Role.ADMIN, Role.SUPERVISOR):
        raise NotAllowedError("supervisor_or_administrator")
    for code in skills:
        if code != ANY and not is_code(code):
            raise ValueError(code)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    after = {code: first for code, first in skills.items() if code != ANY or not first}
    before = dict(Skill.objects.filter(user=user).values_list("code", "first"))
    if before == after:
        return None
    Skill.objects.filter(user=user).delete()
    Skill.objects.bulk_create(Skill(user=user, code=code, first=first) for code, first in after.items())
    wake_bridge("presence")
    return record("user.skills", user, by=by, before=before, after=after)
