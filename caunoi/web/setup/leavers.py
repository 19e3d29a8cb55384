"""Somebody leaves: the account is closed, and what they answered for gets somebody else."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from caunoi.accounts import actions, deputies, queries, service_accounts, sessions
from caunoi.accounts.models import Deputy, ServiceAccount, User
from caunoi.conversations.queries import callbacks_claimed_by
from caunoi.drafts.queries import drafts
from caunoi.web.errors import or_404
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.sessions import SessionLine, lines
from caunoi.web.setup.page import done
from caunoi.web.who import actor


@dataclass(frozen=True, kw_only=True)
class LeaverPage(Page):
    """What closing an account ends, and what it leaves: `callbacks` claimed and not made, `drafts` unsent, who stands
    in for whom; `form` asks who answers for each of the programs."""

    template = "setup/leaver.html"

    user: User
    sessions: list[SessionLine]
    deputies: list[Deputy]
    stands_in: list[Deputy]
    callbacks: int
    drafts: int
    form: forms.Form


class SuccessorForm(forms.Form):
    """A field for each program: who answers for it from now on."""

    def __init__(self, user: User, accounts: list[ServiceAccount], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = accounts
        others = queries.by_name(queries.people().exclude(pk=user.pk))
        people = [(one.username, f"{one} ({one.username})") for one in others]
        for account in accounts:
            self.fields[f"account-{account.pk}"] = forms.ChoiceField(
                label=_("Who answers for the program “%(name)s” now?") % {"name": account.name},
                error_messages={"required": _("Choose who answers for “%(name)s”.") % {"name": account.name}},
            )
            choose(self, **{f"account-{account.pk}": [("", _("Choose a person")), *people]})

    def successors(self) -> list[tuple[ServiceAccount, str]]:
        return [(account, self.cleaned_data[f"account-{account.pk}"]) for account in self.accounts]


def close(request: HttpRequest, username: str) -> HttpResponse:
    """Ask who takes over, then close the account: sessions, streams and presence at the phone end at once."""
    user = or_404(queries.person(username))
    if user.pk == request.user.pk or not user.is_active:
        return redirect("setup:person", user.username)
    programs = list(service_accounts.owned_by(user))
    form = SuccessorForm(user, programs, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        by = actor(request)
        with transaction.atomic():
            for account, successor in form.successors():
                service_accounts.hand_to(account, or_404(queries.person(successor)), by=by)
            event = actions.deactivate(user, by=by)
        message = _("%(name)s can no longer sign in.") % {"name": user}
        return done(request, "setup:people", event=event, message=message)
    page = LeaverPage(
        user=user,
        sessions=lines(sessions.open_of(user)),
        deputies=list(deputies.deputies(user)),
        stands_in=list(deputies.stands_in(user)),
        callbacks=callbacks_claimed_by(user.pk),
        drafts=len(drafts(user.pk)[0]),
        form=form,
    )
    return render_page(request, page, status=422 if form.errors else 200)
