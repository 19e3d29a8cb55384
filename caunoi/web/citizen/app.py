"""The installable app: its manifest and icons, its service worker, the page that works without a network, and the door
through which reports written there arrive, once each."""

import io
import json
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from PIL import Image, ImageDraw

from caunoi.channels.adapters.app import App
from caunoi.directory import queries as directory
from caunoi.events.actor import citizen
from caunoi.lib.messages import danger
from caunoi.lib.numbers import phone
from caunoi.tickets import actions, queries
from caunoi.tickets.models import Ticket
from caunoi.web import static_files
from caunoi.web.citizen import changed
from caunoi.web.citizen.forms import FORMS, form, plain
from caunoi.web.citizen.limits import count, often
from caunoi.web.citizen.photos import keep
from caunoi.web.citizen.report import consent_text, report_of
from caunoi.web.labels import emergency, option_text
from caunoi.web.page import Page, render_page

VERSION = "1"
ONCE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ENTRIES = ("assets/js/citizen.js", "assets/js/app.js", "assets/icons.svg", "assets/favicon.svg")
SIZES = (96, 180, 192, 512)
NAME = 15  # letters under an icon
BLUE, WHITE = "#0f5a9c", "#ffffff"
HOUR, DAY = 3600, 86_400


@dataclass(frozen=True, kw_only=True)
class OfflineReportPage(Page):
    """All steps of a report at once; `consent` is the text that one agrees to."""

    template = "citizen/app.html"

    what: forms.Form
    where: forms.Form
    you: forms.Form
    consent: str
    consent_version: int | None
    phone_shape: str
    emergency: list[tuple[str, str]]
    danger_words: tuple[tuple[str, str, str], ...]
    most: int
    megabytes: int


def _short(name: str) -> str:
    """The name under an icon: as many whole words as a phone has room for."""
    short = name
    while len(short) > NAME and " " in short:
        short = short.rsplit(" ", 1)[0]
    return short


def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to put us on its first screen."""
    name, place = option_text("hotline_name"), option_text("place")
    icons = [
        {"src": f"/app/icon-{n}.png", "sizes": f"{n}x{n}", "type": "image/png", "purpose": "any"} for n in (192, 512)
    ]
    masked = {"src": "/app/icon-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"}
    content = {
        "id": "/",
        "name": f"{name} · {place}",
        "short_name": _short(name),
        "description": _("Report, ask and follow."),
        "start_url": "/?app=1",
        "scope": "/",
        "display": "standalone",
        "lang": get_language(),
        "background_color": WHITE,
        "theme_color": BLUE,
        "icons": [*icons, masked],
        "shortcuts": [
            {"name": _("Write a report"), "url": "/app"},
            {"name": _("Look up a ticket"), "url": "/lookup"},
        ],
    }
    answer = HttpResponse(json.dumps(content, ensure_ascii=False), content_type="application/manifest+json")
    answer["Cache-Control"] = f"public, max-age={HOUR}"
    return answer


@cache
def _drawn(size: int) -> bytes:
    """The bridge over the river, within the circle that every phone leaves of an icon."""
    big = size * 4
    unit = big / 32
    picture = Image.new("RGB", (big, big), BLUE)
    pen = ImageDraw.Draw(picture)
    width = round(unit * 1.8)

    def at(*points: float) -> list[float]:
        return [4 * unit + value * unit * 24 / 32 for value in points]

    pen.arc(at(5.5, 12.5, 26.5, 26.5), 180, 360, fill=WHITE, width=width)
    pen.line(at(5.5, 19.5, 26.5, 19.5), fill=WHITE, width=width)
    for x, y in ((11.5, 14.2), (16, 12.8), (20.5, 14.2)):
        pen.line(at(x, y, x, 19.5), fill=WHITE, width=width)
    for x in (6, 11, 16, 21):
        pen.arc(
            at(x, 22.5, x + 5, 26.5), 180 if x % 10 == 6 else 0, 360 if x % 10 == 6 else 180, fill=WHITE, width=width
        )
    out = io.BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def icon(request: HttpRequest, pixels: int) -> HttpResponse:
    if pixels not in SIZES:
        raise Http404
    return HttpResponse(_drawn(pixels), content_type="image/png", headers={"Cache-Control": f"public, max-age={DAY}"})


def _files(manifest: dict[str, Any]) -> list[str]:
    """The built files that the page without a network needs: its entries and what these import."""
    pending, files = list(ENTRIES), set()
    while pending:
        one = manifest.get(pending.pop(), {})
        pending += [name for name in one.get("imports", []) if f"/static/dist/{manifest[name]['file']}" not in files]
        files |= {
            f"/static/dist/{name}" for name in (one.get("file"), *one.get("css", []), *one.get("assets", [])) if name
        }
    return sorted(files)


def worker(request: HttpRequest) -> HttpResponse:
    """The service worker with the list of its files; a new build or a new text is a new version."""
    program, files = static_files.built("assets/js/sw.js"), _files(static_files.manifest())
    text = directory.text("consent")
    identity = f"{VERSION}{program}{files}{text.version if text else 0}"
    config = json.dumps({"version": sha256(identity.encode()).hexdigest()[:12], "files": files})
    answer = HttpResponse(f"self.caunoi={config};\n{program}", content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["Service-Worker-Allowed"] = "/"
    return answer


def show(request: HttpRequest) -> HttpResponse:
    """Write a report without a network; nothing on this page is anybody's, so it may be kept on the device."""
    consent, version = consent_text()
    page = OfflineReportPage(
        what=form("what", {"kind": "report"}),
        where=form("where", {}),
        you=form("you", {}),
        consent=consent,
        consent_version=version,
        phone_shape=phone.SHAPE,
        emergency=emergency(),
        danger_words=danger.tables(),
        most=directory.option("photo_limit"),
        megabytes=directory.option("photo_megabytes"),
    )
    return render_page(request, page)


