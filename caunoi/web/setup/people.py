"""Who may sign in, as what, and for which agency."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caunoi.accounts import actions, deputies, queries
from caunoi.accounts.models import User
from caunoi.directory import queries as directory
from caunoi.events.actor import AGENCY, Role
from caunoi.lib import phone
from caunoi.lib.vietnamese import fold, sort_key
from caunoi.web.away import Absence
from caunoi.web.context import ROLES
from caunoi.web.labels import choices, named, word
from caunoi.web.setup.agencies import number
from caunoi.web.setup.page import done, form_page, saving, secret
from caunoi.web.who import actor

SHOWN = 50


class Edit(forms.Form):
    full_name = forms.CharField(label=gettext_lazy("Full name"), max_length=120)
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    agency = forms.ChoiceField(
        label=gettext_lazy("Agency"),
        required=False,
        help_text=gettext_lazy("Of officers and agency leads; others work at the centre."),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone number"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"), required=False, max_length=254,
        help_text=gettext_lazy("Where alerts and digests are sent to."), widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    extension = forms.CharField(
        label=gettext_lazy("Extension of the desk phone"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("As the telephone exchange names it, such as 101. Of operators and supervisors."),
        validators=[RegexValidator(r"^[A-Za-z0-9_.-]+$", gettext_lazy("Only letters without marks and digits."))],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists = {
            "role": [("", _("Choose a role")), *choices(ROLES)],
            "agency": [("", _("None")), *((a.code, named(a)) for a in directory.agencies())],
        }  # fmt: skip
        for name, rows in lists.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = rows

    def clean_phone(self) -> str:
        return number(self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("role") in AGENCY and not found.get("agency"):
            self.add_error("agency", _("Choose the agency this person works for."))
        return found

    def given(self) -> dict[str, Any]:
        d = self.cleaned_data
        agency = directory.agency(d["agency"]) if d["role"] in AGENCY else None
        return {"full_name": d["full_name"], "role": Role(d["role"]), "agency": agency, "phone": d["phone"],
                "email": d["email"], "extension": d["extension"]}  # fmt: skip


class Add(Edit):
    field_order = ["username"]
    username = forms.CharField(
        label=gettext_lazy("User name"), max_length=40, help_text=gettext_lazy("To sign in with: Latin letters, digits, dots and hyphens."),
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9.-]*$", gettext_lazy("Only small Latin letters, digits, dots and hyphens."))],
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )  # fmt: skip


def listing(request: HttpRequest) -> HttpResponse:
    text, role, agency = (request.GET.get(name, "").strip() for name in ("q", "role", "agency"))
    words = fold(text).split()
    rows = [
        user for user in queries.everyone()
        if (not agency or (user.agency and user.agency.code == agency))
        and all(w in fold(f"{user.full_name} {user.username} {user.agency or ''}") for w in words)
    ]  # fmt: skip
    chips = [
        {"label": word(ROLES, code), "count": count, "active": code == role, "url": f"?role={code}&q={text}&agency={agency}"}
        for code in ROLES if (count := sum(u.role == code for u in rows))
    ]  # fmt: skip
    found = sorted(
        (u for u in rows if not role or u.role == role), key=lambda u: (not u.is_active, sort_key(u.full_name))
    )
    absent = deputies.away()
    lines = [
        {"user": u, "away": absent.get(u.pk), "role": word(ROLES, u.role), "agency": named(u.agency)}
        for u in found[:SHOWN]
    ]
    context = {"rows": lines, "q": text, "role": role, "agency": directory.agency(agency), "chips": chips,
               "more": max(len(found) - SHOWN, 0), "most": SHOWN}  # fmt: skip
    return render(request, "setup/people.html", context)


def _password(request: HttpRequest, user: User) -> HttpResponse:
    """A one-time password on a page that is not kept."""
    context = {
        "title": _("One-time password of %(name)s") % {"name": user}, "secret": actions.hand_password(user, by=actor(request)),
        "lead": _("Hand it over in person or by phone. It is shown only now; at the first sign-in a new one must be chosen."),
        "back": "setup:people", "back_name": _("People"), "username": user.username,
    }  # fmt: skip
    return secret(request, context)


def add(request: HttpRequest) -> HttpResponse:
    agency = request.GET.get("agency", "")
    form = Add(request.POST or None, initial={"agency": agency, "role": "officer" if agency else ""})
    if saving(request, form):
        try:
            with transaction.atomic():
                user = actions.add_person(form.cleaned_data["username"], by=actor(request), **form.given())
            return _password(request, user)
        except (IntegrityError, ValueError):  # ValueError: the name of what is no person, as "system"
            form.add_error("username", _("Somebody has this user name already. Choose another."))
    return form_page(
        request, form, title=_("New person"), back="setup:people", back_name=_("People"),
        lead=_("You get a one-time password to hand over."), save=_("Add and make a password"),
    )  # fmt: skip


def edit(request: HttpRequest, username: str) -> HttpResponse:
    user = queries.person(username)
    if user is None:
        raise Http404
    by, do, own = actor(request), request.POST.get("do"), user.pk == request.user.pk
    if do == "deputy":
        return redirect("setup:deputy", user.username)
    if do == "password":
        return _password(request, user)
    if do == "deactivate" and not own:
        said = _("%(name)s can no longer sign in.") % {"name": user}
        return done(request, "setup:people", event=actions.deactivate(user, by=by), said=said)
    if do == "activate":
        said = _("%(name)s can sign in again.") % {"name": user}
        return done(request, "setup:people", event=actions.activate(user, by=by), said=said)
    initial = {
        "full_name": user.full_name, "role": user.role, "agency": user.agency.code if user.agency else "",
        "phone": phone.display(user.phone) if user.phone else "", "email": user.email,
        "extension": user.extension,
    }  # fmt: skip
    form = Edit(request.POST or None, initial=initial)
    if saving(request, form):
        if own and form.cleaned_data["role"] != user.role:
            form.add_error("role", _("You cannot take your own rights away; another administrator can."))
        else:
            return done(request, "setup:people", event=actions.edit_person(user, by=by, **form.given()))
    other = [("password", _("Make a new password"), _("The old one opens nothing from then on."))]
    if not user.is_active:
        other.append(("activate", _("Open the account again"), ""))
    elif not own:
        other.append(
            ("deactivate", _("Close the account"), _("Signed out at once; the person's work and history stay."))
        )
    if deputies.candidates(user).exists():
        other.append(("deputy", _("Leave and deputies"), _("Who does this person's work meanwhile.")))
    return form_page(
        request, form, title=str(user), back="setup:people", back_name=_("People"), other=other,
        lead=_("User name: %(name)s") % {"name": user.username},
    )  # fmt: skip


def deputy(request: HttpRequest, username: str) -> HttpResponse:
    """Name a deputy for somebody who is away, or end it."""
    user = queries.person(username)
    if user is None:
        raise Http404
    if request.POST.get("do", "").startswith("end-"):
        for row in deputies.deputies(user):
            if f"end-{row.pk}" == request.POST["do"]:
                deputies.end(row, by=actor(request))
        return done(request, "setup:deputy", username, said=_("Ended."))
    form = Absence(user, request.POST or None)
    if request.method == "POST" and form.save(request):
        return done(request, "setup:deputy", username)
    other = [
        (f"end-{row.pk}", _("End it"), f"{row.deputy} · {row.since:%d/%m/%Y} – {row.until:%d/%m/%Y}")
        for row in deputies.deputies(user)
    ]
    return form_page(
        request, form, title=_("Deputy of %(name)s") % {"name": user}, back="setup:people", back_name=_("People"),
        other=other, save=_("Name the deputy"),
    )  # fmt: skip
