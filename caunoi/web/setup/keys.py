"""Programs that work with the hotline, under their own names: what each may do, who answers for it, and the keys by
which it signs in. A key is shown once, expires, and is approved by a second administrator."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_POST

from caunoi.accounts import actions, queries, service_accounts
from caunoi.accounts.actions import TakenError
from caunoi.accounts.models import Key, ServiceAccount
from caunoi.accounts.scopes import API, DOORS, ROLES, SCOPES
from caunoi.accounts.titles import TITLES
from caunoi.directory import queries as directory
from caunoi.directory.queries import option
from caunoi.events.actor import AGENCY, Actor, NotAllowedError, Role
from caunoi.lib.vietnamese.writing import sort_key
from caunoi.web.errors import or_404
from caunoi.web.labels import agency_choices, choices, localised_name, word
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.setup.page import SecretPage, back_to, done, form_page, saving, secret
from caunoi.web.setup.words import USES
from caunoi.web.who import actor

STATES = {  # of a key → words, icon, badge
    "works": (gettext_noop("works"), "check", "new"),
    "pending": (gettext_noop("waits for a second administrator"), "hourglass", "waiting"),
    "soon": (gettext_noop("expires soon"), "triangle-alert", "urgent"),
    "expired": (gettext_noop("expired"), "ban", "closed"),
    "revoked": (gettext_noop("revoked"), "ban", "closed"),
}


@dataclass(frozen=True, kw_only=True)
class KeyLine:
    """A key and how it is; `can_approve`: this administrator may be the second."""

    key: Key
    use: str
    state: str
    icon: str
    badge: str
    is_over: bool
    can_approve: bool


@dataclass(frozen=True, kw_only=True)
class AccountLine:
    """A program with its keys; `use` what it is for, `closed` that nobody answers for it any more."""

    account: ServiceAccount
    use: str
    view: str
    scopes: list[str]
    keys: list[KeyLine]
    closed: bool


@dataclass(frozen=True, kw_only=True)
class KeysPage(Page):
    """The programs, and keys without one: the demo's."""

    template = "setup/keys.html"

    accounts: list[AccountLine]
    rows: list[KeyLine]


@dataclass(frozen=True, kw_only=True)
class AccountPage(Page):
    """One program: what it may do, its keys, and two forms, for a new key and for who answers for it."""

    template = "setup/service_account.html"

    line: AccountLine
    issuing: forms.Form
    owning: forms.Form


def _state(key: Key) -> str:
    if key.revoked:
        return "revoked"
    if key.expires is not None and key.expires <= now():
        return "expired"
    if key.approved is None and not key.demo:
        return "pending"
    return "soon" if service_accounts.ends_soon(key) else "works"


def _key_line(key: Key, by: Actor) -> KeyLine:
    state = _state(key)
    words, icon, badge = STATES[state]
    return KeyLine(
        key=key,
        use=word(USES, key.use),
        state=_(words),
        icon=icon,
        badge=badge,
        is_over=state in ("revoked", "expired"),
        can_approve=state == "pending" and by.user_id != key.issuer,
    )


def _account_line(account: ServiceAccount, by: Actor) -> AccountLine:
    use = next((use for use, scope in DOORS.items() if scope in account.scopes), "api")
    keys = sorted(account.keys.all(), key=lambda key: (key.revoked is not None, -key.pk))
    view = word(TITLES, account.role)
    return AccountLine(
        account=account,
        use=word(USES, use),
        view=f"{view} · {localised_name(account.agency)}" if account.agency else view,
        scopes=[word(SCOPES, name) for name in SCOPES if name in account.scopes],
        keys=[_key_line(key, by) for key in keys],
        closed=not account.owner.is_active,
    )


def _people() -> list[tuple[str, str]]:
    return [(user.username, f"{user} ({user.username})") for user in queries.by_name(queries.people())]


class KeyForm(forms.Form):
    """How long a key is valid; and, of an administrator who is alone, why it cannot wait for a second one."""

    days = forms.IntegerField(label=gettext_lazy("Valid for how many days"), min_value=1)
    reason = forms.CharField(
        label=gettext_lazy("Why it cannot wait for a second administrator"),
        max_length=300,
        help_text=gettext_lazy("There is no other administrator who could approve it: the reason is written down."),
    )

    def __init__(self, by: Actor, *args: Any, **kwargs: Any) -> None:
        most = int(option("key_days"))
        super().__init__(*args, **{**kwargs, "initial": {"days": most, **kwargs.get("initial", {})}})
        days = self.fields["days"]
        assert isinstance(days, forms.IntegerField)
        self.fields["days"] = forms.IntegerField(label=days.label, min_value=1, max_value=most)
        if not service_accounts.is_alone(by):
            del self.fields["reason"]

    def expires(self) -> datetime:
        return now() + timedelta(days=self.cleaned_data["days"])

    def refuse(self, error: ValueError) -> None:
        """The rules say no to what the form let pass: somebody has changed something meanwhile."""
        field = {"expires": "days"}.get(str(error), str(error))
        words = _("This is no longer possible: something has changed meanwhile. Please check it and try again.")
        self.add_error(field if field in self.fields else None, words)


