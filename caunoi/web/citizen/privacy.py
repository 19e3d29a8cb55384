"""What is kept about people and how they ask about it; and what the pages do so that everybody can use them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from caunoi.directory import queries as directory
from caunoi.directory.models import Text
from caunoi.directory.queries import option
from caunoi.events.actor import citizen
from caunoi.lib.numbers import codes
from caunoi.privacy import actions, queries, register
from caunoi.privacy.clocks import GIVES, RequestKind
from caunoi.privacy.keeping import backup_days, term
from caunoi.privacy.models import DataRequest
from caunoi.privacy.retention import TERMS
from caunoi.tickets.models import Ticket
from caunoi.web.citizen.follow import citizens_only, not_found, secret
from caunoi.web.citizen.forms import ErrorLink
from caunoi.web.citizen.limits import count, often
from caunoi.web.citizen.own import own_ticket
from caunoi.web.inputs import text_in, too_long
from caunoi.web.page import Page, render_page
from caunoi.web.personal import KIND, Certificate, certificate, kind_text, reachable, state_text

TRIES, SECONDS = 10, 3600


@dataclass(frozen=True, kw_only=True)
class KeptLine:
    """A kind of data with how long it is kept; `days` 0 while the province has not decided."""

    label: str
    days: int


@dataclass(frozen=True, kw_only=True)
class UseLine:
    """Kinds of data, and the ground on which they are used."""

    kinds: str
    ground: str


@dataclass(frozen=True, kw_only=True)
class PurposeLine:
    what: str
    uses: list[UseLine]


@dataclass(frozen=True, kw_only=True)
class PrivacyStatementPage(Page):
    """`own` is the province's own text, if it has written one; `consents` the versions of what people agree to."""

    template = "citizen/privacy.html"

    own: str
    contact: str
    purposes: list[PurposeLine]
    terms: list[KeptLine]
    consents: list[Text]
    consent: str
    answer_days: int
    see_days: int
    delete_days: int
    withdraw_days: int


@dataclass(frozen=True)
class AccessibilityPage(Page):
    template = "citizen/accessibility.html"

    own: str


@dataclass(frozen=True, kw_only=True)
class AskPage(Page):
    """`ticket`: by whose link, or other proof, they ask, so that nobody has to make sure who they are; `follow` names
    it in addresses."""

    template = "citizen/privacy_ask.html"

    ticket: Ticket | None
    follow: str
    kinds: list[tuple[str, str]]
    kind: str
    name: str
    reach: str
    code: str
    text: str
    errors: Mapping[str, str]
    summary: list[ErrorLink]


@dataclass(frozen=True, kw_only=True)
class OwnRequestPage(Page):
    """`token` is that of the address by which it was opened. `moves`: another address is sent to them, or was, and the
    file is there. `proves`: the file is here too, once they have proved again that the ticket is theirs."""

    template = "citizen/privacy_request.html"

    row: DataRequest
    token: str
    kind: str
    state: str
    moves: bool
    proves: bool
    certificate: Certificate | None
    may_cancel: bool
    package_until: datetime | None


def _own(key: str) -> str:
    text = directory.text(key)
    if text is None:
        return ""
    return text.body_en or text.body if get_language() == "en" else text.body


def _purposes() -> list[PurposeLine]:
    """What for, and by ground which kinds of data, each once."""
    kinds: dict[str, dict[str, set[str]]] = {}
    for one in register.HOLDINGS.values():
        if one.label != register.HOLDINGS["accounts.user"].label:
            there = set(one.kinds) - {"staff", "link", "raw"}
            kinds.setdefault(one.purpose, {}).setdefault(one.ground, set()).update(there)
    return [
        PurposeLine(
            what=_(register.PURPOSES[purpose]),
            uses=[
                UseLine(kinds=_sentence(there), ground=_(register.GROUNDS[ground]))
                for ground, there in grounds.items()
                if there
            ],
        )
        for purpose, grounds in kinds.items()
        if any(grounds.values())
    ]


def _sentence(kinds: set[str]) -> str:
    """Kinds of data as one line; a label may itself hold commas."""
    first, *others = [_(label) for kind, label in register.KINDS.items() if kind in kinds]
    return "; ".join([first, *(text[:1].lower() + text[1:] for text in others)])


def show(request: HttpRequest) -> HttpResponse:
    """The privacy statement."""
    rows = [(_(spec.label), term(spec.kind)) for spec in TERMS.values()]
    page = PrivacyStatementPage(
        own=_own("privacy"),
        contact=option("privacy_contact"),
        purposes=_purposes(),
        terms=[KeptLine(label=label, days=row.days if row.active else 0) for label, row in rows],
        consents=list(directory.texts("consent")),
        consent=_own("consent"),
        answer_days=option("privacy_answer_days"),
        see_days=option("privacy_see_days"),
        delete_days=option("privacy_delete_days"),
        withdraw_days=option("privacy_withdraw_days"),
    )
    return render_page(request, page)


