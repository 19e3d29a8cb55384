"""Forms for the moves of the lifecycle: which buttons there are, what each asks for, and what happens when it is sent."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caunoi import moves
from caunoi.answers import queries as answers
from caunoi.directory import queries as directory
from caunoi.events.actor import Actor
from caunoi.files import actions as files
from caunoi.files.pictures import BadPicture
from caunoi.routing.models import OPEN_LEGS
from caunoi.routing.queries import helping, propose
from caunoi.tickets import queries as tickets
from caunoi.tickets.lifecycle import MOVES, Missing, NotAllowed, NotPossible, State
from caunoi.tickets.models import Ticket
from caunoi.tickets.reasons import OTHER
from caunoi.web.labels import MOVE, URGENCY, choices, named, reasons
from caunoi.web.selects import Line, LongSelect, ManySelect, Words

# What a move may bring besides what it needs.
MAY = {
    "accept": ("area", "urgency", "summary"),
    "answer": ("cites",),
    "refuse": ("text", "note"),
    "route": ("note", "coordinating"),
    "result": ("before", "after"),
    "leg_answer": ("before", "after"),
    "approve": ("text",),
    "leg_pass_on": ("note",),
}
LABEL = {
    "text": gettext_lazy("Answer to the citizen"),
    "question": gettext_lazy("What do we ask the citizen?"),
    "reason": gettext_lazy("Reason"),
    "note": gettext_lazy("Note"),
    "summary": gettext_lazy("Summary in one sentence"),
    "category": gettext_lazy("Field"),
    "area": gettext_lazy("Commune"),
    "urgency": gettext_lazy("Urgency"),
    "agency": gettext_lazy("Agency"),
    "coordinating": gettext_lazy("Agencies that help"),
    "without": gettext_lazy("Answer without waiting for the agencies that help"),
    "into": gettext_lazy("Code of the earlier ticket"),
    "days": gettext_lazy("How many more working days?"),
    "before": gettext_lazy("Photos before the work"),
    "after": gettext_lazy("Photos after the work"),
    "cites": gettext_lazy("Procedures it rests on"),
}
BEFORE = gettext_lazy("One close by and one from farther away help most.")
AFTER = gettext_lazy("From the same spot as before, so that one sees the difference.")
WORDS = {"text": 7, "question": 4, "reason": 3, "note": 2}


class MoveForm(forms.Form):
    """The form of one move on one ticket; `made` is what goes to the action."""

    def __init__(
        self,
        ticket: Ticket,
        name: str,
        by: Actor,
        data: QueryDict | None = None,
        files: MultiValueDict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, files, prefix=name, auto_id=f"id_{name}_%s")
        self.ticket, self.name, self.by = ticket, name, by
        self.label, self.icon, self.key = _(MOVE[name][0]), MOVE[name][1], MOVE[name][2]
        needs = MOVES[name].needs
        self.parts = helping(ticket) if name == "result" else []
        self.waited_for = [leg for leg in self.parts if leg.state in OPEN_LEGS]
        for field in [*sorted(needs, key=list(LABEL).index), *(f for f in MAY.get(name, ()) if f not in needs)]:
            self.fields[field] = self._field(field, required=field in needs)
        if name == "leg_answer":
            self.fields["text"].label = _("Your part, for the agency that leads")
        if self.waited_for:
            names = ", ".join(named(leg.agency) for leg in self.waited_for)
            hint = _("Not answered yet: %(agencies)s.") % {"agencies": names}
            self.fields["without"] = forms.BooleanField(label=LABEL["without"], help_text=hint, required=False)

    def _field(self, field: str, *, required: bool) -> forms.Field:
        label = LABEL[field]
        if field == "reason" and self.name == "refuse":
            return forms.ChoiceField(label=label, widget=LongSelect, choices=[("", _("Choose a reason")), *reasons()])
        if field == "text" and self.name == "refuse":
            hint = _("The citizen reads it with the reason. Needed when it is another reason than those of the list.")
            area = Words(attrs={"rows": 3})
            return forms.CharField(
                label=_("Words to the citizen"), help_text=hint, required=False, widget=area, max_length=10_000
            )
        if field in WORDS:
            area = Words(attrs={"rows": WORDS[field]})
            initial = self._written() if field == "text" else ""
            return forms.CharField(
                label=label, required=required or field == "text", widget=area, max_length=10_000, initial=initial
            )
        if field == "cites":
            return forms.CharField(label=label, required=False, max_length=2000, widget=forms.HiddenInput)
        if field == "summary":
            return forms.CharField(
                label=label, required=required, max_length=300, initial=self.ticket.summary, widget=Line
            )
        if field == "category":
            rows = [(c.code, named(c)) for c in directory.categories()]
            initial = self.ticket.category.code if self.ticket.category else ""
            return forms.ChoiceField(
                label=label,
                widget=LongSelect,
                required=required,
                initial=initial,
                choices=[("", _("Choose a field")), *rows],
            )
        if field == "area":
            rows = [(a.code, a.name) for a in directory.areas()]
            initial = self.ticket.area.code if self.ticket.area else ""
            return forms.ChoiceField(
                label=label,
                widget=LongSelect,
                required=required,
                initial=initial,
                choices=[("", _("Not known")), *rows],
            )
        if field == "urgency":
            return forms.ChoiceField(
                label=label,
                widget=LongSelect,
                required=required,
                choices=choices(URGENCY, empty=_("As the field says")),
            )
        if field == "agency":
            proposed = [p.agency for p in propose(self.ticket) if p.agency.pk != self.by.agency_id]
            rest = [a for a in directory.agencies() if a not in proposed and a.pk != self.by.agency_id]
            groups = (
                [(_("Proposed"), [(a.code, named(a)) for a in proposed])]
                if proposed
                else [("", [("", _("Choose an agency"))])]
            )
            return forms.ChoiceField(
                label=label,
                widget=LongSelect,
                choices=[*groups, (_("All agencies"), [(a.code, named(a)) for a in rest])],
            )
        if field == "coordinating":
            return forms.MultipleChoiceField(
                label=label, required=False, choices=[(a.code, named(a)) for a in directory.agencies()],
                widget=ManySelect(attrs={"size": 4}),
                help_text=_("They get their own deadline; the one that leads puts their parts together."),
            )  # fmt: skip
        if field == "days":
            most = _("Between 1 and 60 working days, please.")
            wrong = dict.fromkeys(("invalid", "min_value", "max_value"), most)
            return forms.IntegerField(label=label, min_value=1, max_value=60, initial=2, error_messages=wrong)
        if field in ("before", "after"):
            return Photos(label=label, help_text=BEFORE if field == "before" else AFTER, required=False)
        return forms.CharField(label=label, required=required, widget=Line)

    def _written(self) -> str:
        """The words there are already: the answer to approve, the one that was sent back to be bettered, or the parts of
        those who help."""
        found = answers.answers(self.ticket).first() if self.name in ("approve", "result") else None
        if found is not None and found.state in ("submitted", "revised"):
            return found.text
        return "\n\n".join(f"{named(leg.agency)}: {leg.answer}" for leg in self.parts if leg.answer)

    def clean_category(self) -> Any:
        return directory.category(self.cleaned_data["category"])

    def clean_area(self) -> Any:
        return directory.area(self.cleaned_data["area"]) if self.cleaned_data["area"] else None

    def clean_agency(self) -> Any:
        return directory.agency(self.cleaned_data["agency"])

    def clean_cites(self) -> dict[str, int] | None:
        """`code@version` of what was put into the answer, the last one of a code counts."""
        pairs = (pair.partition("@")[::2] for pair in self.cleaned_data["cites"].split())
        return {code: int(number) for code, number in pairs if number.isdecimal()} or None

    def clean_coordinating(self) -> list[Any]:
        wanted = self.cleaned_data["coordinating"]
        return [agency for agency in directory.agencies() if agency.code in wanted]

    def clean_into(self) -> Any:
        found = tickets.one(self.by, self.cleaned_data["into"])
        if found is None or found.pk == self.ticket.pk:
            raise forms.ValidationError(_("There is no other ticket with this code. Please check the digits."))
        if found.state == State.MERGED:
            raise forms.ValidationError(
                _("%(code)s was itself merged into %(into)s. Take that one.")
                % {"code": found.code, "into": found.merged_into.code if found.merged_into else "–"}
            )
        return found

    def clean_before(self) -> list[int]:
        return self._stored("before")

    def clean_after(self) -> list[int]:
        return self._stored("after")

    def _stored(self, field: str) -> list[int]:
        return [files.store(data, by=self.by).pk for data in self.cleaned_data[field]]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if self.name == "refuse" and found.get("reason") == OTHER and not found.get("text"):
            self.add_error("text", _("Please write what the citizen is told: another reason says nothing by itself."))
        return found

    def make(self) -> bool:
        """Make the move; False, with the reason as an error of the form, when it cannot be made."""
        if not self.is_valid():
            return False
        try:
            moves.make(self.ticket, self.name, by=self.by, **self.cleaned_data)
        except NotPossible:
            self.add_error(None, _("Somebody else has just moved this ticket on. Look at it again before you decide."))
        except NotAllowed as error:
            over = str(error) == "hop_limit"
            self.add_error(
                None,
                _("It has been handed on too often: the supervisor decides now.")
                if over
                else _("This is not for your role."),
            )
        except Missing as error:
            for field in error.fields:
                said = _("Say so if you do not wait for them.") if field == "without" else _("Please fill this in.")
                self.add_error(field if field in self.fields else None, said)
        return not self.errors


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class Photos(forms.FileField):
    """Some pictures; cleaned to their checked bytes."""

    widget = ManyFiles(attrs={"accept": "image/*", "multiple": True})

    @property
    def most(self) -> int:
        return int(directory.option("photo_limit"))

    @property
    def megabytes(self) -> int:
        return int(directory.option("photo_megabytes"))

    def clean(self, data: Any, initial: Any = None) -> list[bytes]:
        found = []
        for upload in data or []:
            if upload.size > self.megabytes * 1024 * 1024:
                raise forms.ValidationError(
                    _("%(name)s is larger than %(limit)s MB.") % {"name": upload.name, "limit": self.megabytes}
                )
            content = upload.read()
            trouble = checked(content)
            if trouble:
                raise forms.ValidationError(trouble % {"name": upload.name})
            found.append(content)
        if len(found) > self.most:
            raise forms.ValidationError(_("At most %(most)s photos at once, please.") % {"most": self.most})
        return found


def trouble(error: BadPicture) -> str:
    """Why a file is no picture we take, with %(name)s for the file."""
    return {
        "not_a_picture": _("%(name)s is not a photo. Please choose JPEG, PNG or HEIC files."),
        "too_large": _("%(name)s has too many pixels. Please take a smaller photo."),
        "damaged": _("%(name)s is damaged. Please take or choose it again."),
        "busy": _("%(name)s could not be taken just now, as many photos come in. Please choose it again in a moment."),
    }[error.code]


def checked(content: bytes) -> str:
    """Why these bytes are no picture we take, with %(name)s for the file; empty when they are."""
    try:
        files.check(content)
    except BadPicture as error:
        return trouble(error)
    return ""


def offered(ticket: Ticket, by: Actor, sent: Mapping[str, MoveForm] | None = None) -> list[MoveForm]:
    """A form for each move that may be made now; one that was sent and failed comes back as it was typed."""
    sent = sent or {}
    names = sorted((m.name for m in moves.possible(ticket, by)), key=list(MOVE).index)
    return [sent.get(name) or MoveForm(ticket, name, by) for name in names]