class NewProgramForm(KeyForm):
    field_order = ["label", "use", "scopes", "role", "agency", "owner", "addresses", "days", "reason"]
    label = forms.CharField(
        label=gettext_lazy("What it is called"),
        max_length=100,
        help_text=gettext_lazy("Whose program it is, so that you know it later. What it does is written down as its."),
    )
    use = forms.ChoiceField(label=gettext_lazy("What for"), widget=forms.RadioSelect)
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick what it may do.")},
        help_text=gettext_lazy("Of API keys. No more than it needs: what is missing is refused with its name."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Whose view it has"),
        required=False,
        help_text=gettext_lazy("Of API keys: it sees and does what such a person may, within what is ticked above."),
    )
    agency = forms.ChoiceField(
        label=gettext_lazy("Agency"), required=False, help_text=gettext_lazy("Of an officer's or a lead's view.")
    )
    owner = forms.ChoiceField(
        label=gettext_lazy("Who answers for it"), help_text=gettext_lazy("The program never acts as this person.")
    )
    addresses = forms.CharField(
        label=gettext_lazy("From which addresses"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("IP addresses or networks, such as 10.20.0.0/16, one a line. Empty: from anywhere."),
    )

    def __init__(self, by: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(by, *args, **kwargs)
        choose(
            self,
            use=choices(USES),
            scopes=[(name, word(SCOPES, name)) for name in API],
            role=[(name, word(TITLES, name)) for name in ROLES],
            agency=agency_choices(_("None")),
            owner=_people(),
        )
        self.fields["scopes"].required = self.data.get("use") not in DOORS  # those bring their own

    def clean_addresses(self) -> list[str]:
        result = []
        for one in self.cleaned_data["addresses"].replace(",", " ").split():
            try:
                result.append(str(ip_network(one, strict=False)))
            except ValueError:
                raise forms.ValidationError(_("%(one)s is no IP address or network.") % {"one": one}) from None
        return result

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        use = cleaned.get("use")
        if use in DOORS:
            return cleaned | {"scopes": [DOORS[use]], "role": "operator", "agency": ""}
        role = cleaned.get("role") or "operator"
        if role in AGENCY and not cleaned.get("agency"):
            self.add_error("agency", _("Choose the agency whose tickets it sees."))
        return cleaned | {"role": role, "agency": cleaned.get("agency", "") if role in AGENCY else ""}


class OwnerForm(forms.Form):
    owner = forms.ChoiceField(label=gettext_lazy("Who answers for it"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, owner=_people())


def listing(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    accounts = sorted(service_accounts.accounts(), key=lambda account: sort_key(account.name))
    page = KeysPage(
        accounts=[_account_line(account, by) for account in accounts],
        rows=[_key_line(key, by) for key in queries.every_key() if key.account is None],
    )
    return render_page(request, page)


def _show(request: HttpRequest, name: str, key: str, use: Key.Use) -> HttpResponse:
    lead = _("Copy it now: it is shown only this once, and we keep only its fingerprint.")
    if use == Key.Use.API:
        lead += " " + _("The program sends it in a header of each request: Authorization: Bearer <key>.")
    if service_accounts.needs_second(actor(request)):
        lead += " " + _("It works as soon as another administrator has approved it under “Keys”.")
    page = SecretPage(title=_("Key of %(name)s") % {"name": name}, secret=key, lead=lead, **back_to("setup:keys"))
    return secret(request, page)


def issue(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    form = NewProgramForm(
        by, request.POST or None, initial={"use": Key.Use.OPEN311, "role": "operator", "owner": request.user.username}
    )
    if saving(request, form):
        d = form.cleaned_data
        use = Key.Use(d["use"])
        try:
            with transaction.atomic():
                account = service_accounts.add(
                    d["label"],
                    use,
                    owner=or_404(queries.person(d["owner"])),
                    role=Role(d["role"]),
                    agency=directory.agency(d["agency"]) if d["agency"] else None,
                    scopes=d["scopes"],
                    addresses=d["addresses"],
                    by=by,
                )
                key = service_accounts.issue(account, use, form.expires(), by=by, reason=d.get("reason", ""))
            return _show(request, account.name, key, use)
        except TakenError:
            form.add_error("label", _("There is a program of this name. Choose another, or make it a new key there."))
        except ValueError as error:
            form.refuse(error)
    return form_page(
        request,
        form,
        title=_("New key"),
        back="setup:keys",
        save=_("Issue the key"),
        lead=_("Another administrator approves it before it works.") if service_accounts.needs_second(by) else "",
    )


def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One program; a new key for it, or somebody else to answer for it."""
    row, by, do = or_404(service_accounts.account(pk)), actor(request), request.POST.get("do", "")
    issuing = KeyForm(by, request.POST if do == "issue" else None)
    owning = OwnerForm(request.POST if do == "owner" else None, initial={"owner": row.owner.username})
    if do == "issue" and issuing.is_valid():
        use = next((Key.Use(use) for use, scope in DOORS.items() if scope in row.scopes), Key.Use.API)
        reason = issuing.cleaned_data.get("reason", "")
        try:
            key = service_accounts.issue(row, use, issuing.expires(), by=by, reason=reason)
        except ValueError as error:
            issuing.refuse(error)
        else:
            return _show(request, row.name, key, use)
    if do == "owner" and owning.is_valid():
        event = service_accounts.hand_to(row, or_404(queries.person(owning.cleaned_data["owner"])), by=by)
        return done(request, "setup:service-account", row.pk, event=event)
    page = AccountPage(line=_account_line(row, by), issuing=issuing, owning=owning)
    return render_page(request, page, status=422 if issuing.errors or owning.errors else 200)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    row = or_404(queries.every_key().filter(pk=pk).first())
    actions.revoke_key(row, by=actor(request))
    return done(request, "setup:keys", message=_("Revoked: “%(name)s” no longer works.") % {"name": row.label})


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """The second administrator's yes."""
    row = or_404(queries.every_key().filter(pk=pk).first())
    try:
        service_accounts.approve(row, by=actor(request))
    except NotAllowedError:
        messages.error(request, _("Whoever issued a key cannot approve it: another administrator does."))
        return redirect("setup:keys")
    return done(request, "setup:keys", message=_("Approved: “%(name)s” works now.") % {"name": row.label})