def accessibility(request: HttpRequest) -> HttpResponse:
    return render_page(request, AccessibilityPage(_own("accessibility")))


def _typed(request: HttpRequest) -> AskPage:
    follow = (request.POST if request.method == "POST" else request.GET).get("f", "")[:32]
    own = own_ticket(follow, request.COOKIES) if follow else None
    kind = (request.POST if request.method == "POST" else request.GET).get("kind", "")
    return AskPage(
        ticket=own.ticket if own else None,
        follow=own.key if own else "",
        kinds=[(code, _(label)) for code, label in KIND.items()],
        kind=kind if kind in KIND else "",
        name=text_in(request.POST, "name", 120),
        reach=text_in(request.POST, "reach", 254),
        code=text_in(request.POST, "code", 20),
        text=text_in(request.POST, "text"),
        errors={},
        summary=[],
    )


def _errors(page: AskPage) -> dict[str, str]:
    errors = {}
    if not page.kind:
        errors["kind"] = _("Please choose what you ask for.")
    if long := too_long(page.text):
        errors["text"] = long
    if page.ticket is None:
        if not reachable(page.reach):
            errors["reach"] = _("Please give a phone number or an e-mail address at which we can reach you.")
        if page.code and codes.parse(page.code) is None:
            errors["code"] = _(
                "This is not a ticket code: a code has nine digits, like 26-000123-4. Please check each digit."
            )
    return errors


@csrf_exempt  # it must work without cookies; a secret link is the whole authority
@citizens_only
def ask(request: HttpRequest) -> HttpResponse:
    """Ask about one's data: by the link of a ticket, or by a number at which somebody makes sure."""
    page = _typed(request)
    if request.method != "POST":
        return secret(render_page(request, page))
    errors = _errors(page)
    if not errors and often("privacy", request, TRIES):
        errors = {"kind": _("Too many requests. Please wait an hour, or call the hotline.")}
    if errors:
        summary = [ErrorLink(f"#id_{name}", text) for name, text in errors.items()]
        return secret(render_page(request, replace(page, errors=errors, summary=summary), status=422))
    count("privacy", request, seconds=SECONDS)
    row = _take(request, page)
    return redirect("citizen:privacy-request", row.token)


def _take(request: HttpRequest, page: AskPage) -> DataRequest:
    kind = RequestKind(page.kind)
    if page.ticket is not None:
        own = own_ticket(page.follow, request.COOKIES)
        proof = DataRequest.Proof(own.proof) if own else DataRequest.Proof.NONE
        via, by = DataRequest.Via.LINK, citizen(page.ticket.pk)
        return actions.ask(kind, via=via, proof=proof, by=by, ticket=page.ticket, text=page.text)
    reach = reachable(page.reach)
    words = f"{codes.parse(page.code)}\n{page.text}".strip() if page.code else page.text
    return actions.ask(kind, via=DataRequest.Via.PAGE, by=citizen(), name=page.name, reach=reach, text=words)


def own_request(request: HttpRequest, token: str) -> HttpResponse:
    """How a request stands, for whoever has its address."""
    row = queries.by_address(token)
    if row is None:
        return not_found(request)
    there = row.package and row.package_until and row.package_until > now()
    gives = _gives(request, row, token)
    page = OwnRequestPage(
        row=row,
        kind=kind_text(row),
        state=state_text(row),
        token=token,
        moves=row.kind in GIVES and ((bool(row.holders) and not gives) or _is_unproved(row)),
        proves=bool(there) and not gives and not row.holders,
        certificate=certificate(row, backup_days()),
        may_cancel=row.state == DataRequest.State.RECEIVED and not request.user.is_authenticated,
        package_until=row.package_until if there and gives else None,
    )
    return secret(render_page(request, page))


def _is_unproved(row: DataRequest) -> bool:
    return row.via == DataRequest.Via.PAGE and not row.contacts


def _gives(request: HttpRequest, row: DataRequest, token: str) -> bool:
    """Whether this address gives the file to this browser. What a code or an account proved for a while gives it while
    that holds; the address that the person was sent gives it always."""
    if token == (row.key or row.token):
        return True
    if row.holders or row.ticket is None:
        return False
    own = own_ticket(queries.code_of(row.ticket), request.COOKIES)
    return own is not None and own.ticket.pk == row.ticket


@csrf_exempt
@require_POST
@citizens_only
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    row = queries.by_address(token)
    if row is None:
        return not_found(request)
    actions.cancel(row, by=citizen(row.ticket))
    return redirect("citizen:privacy-request", token)


def package(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file with everything, while its time lasts; not for the staff, who have the pages."""
    row = queries.by_address(token)
    if (
        row is None
        or not _gives(request, row, token)
        or not row.package
        or row.package_until is None
        or row.package_until <= now()
    ):
        raise Http404
    if request.user.is_authenticated or not default_storage.exists(row.package):
        raise Http404
    answer = FileResponse(default_storage.open(row.package), as_attachment=True, filename="du-lieu-ca-nhan.zip")
    answer["Cache-Control"] = "private, no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer
