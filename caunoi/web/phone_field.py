"""A phone number in a form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from caunoi.lib.numbers import phone


class PhoneField(forms.CharField):
    """A phone number as people type it, which may be left empty: "" or E.164 once it is clean. With `services` also
    numbers that nobody calls back, as they are dialled (1022, 1900 …); with `as_typed` the words that were typed, for a
    form that is shown again. The error `invalid` may be worded for its page."""

    default_error_messages = {
        "invalid": gettext_lazy("This is not a phone number. Please check it, or leave it empty.")
    }

    def __init__(
        self, *, services: bool = False, as_typed: bool = False, autocomplete: str = "off", **more: Any
    ) -> None:
        attributes = {"type": "tel", "autocomplete": autocomplete, "inputmode": "tel"}
        usual: dict[str, Any] = {
            "label": gettext_lazy("Phone number"),
            "required": False,
            "max_length": 40,
            "widget": forms.TextInput(attrs=attributes),
        }
        super().__init__(**usual | more)
        self.services, self.as_typed = services, as_typed

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value) or "")
        if not typed:
            return ""
        parsed = phone.parse(typed)
        number = (parsed.number if self.services else parsed.e164) if parsed else None
        if not number:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return typed if self.as_typed else number
