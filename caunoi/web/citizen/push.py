"""A browser that wants to hear of one's own ticket, or no longer."""

import json

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from caunoi.notifications import push
from caunoi.web.citizen.follow import citizens_only
from caunoi.web.citizen.own import own_ticket
from caunoi.web.errors import or_404

LONGEST = 4000  # bytes


@csrf_exempt
@citizens_only
def switch(request: HttpRequest, token: str) -> HttpResponse:
    """GET: our public key, to subscribe with. POST: a PushSubscription as JSON, with `off` to end it, and `before`, the
    address that this browser had until now, where it has another; 422 for what is none. The link's secret is all the
    right there is; what a code proved for a while is none, for what is pushed goes on and names the link."""
    own = or_404(own_ticket(token, request.COOKIES))
    if own.by_code:
        raise Http404
    ticket = own.ticket
    if request.method != "POST":
        return JsonResponse({"key": push.public_key()}, headers={"Cache-Control": "no-store"})
    try:
        subscription = json.loads(request.body[:LONGEST])
        endpoint, keys = str(subscription["endpoint"]), subscription.get("keys", {})
        before = str(subscription.get("before") or "")
        if subscription.get("off"):
            push.unsubscribe(ticket, endpoint, before)
        else:
            p256dh, auth = str(keys["p256dh"]), str(keys["auth"])
            push.subscribe(ticket, endpoint, p256dh, auth, get_language() or "vi", before=before)
    except (ValueError, KeyError, TypeError, AttributeError):
        return JsonResponse({"error": "no subscription that we can use"}, status=422)
    return JsonResponse({"on": not subscription.get("off")}, headers={"Cache-Control": "no-store"})
