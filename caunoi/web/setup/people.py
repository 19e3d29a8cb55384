"""Who may sign in, as what, and for which agency."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext
from django.views.decorators.http import require_POST

from caunoi.accounts import actions, deputies, factors, invitations, queries, sessions
from caunoi.accounts.models import Deputy, User
from caunoi.accounts.sessions import Ending
from caunoi.accounts.titles import TITLES
from caunoi.conversations.models import Outgoing
from caunoi.directory import queries as directory
from caunoi.directory.models import Agency
from caunoi.directory.queries import option
from caunoi.events.actor import AGENCY, Actor, NotAllowedError, Role
from caunoi.lib.numbers import phone
from caunoi.lib.vietnamese.writing import fold, sort_key
from caunoi.notifications import enrolment
from caunoi.notifications.enrolment import Progress
from caunoi.web.away import Absence
from caunoi.web.errors import or_404
from caunoi.web.labels import agency_choices, choices, localised_name, word
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.phone_field import PhoneField
from caunoi.web.selects import choose
from caunoi.web.setup.agencies import NO_NUMBER
from caunoi.web.setup.page import SecretPage, back_to, done, form_page, saving, secret
from caunoi.web.who import actor

MOST = 50


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """The state of somebody's last invitation."""

    words: str
    icon: str
    badge: str
    why: str


@dataclass(frozen=True, kw_only=True)
class PersonLine:
    """An account in the list; `over`: its one-time password has expired, `refused`: the demo's, which opens nothing
    here."""

    user: User
    away: Deputy | None
    role: str
    agency: str
    over: bool
    refused: bool
    invitation: Invitation | None


@dataclass(frozen=True, kw_only=True)
class PeoplePage(Page):
    """At most `most` people who fit, and how many `more` do; `able` says that invitations can be sent."""

    template = "setup/people.html"

    rows: list[PersonLine]
    q: str
    role: str
    agency: Agency | None
    chips: list[Tab]
    most: int
    more: int
    progress: Progress
    able: bool


class PersonForm(forms.Form):
    full_name = forms.CharField(label=gettext_lazy("Full name"), max_length=120)
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    agency = forms.ChoiceField(
        label=gettext_lazy("Agency"),
        required=False,
        help_text=gettext_lazy("Of officers and agency leads; others work at the centre."),
    )
    phone = PhoneField(services=True, error_messages={"invalid": NO_NUMBER})
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("Alerts and digests are sent here."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
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
        choose(
            self,
            role=[("", _("Choose a role")), *choices(TITLES)],
            agency=agency_choices(_("None")),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("role") in AGENCY and not cleaned.get("agency"):
            self.add_error("agency", _("Choose the agency this person works for."))
        return cleaned

    def values(self) -> dict[str, Any]:
        d = self.cleaned_data
        agency = directory.agency(d["agency"]) if d["role"] in AGENCY else None
        return {
            "full_name": d["full_name"],
            "role": Role(d["role"]),
            "agency": agency,
            "phone": d["phone"],
            "email": d["email"],
            "extension": d["extension"],
        }


class NewPersonForm(PersonForm):
    field_order = ["username"]
    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=40,
        help_text=gettext_lazy("To sign in with: Latin letters, digits, dots and hyphens."),
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9.-]*$", gettext_lazy("Only small Latin letters, digits, dots and hyphens.")
            )
        ],
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )


