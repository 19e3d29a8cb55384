from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from caunoi.lib import codes
from caunoi.publication import queries as publication
from caunoi.tickets.queries import of_code_and_phone
from caunoi.web.citizen.limits import count, often

TRIES, SECONDS = 20, 900


@csrf_exempt  # code and phone are the authority, not a session; and it must work without cookies
def ask(request: HttpRequest) -> HttpResponse:
    """Find one's ticket by code and phone number; a code alone opens the published page."""
    code, number = request.POST.get("code", "").strip()[:40], request.POST.get("phone", "").strip()[:40]
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        status = 422
        if often("lookup", request, TRIES):
            errors["code"], status = _("You tried many times. Please wait a quarter of an hour, or call 1022."), 429
        elif codes.mistyped(code):
            errors["code"] = _(
                "One digit of this code is not right, or two have changed places. Please check each digit."
            )
        elif codes.parse(code) is None:
            errors["code"] = _("This is no ticket code: it has nine digits, like 26-000123-4. Please check each digit.")
        elif number:
            if ticket := of_code_and_phone(code, number):
                return redirect("citizen:follow", ticket.follow)
            errors["phone"] = _("No ticket with this code and this phone number. Please check both.")
        elif publication.one(code):
            return redirect("citizen:ticket", codes.parse(code))
        else:
            errors["phone"] = _("No published ticket has this code. If it is yours, give the phone number too.")
        count("lookup", request, seconds=SECONDS)
    context = {
        "code": code,
        "phone": number,
        "errors": errors,
        "summary": [{"href": f"#id_{name}", "text": text} for name, text in errors.items()],
    }
    return render(request, "citizen/lookup.html", context, status=status)
