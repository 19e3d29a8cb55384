"""Somebody new follows the link they were given and chooses a password; nobody else ever knows one."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.debug import sensitive_post_parameters

from caunoi.accounts import invitations, passwords
from caunoi.accounts.models import User
from caunoi.web.page import Page, render_page

NEW = {"autocomplete": "new-password"}
OVER = gettext_noop(
    "It was used already, is older than 14 days, or was not copied whole. Ask the administrator for a new one, or "
    "sign in "
    "if you have chosen a password."
)


class Choice(forms.Form):
    """The form for a password, typed twice."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs=NEW),
    )
    password_again = forms.CharField(
        label=gettext_lazy("Password once more"), strip=False, max_length=1000, widget=forms.PasswordInput(attrs=NEW)
    )

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.user = user
        self.fields["password"].help_text = passwords.rule(user.role)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password

    def clean_password_again(self) -> str:
        again: str = self.cleaned_data["password_again"]
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise forms.ValidationError(_("The two are not the same. Type the password once more."))
        return again


@dataclass(frozen=True)
class LinkOverPage(Page):
    """A one-time address that no longer works, and why."""

    template = "web/link_over.html"

    text: str


@dataclass(frozen=True)
class InvitationPage(Page):
    template = "web/invitation.html"

    form: Choice
    person: User


@sensitive_post_parameters()
def show(request: HttpRequest, token: str) -> HttpResponse:
    user = invitations.invited(token)
    if user is None:
        return private(render_page(request, LinkOverPage(_(OVER)), status=404))
    form = Choice(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        if invitations.accept(token, form.cleaned_data["password"]) is None:
            return private(render_page(request, LinkOverPage(_(OVER)), status=404))
        messages.success(request, _("Your password is set. Now sign in as %(name)s.") % {"name": user.username})
        return redirect("login")
    return private(render_page(request, InvitationPage(form, user), status=422 if form.errors else 200))


def private(response: HttpResponse) -> HttpResponse:
    """The address is a secret: no cache keeps it. (No other site hears of it: SECURE_REFERRER_POLICY.)"""
    response["Cache-Control"] = "no-store"
    return response
