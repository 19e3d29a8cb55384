"""The first run in a browser: the same questions as `caunoi init`, behind the one-time address that `up` prints."""

from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext
from django.views.decorators.cache import never_cache

from caunoi.events.actor import SYSTEM
from caunoi.lib.places import gazetteer
from caunoi.lib.vietnamese.writing import sort_key
from caunoi.starter import answers, first_run
from caunoi.starter.answers import EMAIL, PHONE, USER, Answers, BadAnswerError
from caunoi.web.invitation import LinkOverPage
from caunoi.web.page import Page, render_page

OVER = gettext_noop(
    "The first run has been done, or the address was not copied whole. Sign in; `caunoi admin USER` on the machine "
    "lets an "
    "administrator in who no longer can."
)


def _provinces() -> list[tuple[str, str]]:
    units = sorted(gazetteer.provinces(), key=lambda unit: sort_key(unit.short))
    communes = {unit.code: len(gazetteer.communes(unit.code)) for unit in units}
    return [("", ""), *((unit.code, f"{unit.name} ({_communes(communes[unit.code])})") for unit in units)]


def _communes(count: int) -> str:
    return ngettext("%(count)d commune", "%(count)d communes", count) % {"count": count}


class Questions(forms.Form):
    province = forms.ChoiceField(label=gettext_lazy("Province"), choices=_provinces)
    hotline_name = forms.CharField(
        label=gettext_lazy("Name of the hotline"), max_length=100, initial=Answers.hotline_name
    )
    phone = forms.RegexField(
        PHONE,
        label=gettext_lazy("The number to call"),
        max_length=20,
        initial=Answers.phone,
        error_messages={"invalid": gettext_lazy("Digits and spaces, as people dial it.")},
    )
    name = forms.CharField(label=gettext_lazy("Your full name"), max_length=120)
    user = forms.RegexField(
        USER,
        label=gettext_lazy("User name"),
        max_length=40,
        help_text=gettext_lazy("You sign in with it as the first administrator: small Latin letters and digits."),
        error_messages={"invalid": gettext_lazy("Small Latin letters, digits, dots and hyphens.")},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "username", "spellcheck": "false"}),
    )
    email = forms.RegexField(
        EMAIL,
        label=gettext_lazy("Mail address"),
        max_length=200,
        required=False,
        error_messages={"invalid": gettext_lazy("This is not an e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    starter = forms.BooleanField(
        label=gettext_lazy("Start with the starter set"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "Fields, deadlines, rules, a skeleton of agencies as organised in 2026, the committee of every "
            "commune, consent text, answers, alerts. All of it can be changed and taken away later."
        ),
    )

    def answers(self) -> Answers:
        data = self.cleaned_data
        administrator = {key: data[key] for key in ("user", "name", "email")}
        rest = {key: data[key] for key in ("province", "hotline_name", "phone", "starter")}
        return answers.check({**rest, "administrator": administrator})


@dataclass(frozen=True)
class FirstRunPage(Page):
    template = "web/first_run.html"

    form: Questions


@never_cache
def show(request: HttpRequest, token: str) -> HttpResponse:
    if not first_run.opens(token):
        return render_page(request, LinkOverPage(_(OVER)), status=404)
    form = Questions(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = first_run.set_up(form.answers(), by=SYSTEM)
        except BadAnswerError as error:
            form.add_error(error.name if error.name in form.fields else None, error.message)
        except first_run.AlreadySetUpError:
            return render_page(request, LinkOverPage(_(OVER)), status=404)
        else:
            return redirect(reverse("invitation", args=[invitation]))
    return render_page(request, FirstRunPage(form), status=422 if form.errors else 200)
