"""Forms for the moves of the lifecycle: which buttons there are, what each asks for, and what happens when it is
sent."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from caunoi import moves
from caunoi.directory import queries as directory
from caunoi.directory.models import Agency
from caunoi.events.actor import Actor
from caunoi.files import actions as files
from caunoi.files.pictures import BadPictureError
from caunoi.lib.vietnamese.writing import fold
from caunoi.routing.queries import propose
from caunoi.tickets import queries as tickets
from caunoi.tickets.datum import Datum, DatumKind
from caunoi.tickets.lifecycle import MOVES, MissingDataError, NotAllowedError, NotPossibleError, State
from caunoi.tickets.models import Ticket
from caunoi.tickets.reasons import OTHER
from caunoi.transfers import queries as transfers
from caunoi.web.labels import (
    KIND,
    URGENCY,
    agency_choices,
    area_choices,
    category_choices,
    choices,
    localised_name,
    moved_on,
    reasons,
)
from caunoi.web.selects import LineInput, ListInput, LongSelect, ManySelect, Words
from caunoi.web.story import sentence

NOT_ALLOWED = {
    "hop_limit": gettext_noop("It has been passed on too often: the supervisor decides now."),
    "restricted": gettext_noop("What is told in confidence is not handed to another province."),
}


class MoveForm(forms.Form):
    """The form of one move on one ticket, drawn from its row; what it holds goes to the move's owner."""

    def __init__(
        self,
        ticket: Ticket,
        name: str,
        by: Actor,
        data: QueryDict | None = None,
        files: MultiValueDict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, files, prefix=name, auto_id=f"id_{name}_%s")
        self.ticket, self.name, self.by, self.move = ticket, name, by, MOVES[name]
        self.label, self.icon, self.key = _(self.move.label), self.move.icon, self.move.key
        self.advice = _(self.move.advice) if self.move.advice else ""
        self.begins = any(datum.initial for datum in self.move.takes.values())  # with words that are there already
        lines = import_string(self.move.preview)(ticket) if self.move.preview else ()
        self.preview = [(_(label), text) for label, text in lines]
        for datum in self.move.takes.values():
            about = import_string(datum.offered)(ticket) if datum.offered else ()
            if about or not datum.offered:
                self.fields[datum.name] = self._field(datum, about)

    def _field(self, datum: Datum, about: Sequence[Agency]) -> forms.Field:
        field = FIELDS[datum.kind](self, datum)
        field.label = _(datum.label)
        if datum.hint:
            field.help_text = (
                _(datum.hint) % {"agencies": ", ".join(map(localised_name, about))}
                if "%(agencies)s" in datum.hint
                else _(datum.hint)
            )
        field.required = datum.kind in INSISTED and (datum in self.move.needs or datum.expected)
        return field

    def _words(self, datum: Datum) -> forms.Field:
        initial = import_string(datum.initial)(self.ticket) if datum.initial else ""
        return forms.CharField(widget=Words(attrs={"rows": datum.rows}), max_length=10_000, initial=initial)

    def _line(self, datum: Datum) -> forms.Field:
        return forms.CharField(max_length=300, initial=getattr(self.ticket, datum.column), widget=LineInput)

    def _code(self, datum: Datum) -> forms.Field:
        rows = CODES[datum.of]()
        if datum.of == "cell":  # typed, as there are many, and nobody knows their codes
            return forms.CharField(max_length=100, widget=ListInput((name, fold(name)) for _code, name in rows))
        return forms.ChoiceField(widget=LongSelect, choices=rows)

    def _number(self, datum: Datum) -> forms.Field:
        wrong = _("Between %(least)s and %(most)s working days, please.") % {"least": datum.least, "most": datum.most}
        return forms.IntegerField(
            min_value=datum.least,
            max_value=datum.most,
            initial=2,
            error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wrong),
        )

    def _row(self, datum: Datum) -> forms.Field:
        match datum.of:
            case "ticket":
                return forms.CharField(widget=LineInput)
            case "agency":
                return forms.ChoiceField(widget=LongSelect, choices=self._agencies())
            case "category":
                rows = category_choices(_("Choose a category"))
            case _:
                rows = area_choices(_("Not known"))
        now = getattr(self.ticket, datum.column)
        return forms.ChoiceField(widget=LongSelect, choices=rows, initial=now.code if now else "")

    def _agencies(self) -> list[Any]:
        """Those that the rules propose first; never the own one."""
        proposed = [p.agency for p in propose(self.ticket) if p.agency.pk != self.by.agency_id]
        rest = [a for a in directory.agencies() if a not in proposed and a.pk != self.by.agency_id]
        first = (_("Proposed"), [(a.code, localised_name(a)) for a in proposed])
        every = (_("All agencies"), [(a.code, localised_name(a)) for a in rest])
        return [first if proposed else ("", [("", _("Choose an agency"))]), every]

    def _rows(self, datum: Datum) -> forms.Field:
        rows = agency_choices()
        return forms.MultipleChoiceField(choices=rows, widget=ManySelect(attrs={"size": 4}))

    def clean(self) -> dict[str, Any]:
        """What was typed, as the rows and values that actions take."""
        sent = super().clean() or {}
        for name, datum in self.move.takes.items():
            if name in sent and (read := READ.get((datum.kind, datum.of)) or READ.get((datum.kind, ""))):
                try:
                    sent[name] = read(self, sent[name])
                except forms.ValidationError as error:
                    self.add_error(name, error)
        if sent.get("reason") == OTHER and "text" in self.move.takes and not sent.get("text"):
            self.add_error("text", _("Please write what the citizen will read: “another reason” alone says nothing."))
        return sent

    def _earlier(self, code: str) -> Ticket:
        ticket = tickets.find(self.by, code)
        if ticket is None or ticket.pk == self.ticket.pk:
            raise forms.ValidationError(_("There is no other ticket with this code. Please check the digits."))
        if ticket.state == State.MERGED:
            into = ticket.merged_into.code if ticket.merged_into else "–"
            raise forms.ValidationError(
                _("%(code)s was itself merged into %(into)s. Take that one.") % {"code": ticket.code, "into": into}
            )
        return ticket

    def _province(self, text: str) -> str:
        """The code of a province, however its name was typed."""
        if code := transfers.find_province(text):
            return code
        raise forms.ValidationError(_("No province of the catalogue is called that, or several are."))

    def _stored(self, pictures: Sequence[bytes]) -> list[int]:
        return [files.store(data, by=self.by).pk for data in pictures]

    def make(self) -> bool:
        """Make the move; False, with the reason as an error of the form, when it cannot be made."""
        if not self.is_valid():
            return False
        try:
            moves.perform(self.name, [self.ticket], by=self.by, move_input=self.cleaned_data)
        except NotPossibleError:
            self.add_error(None, moved_on())
        except NotAllowedError as error:
            self.add_error(None, _(NOT_ALLOWED.get(str(error), gettext_noop("This is not for your role."))))
        except MissingDataError as error:
            for field in error.fields:
                text = _("Say so if you do not wait for them.") if field == "without" else _("Please fill this in.")
                self.add_error(field if field in self.fields else None, text)
        return not self.errors

    def confirmation(self) -> str:
        """What was done, once it is: "Handed to … · 26-…"."""
        kinds = (self.move.event, f"handover.{self.name.removeprefix('leg_')}")
        return f"{sentence(self.ticket, kinds) or self.label} · {self.ticket.code}"


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class Photos(forms.FileField):
    """Some pictures; cleaned to their checked bytes."""

    widget = ManyFiles(attrs={"accept": "image/*", "multiple": True})

    @classmethod
    def of(cls, datum: Datum) -> "Photos":
        """The field for pictures of this kind."""
        return cls(label=gettext_lazy(datum.label), help_text=gettext_lazy(datum.hint), required=False)

    @property
    def most(self) -> int:
        return int(directory.option("photo_limit"))

    @property
    def megabytes(self) -> int:
        return int(directory.option("photo_megabytes"))

    def clean(self, data: Any, initial: Any = None) -> list[bytes]:
        result = []
        for upload in data or []:
            if upload.size > self.megabytes * 1024 * 1024:
                raise forms.ValidationError(
                    _("%(name)s is larger than %(limit)s MB.") % {"name": upload.name, "limit": self.megabytes}
                )
            content = upload.read()
            trouble = checked(content)
            if trouble:
                raise forms.ValidationError(trouble % {"name": upload.name})
            result.append(content)
        if len(result) > self.most:
            raise forms.ValidationError(_("At most %(most)s photos at once, please.") % {"most": self.most})
        return result


