"""The public log for citizens: that a ticket's words are in it, proofs to keep, and what those who watch it need."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.csrf import csrf_exempt

from caunoi.lib.crypto import merkle
from caunoi.lib.crypto.succession import KeyTerm
from caunoi.lib.numbers import codes
from caunoi.publication import queries
from caunoi.publication.actions import log_keys, witnesses
from caunoi.publication.actions.log_keys import public_key
from caunoi.publication.models import Head, Publication, Statement
from caunoi.web.errors import or_404
from caunoi.web.page import Page, render_page

VERIFIER = Path(__file__).parents[1] / "handed" / "verify_log.py"
LATEST, MOST = 30, 1000
LONGEST_HEAD = 262_144  # bytes of a head with its proof
KIND = {
    "publish": gettext_noop("Published"),
    "correct": gettext_noop("Corrected or added to"),
    "withdraw": gettext_noop("Withdrawn"),
}


@dataclass(frozen=True, kw_only=True)
class PublicLogPage(Page):
    """`missing` says that there is no ticket of the `code` that was looked for; `keys` are all that the log had."""

    template = "citizen/log.html"

    heads: Iterable[Head]
    keys: list[KeyTerm]
    size: int
    code: str
    missing: str


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """What the log says of a ticket once: `head` is the first signed one that covers it, `current` that the ticket's
    page still says so."""

    row: Statement
    title: str
    digest: str
    head: Head | None
    current: bool


@dataclass(frozen=True, kw_only=True)
class LoggedTicketPage(Page):
    template = "citizen/log_ticket.html"

    code: str
    items: list[StatementLine]
    public: Publication | None


def show(request: HttpRequest) -> HttpResponse:
    """What the log is, its latest heads, and a field to look one's ticket up."""
    code, missing = request.GET.get("code", "").strip()[:40], ""
    if code:
        if queries.statements(code):
            return redirect("citizen:log-ticket", codes.parse(code))
        missing = _("No published ticket has this code. Please check each digit.")
    page = PublicLogPage(
        heads=queries.heads()[:LATEST], keys=log_keys.terms(), size=queries.log_size(), code=code, missing=missing
    )
    return render_page(request, page, status=404 if missing else 200)


def ticket(request: HttpRequest, code: str) -> HttpResponse:
    """What the log says of a ticket: every statement in its order, and whether it is covered by a signed head."""
    rows = queries.statements(code)
    if not rows:
        raise Http404
    if rows[0].code != code:
        return redirect("citizen:log-ticket", rows[0].code)
    publication = queries.find(code)
    now = rows[-1] if publication else None
    items = [
        StatementLine(
            row=row,
            title=_(KIND[row.kind]),
            digest=json.loads(row.leaf)["digest"],
            head=queries.head_over(row.number) if row.number is not None else None,
            current=row is now,
        )
        for row in rows
    ]
    return render_page(request, LoggedTicketPage(code=rows[0].code, items=items, public=publication))


def proof(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The proof of one statement, to download and keep. Words go with it only while they are what the register says."""
    row = or_404(next((row for row in queries.statements(code) if row.number == number), None))
    newest = queries.heads().first()
    if newest is None or newest.size <= number:
        wait = {"error": "not signed yet; come back in a minute"}
        return JsonResponse(wait, status=425, headers={"Retry-After": "60"})
    steps = [step.hex() for step in merkle.inclusion(number, newest.size, queries.log_node)]
    content: dict[str, Any] = {
        "leaf": row.leaf,
        "number": number,
        "path": steps,
        "head": witnesses.as_json(newest),
        "key": public_key(newest.key),
    }
    if changes := log_keys.changes(newest):
        content["keys"] = changes
    if queries.find(code) and row == queries.statements(code)[-1]:
        content |= {"said": row.said, "salt": row.salt}
    return _file(content, f"log-{row.code}-{number}.json")


def _file(value: Any, name: str) -> HttpResponse:
    response = JsonResponse(value, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def heads(request: HttpRequest) -> HttpResponse:
    """The signed heads, newest first, at most MOST; `before` a size."""
    rows = queries.heads()
    if (before := _number(request, "before")) is not None:
        rows = rows.filter(size__lt=before)
    return JsonResponse({"heads": [witnesses.as_json(head) for head in rows[:MOST]]})


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def entries(request: HttpRequest) -> HttpResponse:
    """The leaves from `start` on, at most MOST, for those who watch the log."""
    start = _number(request, "start") or 0
    return JsonResponse({"start": start, "entries": queries.log_entries(start, MOST)})


def consistency(request: HttpRequest) -> HttpResponse:
    """The proof that the log of `from` statements is the beginning of the log of `to`."""
    before, size = _number(request, "from"), _number(request, "to")
    try:
        if before is None or size is None or size > queries.log_size():
            raise ValueError("from and to are sizes that the log has had")
        steps = merkle.consistency(before, size, queries.log_node)
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse({"from": before, "to": size, "path": [step.hex() for step in steps]})


def key(request: HttpRequest) -> HttpResponse:
    """The key that signs now."""
    return HttpResponse(public_key(), content_type="application/x-pem-file")


def keys(request: HttpRequest) -> HttpResponse:
    """Every key that the log had, the first of all first, with the heads that it signs; `changes` proves against the
    newest head that each was announced by the one before it."""
    newest = queries.heads().first()
    rows = [{"key": one.id, "pem": one.pem, "from": one.first, "to": one.last} for one in log_keys.terms()]
    content: dict[str, Any] = {"keys": rows, "head": witnesses.as_json(newest) if newest else None}
    return JsonResponse(content | {"changes": log_keys.changes(newest) if newest else []})


@csrf_exempt  # another installation's program; its signature is the whole authority
def witness(request: HttpRequest) -> JsonResponse:
    """GET `?key=`: the heads of another installation that are kept here. POST: such a head, to be kept and signed."""
    if request.method != "POST":
        rows = queries.foreign_heads(request.GET.get("key", "")[:64])
        return JsonResponse({"heads": [witnesses.as_json(row) for row in rows]})
    try:
        if len(request.body) > LONGEST_HEAD:
            raise witnesses.WitnessError("this is too long")
        content = json.loads(request.body)
        if not isinstance(content, dict):
            raise ValueError
        return JsonResponse(witnesses.witness(content))
    except witnesses.WitnessError as error:
        return JsonResponse({"error": str(error)}, status=409)
    except (ValueError, RecursionError):
        return JsonResponse({"error": "this is not an object of JSON"}, status=400)


def verifier(request: HttpRequest) -> HttpResponse:
    """The small program that checks proofs by itself."""
    response = HttpResponse(VERIFIER.read_text("utf-8"), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify_log.py"'
    return response
