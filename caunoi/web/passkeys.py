"""What browsers are told about passkeys, as JSON; assets/js/passkey.js asks for it and sends the answer by a form."""

from time import time
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.accounts import attempts, passkeys
from caunoi.accounts.models import User
from caunoi.directory.queries import option
from caunoi.web.citizen.limits import address

CHALLENGE, LIFE = "challenge", 300  # in the session: what must be signed, for what, until when; seconds


def host(request: HttpRequest) -> str:
    """The site's name, by which it was reached (one of ALLOWED_HOSTS): passkeys belong to it."""
    return urlsplit(f"//{request.get_host()}").hostname or ""


def origins(request: HttpRequest) -> list[str]:
    """The addresses at which a browser may have been when it answered."""
    here = f"{request.scheme}://{request.get_host()}"
    public = urlsplit(settings.PUBLIC_URL)
    return [here, settings.PUBLIC_URL] if public.hostname == host(request) else [here]


def site_name() -> str:
    return str(option("hotline_name")) or "1022"


def keep_challenge(request: HttpRequest, challenge: str, what: str, handle: str = "") -> None:
    request.session[CHALLENGE] = [challenge, what, handle, int(time()) + LIFE]


def take_challenge(request: HttpRequest, what: str) -> tuple[str, str]:
    """The challenge that was given to this browser for this, and the handle of the passkey to be made; good once.
    Empty when there is none."""
    challenge, kind, handle, until = request.session.pop(CHALLENGE, ("", "", "", 0))
    return (challenge, handle) if kind == what and until >= time() else ("", "")


def shown_by(request: HttpRequest, answer: str) -> User | None:
    """Who showed their passkey in this browser just now; None for a wrong one."""
    challenge, _handle = take_challenge(request, "show")
    if not challenge:
        return None
    try:
        return passkeys.owner(answer, challenge=challenge, host=host(request), origins=origins(request))
    except passkeys.WrongPasskeyError:
        return None


@require_POST
def show(request: HttpRequest) -> HttpResponse:
    """Options for navigator.credentials.get(): of whoever is signed in, or any passkey of this site."""
    if not passkeys.can_have(host(request)):
        return JsonResponse({"error": _("Passkeys need an address with a name.")}, status=400)
    if not attempts.may_ask_passkey(address(request)):
        return JsonResponse({"error": _("Too many attempts. Please wait a quarter of an hour.")}, status=429)
    user = request.user if isinstance(request.user, User) else None
    options, challenge = passkeys.request(user, host(request))
    keep_challenge(request, challenge, "show")
    return JsonResponse(options)


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Options for navigator.credentials.create(), for whoever is signed in."""
    user = request.user
    assert isinstance(user, User)
    if not passkeys.can_have(host(request)):
        return JsonResponse({"error": _("Passkeys need an address with a name.")}, status=400)
    options, challenge = passkeys.creation(user, host(request), site_name())
    keep_challenge(request, challenge, "create", options["user"]["id"])
    return JsonResponse(options)
