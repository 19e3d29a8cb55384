"""One public text before a reviewer: proposals to accept, change or take back, beside what the public will see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise as StrPromise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi.accounts.queries import names
from caunoi.lib.privacy.marking import Marked, carried, chosen, hiding, pieces
from caunoi.lib.privacy.spans import KINDS
from caunoi.lib.vietnamese.writing import nfc
from caunoi.publication import actions, queries, readings
from caunoi.publication.models import Publication, Review
from caunoi.tickets import queries as tickets
from caunoi.tickets.lifecycle import MissingDataError, NotAllowedError, NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.web.citizen.forms import ErrorLink
from caunoi.web.desk.publish import DOUBT, OUTCOME, WHY, reason_filter
from caunoi.web.errors import or_404
from caunoi.web.labels import localised_name, word
from caunoi.web.masks import WORD, in_codes, in_words
from caunoi.web.own_answer import published_by_others
from caunoi.web.page import Page, render_page
from caunoi.web.story import PictureLinks, picture
from caunoi.web.who import actor

LABELS = {
    "title": gettext_lazy("Title"),
    "text": gettext_lazy("Text for the public"),
    "answer": gettext_lazy("Answer for the public"),
    "place": gettext_lazy("Place, at street level"),
}
LIMITS = {"title": 160, "place": 200}
QUICK = ("person", "phone", "house_number", "plate", "id_card", "birth_date")  # hidden most often by hand
HUE = {
    "person": "person",
    "phone": "contact",
    "email": "contact",
    "house_number": "place",
    "plate": "place",
    "birth_date": "place",
}
PHRASE = 200


@dataclass(frozen=True, kw_only=True)
class MarkedPiece:
    """Words of a text that are one thing: with a `kind`, in words, they may be hidden; `value` is their place as a
    checkbox has it."""

    text: str
    start: int
    value: str
    hidden: bool
    kind: str
    hue: str


@dataclass(frozen=True, kw_only=True)
class MarkedField:
    """A field of the public text: its words, those that the public would read, and the pieces of them."""

    name: str
    label: StrPromise
    words: str
    public: str
    rows: int
    limit: int | None
    pieces: list[MarkedPiece]


@dataclass(frozen=True, kw_only=True)
class PhotoChoice(PictureLinks):
    """A photo that may be public, as it is painted over; `new`: nobody has decided about it."""

    id: int
    checked: bool
    blurred: bool
    new: bool


@dataclass(frozen=True, kw_only=True)
class PublicationPage(Page):
    """One text of the queue, `at` of `many` (0: it does not wait), with the codes `before` and `after` it. `waits` and
    `doubt` say why it is here, `seen` what of it this form was drawn from; `mine` are the words of a reviewer whom
    another one overtook; `errors` and `posted` are by the fields of the form."""

    template = "desk/publish_one.html"
    parts = ("desk/publish_one.html#look",)

    publication: Publication
    ticket: Ticket
    fields: list[MarkedField]
    photos: list[PhotoChoice]
    kinds: list[tuple[str, str]]
    quick: list[tuple[str, str]]
    at: int
    many: int
    before: str
    after: str
    why: str
    waits: list[str]
    removal: Review | None
    doubt: str
    history: list[tuple[Review, str, str]]
    errors: dict[str, str]
    error_list: list[ErrorLink]
    rough: bool
    category: str
    agency: str
    posted: QueryDict
    seen: str
    mine: Sequence[tuple[StrPromise, str]]


def publication_of(request: HttpRequest, code: str) -> Publication:
    """The publication of a ticket that this reviewer may see; 404 else."""
    ticket = tickets.find(actor(request), code)
    return or_404(queries.publication_of(ticket) if ticket else None)


def _places(values: list[str]) -> list[tuple[int, int, str]]:
    """Places as checkboxes name them, "12-25-person"."""
    cut = [value.split("-") for value in values]
    return [(int(p[0]), int(p[1]), p[2]) for p in cut if len(p) == 3 and p[0].isdecimal() and p[1].isdecimal()]


def _typed(request: HttpRequest, current: Mapping[str, Marked]) -> dict[str, Marked]:
    """The fields as the form sends them: what is ticked is hidden, in the words as they were drawn; where the words
    were changed as well, the choices are carried over. What is to be hidden everywhere comes last."""
    sent = request.POST
    made = {}
    for name, now_ in current.items():
        base = nfc(sent.get(f"base-{name}", now_.words))
        marked = chosen(base, _places(sent.getlist(f"hide-{name}")))
        words = nfc(sent.get(name, base)).strip()[: LIMITS.get(name)]
        made[name] = marked if words == base.strip() else carried(marked, words)
    phrase, kind = nfc(sent.get("phrase", "")).strip()[:PHRASE], sent.get("kind", "")
    for mask in KINDS:
        if phrase and kind == mask:
            made = {name: hiding(marked, phrase, mask) for name, marked in made.items()}
    return made


def _fields(fields: Mapping[str, Marked]) -> list[MarkedField]:
    return [
        MarkedField(
            name=name,
            label=LABELS[name],
            words=marked.words,
            public=in_words(in_codes(marked.public)),
            rows={"text": 8, "answer": 6}.get(name, 2),
            limit=LIMITS.get(name),
            pieces=[
                MarkedPiece(
                    text=p.text,
                    start=p.start,
                    value=f"{p.start}-{p.end}-{p.kind}",
                    hidden=p.hidden,
                    kind=_(WORD[p.kind]) if p.kind else "",
                    hue=HUE.get(p.kind, "number"),
                )
                for p in pieces(marked)
            ],
        )
        for name, marked in fields.items()
    ]


def _photos(publication: Publication, chosen: set[int] | None) -> list[PhotoChoice]:
    public_pks, painted = {a.pk for a in publication.photos.all()}, readings.blurs(publication)
    fresh = {photo.attachment_id for photo in readings.undecided(publication)}
    result = []
    for photo in tickets.photos(publication.ticket):
        pk, blur = photo.attachment_id, painted.get(photo.attachment_id)
        one = blur.result if blur else photo.attachment
        ticked = pk in chosen if chosen is not None else one.pk in public_pks
        result.append(
            PhotoChoice(**vars(picture(one)), id=pk, checked=ticked, blurred=blur is not None, new=pk in fresh)
        )
    return result


def _page(
    request: HttpRequest,
    publication: Publication,
    fields: Mapping[str, Marked],
    *,
    errors: dict[str, str] | None = None,
    mine: Sequence[tuple[StrPromise, str]] | None = None,
) -> HttpResponse:
    ticket, posted = publication.ticket, request.method == "POST"
    at, many, before, after = readings.neighbours(publication, why=reason_filter(request))
    waits = readings.open_reviews(publication)
    history = list(publication.reviews.filter(done__isnull=False).order_by("-done")[:20])
    people = names({row.by for row in history})
    overtaken = mine is not None
    ticked = {int(v) for v in request.POST.getlist("photo") if v.isdecimal()} if posted and not overtaken else None
    seen = request.POST.get("seen", "") if posted and not overtaken else readings.mark_of(publication)
    page = PublicationPage(
        publication=publication,
        ticket=ticket,
        fields=_fields(fields),
        photos=_photos(publication, ticked),
        kinds=list(dict.fromkeys((WORD[k], k) for k in KINDS)),
        quick=[(k, _(WORD[k])) for k in QUICK],
        at=at,
        many=many,
        before=before,
        after=after,
        why=reason_filter(request),
        waits=[word(WHY, row.why) for row in waits],
        removal=next((row for row in waits if row.why == "removal"), None),
        doubt=word(DOUBT, publication.doubt) if publication.doubt else "",
        history=[(row, people.get(row.by, row.by), word(OUTCOME, row.outcome)) for row in history],
        errors=errors or {},
        error_list=[ErrorLink(f"#id_{name}", text) for name, text in (errors or {}).items()],
        rough=readings.concerns_a_person(ticket),
        category=localised_name(ticket.category),
        agency=localised_name(ticket.agency),
        posted=request.POST,
        seen=seen,
        mine=mine or [],
    )
    preview = "HX-Request" in request.headers and request.POST.get("do") == "preview"
    part = "desk/publish_one.html#look" if preview else ""
    return render_page(request, page, part=part, status=409 if overtaken else 422 if errors else 200)


def _error_texts(error: MissingDataError) -> dict[str, str]:
    words = {
        "note": _("Say why; the public reads this note."),
        "sure": _("Say that you have looked and that it may be public after all."),
        "title": _("A title is needed."),
        "text": _("A text is needed."),
        "reply": _("Say why it stays; whoever asked reads it."),
    }
    return {name: words[name] for name in error.fields}


def _decide(request: HttpRequest, publication: Publication, fields: Mapping[str, Marked]) -> str:
    """Do what the button says; gives the message for the reviewer. MissingDataError, NotAllowedError,
    NotPossibleError."""
    by, code = actor(request), publication.ticket.code
    match request.POST.get("do"):
        case "publish":
            ours = {photo.attachment_id for photo in tickets.photos(publication.ticket)}
            photos = ours & {int(v) for v in request.POST.getlist("photo") if v.isdecimal()}
            public = {name: in_codes(marked.public) for name, marked in fields.items()}
            edits: dict[str, Any] = {n: v for n, v in public.items() if v != getattr(publication, n)}
            actions.publish(
                publication,
                by=by,
                photos=photos,
                note=request.POST.get("note", "")[:300],
                sure="sure" in request.POST,
                **edits,
            )
            actions.mark(publication, fields, by=by)
            return _("Published: %(code)s") % {"code": code}
        case "keep":
            actions.keep(publication, by=by)
            return _("Kept from the public: %(code)s") % {"code": code}
        case "withdraw":
            actions.withdraw(publication, request.POST.get("withdraw_note", "")[:300], by=by)
            return _("Withdrawn. The public sees only your note.")
        case "decline":
            actions.decline(publication, request.POST.get("reply", "")[:1000], by=by)
            return _("It stays public; the person who asked is told why.")
        case "save":
            actions.mark(publication, fields, by=by)
            return _("Saved. The public sees nothing of it yet.")
    raise Http404


def _overtaken(request: HttpRequest, publication: Publication, typed: Mapping[str, Marked]) -> HttpResponse:
    """The page as it is now, and beside it the words that this reviewer had changed."""
    publication.refresh_from_db()
    fields = readings.marked(publication)
    mine = [(LABELS[name], typed[name].words) for name, marked in fields.items() if typed[name].words != marked.words]
    errors = {"do": _("Somebody else was faster; look again. What you see now is what they left.")}
    return _page(request, publication, fields, errors=errors, mine=mine)


def detail(request: HttpRequest, code: str) -> HttpResponse:
    publication = publication_of(request, code)
    fields = readings.marked(publication)
    if request.method != "POST":
        return _page(request, publication, fields)
    fields = _typed(request, fields)
    if request.POST.get("do") in ("preview", None):
        return _page(request, publication, fields)
    following = readings.neighbours(publication, why=reason_filter(request))[3]
    try:
        with actions.upon(publication, request.POST.get("seen", "")):
            message = _decide(request, publication, fields)
    except MissingDataError as error:
        errors = _error_texts(error)
        if request.POST.get("do") == "withdraw":
            errors = {"withdraw_note": errors["note"]}
        return _page(request, publication, fields, errors=errors)
    except actions.OwnAnswerError:
        return _page(request, publication, fields, errors={"do": published_by_others(actor(request))})
    except NotAllowedError:
        return _page(request, publication, fields, errors={"do": _("This ticket is never published.")})
    except NotPossibleError:
        return _overtaken(request, publication, fields)
    undo = f"undo:{reverse('desk:publish-undo', args=[code])}" if request.POST["do"] == "keep" else ""
    messages.success(request, message, extra_tags=undo)
    tail = f"?why={reason_filter(request)}" if reason_filter(request) else ""
    if request.POST["do"] == "save":
        following = code
    to = reverse("desk:publish-one", args=[following]) if following else reverse("desk:publish")
    return redirect(to + tail)


@require_POST
def undo(request: HttpRequest, code: str) -> HttpResponse:
    """What was just kept from the public waits again."""
    publication = publication_of(request, code)
    try:
        actions.unkeep(publication, by=actor(request))
    except NotPossibleError:
        messages.error(request, _("Somebody else was faster; please look again."))
    return redirect("desk:publish-one", code)
