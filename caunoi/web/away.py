"""Away: who does my work, and whose work I do."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import get_default_timezone, localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi.accounts import deputies
from caunoi.accounts.models import Deputy, User
from caunoi.accounts.queries import by_name, person
from caunoi.events.actor import NotAllowedError
from caunoi.web.errors import or_404
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.who import actor, begin

DATE = {"type": "date"}


class Absence(forms.Form):
    """Who stands in, and from the morning of which day to the evening of which."""

    deputy = forms.ChoiceField(label=gettext_lazy("Who does the work meanwhile"))
    since = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))
    until = forms.DateField(
        label=gettext_lazy("Until"),
        widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
        help_text=gettext_lazy("The last day; it ends by itself."),
    )

    def __init__(self, owner: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner = owner
        rows = [(u.username, str(u)) for u in by_name(deputies.candidates(owner))]
        choose(self, deputy=[("", _("Choose a colleague")), *rows])
        self.fields["since"].initial = localdate()

    def save(self, request: HttpRequest) -> bool:
        """Name the deputy; False, with the reason as an error of the form, when it cannot be."""
        if not self.is_valid():
            return False
        zone, d = get_default_timezone(), self.cleaned_data
        deputy = person(d["deputy"])
        since, until = (datetime.combine(d[name], time(), zone) for name in ("since", "until"))
        try:
            assert deputy is not None
            deputies.name(self.owner, deputy, since, until + timedelta(days=1), by=actor(request))
        except ValueError as error:
            if str(error) == "taken":
                self.add_error(None, _("There is a deputy for some of these days already."))
            else:
                field = "until" if str(error) == "until" else "deputy"
                self.add_error(field, _("Choose another day or person."))
        return not self.errors


@dataclass(frozen=True)
class DeputyLine:
    """A deputy of one's own, and the last moment."""

    row: Deputy
    last: datetime


@dataclass(frozen=True, kw_only=True)
class AwayPage(Page):
    """`possible`: somebody could stand in."""

    template = "web/away.html"

    form: Absence
    mine: list[DeputyLine]
    stands_in: list[Deputy]
    possible: bool


def page(request: HttpRequest) -> HttpResponse:
    owner = request.user
    assert isinstance(owner, User)
    form = Absence(owner, request.POST or None)
    if request.method == "POST" and form.save(request):
        messages.success(request, _("Saved. Your deputy sees and does your work on these days."))
        return redirect("away")
    absences = AwayPage(
        form=form,
        mine=[DeputyLine(row, row.until - timedelta(minutes=1)) for row in deputies.deputies(owner)],
        stands_in=list(deputies.stands_in(owner)),
        possible=deputies.candidates(owner).exists(),
    )
    return render_page(request, absences, status=422 if form.errors else 200)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    row = or_404(deputies.arrangement(pk))
    try:
        deputies.end(row, by=actor(request))
    except NotAllowedError:
        raise Http404 from None
    messages.success(request, _("Ended."))
    return redirect("away")


@require_POST
def act(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """Begin to do the work of the person of this arrangement, or (0) go back to one's own."""
    user = request.user
    assert isinstance(user, User)
    row = deputies.stands_in(user).filter(pk=pk).first() if pk else None
    begin(request, row.person_id if row else None)
    return redirect("after-login")