def _created(ticket: Ticket, left_out: int = 0, *, added: bool = False) -> JsonResponse:
    return JsonResponse({"code": ticket.code, "url": f"/f/{ticket.follow}", "left_out": left_out, "added": added})


def _arrived(once: str, sent: str) -> bool:
    """Whether exactly this is what made the ticket."""
    return bool(queries.sent_as(App.key, once).get("sent", sent) == sent)


@csrf_exempt
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """A report from a device's outbox: {code, url} of its ticket, and how many photos were left out. Its id, made on
    the device, makes it one ticket however often it is sent; only the report's writer knows the id. When it arrived
    before and was changed since, the changes go to the ticket (`added`). 422 with `errors`, 429 for too many from one
    address."""
    once = request.POST.get("id", "")
    if not ONCE.fullmatch(once):
        return JsonResponse({"errors": {"id": "a UUID"}}, status=400)
    sent, ticket = changed.digest(request), queries.of_once(App.key, once)
    if ticket and _arrived(once, sent):
        return _created(ticket)
    if often("report", request, directory.option("reports_per_hour")):
        return JsonResponse({"errors": {}}, status=429, headers={"Retry-After": str(HOUR)})
    data: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name in FORMS:
        step_form = form(name, {"category": request.POST.get("category", "")}, request.POST)
        if step_form.is_valid():
            data |= plain(step_form.cleaned_data)
        errors |= {field: " ".join(str(e) for e in texts) for field, texts in step_form.errors.items()}
    if errors:
        return JsonResponse({"errors": errors}, status=422)
    photos, refused = keep(request.FILES.getlist("photos"), directory.option("photo_limit"), by=citizen())
    report = report_of(data, App.key, once, photos, raw=data | {"sent": sent})
    count("report", request, seconds=HOUR)
    ticket = ticket or actions.take(report, by=citizen())
    before = queries.sent_as(App.key, once)
    added = not _arrived(once, sent) and changed.add(ticket, before, data, report.reporter, photos)
    return _created(ticket, len(refused), added=added)