def trouble(error: BadPictureError) -> str:
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
    except BadPictureError as error:
        return trouble(error)
    return ""


def offered(ticket: Ticket, by: Actor, sent: Mapping[str, MoveForm] | None = None) -> list[MoveForm]:
    """A form for each move that may be made now; one that was sent and failed comes back as it was typed."""
    sent = sent or {}
    return [sent.get(m.name) or MoveForm(ticket, m.name, by) for m in moves.possible(ticket, by)]


def _cited(_form: MoveForm, text: str) -> dict[str, int] | None:
    """`code@version` of what was put into the answer, the last one of a code counts."""
    pairs = (pair.partition("@")[::2] for pair in text.split())
    return {code: int(number) for code, number in pairs if number.isdecimal()} or None


def _agencies_of(_form: MoveForm, codes: Sequence[str]) -> list[Agency]:
    return [agency for agency in directory.agencies() if agency.code in codes]


CODES: Mapping[str, Callable[[], list[tuple[str, str]]]] = {
    "kind": lambda: choices(KIND, empty=_("As it is")),
    "urgency": lambda: choices(URGENCY, empty=_("As set for the category")),
    "refusal": lambda: [("", _("Choose a reason")), *reasons()],
    "cell": transfers.others,
}
FIELDS: Mapping[DatumKind, Callable[[MoveForm, Datum], forms.Field]] = {
    DatumKind.WORDS: MoveForm._words,
    DatumKind.LINE: MoveForm._line,
    DatumKind.CODE: MoveForm._code,
    DatumKind.NUMBER: MoveForm._number,
    DatumKind.FLAG: lambda _form, _datum: forms.BooleanField(),
    DatumKind.ROW: MoveForm._row,
    DatumKind.ROWS: MoveForm._rows,
    DatumKind.PHOTOS: lambda _form, _datum: Photos(),
    DatumKind.CITATIONS: lambda _form, _datum: forms.CharField(max_length=2000, widget=forms.HiddenInput),
}
"""How each kind of datum is asked for."""
INSISTED = frozenset(FIELDS) - {DatumKind.FLAG, DatumKind.ROWS, DatumKind.PHOTOS, DatumKind.CITATIONS}
READ: Mapping[tuple[DatumKind, str], Callable[[MoveForm, Any], Any]] = {
    (DatumKind.ROW, "category"): lambda _form, code: directory.category(code),
    (DatumKind.ROW, "area"): lambda _form, code: directory.area(code) if code else None,
    (DatumKind.ROW, "agency"): lambda _form, code: directory.agency(code),
    (DatumKind.ROW, "ticket"): MoveForm._earlier,
    (DatumKind.ROWS, "agency"): _agencies_of,
    (DatumKind.CODE, "cell"): MoveForm._province,
    (DatumKind.PHOTOS, ""): MoveForm._stored,
    (DatumKind.CITATIONS, ""): _cited,
}
"""How what was typed becomes what actions take."""
