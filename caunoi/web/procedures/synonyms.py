"""What people call things: the synonyms of the search, tried while they are written."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi.events.queries import event, history, latest
from caunoi.lib.vietnamese.writing import fold, tokens
from caunoi.procedures import actions, queries
from caunoi.procedures.finding import Reasoning
from caunoi.web.errors import or_404
from caunoi.web.inputs import text_in
from caunoi.web.page import Page, render_page
from caunoi.web.setup.changes import ChangeLine, change_lines
from caunoi.web.setup.undo import undo as take_back
from caunoi.web.who import actor

MOST = 20
TRIED = 4


class SynonymForm(forms.Form):
    word = forms.CharField(
        label=gettext_lazy("What people say"),
        max_length=100,
        help_text=gettext_lazy(
            "As they say it, with marks: “cà vẹt”. Words that stand apart in a question: “sai + khai sinh”; any of "
            "several:"
            " “mất / rơi + biển số”."
        ),
    )
    meaning = forms.CharField(
        label=gettext_lazy("What the procedures call it"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Words from the procedures' names. Several readings are parted by a semicolon."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)

    def clean_word(self) -> str:
        word: str = " ".join(self.cleaned_data["word"].lower().split())
        if not tokens(word):
            raise forms.ValidationError(_("Enter at least one word."))
        return word


@dataclass(frozen=True, kw_only=True)
class SynonymsPage(Page):
    """The province's own sayings and those shipped with the product, the first of each; `changes` are the last ones."""

    template = "procedures/synonyms.html"

    q: str
    own: Sequence[Reasoning]
    own_count: int
    shipped: Sequence[Reasoning]
    shipped_count: int
    changes: Sequence[ChangeLine]


@dataclass(frozen=True, kw_only=True)
class TrialPage(Page):
    """What a search for a word finds now, and what it will find by the word's meaning."""

    template = "procedures/_synonym.html"

    word: str
    now: Sequence[queries.ProcedureHit]
    then: Sequence[queries.ProcedureHit]


@dataclass(frozen=True, kw_only=True)
class SynonymPage(TrialPage):
    """A synonym that is written, or the `existing` one, with its trial beside it."""

    template = "procedures/synonym.html"

    form: SynonymForm
    existing: Reasoning | None


def listing(request: HttpRequest) -> HttpResponse:
    text = text_in(request.GET, "q", 100)
    folded = fold(text)
    rows = [row for row in queries.sayings() if folded in fold(f"{row.word} {row.meaning}")]
    own = [row for row in rows if row.own]
    page = SynonymsPage(
        q=text,
        own=own[: MOST * 5],
        own_count=len(own),
        shipped=[row for row in rows if not row.own][: MOST if not text else MOST * 5],
        shipped_count=len(rows) - len(own),
        changes=change_lines(latest(["synonym"], size=8)),
    )
    return render_page(request, page)


def _trial(word: str, meaning: str) -> TrialPage:
    plain = " ".join(part.split("/")[0].strip() for part in word.split("+"))
    return TrialPage(
        word=plain,
        now=queries.search(plain, limit=TRIED) if plain.strip() else (),
        then=queries.search(meaning.split(";")[0], limit=TRIED) if meaning.strip() else (),
    )


def write(request: HttpRequest) -> HttpResponse:
    """A new row, or the one of the word in the address: `?word=` prefills it, as from a search that found nothing."""
    word = " ".join(request.GET.get("word", "").replace("\0", "").split())[:100].lower()
    existing = next((row for row in queries.sayings() if row.word == word), None)
    initial = {"word": word, "meaning": existing.meaning if existing else "", "note": existing.note if existing else ""}
    form = SynonymForm(request.POST or None, initial=initial)
    if request.method == "POST" and request.POST.get("do") != "preview" and form.is_valid():
        row = actions.write_synonym(**form.cleaned_data, by=actor(request))
        last = history(row).last()
        message = _("“%(word)s” is now looked for as “%(meaning)s” too.") % {"word": row.word, "meaning": row.meaning}
        undo = f"undo:{reverse('procedures:synonym-undo', args=[last.pk])}" if last else ""
        messages.success(request, message, extra_tags=undo)
        return redirect("procedures:synonyms")
    preview = request.POST.get("do") == "preview"
    trial = _trial(str(form["word"].value() or ""), str(form["meaning"].value() or ""))
    if preview and request.headers.get("HX-Request"):
        return render_page(request, trial)
    page = SynonymPage(**vars(trial), form=form, existing=existing)
    return render_page(request, page, status=422 if form.errors and not preview else 200)


@require_POST
def active(request: HttpRequest) -> HttpResponse:
    """Switch a word off, or on again; a shipped one becomes a row of the province's by that."""
    word, on = text_in(request.POST, "word", 100), request.POST.get("do") == "on"
    existing = or_404(next((row for row in queries.sayings() if row.word == word), None))
    actions.write_synonym(existing.word, existing.meaning, note=existing.note, active=on, by=actor(request))
    return redirect("procedures:synonyms")


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the last change of a word back."""
    change = event(pk)
    if change is None or change.subject != "synonym":
        raise Http404
    if take_back(change, by=actor(request)):
        messages.success(request, _("Undone."))
    else:
        messages.error(request, _("It has been changed again since. Please change it there."))
    return redirect("procedures:synonyms")