def listing(request: HttpRequest) -> HttpResponse:
    text, role, agency = (request.GET.get(name, "").strip() for name in ("q", "role", "agency"))
    words = fold(text).split()
    rows = [
        user
        for user in queries.everyone()
        if (not agency or (user.agency and user.agency.code == agency))
        and all(w in fold(f"{user.full_name} {user.username} {user.agency or ''}") for w in words)
    ]
    chips = [
        Tab(word(TITLES, code), f"?role={code}&q={text}&agency={agency}", code == role, count)
        for code in TITLES
        if (count := sum(u.role == code for u in rows))
    ]
    matches = sorted(
        (u for u in rows if not role or u.role == role), key=lambda u: (not u.is_active, sort_key(u.full_name))
    )
    absent, page_rows = deputies.away(), matches[:MOST]
    invited = enrolment.sent(u for u in page_rows if invitations.can_be_invited(u))
    lines = [
        PersonLine(
            user=u,
            away=absent.get(u.pk),
            role=word(TITLES, u.role),
            agency=localised_name(u.agency),
            over=queries.run_out(u),
            refused=queries.refused(u),
            invitation=_invitation(invited.get(u.pk)),
        )
        for u in page_rows
    ]
    page = PeoplePage(
        rows=lines,
        q=text,
        role=role,
        agency=directory.agency(agency),
        chips=chips,
        most=MOST,
        more=max(len(matches) - MOST, 0),
        progress=enrolment.progress(),
        able=enrolment.can_send(),
    )
    return render_page(request, page)


STATES = {
    "queued": (gettext_noop("invitation on its way"), "hourglass", "waiting"),
    "sent": (gettext_noop("invited"), "check", "new"),
    "delivered": (gettext_noop("invited"), "check", "new"),
    "read": (gettext_noop("invited"), "check", "new"),
    "failed": (gettext_noop("invitation not delivered"), "triangle-alert", "urgent"),
    "expired": (gettext_noop("invitation not delivered"), "triangle-alert", "urgent"),
}  # state of an Outgoing → words, icon, badge


def _invitation(row: Outgoing | None) -> Invitation | None:
    if row is None:
        return None
    words, icon, badge = STATES[row.state]
    return Invitation(words=_(words), icon=icon, badge=badge, why=row.trouble)


def _standing(row: Outgoing) -> str:
    """The same in a sentence, of one person."""
    words = {"at": f"{localtime(row.sent or row.at):%H:%M %d/%m/%Y}", "to": row.address, "why": row.trouble}
    if row.state == "queued" and row.trouble:
        return _("Not sent yet, it is tried again: %(why)s") % words
    if row.state == "queued":
        return _("The invitation to %(to)s goes out in a moment.") % words
    if row.state in ("failed", "expired"):
        return _("The invitation to %(to)s did not arrive: %(why)s") % words
    return _("Invited at %(at)s: %(to)s. The link opens once, for 14 days.") % words


def _end_sessions(request: HttpRequest, user: User) -> HttpResponse:
    """End all of somebody's sessions; their account stays open."""
    count = sessions.finish_all(user, Ending.ADMIN, by=actor(request))
    words = ngettext(
        "%(name)s was signed out on %(count)s device.", "%(name)s was signed out on %(count)s devices.", count
    )
    messages.success(request, words % {"name": user, "count": count})
    return redirect("setup:person", user.username)


@require_POST
def invite_all(request: HttpRequest) -> HttpResponse:
    """Send an invitation to everybody who has chosen no password yet and has none."""
    count = enrolment.invite_all(by=actor(request))
    words = ngettext("%(count)s invitation goes out.", "%(count)s invitations go out.", count)
    messages.success(request, words % {"count": count})
    return redirect("setup:people")


def _invite(request: HttpRequest, user: User, way: str = "") -> HttpResponse:
    row = enrolment.invite(user, by=actor(request), way=way)
    if row is None:
        messages.warning(
            request, _("%(name)s cannot be written to by this way now. Nothing was sent.") % {"name": user}
        )
    else:
        messages.success(request, _standing(row))
    return redirect("setup:person", user.username)


def _link(request: HttpRequest, user: User) -> HttpResponse:
    """The address of an invitation, to be handed over otherwise; earlier ones no longer work."""
    token = invitations.invite(user, by=actor(request))
    page = SecretPage(
        title=_("Invitation of %(name)s") % {"name": user},
        username=user.username,
        secret=request.build_absolute_uri(reverse("invitation", args=[token])),
        lead=_(
            "Hand this address over safely: whoever opens it chooses the password, once, within 14 days. It is shown "
            "only now."
        ),
        **back_to("setup:people"),
    )
    return secret(request, page)


INVITE = {
    "email": gettext_noop("Send an invitation by e-mail"),
    "sms": gettext_noop("Send an invitation by SMS"),
}
AGAIN = {"email": gettext_noop("Send it again by e-mail"), "sms": gettext_noop("Send it again by SMS")}


