"""A browser that wants to hear of one's own ticket, or no longer."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from caunoi.notifications import push
from caunoi.web.browsers import browser_wish, refused, standing
from caunoi.web.citizen.follow import citizens_only
from caunoi.web.citizen.own import own_ticket
from caunoi.web.errors import or_404


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
        wish = browser_wish(request)
        if wish.off:
            push.unsubscribe(ticket, wish.endpoint, wish.before)
        else:
            language = get_language() or "vi"
            push.subscribe(ticket, wish.endpoint, wish.p256dh, wish.auth, language, before=wish.before)
    except ValueError:
        return refused()
    return standing(on=not wish.off)
