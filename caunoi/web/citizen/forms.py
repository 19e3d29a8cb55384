"""What a report asks for, one form a step: what · where · you. Photos are no form: they are kept as they come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime, now
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from caunoi.directory import queries as directory
from caunoi.directory.models import Area
from caunoi.lib.vietnamese.writing import nfc
from caunoi.web.citizen.news import promise
from caunoi.web.labels import KIND, area_choices, category_choices, localised_name
from caunoi.web.phone_field import PhoneField
from caunoi.web.selects import choose

EARLIEST = 1945  # a year before which nothing happened that a hotline deals with, and a slip of the finger
CHANGED = gettext_lazy("This text has changed since you opened the page. Please read it again.")


@dataclass(frozen=True)
class ErrorLink:
    """What is wrong, and where on the page: components/error_summary.html."""

    href: str
    text: str


class What(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What would you like to tell us?"),
        help_text=gettext_lazy("In your own words: what happened, since when, what bothers you."),
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": gettext_lazy("Please write what it is about; one sentence is enough.")},
    )
    kind = forms.ChoiceField(label=gettext_lazy("It is"), widget=forms.RadioSelect, initial="report")
    category = forms.ChoiceField(
        label=gettext_lazy("Category"), required=False, help_text=gettext_lazy("If you know; otherwise we choose.")
    )
    occurred = forms.DateTimeField(
        label=gettext_lazy("When did it happen?"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {
            "report": _("Something to be fixed or dealt with"),
            "petition": _("A suggestion or petition"),
            "question": _("A question, for example about papers"),
        }
        choose(
            self,
            kind=[(code, words[code]) for code in KIND],
            category=[("", _("I am not sure")), *_grouped()],
        )
        self.fields["occurred"].widget.attrs["max"] = f"{localtime():%Y-%m-%dT23:59}"

    def clean_text(self) -> str:
        text, limit = nfc(self.cleaned_data["text"]).strip(), directory.option("text_limit")
        if len(text) > limit:
            raise forms.ValidationError(
                _(
                    "This is %(have)s characters long; we can take %(limit)s. Please shorten it, or attach photos of "
                    "the letter."
                )
                % {"have": len(text), "limit": limit}
            )
        return text

    def clean_occurred(self) -> datetime | None:
        occurred: datetime | None = self.cleaned_data["occurred"]
        if occurred and occurred.year < EARLIEST:
            raise forms.ValidationError(_("This is very long ago. Please check the year."))
        if occurred and occurred > now():
            raise forms.ValidationError(_("This is in the future. Please check the date."))
        return occurred


def _grouped() -> list[tuple[str, Any]]:
    """The categories by their groups, which have Vietnamese names only."""
    if get_language() == "en":
        return category_choices()
    groups: dict[str, list[tuple[str, str]]] = {}
    for category in directory.categories():
        groups.setdefault(category.group, []).append((category.code, localised_name(category)))
    return list(groups.items())


class Degrees(forms.FloatField):
    """A latitude or longitude, with a point or a comma."""

    def __init__(self, most: int, name: str) -> None:
        wrong = gettext_lazy("This is not a coordinate. For example: 11.5353 and 106.8926.")
        super().__init__(
            required=False,
            min_value=-most,
            max_value=most,
            widget=forms.HiddenInput(attrs={f"data-map-{name}": ""}),
            error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wrong),
        )

    def to_python(self, value: Any) -> float | None:  # type: ignore[override]
        degrees: float | None = super().to_python(value.replace(",", ".") if isinstance(value, str) else value)
        return degrees


class Where(forms.Form):
    address = forms.CharField(
        label=gettext_lazy("Address or place"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("For example: in front of Đồng Xoài market, national road 14. Old addresses are fine."),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    area = forms.ChoiceField(label=gettext_lazy("Ward or commune"), required=False)
    lat = Degrees(90, "lat")
    long = Degrees(180, "long")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, area=area_choices(_("I am not sure")))

    def clean_address(self) -> str:
        return nfc(self.cleaned_data["address"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        lat, long = cleaned.get("lat"), cleaned.get("long")
        if {"lat", "long"} <= self.errors.keys():
            del self.errors["long"]  # one place, one error
        if self.errors:
            return cleaned
        if (lat is None) != (long is None):
            self.add_error("lat", _("Please give both latitude and longitude, or neither."))
        elif lat is not None and long is not None:
            self._agree(cleaned, directory.area_at(lat, long))
        return cleaned

    def _agree(self, cleaned: dict[str, Any], under: Area | None) -> None:
        """The pin lies within the province, and where the commune that was chosen lies."""
        chosen = directory.area(cleaned.get("area", ""))
        if under is None:
            self.add_error(
                "lat", _("This pin is outside our province. Move it, or call the hotline of the province where it is.")
            )
        elif chosen and chosen.code != under.code:
            both = {"chosen": chosen.name, "under": under.name}
            self.add_error(
                "area",
                _("You chose %(chosen)s, but the pin is in %(under)s. Choose the one that is right, or remove the pin.")
                % both,
            )

    @property
    def pin_error(self) -> str:
        """What is wrong with the place on the map."""
        return " ".join(str(e) for name in ("lat", "long") for e in self.errors.get(name, []))


class Contact(forms.Form):
    """How somebody is reached who wants to be."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = PhoneField(
        as_typed=True,
        autocomplete="tel",
        error_messages={"invalid": gettext_lazy("This does not look like a phone number. For example: 0912 345 678.")},
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={"invalid": gettext_lazy("This is not an e-mail address. For example: lan@gmail.com.")},
    )


class You(Contact):
    consent = forms.BooleanField(
        label=gettext_lazy("I have read this and agree"),
        error_messages={"required": gettext_lazy("We may only keep your report if you agree.")},
    )
    consent_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, needs_contact: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        texts = promise()
        self.fields["phone"].help_text, self.fields["email"].help_text = texts.phone, texts.email
        if needs_contact:
            self.fields["phone"].required = True
            self.fields["phone"].error_messages["required"] = _("For this category we need a way to reach you.")

    def clean_name(self) -> str:
        return nfc(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        """Whoever agreed has seen the text in force: the version shown is the version kept."""
        cleaned = super().clean() or {}
        text = directory.text("consent")
        if text and cleaned.get("consent") and cleaned.get("consent_version") != text.version:
            self.add_error("consent", CHANGED)
        return cleaned


FORMS: Mapping[str, type[forms.Form]] = {"what": What, "where": Where, "you": You}


def form(step: str, data: Mapping[str, Any], posted: Any = None) -> forms.Form:
    """The form of a step: with what was typed so far, or bound to what is sent now."""
    kind = FORMS[step]
    extra: dict[str, Any] = {}
    if kind is You:
        category = directory.category(data.get("category", ""))
        extra["needs_contact"] = bool(category and category.needs_contact)
    initial = dict(data)
    if data.get("occurred"):
        initial["occurred"] = parse_datetime(data["occurred"])
    return kind(posted, initial=initial, **extra)


def plain(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Cleaned values as JSON can hold them."""
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in cleaned.items()}