def _resets(user: User, by: Actor) -> list[tuple[str, str, str]]:
    """Taking away the second factors of somebody who has lost them: one asks, another one agrees."""
    handing = factors.needs_agreement(user, by)
    if by.is_person(user.pk) or not (factors.has_factor(user) or handing):
        return []
    handing = handing and not factors.has_factor(user)
    row = factors.open_reset(user)
    if row is None and handing:
        hint = _("There is no second factor yet: another administrator must agree. Then an invitation leads in again.")
        return [("reset-ask", _("Ask for a new password"), hint)]
    if row is None:
        hint = _("For whoever has lost phone and recovery codes. Another administrator must agree.")
        return [("reset-ask", _("Ask to reset the second factors"), hint)]
    words = {"name": row.asker, "at": f"{localtime(row.at):%H:%M %d/%m/%Y}"}
    if by.is_person(row.asker_id):
        hint = _("Asked at %(at)s. Another administrator must agree on this page.") % words
        return [("reset-drop", _("Take the request back"), hint)]
    hint = _(
        "%(name)s asked for it at %(at)s. Make sure by a call or in person that the phone is lost. Password and "
        "sessions end too; an invitation leads in again."
    )
    agree = _("Agree to a new sign-in") if handing else _("Agree to reset the second factors")
    return [
        ("reset-agree", agree, hint % words),
        ("reset-drop", _("Decline it"), ""),
    ]


def _reset(request: HttpRequest, user: User, do: str) -> HttpResponse:
    """One step of it."""
    by = actor(request)
    try:
        if do == "reset-ask":
            factors.ask_reset(user, by=by)
            messages.success(request, _("Asked for. Another administrator must agree on this page within three days."))
        elif do == "reset-drop":
            factors.drop_reset(user, by=by)
            messages.success(request, _("Nothing was changed."))
        elif factors.agree_reset(user, by=by):
            messages.success(
                request, _("The second factors of %(name)s are gone. Now send an invitation.") % {"name": user}
            )
        else:
            messages.info(request, _("Nobody asks for it any more."))
    except NotAllowedError:
        messages.error(request, _("Another administrator must do this."))
    return redirect("setup:person", user.username)


def _others(user: User, by: Actor, *, own: bool) -> list[tuple[str, str, str]]:
    """The other acts on an account: (value, words, hint)."""
    other: list[tuple[str, str, str]] = []
    if invitations.can_be_invited(user):
        last = enrolment.sent([user]).get(user.pk)
        hint = _standing(last) if last else ""
        for way, (_box, address) in enrolment.ways(user).items():
            other.append((f"invite-{way}", _((AGAIN if last else INVITE)[way]), hint or address))
            hint = ""
        other.append(("link", _("Show the address of an invitation"), _("To hand over yourself; earlier ones end.")))
    hours = {"hours": option("one_time_hours")}
    if not factors.needs_agreement(user, by):
        hint = _("It is valid for %(hours)s hours. The old one stops working.") % hours
        hint += f" {_('It ends their custodianship.')}" if user.custodian else ""
        other.append(("password", _("Make a new password"), hint))
    other += _resets(user, by)
    if not user.is_active:
        other.append(("activate", _("Open the account again"), ""))
    elif not own:
        other.append(
            ("deactivate", _("Close the account…"), _("Signed out at once; the person's work and history stay."))
        )
    if not own and (places := sessions.open_of(user)):
        places_text = ", ".join(sorted({row.device or _("unknown device") for row in places}))
        other.append(("sessions", _("Sign out everywhere"), places_text))
    if deputies.candidates(user).exists():
        other.append(("deputy", _("Leave and deputies"), _("Who does this person's work meanwhile.")))
    return other


