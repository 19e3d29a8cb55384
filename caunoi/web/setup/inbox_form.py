"""The form of an inbox, drawn from what its channel needs."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caunoi.channels.base import Channel, Need
from caunoi.conversations.models import Inbox
from caunoi.conversations.queries import boxes, servers
from caunoi.conversations.queries.channels import in_language

NAME = RegexValidator(
    r"^[a-z][a-z0-9-]{0,38}[a-z0-9]$", gettext_lazy("Small letters, digits and hyphens, such as zalo-oa.")
)
ON, OFF = "on", "off"


def field(need: Need, say: Callable[[str], str], *, stored: bool) -> forms.Field:
    """A need as a field, in the words that `say` translates; a stored secret is never shown."""
    what: dict[str, Any] = {
        "label": say(need.label),
        "help_text": say(need.help) if need.help else "",
        "required": need.required and not stored,
    }
    if need.secret:
        words = _("A value is stored. Leave this empty to keep it.") if stored else ""
        what["help_text"] = " ".join(part for part in (what["help_text"], words) if part)
        widget: forms.Widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
        if need.kind == "long":
            widget = forms.Textarea(attrs={"rows": 4, "autocomplete": "off"})
        return forms.CharField(widget=widget, max_length=10_000, strip=True, **what)
    match need.kind:
        case "long":
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), max_length=10_000, **what)
        case "url":
            return forms.URLField(assume_scheme="https", max_length=500, **what)
        case "email":
            return forms.EmailField(**what)
        case "number":
            return forms.IntegerField(min_value=0, **what)
        case "switch":
            return forms.BooleanField(**what | {"required": False})
        case "choice":
            none = [] if need.required else [("", _("none"))]
            return forms.ChoiceField(choices=[*none, *((c, say(c)) for c in need.choices)], **what)
    return forms.CharField(max_length=500, **what)


class InboxForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name in the address"),
        help_text=gettext_lazy("Part of the address that the provider calls; it cannot be changed later."),
        max_length=40,
        validators=[NAME],
    )
    label = forms.CharField(label=gettext_lazy("What it is called"), max_length=100)

    def __init__(self, adapter: Channel, data: Any = None, *, box: Inbox | None = None) -> None:
        self.needs = adapter.needs
        self.box = box
        initial: dict[str, Any] = {"label": box.label if box else ""}
        for need in self.needs:
            if not need.secret:
                value = (box.config if box else {}).get(need.name, need.default)
                initial[need.name] = value not in (OFF, "", False, None) if need.kind == "switch" else value
        super().__init__(data, initial=initial, prefix="inbox")
        if box:
            del self.fields["name"]
        for need in self.needs:
            has_secret = bool(box and box.secrets.get(need.name)) if need.secret else False
            self.fields[self._field_name(need)] = field(need, partial(in_language, adapter), stored=has_secret)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name in boxes():
            raise forms.ValidationError(_("There is an inbox of this name. Choose another."))
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.box and servers.moved(self.box, self.config()):
            for need in self.needs:
                if need.secret and self.box.secrets.get(need.name) and not self._value(need):
                    self.add_error(
                        self._field_name(need),
                        _("The server has changed: type this again, or whoever runs the new one would get the old."),
                    )
        return cleaned

    @staticmethod
    def _field_name(need: Need) -> str:
        return need.name if need.name not in ("name", "label") else f"{need.name}_"

    def _value(self, need: Need) -> Any:
        value = self.cleaned_data.get(self._field_name(need))
        if need.kind == "switch":
            return ON if value else OFF
        return "" if value is None else str(value)

    def config(self) -> dict[str, Any]:
        """What is no secret; settings that the form does not know stay as they are."""
        old = dict(self.box.config) if self.box else {}
        return old | {need.name: self._value(need) for need in self.needs if not need.secret}

    def secrets(self) -> dict[str, Any]:
        """The secrets that were typed."""
        return {need.name: value for need in self.needs if need.secret and (value := self._value(need))}
