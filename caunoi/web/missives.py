"""`/cells/missives`: another province's installation hands over what is ours (docs/cells-handover.md).

What it says is done, and durable, before it is answered; the answer is what this cell signs of it."""

from collections.abc import Sequence
from http import HTTPStatus

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from caunoi.directory.queries import option
from caunoi.lib.missives import MissiveError, Signed
from caunoi.transfers import actions
from caunoi.web.citizen import limits

STATUS = {"busy": HTTPStatus.SERVICE_UNAVAILABLE, "changed": HTTPStatus.CONFLICT, "answer": HTTPStatus.NOT_FOUND}
FORGED = frozenset({"sender", "recipient", "signature", "stale"})
MEGABYTE = 1024 * 1024


@csrf_exempt  # the signature is the whole authority; no cookie is looked at
@require_POST
def hear(request: HttpRequest) -> HttpResponse:
    if not limits.take("cell", request):
        return limits.retry_after(request, _no("busy", HTTPStatus.TOO_MANY_REQUESTS))
    try:
        signed = Signed(document=request.POST.get("document", ""), signature=request.POST.get("signature", ""))
        answer = actions.hear(signed, lambda: _pictures(request))
    except MissiveError as error:
        actions.reject(error)
        otherwise = HTTPStatus.FORBIDDEN if error.code in FORGED else HTTPStatus.BAD_REQUEST
        return _no(error.code, STATUS.get(error.code, otherwise))
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        return _no("unreadable", HTTPStatus.BAD_REQUEST)
    return _answer(JsonResponse(vars(answer)))


def _pictures(request: HttpRequest) -> Sequence[bytes]:
    """What came along, of the size that anybody's photo may have."""
    files = request.FILES.getlist("file")
    if any((file.size or 0) > option("photo_megabytes") * MEGABYTE for file in files):
        raise MissiveError("files")
    return [file.read() for file in files]


def _no(code: str, status: HTTPStatus) -> HttpResponse:
    return _answer(JsonResponse({"error": code}, status=status))


def _answer(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