def _password(request: HttpRequest, user: User) -> HttpResponse:
    """A one-time password on a page that is not kept."""
    try:
        password = factors.hand_password(user, by=actor(request))
    except NotAllowedError:
        messages.error(request, _("Another administrator must agree first: ask for it below."))
        return redirect("setup:person", user.username)
    page = SecretPage(
        title=_("One-time password of %(name)s") % {"name": user},
        secret=password,
        lead=_(
            "Hand it over in person or by phone. It is shown only now and opens for %(hours)s hours; at the first "
            "sign-in a new "
            "one must be chosen."
        )
        % {"hours": option("one_time_hours")},
        **back_to("setup:people"),
        username=user.username,
    )
    return secret(request, page)


def add(request: HttpRequest) -> HttpResponse:
    agency = request.GET.get("agency", "")
    form = NewPersonForm(request.POST or None, initial={"agency": agency, "role": "officer" if agency else ""})
    if saving(request, form):
        try:
            user = actions.add_person(form.cleaned_data["username"], by=actor(request), **form.values())
        except ValueError:  # taken, or the name of what is no person, as "system"
            form.add_error(
                "username",
                _("Somebody has or had this user name: one that was used is never given to another. Choose another."),
            )
        else:
            return _invite(request, user) if enrolment.ways(user) else _password(request, user)
    return form_page(
        request,
        form,
        title=_("New person"),
        back="setup:people",
        lead=_(
            "An invitation goes to their e-mail, else to their mobile phone. Otherwise you get a one-time password to "
            "hand over."
        )
        if enrolment.can_send()
        else _("You get a one-time password to hand over."),
        save=_("Add the person"),
    )


def edit(request: HttpRequest, username: str) -> HttpResponse:
    user = or_404(queries.person(username))
    by, do, own = actor(request), request.POST.get("do"), user.pk == request.user.pk
    if do == "deputy":
        return redirect("setup:deputy", user.username)
    if do == "password":
        return _password(request, user)
    if do == "link" or do in {f"invite-{way}" for way in INVITE}:
        if not invitations.can_be_invited(user):
            messages.info(request, _("%(name)s has chosen a password meanwhile.") % {"name": user})
            return redirect("setup:person", user.username)
        return _link(request, user) if do == "link" else _invite(request, user, do.removeprefix("invite-"))
    if do in ("reset-ask", "reset-agree", "reset-drop"):
        return _reset(request, user, do)
    if do == "deactivate" and not own:
        return redirect("setup:person-close", user.username)
    if do == "sessions":
        return _end_sessions(request, user)
    if do == "activate":
        message = _("%(name)s can sign in again.") % {"name": user}
        return done(request, "setup:people", event=actions.activate(user, by=by), message=message)
    initial = {
        "full_name": user.full_name,
        "role": user.role,
        "agency": user.agency.code if user.agency else "",
        "phone": phone.display(user.phone) if user.phone else "",
        "email": user.email,
        "extension": user.extension,
    }
    form = PersonForm(request.POST or None, initial=initial)
    if saving(request, form):
        if own and form.cleaned_data["role"] != user.role:
            form.add_error("role", _("You cannot take your own rights away; another administrator can."))
        else:
            return done(request, "setup:people", event=actions.edit_person(user, by=by, **form.values()))
    return form_page(
        request,
        form,
        title=str(user),
        back="setup:people",
        other=_others(user, by, own=own),
        lead=_("User name: %(name)s") % {"name": user.username},
    )


def deputy(request: HttpRequest, username: str) -> HttpResponse:
    """Name a deputy for somebody who is away, or end it."""
    user = or_404(queries.person(username))
    if request.POST.get("do", "").startswith("end-"):
        for row in deputies.deputies(user):
            if f"end-{row.pk}" == request.POST["do"]:
                deputies.end(row, by=actor(request))
        return done(request, "setup:deputy", username, message=_("Ended."))
    form = Absence(user, request.POST or None)
    if request.method == "POST" and form.save(request):
        return done(request, "setup:deputy", username)
    other = [
        (f"end-{row.pk}", _("End it"), f"{row.deputy} · {row.since:%d/%m/%Y} – {row.until:%d/%m/%Y}")
        for row in deputies.deputies(user)
    ]
    return form_page(
        request,
        form,
        title=_("Deputy of %(name)s") % {"name": user},
        back="setup:people",
        other=other,
        save=_("Name the deputy"),
    )
