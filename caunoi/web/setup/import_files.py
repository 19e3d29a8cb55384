"""What can be downloaded around imports: templates, lists, odd rows, invitations."""

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from caunoi.accounts import invitations
from caunoi.accounts import queries as people
from caunoi.events.actions import record_download
from caunoi.imports import export
from caunoi.imports.report import table
from caunoi.imports.vocabulary import KINDS
from caunoi.web import sheets
from caunoi.web.labels import localised_name
from caunoi.web.reads import reading
from caunoi.web.setup.import_words import problem
from caunoi.web.setup.imports import batch
from caunoi.web.sheets import FORMS
from caunoi.web.who import actor


def _download(content: bytes | Iterable[bytes], name: str) -> HttpResponse | StreamingHttpResponse:
    kind = FORMS[name.rpartition(".")[2]]
    made = HttpResponse(content, kind) if isinstance(content, bytes) else StreamingHttpResponse(content, kind)
    made["Content-Disposition"] = f'attachment; filename="{name}"'
    made["Cache-Control"] = "no-store"
    return made


def template(request: HttpRequest, what: str) -> HttpResponse | StreamingHttpResponse:
    """An empty file with our own headings."""
    if what not in KINDS:
        raise Http404
    return _download(export.template(what), f"mau-{what}.xlsx")


def whole(request: HttpRequest, what: str, form: str) -> HttpResponse | StreamingHttpResponse:
    """The list as it is now; imported again it changes nothing."""
    if what not in export.LISTS or form not in FORMS:
        raise Http404
    export_request = sheets.export(request, form)
    if not export_request.reason:
        return sheets.ask_reason(export_request)
    with reading(request):
        rows = [export.head(what), *export.rows(what)]
    mark = sheets.new_mark()
    content = export.as_csv(rows) if form == "csv" else export.as_xlsx(rows)
    count = len(rows) - 1
    record_download(what, form, by=actor(request), reason=export_request.reason, filters={}, count=count, mark=mark)
    return _download(content, f"{what}-{localdate():%Y-%m-%d}-{mark}.{form}")


def oddities(request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
    """Every odd row; those that were left out with all their cells, to be corrected and imported."""
    row = batch(pk)
    pieces = (export.as_csv([line]).removeprefix(b"\xef\xbb\xbf") for line in table(row, problem))
    return _download((b"\xef\xbb\xbf" * (number == 0) + one for number, one in enumerate(pieces)), f"oddities-{pk}.csv")


def invites(request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
    """The links by which an import's new people choose their passwords; of those who have not yet. Links handed out
    before stay good, but where they are made anew."""
    row = batch(pk)
    if request.method != "POST" or row.what != "people" or row.plan is None or row.state != row.State.DONE:
        raise Http404
    lines = [[_("Full name"), _("User name"), _("Agency"), _("E-mail"), _("Phone number"), _("Link, for 14 days")]]
    by, anew = actor(request), request.POST.get("do") == "anew"
    usernames = {step["key"] for step in row.plan["fresh"]}
    for user in people.everyone():
        if user.username in usernames and invitations.waits(user):
            token = invitations.invite(user, by=by, anew=anew)
            link = request.build_absolute_uri(reverse("invitation", args=[token]))
            lines.append([user.full_name, user.username, localised_name(user.agency), user.email, user.phone, link])
    return _download(export.as_csv(lines), f"invitations-{pk}.csv")
