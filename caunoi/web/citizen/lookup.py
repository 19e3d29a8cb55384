from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from caunoi.lib import codes
from caunoi.publication import queries as publication
from caunoi.tickets.queries import of_code_and_phone

TRIES, SECONDS = 20, 900


def ask(request: HttpRequest) -> HttpResponse:
    """Find one's ticket by code and phone number; a code alone opens the published page."""
    code, number = request.POST.get("code", "").strip(), request.POST.get("phone", "").strip()
    error = ""
    if request.method == "POST":
        who = f"lookup:{request.META.get('REMOTE_ADDR', '')}"
        tries = cache.get_or_set(who, 0, SECONDS)
        if tries >= TRIES:
            error = _("That was often. Please wait a quarter of an hour, or call 1022.")
        elif codes.parse(code) is None:
            error = _("This is no ticket code: it has nine digits, like 26-000123-4. Please check each digit.")
        elif number:
            ticket = of_code_and_phone(code, number)
            if ticket:
                return redirect("citizen:follow", ticket.follow)
            cache.incr(who)
            error = _("No ticket with this code and this phone number. Please check both.")
        else:
            if publication.one(code):
                return redirect("citizen:ticket", codes.parse(code))
            cache.incr(who)
            error = _("No published ticket has this code. If it is yours, give the phone number too.")
    context = {"code": code, "phone": number, "error": error}
    return render(request, "citizen/lookup.html", context, status=422 if error else 200)
