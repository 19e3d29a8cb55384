"""Somebody new follows the link they were given and chooses a password; nobody else ever knows one."""

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from caunoi.accounts import invitations


@sensitive_post_parameters()
def show(request: HttpRequest, token: str) -> HttpResponse:
    user = invitations.invited(token)
    if user is None:
        return _private(render(request, "web/invitation_over.html", status=404))
    form = SetPasswordForm(user, request.POST or None)
    form.fields["new_password1"].help_text = _("At least 8 characters: no common word, and not like your name.")
    if request.method == "POST" and form.is_valid():
        if invitations.accept(token, form.cleaned_data["new_password1"]) is None:
            return _private(render(request, "web/invitation_over.html", status=404))
        messages.success(request, _("Your password is set. Now sign in as %(name)s.") % {"name": user.username})
        return redirect("login")
    return _private(
        render(request, "web/invitation.html", {"form": form, "person": user}, status=422 if form.errors else 200)
    )


def _private(response: HttpResponse) -> HttpResponse:
    """The address is a secret: no cache keeps it, no other page hears of it."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
